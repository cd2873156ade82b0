import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@throughline/store/shared';
import { at, listAt, openBench, textAt, type Bench } from '../testing/bench.js';
import { template } from '../testing/definitions.js';
import { seedCustomer } from '../testing/seed.js';

describe('templates over the API', () => {
  let bench: Bench;
  let customer: string;
  let absorbed: string;

  beforeAll(async () => {
    bench = await openBench();
    ({ customer, absorbed } = await seedCustomer(bench.sql, bench.shop.id));
  });
  afterAll(() => bench.close());

  const call = (method: string, path: string, body?: unknown) =>
    bench.call(
      bench.shop.all,
      method,
      `/api/v1/templates/${path}`,
      body === undefined ? {} : { body },
    );
  const put = (key: string, parts: Readonly<Record<string, unknown>> = {}) =>
    call('PUT', key, { ...template(key), ...parts });
  const preview = async (key: string, properties?: unknown) =>
    (await call('POST', `${key}/preview`, { customer, properties })).body;

  it('are live as soon as they are put, as the next version', async () => {
    expect(await put('fresh')).toMatchObject({
      status: 201,
      body: { state: 'live', liveVersion: 1, revision: 1 },
    });
    expect(await put('fresh', { subject: 'Again' })).toMatchObject({
      status: 200,
      body: { state: 'live', liveVersion: 2, definition: { subject: 'Again' } },
    });
    expect((await call('GET', 'fresh')).body).toMatchObject({ liveVersion: 2, revision: 2 });
  });

  it('keep what was live when a put is refused', async () => {
    await put('kept', { subject: 'Good' });
    expect((await put('kept', { subject: '{{ broken ' })).status).toBe(422);
    expect(at((await call('GET', 'kept')).body, 'definition', 'subject')).toBe('Good');
  });

  it.each([
    ['no subject', { subject: undefined }, 'subject'],
    ['a subject beyond the longest header', { subject: 'x'.repeat(999) }, 'subject'],
    ['a channel that nobody knows', { channel: 'fax' }, 'channel'],
    ['the subject of a mail in a text message', { channel: 'sms', text: 'x' }, 'subject'],
    ['no text to push', { channel: 'push', subject: 'x', text: ' ', html: undefined }, 'text'],
    ['a page in a push message', { channel: 'push', text: 'x', html: '<p>x</p>' }, 'html'],
    ['a link for a tap in a mail', { deeplink: 'shop://x' }, 'deeplink'],
    ['a word for what is missing that nobody knows', { missing: 'guess' }, 'missing'],
    ['a name that is empty', { name: '' }, 'name'],
    ['a body that is too long', { html: 'x'.repeat(262_145) }, 'html'],
  ])('are refused with %s, at its path', async (_what, parts, path) => {
    const answer = await put('refused', parts);
    expect(answer.status).toBe(422);
    expect(listAt(answer.body, 'faults').map((fault) => at(fault, 'path'))).toEqual([path]);
    expect((await call('GET', 'refused')).status).toBe(404);
  });

  it('are refused with every part that cannot be rendered, and the line of it', async () => {
    const answer = await put('parts', {
      subject: '{{ traits.name | }',
      html: '<p>\n{% if x %}</p>',
      text: 'fine',
    });
    expect(answer.status).toBe(422);
    const paths = listAt(answer.body, 'faults').map((fault) => textAt(fault, 'path'));
    expect([...new Set(paths)].sort()).toEqual(['html', 'subject']);
  });

  it('are shown with the traits of the person and the properties of an imagined event', async () => {
    await put('shown', { html: '<p>{{ traits.name }} · {{ trigger.properties.cart_id }}</p>' });
    expect(await preview('shown', { cart_id: '<c&1>' })).toMatchObject({
      status: 'rendered',
      subject: 'Hello Ada',
      html: '<p>Ada · &lt;c&amp;1&gt;</p>',
      text: 'Your cart <c&1> waits.',
    });
  });

  it('show no link that would unsubscribe somebody', async () => {
    await put('linked', { text: '{{ unsubscribe_url }}' });
    const shown = await preview('linked');
    expect(textAt(shown, 'text')).toContain('https://example.com/u/preview');
    expect(JSON.stringify(shown)).not.toContain(bench.config.publicUrl);
  });

  it.each([
    ['default', { status: 'rendered' }],
    ['skip', { status: 'skipped', reason: 'missing_variable' }],
    ['fail', { status: 'failed' }],
  ])('that say %s do so when the person lacks a value', async (missing, expected) => {
    await put(`lacking-${missing}`, { subject: '{{ traits.nickname }}', text: 'x', missing });
    expect(await preview(`lacking-${missing}`)).toMatchObject(expected);
  });

  it('are not shown to nobody, nor as somebody who is unknown', async () => {
    await put('nobody');
    const answers = await Promise.all([
      call('POST', 'nobody/preview', { customer: newId() }),
      call('POST', 'nobody/preview', { customer: 'ada' }),
      call('POST', 'nobody/preview', {}),
      call('POST', 'absent/preview', { customer }),
      call('POST', 'nobody/preview', { customer, properties: [1] }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([404, 400, 400, 404, 400]);
  });

  it('are shown as who somebody has become', async () => {
    await put('merged');
    const { body } = await call('POST', 'merged/preview', { customer: absorbed });
    expect(body).toMatchObject({ status: 'rendered', subject: 'Hello Ada' });
  });

  it('change nothing by being shown: no event, no delivery, no trace in the log', async () => {
    await put('quiet');
    const before = bench.logLines.length;
    await preview('quiet', { cart_id: 'canary-preview' });
    const { rows } = await bench.sql.query<{ count: number }>(
      'select (select count(*) from event_log) + (select count(*) from outbox) as count',
    );
    expect(rows).toEqual([{ count: 0 }]);
    expect(bench.logLines.slice(before).join('')).not.toContain('canary-preview');
  });
});
