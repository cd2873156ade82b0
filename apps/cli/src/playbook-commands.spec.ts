import { afterEach, describe, expect, it } from '@jest/globals';
import { fakeServer, runCli, type Answer, type FakeServer, type Seen } from './testing/capture.js';

let server: FakeServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const serve = async (answer: (seen: Seen) => Answer): Promise<FakeServer> => {
  server = await fakeServer(answer);
  return server;
};

/** A workspace that has these, and has seen these. */
const having =
  (paths: readonly string[], seen: { events: readonly string[]; traits: readonly string[] }) =>
  ({ method, path }: Seen): Answer => {
    if (path === '/api/v1/vocabulary') return { body: seen };
    if (method === 'GET') return paths.includes(path) ? { body: {} } : { status: 404 };
    return { body: path.endsWith('/publish') ? { version: 1 } : {} };
  };

const puts = ({ seen }: FakeServer): string[] =>
  seen.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`);

describe('throughline playbook', () => {
  it('lists what there is, without a server', async () => {
    const { exit, out } = await runCli(['playbook', 'list']);
    expect(exit).toBe(0);
    expect(out.split('\n').filter((line) => line !== '')).toHaveLength(9);
    expect(out).toContain('cart-abandonment');
  });

  it('shows settings, needs and what is left out', async () => {
    const { out } = await runCli(['playbook', 'show', 'win-back', '--set', 'lapse=P90D']);
    expect(out).toContain('lapse=P90D');
    expect(out).toContain('coupon pool winback10');
    expect(out).toContain('segments/win-back-lapsed');
    expect(out).toContain('does not do:');
  });

  it('shows definitions with the settings in them, as data', async () => {
    const { out } = await runCli(['--json', 'playbook', 'show', 'win-back', '--set', 'lapse=P90D']);
    const data = JSON.stringify(JSON.parse(out));
    expect(data).toContain('"op":"olderThan","value":"P90D"');
    expect(data).not.toContain('$set":');
  });

  it('tests one, and says how many passed', async () => {
    const { exit, out } = await runCli(['playbook', 'test', 'welcome']);
    expect([exit, out]).toEqual([0, expect.stringMatching(/^\d+ passed, 0 failed\n$/)]);
  });

  it.each([
    [['playbook', 'show', 'nothing'], 2, 'There is no playbook nothing'],
    [['playbook', 'show', 'welcome', '--set', 'x=1'], 1, 'unknown_parameter at x'],
    [['playbook', 'show', 'welcome', '--set', 'firstWait=soon'], 1, 'not a duration'],
    [['playbook', 'show', 'welcome', '--set', 'shopName=<b>'], 1, 'not a text'],
    [['playbook', 'show', 'welcome', '--set', 'shopName={{ x }}'], 1, 'not a text'],
    [['playbook', 'show', 'welcome', '--set', 'firstWait'], 2, 'key=value'],
  ])('refuses %j', async (args, exit, said) => {
    const result = await runCli(args);
    expect(result.exit).toBe(exit);
    expect(result.err).toContain(said);
  });
});

describe('throughline playbook install', () => {
  it('says what is missing and puts drafts, templates first', async () => {
    const { url } = await serve(having([], { events: ['Order Completed'], traits: ['email'] }));
    const { exit, out } = await runCli(['playbook', 'install', 'win-back'], { url });
    expect(exit).toBe(0);
    expect(out).toContain('missing connection mail');
    expect(out).toContain('missing coupon pool winback10');
    expect(out).not.toContain('missing event');
    expect(out).toContain('Drafts only');
    expect(server && puts(server)).toEqual([
      'PUT /api/v1/templates/win-back-best',
      'PUT /api/v1/templates/win-back-news',
      'PUT /api/v1/templates/win-back-offer',
      'PUT /api/v1/segments/win-back-lapsed',
      'PUT /api/v1/journeys/win-back',
    ]);
  });

  it('names the events and traits that nobody has sent', async () => {
    const { url } = await serve(having([], { events: [], traits: [] }));
    const { out } = await runCli(['playbook', 'install', 'birthday', '--dry-run'], { url });
    expect(out).toContain('missing event Order Completed: never seen: send it with coupon');
    expect(out).toContain('missing trait birthday');
    expect(out).toContain('journeys/birthday: would create');
    expect(server && puts(server)).toEqual([]);
  });

  it('leaves alone what is there, unless it is to be replaced', async () => {
    const there = having(['/api/v1/templates/welcome-hello', '/api/v1/connections/mail'], {
      events: [],
      traits: [],
    });
    const { url } = await serve(there);
    const { out } = await runCli(['playbook', 'install', 'welcome'], { url });
    expect(out).toContain('templates/welcome-hello: is there and differs, left alone');
    expect(out).not.toContain('missing connection');
    expect(server && puts(server)).not.toContain('PUT /api/v1/templates/welcome-hello');
    await runCli(['playbook', 'install', 'welcome', '--replace'], { url });
    expect(server && puts(server)).toContain('PUT /api/v1/templates/welcome-hello');
  });

  it('publishes where it is asked to, and only with a connection', async () => {
    const without = await serve(having([], { events: [], traits: [] }));
    const refused = await runCli(['playbook', 'install', 'welcome', '--publish'], without);
    expect([refused.exit, puts(without)]).toEqual([1, []]);
    await without.close();
    const having1 = having(['/api/v1/connections/mail'], { events: [], traits: [] });
    const { url } = await serve(having1);
    const { out } = await runCli(['playbook', 'install', 'welcome', '--publish'], { url });
    expect(out).toContain('journeys/welcome: create, live as version 1');
    expect(server && puts(server)).toContain('POST /api/v1/journeys/welcome/publish');
  });
});
