import { afterEach, describe, expect, it } from '@jest/globals';
import { fakeServer, folderOf, runCli, type FakeServer, type Seen } from './testing/capture.js';

const DONE = {
  id: 's1',
  journey: 'hello',
  state: 'done',
  days: 30,
  people: { done: 100, sample: 100, population: 400, share: 0.25 },
  entered: 9,
  sent: 6,
  refused: { too_old: 2 },
  guards: { no_consent: 1, holdout: 2 },
  outcomes: { completed: 8, open: 1 },
  goals: {},
  steps: [
    {
      step: 'wait',
      visits: 7,
      standing: 1,
      branches: { bought: 1, timeout: 5 },
      sent: 0,
      stopped: {},
      kept: {},
    },
    {
      step: 'mail',
      visits: 5,
      standing: 0,
      branches: {},
      sent: 4,
      stopped: { no_consent: 1 },
      kept: {},
    },
  ],
};

let server: FakeServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});
const serve = async (answer: Parameters<typeof fakeServer>[0]): Promise<FakeServer> => {
  server = await fakeServer(answer);
  return server;
};

describe('throughline simulate', () => {
  const simulating = (last: unknown = DONE) => {
    let asked = 0;
    return ({ method }: Seen) => {
      if (method === 'POST') return { status: 202, body: { ...DONE, state: 'queued' } };
      asked += 1;
      const running = {
        ...DONE,
        state: 'running',
        people: { ...DONE.people, done: 40 },
        entered: 3,
      };
      return { body: asked === 1 ? running : last };
    };
  };

  it('asks for a simulation, says how far it is, and prints what would have come of it', async () => {
    const { url, seen } = await serve(simulating());
    const { exit, out, err } = await runCli(['simulate', 'hello', '--days', '14'], { url });
    expect(exit).toBe(0);
    expect(seen[0]).toMatchObject({
      method: 'POST',
      path: '/api/v1/journeys/hello/simulate',
      body: { days: 14, maxCustomers: 10_000 },
    });
    expect(seen[1]?.path).toBe('/api/v1/journeys/hello/simulations/s1');
    expect(err).toBe('40 of 100 people, 3 entered\n100 of 100 people, 9 entered\n');
    expect(out.split('\n')).toEqual([
      'hello over 30 days: 100 of 400 people',
      'a sample: all counts are of 25.0 % of the people',
      'entered 9 · sent 6',
      'not entered: too_old 2',
      'stopped by: holdout 2, no_consent 1',
      'outcomes: completed 8, open 1',
      '',
      'step  visits  standing  sent  stopped       kept  branches',
      'wait  7       1         0                         timeout 5, bought 1',
      'mail  5       0         4     no_consent 1',
      '',
    ]);
  });

  it('takes a journey from a file, and says the same as data', async () => {
    const { url, seen } = await serve(simulating());
    const definition = { key: 'hello', name: 'Hello' };
    const file = `${await folderOf({ 'hello.json': definition })}/hello.json`;
    const { exit, out } = await runCli(['--json', 'simulate', file, '--max', '50'], { url });
    expect([exit, JSON.parse(out)]).toEqual([0, DONE]);
    expect(seen[0]?.body).toEqual({ days: 30, maxCustomers: 50, definition });
  });

  it('ends with 1 when the simulation failed, and says that the counts are of a part', async () => {
    const { url } = await serve(simulating({ ...DONE, state: 'failed' }));
    const { exit, out } = await runCli(['simulate', 'hello'], { url });
    expect(exit).toBe(1);
    expect(out).toContain('failed before it was through');
  });

  it.each([
    ['a file that is not there', ['simulate', 'nowhere.json']],
    ['days that are no number', ['simulate', 'hello', '--days', 'many']],
  ])('of %s is a wrong call', async (_, args) => {
    expect((await runCli(args)).exit).toBe(2);
  });
});

describe('throughline explain', () => {
  const WHY = {
    sentence: 'The event did not pass the trigger’s filter.',
    enrolments: [],
    notEntered: [
      { at: '2026-01-02T03:04:05.678Z', obstacle: 'filter', sentence: 'It was 3.', failed: [] },
    ],
    condition: null,
  };

  it('looks a person up by identifier and prints what kept them out', async () => {
    const { url, seen } = await serve(({ path }) =>
      path.startsWith('/api/v1/customers?') ? { body: { items: [{ id: 'c1' }] } } : { body: WHY },
    );
    const { exit, out } = await runCli(
      ['explain', 'email:ada@example.com', '--journey', 'cart', '--at', '2026-01-03'],
      { url },
    );
    expect(exit).toBe(0);
    expect(seen.map(({ path }) => path)).toEqual([
      '/api/v1/customers?identifier=email%3Aada%40example.com',
      '/api/v1/customers/c1/explain?journey=cart&at=2026-01-03',
    ]);
    expect(out).toContain('2026-01-02T03:04:05.678Z  not entered: filter\n  It was 3.');
  });

  it('prints the chain of somebody who is in it, and the tests of a segment’s condition', async () => {
    const at = '2026-01-02T03:04:05.678Z';
    const chain = {
      enrolment: 'e1',
      trigger: { name: 'Cart Updated' },
      trail: [{ at, kind: 'skipped', step: 'mail', detail: { reason: 'no_consent' } }],
      deliveries: [{ settledAt: at, step: 'mail', sentence: 'Not sent: no consent.' }],
    };
    const condition = { tests: [{ holds: false, sentence: 'is pro', because: 'is free' }] };
    const { url } = await serve(() => ({ body: { ...WHY, enrolments: [chain], condition } }));
    const { out } = await runCli(['explain', 'c1', '--journey', 'cart'], { url });
    expect(out).toContain(`enrolment e1 by Cart Updated\n  ${at}  skipped   mail {"reason"`);
    expect(out).toContain(`  ${at}  mail: Not sent: no consent.`);
    expect(out).toContain('  no  is pro: is free');
  });

  it.each([
    ['nobody', { status: 200, body: { items: [] } }],
    ['no customer', { status: 404 }],
  ])('of %s ends with 1', async (_, answer) => {
    const { url } = await serve(() => answer);
    expect((await runCli(['explain', 'email:x@y.z', '--journey', 'cart'], { url })).exit).toBe(1);
  });

  it('without a journey is a wrong call', async () => {
    expect((await runCli(['explain', 'c1'])).exit).toBe(2);
  });
});

describe('throughline apply --confirm', () => {
  it('confirms the publication of journeys, and of nothing else', async () => {
    const { url, seen } = await serve(({ method }) =>
      method === 'GET' ? { status: 404 } : { body: { version: 1 } },
    );
    const folder = await folderOf({
      'segments/all.json': { key: 'all', name: 'All', condition: { event: 'Signed Up' } },
      'journeys/hello.json': {
        key: 'hello',
        name: 'Hello',
        trigger: { kind: 'segment', segment: 'all', on: 'entered' },
        start: 'done',
        steps: { done: { kind: 'exit', reason: 'done' } },
        purpose: 'marketing',
      },
    });
    const { exit } = await runCli(['apply', folder, '--confirm'], { url });
    expect(exit).toBe(0);
    expect(seen.filter(({ method }) => method === 'POST').map(({ path }) => path)).toEqual([
      '/api/v1/segments/all/publish',
      '/api/v1/journeys/hello/publish?confirm=true',
    ]);
  });
});
