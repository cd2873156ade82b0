/** Templates and variables that mean harm. Each is rendered for real; afterwards an innocent one must still come out. */
import { afterAll, describe, expect, it } from '@jest/globals';
import { createRenderer } from './index.js';

const renderer = createRenderer({ limitMs: 200, secondTryMs: 0 });
afterAll(() => renderer.close());

const seed = '{% assign s = "aaaaaaaaaaaaaaaaaaaa" %}';
const loop = (tag: string, inside: string): string => `{% for ${tag} %}${inside}{% endfor %}`;

describe('what costs time or memory', () => {
  it.each<[string, string]>([
    ['an empty loop over a huge range', loop('i in (1..100000000)', '')],
    ['nested empty loops', loop('i in (1..4000)', loop('j in (1..4000)', ''))],
    ['three nested loops', loop('i in (1..900)', loop('j in (1..900)', loop('k in (1..900)', '')))],
    ['a loop that assigns', loop('i in (1..3000)', loop('j in (1..3000)', '{% assign x = i %}'))],
    ['a big range kept in a variable', `{% assign r = (1..4000000) %}${loop('i in r', '')}`],
    ['a huge table row', '{% tablerow i in (1..100000000) %}{% endtablerow %}'],
    ['a date with a huge width', "{{ 'now' | date: '%5000000d' }}"],
    ['a date with a gigantic width', "{{ 'now' | date: '%999999999d' }}"],
    ['dates of many widths', "{{ 'now' | date: '" + '%4999d'.repeat(2_000) + "' }}"],
    [
      'a text that doubles by append',
      `${seed}${loop('i in (1..60)', '{% assign s = s | append: s %}')}{{ s }}`,
    ],
    [
      'a text that doubles by capture',
      `${seed}${loop('i in (1..60)', '{% capture s %}{{ s }}{{ s }}{% endcapture %}')}{{ s }}`,
    ],
    [
      'a text that doubles by replace',
      `${seed}${loop('i in (1..60)', '{% assign s = s | replace: "a", "aa" %}')}{{ s }}`,
    ],
    [
      'a list that doubles by concat',
      `{% assign a = "1,2" | split: "," %}${loop('i in (1..60)', '{% assign a = a | concat: a %}')}{{ a | join }}`,
    ],
    ['output without end', loop('i in (1..1000000)', 'xxxxxxxxxxxxxxxxxxxx')],
    ['too much output', loop('i in (1..30000)', 'xxxxxxxxxxxxxxxxxxxx')],
    ['brackets in brackets', `{{ ${'a['.repeat(30_000)}1${']'.repeat(30_000)} }}`],
    ['blocks in blocks', `${'{% if 1 %}'.repeat(8_000)}x${'{% endif %}'.repeat(8_000)}`],
    ['filters without end', `{{ "a" ${'| append: "aaaaaaaaaa"'.repeat(11_000)} }}`],
  ])('is stopped: %s', async (_name, html) => {
    const startedAt = performance.now();
    const result = await renderer.render({ subject: 's', html }, {});
    expect(result.status).toBe('failed');
    // The limit, a new thread, and a machine that does other things: far below what the template asked for.
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    const innocent = await renderer.render({ subject: '{{ x }}' }, { x: 'fine' });
    expect(innocent).toEqual({ status: 'rendered', subject: 'fine' });
  });

  it('does not make those behind it wait for longer than the limit', async () => {
    const hostile = loop('i in (1..4000)', loop('j in (1..4000)', ''));
    const first = renderer.render({ subject: 's', html: hostile }, {});
    const second = renderer.render({ subject: 'fine' }, {});
    expect(await first).toMatchObject({ code: 'render_timeout' });
    expect(await second).toEqual({ status: 'rendered', subject: 'fine' });
  });

  it('gives an innocent template that ran out of time one more try', async () => {
    // A limit that no rendering can keep stands for a machine that is busy elsewhere.
    const patient = createRenderer({ limitMs: 0, secondTryMs: 5_000 });
    expect(await patient.render({ subject: 'fine' }, {})).toMatchObject({ status: 'rendered' });
    await patient.close();
  });
});

describe('what reaches for more than its variables', () => {
  const variables = JSON.parse(
    '{"a":"text","b":{"c":1},"l":[1,2],"__proto__":{"polluted":"yes"},"constructor":{"name":"own"}}',
  ) as unknown;
  const given = typeof variables === 'object' && variables !== null ? { ...variables } : {};

  it.each([
    'a.constructor',
    'a.__proto__',
    'b.toString',
    'b.constructor',
    'b.constructor.constructor',
    'b.__proto__.toString',
    'b.hasOwnProperty',
    'b["__defineGetter__"]',
    'l.constructor',
    'l.push',
    'l.__proto__.map',
    'polluted',
    'b.polluted',
    'process.env.PATH',
    'global',
    'globalThis.process',
    'require',
    'this',
    'module.paths',
  ])('finds nothing under %s', async (path) => {
    const result = await renderer.render({ subject: `[{{ ${path} }}]` }, given);
    expect(result).toEqual({ status: 'rendered', subject: '[]' });
  });

  it.each([
    '{% include "/etc/passwd" %}',
    '{% render "/etc/passwd" %}',
    '{% layout "/etc/passwd" %}',
    '{% block x %}{% endblock %}',
    '{% liquid include "/etc/passwd" %}',
  ])('has no tag that opens files: %s', async (html) => {
    expect(await renderer.render({ subject: 's', html }, {})).toMatchObject({
      status: 'failed',
      code: 'template_invalid',
    });
  });

  it('leaves the prototypes of this process alone', async () => {
    await renderer.render(
      { subject: '{% assign __proto__ = "x" %}{{ a | default: __proto__ }}' },
      given,
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect({}).not.toHaveProperty('polluted');
  });

  it('treats Liquid inside a variable as text', async () => {
    const x = '{{ secret }}{% include "x" %}';
    const result = await renderer.render({ subject: '{{ x }}' }, { x, secret: 'no' });
    expect(result).toEqual({ status: 'rendered', subject: x });
  });
});
