import { afterEach, describe, expect, it } from '@jest/globals';
import { fakeServer, runCli, type Answer, type FakeServer, type Seen } from './testing/capture.js';

let server: FakeServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function serve(answer: (seen: Seen) => Answer): Promise<FakeServer> {
  server = await fakeServer(answer);
  return server;
}

const ID = '019a0000-0000-7000-8000-000000000001';
const PROFILE = {
  id: ID,
  absorbed: ['019a0000-0000-7000-8000-000000000002'],
  createdAt: '2026-01-01T00:00:00.000Z',
  identifiers: [
    { type: 'email', value: 'ada@example.com', firstSeenAt: '2026-01-01T00:00:00.000Z' },
    { type: 'user_id', value: 'ada', firstSeenAt: '2026-01-01T00:00:00.000Z' },
  ],
  traits: {
    plan: { value: 'pro', at: '2026-01-02T00:00:00.000Z', source: 'web' },
    address: { value: { city: 'York' }, at: '2026-01-02T00:00:00.000Z', source: null },
  },
  consents: [
    {
      purpose: 'marketing',
      channel: 'email',
      state: 'granted',
      since: '2026-01-02T00:00:00.000Z',
      source: 'web',
    },
  ],
  segments: [],
};

describe('throughline customer', () => {
  it('shows a profile by id, in columns', async () => {
    const { url, seen } = await serve(() => ({ body: PROFILE }));
    const { exit, out } = await runCli(['customer', ID], { url });
    expect([exit, out.split('\n')]).toEqual([
      0,
      [
        `customer ${ID}`,
        'known since 2026-01-01T00:00:00.000Z',
        'absorbed 019a0000-0000-7000-8000-000000000002',
        'identifiers:',
        '  email    ada@example.com',
        '  user_id  ada',
        'traits:',
        '  plan     pro              2026-01-02T00:00:00.000Z  web',
        '  address  {"city":"York"}  2026-01-02T00:00:00.000Z  -',
        'consents:',
        '  marketing/email  granted  2026-01-02T00:00:00.000Z  web',
        '',
      ],
    ]);
    expect(seen.map(({ path }) => path)).toEqual([`/api/v1/customers/${ID}`]);
  });

  it('finds one by an identifier, and shows them as they were', async () => {
    const { url, seen } = await serve(({ path }) =>
      path.includes('identifier=')
        ? { body: { items: [{ id: ID }] } }
        : { body: { ...PROFILE, asOf: '2026-01-01T12:00:00.000Z' } },
    );
    const args = ['customer', 'email:ada@example.com', '--as-of', '2026-01-01T12:00:00Z'];
    const { out } = await runCli(args, { url });
    expect(out).toContain('known since 2026-01-01T00:00:00.000Z, as of 2026-01-01T12:00:00.000Z\n');
    expect(seen.map(({ path }) => path)).toEqual([
      '/api/v1/customers?identifier=email%3Aada%40example.com',
      `/api/v1/customers/${ID}?asOf=2026-01-01T12%3A00%3A00Z`,
    ]);
  });

  it('gives programs the profile as it came, wherever --json stands', async () => {
    const { url } = await serve(() => ({ body: PROFILE }));
    for (const args of [
      ['--json', 'customer', ID],
      ['customer', ID, '--json'],
    ])
      expect(JSON.parse((await runCli(args, { url })).out)).toEqual(PROFILE);
  });

  it('ends with 1 where there is nobody', async () => {
    const { url } = await serve(({ path }) =>
      path.includes('identifier=') ? { body: { items: [] } } : { status: 404 },
    );
    const unknown = await runCli(['customer', 'email:x@example.com'], { url });
    expect([unknown.exit, unknown.err]).toEqual([1, 'Nobody has email:x@example.com.\n']);
    const missing = await runCli(['customer', ID, '--as-of', '2020-01-01T00:00:00Z'], { url });
    expect([missing.exit, missing.err]).toEqual([
      1,
      `There is no customer ${ID} at 2020-01-01T00:00:00Z.\n`,
    ]);
    expect((await runCli(['customer', ID], { key: undefined })).exit).toBe(2);
  });
});

function event(position: number, name = 'Order Completed') {
  return {
    position,
    type: 'track',
    name,
    messageId: `m-${position}`,
    receivedAt: '2026-01-01T00:00:00.000Z',
    source: 'web',
    customerId: ID,
  };
}

describe('throughline tail', () => {
  const pages = (...lists: readonly (readonly unknown[])[]) => {
    let asked = 0;
    return (): Answer => {
      const items = lists[asked] ?? [];
      asked += 1;
      return { body: { items, next: `after-${asked}` } };
    };
  };

  it('prints a line for each event, and goes on where it was', async () => {
    const { url, seen } = await serve(pages([event(1)], [], [event(2), event(3, 'A\nB\u001b[2J')]));
    const args = ['tail', '--count', '3', '--every', '0', '--name', 'Order Completed'];
    const { exit, out } = await runCli(args, { url });
    expect([exit, out.split('\n')]).toEqual([
      0,
      [
        `2026-01-01T00:00:00.000Z  track Order Completed  customer ${ID}  source web  m-1`,
        `2026-01-01T00:00:00.000Z  track Order Completed  customer ${ID}  source web  m-2`,
        `2026-01-01T00:00:00.000Z  track A?B?[2J  customer ${ID}  source web  m-3`,
        '',
      ],
    ]);
    expect(seen.map(({ path }) => path)).toEqual([
      '/api/v1/events?limit=10&name=Order+Completed',
      '/api/v1/events?after=after-1&limit=200&name=Order+Completed',
      '/api/v1/events?after=after-2&limit=200&name=Order+Completed',
    ]);
  });

  it('ends after as many as were asked for, and begins with none that came before if told so', async () => {
    const { url } = await serve(pages([event(1)], [event(2), event(3)]));
    const args = ['tail', '--lines', '0', '--count', '1', '--every', '0', '--json'];
    const { out } = await runCli(args, { url });
    expect(JSON.parse(out)).toEqual(event(2));
  });

  it('names everything that it filters by', async () => {
    const { url, seen } = await serve(pages([event(1)]));
    await runCli(['tail', '--type', 'track', '--source', 'web', '--count', '1'], { url });
    expect(seen[0]?.path).toBe('/api/v1/events?limit=10&type=track&source=web');
  });

  it('ends with 3 when the server goes, with 1 when it cannot be followed, with 2 at a wrong number', async () => {
    expect((await runCli(['tail'])).exit).toBe(3);
    const { url } = await serve(() => ({ body: {} }));
    expect((await runCli(['tail'], { url })).exit).toBe(1);
    for (const wrong of [
      ['--lines', 'x'],
      ['--count', '-1'],
      ['--every', ''],
    ])
      expect((await runCli(['tail', ...wrong])).exit).toBe(2);
  });
});
