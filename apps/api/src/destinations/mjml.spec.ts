import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listAt, openBench, textAt, type Bench } from '../testing/bench.js';
import { seedCustomer } from '../testing/seed.js';

const mjml = (inside: string): string =>
  `<mjml><mj-body><mj-section><mj-column>${inside}</mj-column></mj-section></mj-body></mjml>`;

describe('a template in MJML', () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await openBench();
  });
  afterAll(() => bench.close());

  const put = (body: Record<string, unknown>) =>
    bench.call(bench.shop.all, 'PUT', '/api/v1/templates/m', {
      body: { name: 'M', subject: 'S', text: 'T', ...body },
    });

  it('is kept as it was written, with the HTML that is made of it beside', async () => {
    const source = mjml('<mj-text>Hello {{ traits.name | default: "you" }}</mj-text>');
    const answer = await put({ mjml: source });
    expect(answer.status).toBe(201);
    expect(textAt(answer.body, 'definition', 'mjml')).toBe(source);
    const html = textAt(answer.body, 'definition', 'html');
    expect(html).toContain('Hello {{ traits.name | default: "you" }}');
    expect(html).toMatch(/^\s*<!doctype html>/i);
  });

  it('is shown in a preview as it is sent: values escaped, links with their campaign', async () => {
    const link = '<mj-button href="https://a.example/?x=1">{{ coupon }}</mj-button>';
    await put({ mjml: mjml(link), utm: { source: 'shop' }, coupon: { pool: 'p' } });
    const { customer } = await seedCustomer(bench.sql, bench.shop.id, {});
    const preview = await bench.call(bench.shop.all, 'POST', '/api/v1/templates/m/preview', {
      body: { customer },
    });
    const html = textAt(preview.body, 'html');
    expect(html).toContain('PREVIEW');
    expect(html).toContain(
      'https://a.example/?x=1&amp;utm_source=shop&amp;utm_medium=email&amp;utm_campaign=preview',
    );
  });

  it.each([
    [mjml('<mj-nothing />'), 'mjml_invalid'],
    [mjml('<mj-include path="/etc/passwd" />'), 'mjml_include'],
    [mjml('{% if a %}<mj-text>A</mj-text>'), 'liquid_lost'],
    ['nothing', 'mjml_invalid'],
    [mjml('<mj-text>{% nonsense %}</mj-text>'), 'syntax'],
  ])('%s is refused as %s', async (source, code) => {
    const answer = await put({ mjml: source });
    expect(answer.status).toBe(422);
    expect(listAt(answer.body, 'faults')).toContainEqual(expect.objectContaining({ code }));
  });
});
