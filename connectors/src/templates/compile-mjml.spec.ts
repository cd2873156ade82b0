import { describe, expect, it } from '@jest/globals';
import { compileMjml } from './compile-mjml.js';

const column = (inside: string): string =>
  `<mjml>\n<mj-body>\n<mj-section>\n<mj-column>\n${inside}\n</mj-column>\n</mj-section>\n</mj-body>\n</mjml>`;

const codes = async (source: string): Promise<unknown> => {
  const compiled = await compileMjml(source);
  return compiled.ok ? 'ok' : compiled.faults.map(({ code, line }) => [code, line]);
};

describe('compileMjml', () => {
  it('makes a whole HTML document', async () => {
    const compiled = await compileMjml(column('<mj-text>Hello</mj-text>'));
    expect(compiled).toMatchObject({ ok: true });
    expect(compiled.ok && compiled.html).toMatch(/^\s*<!doctype html>[\s\S]*Hello[\s\S]*<\/html>/i);
  });

  it.each([
    '{{ product.name }}',
    '{{ x | default: "<b>" }}',
    '{% if a < b and c > 1 %}yes{% endif %}',
    "{% for p in list limit: 3 %}{{ p['a'] }}{% endfor %}",
    '{{ "$& $1 $$" }}',
  ])('leaves Liquid as it was written: %s', async (liquid) => {
    const compiled = await compileMjml(column(`<mj-text>[${liquid}]</mj-text>`));
    expect(compiled.ok && compiled.html).toContain(`[${liquid}]`);
  });

  it('leaves it in addresses too', async () => {
    const href = '{{ url | default: "https://a.example/?a=1&b=2" }}';
    const compiled = await compileMjml(column(`<mj-button href="${href}">Go</mj-button>`));
    expect(compiled.ok && compiled.html).toContain(`href="${href}"`);
  });

  it('lets mj-raw carry Liquid around components', async () => {
    const inside = '<mj-raw>{% if a %}</mj-raw><mj-text>A</mj-text><mj-raw>{% endif %}</mj-raw>';
    const compiled = await compileMjml(column(inside));
    expect(compiled.ok && compiled.html).toMatch(/\{% if a %\}[\s\S]*A[\s\S]*\{% endif %\}/);
  });

  it('says which Liquid would be dropped, and in which line', async () => {
    expect(await codes(column('<mj-text>A</mj-text>\n{% if a %}'))).toEqual([['liquid_lost', 6]]);
  });

  it.each([
    ['an element that there is not', column('<mj-nothing />'), [['mjml_invalid', 5]]],
    ['no MJML at all', 'Hello', [['mjml_invalid', undefined]]],
    [
      'a file to include',
      column('<mj-include path="/etc/passwd" />'),
      [['mjml_include', undefined]],
    ],
    ['too much of it', column('x'.repeat(300_000)), [['too_large', undefined]]],
  ])('refuses %s', async (_what, source, found) => {
    expect(await codes(source)).toEqual(found);
  });

  it('is quick with a template that is nothing but Liquid', async () => {
    const startedAt = performance.now();
    const compiled = await compileMjml(column(`<mj-text>${'{{a}}'.repeat(40_000)}</mj-text>`));
    expect(compiled).toMatchObject({ ok: true });
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  it('ends a document that takes too long', async () => {
    const compiled = await compileMjml(column('<mj-text>A</mj-text>'.repeat(10_000)), 5);
    expect(compiled).toMatchObject({ ok: false, faults: [{ code: 'too_slow' }] });
    expect(await compileMjml(column('<mj-text>A</mj-text>'))).toMatchObject({ ok: true });
  });
});
