import { afterAll, describe, expect, it } from '@jest/globals';
import { createRenderer } from './index.js';
import type { EmailTemplate, RenderResult } from './types.js';

const renderer = createRenderer();
afterAll(() => renderer.close());

const render = (
  template: Partial<EmailTemplate>,
  variables: Record<string, unknown> = {},
): Promise<RenderResult> => renderer.render({ subject: 's', ...template }, variables);

describe('rendering', () => {
  it('fills subject and bodies, each with what it needs', async () => {
    const template: EmailTemplate = {
      subject: 'Hello {{ name }}',
      html: '<p>{{ name }}: {{ cart.items | size }}</p>{% for i in cart.items %}<li>{{ i.title }}</li>{% endfor %}',
      text: '{{ name | upcase }}',
    };
    const variables = { name: 'Ada & Co', cart: { items: [{ title: 'A<b>' }, { title: 'C' }] } };
    expect(await renderer.render(template, variables)).toEqual({
      status: 'rendered',
      subject: 'Hello Ada & Co',
      html: '<p>Ada &amp; Co: 2</p><li>A&lt;b&gt;</li><li>C</li>',
      text: 'ADA & CO',
    });
  });

  it('leaves out the bodies that a template does not have', async () => {
    expect(await render({ text: 't' })).toEqual({ status: 'rendered', subject: 's', text: 't' });
    expect(await render({})).toEqual({ status: 'rendered', subject: 's' });
  });

  it('escapes in HTML whatever a variable brings, and leaves it as it is elsewhere', async () => {
    const evil = `<script>alert("1")</script>&'`;
    const result = await render(
      { subject: '{{ x }}', html: '{{ x }}', text: '{{ x }}' },
      { x: evil },
    );
    expect(result).toMatchObject({ subject: evil, text: evil });
    expect(result).toMatchObject({ html: expect.not.stringMatching(/[<>"']/) });
  });

  it('makes the subject one line, whatever comes in by variables', async () => {
    const x = 'a\r\nBcc: b@x.example\u0000\u2028c\td';
    expect(await render({ subject: ' {{ x }} ' }, { x })).toMatchObject({
      subject: 'a Bcc: b@x.example c d',
    });
    expect(await render({ subject: '{{ x }}' }, { x: 'y'.repeat(5_000) })).toMatchObject({
      subject: 'y'.repeat(998),
    });
  });

  it('writes dates in UTC on every machine', async () => {
    const template = { text: "{{ '2026-03-14T23:30:00-05:00' | date: '%Y-%m-%d %H:%M' }}" };
    expect(await render(template)).toMatchObject({ text: '2026-03-15 04:30' });
  });

  it('keeps renderings apart: nothing assigned in one is there in the next', async () => {
    await render({ text: '{% assign leak = "x" %}{% increment n %}{{ leak }}' });
    expect(await render({ text: '[{{ leak }}{{ n }}]' })).toMatchObject({ text: '[]' });
  });

  it('answers many callers each with their own', async () => {
    const results = await Promise.all(
      Array.from({ length: 100 }, (_, n) => render({ text: '{{ n }}' }, { n })),
    );
    expect(results.map((result) => 'text' in result && result.text)).toEqual(
      Array.from({ length: 100 }, (_, n) => String(n)),
    );
  });
});

describe('a missing variable', () => {
  const template = { html: 'Hi {{ first_name }}' };

  it('is nothing by default', async () => {
    expect(await render(template)).toMatchObject({ status: 'rendered', html: 'Hi ' });
    expect(await render({ ...template, missing: 'default' })).toMatchObject({ html: 'Hi ' });
  });

  it.each([
    ['absent', {}],
    ['null', { first_name: null }],
    ['undefined', { first_name: undefined }],
  ])('skips the message by policy when it is %s, and says its name', async (_name, variables) => {
    expect(await render({ ...template, missing: 'skip' }, variables)).toEqual({
      status: 'skipped',
      reason: 'missing_variable',
      name: 'first_name',
    });
  });

  it('fails by policy', async () => {
    expect(await render({ html: '{{ cart.total }}', missing: 'fail' }, { cart: {} })).toEqual({
      status: 'failed',
      code: 'missing_variable',
      message: 'missing variable: cart.total',
    });
  });

  it('is not missed where the template asks for it or has another word', async () => {
    const html = '{% if vip %}VIP{% endif %}Hi {{ first_name | default: "there" }}';
    expect(await render({ html, missing: 'skip' })).toMatchObject({ html: 'Hi there' });
  });

  it('is looked for in every part', async () => {
    const result = await render({ subject: '{{ a }}', text: '{{ b }}', missing: 'skip' }, { a: 1 });
    expect(result).toMatchObject({ status: 'skipped', name: 'b' });
  });

  it('does not cover empty words, zero and false, which are values', async () => {
    const text = '[{{ a }}{{ b }}{{ c }}]';
    expect(await render({ text, missing: 'skip' }, { a: '', b: 0, c: false })).toMatchObject({
      text: '[0false]',
    });
  });
});

describe('a template that cannot be rendered', () => {
  it.each<[string, Partial<EmailTemplate>, string]>([
    ['bad syntax', { html: '{% if %' }, 'template_invalid'],
    ['an unknown filter', { html: '{{ a | nonsense }}' }, 'template_invalid'],
    ['an unknown tag', { html: '{% nonsense %}' }, 'template_invalid'],
    ['a template over the limit', { html: 'x'.repeat(300_000) }, 'template_invalid'],
  ])('fails with a code: %s', async (_name, template, code) => {
    expect(await render(template)).toMatchObject({ status: 'failed', code });
  });

  it('refuses variables that are too many, or are not JSON', async () => {
    const loop: Record<string, unknown> = {};
    loop['loop'] = loop;
    expect(await render({}, loop)).toMatchObject({ code: 'variables_too_large' });
    expect(await render({}, { big: 1n })).toMatchObject({ code: 'variables_too_large' });
    expect(await render({}, { big: 'x'.repeat(300_000) })).toMatchObject({
      code: 'variables_too_large',
    });
  });

  it('does not quote a person’s data in its message', async () => {
    const x = 'person-1@example.com';
    const results = await Promise.all([
      render(
        { html: '{{ x | date: x | divided_by: 0 | slice: x }}{% for i in (x..x) %}{% endfor %}' },
        { x },
      ),
      render({ html: '{{ x | where: x, x | sum: x }}' }, { x }),
      render({ html: '{{ x[x][x] }}', missing: 'fail' }, { x }),
    ]);
    for (const result of results) {
      if (result.status === 'failed') expect(result.message).not.toContain(x);
    }
  });
});

describe('a closed renderer', () => {
  it('says so, also to those who were waiting', async () => {
    const own = createRenderer({ limitMs: 10_000, secondTryMs: 0 });
    const endless =
      '{% for i in (1..2000) %}{% for j in (1..2000) %}{% for k in (1..2000) %}{% endfor %}{% endfor %}{% endfor %}';
    const running = own.render({ subject: 's', html: endless }, {});
    const waiting = own.render({ subject: 's' }, {});
    await own.close();
    expect(await running).toMatchObject({ code: 'renderer_closed' });
    expect(await waiting).toMatchObject({ code: 'renderer_closed' });
    expect(await own.render({ subject: 's' }, {})).toMatchObject({ code: 'renderer_closed' });
  });
});
