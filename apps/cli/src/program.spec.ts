import { afterEach, describe, expect, it } from '@jest/globals';
import { readConfig } from './config.js';
import {
  fakeServer,
  folderOf,
  runCli,
  type Answer,
  type FakeServer,
  type Seen,
} from './testing/capture.js';

const SEGMENT = { key: 'buyers', name: 'Buyers', condition: { event: 'Order Completed' } };
const VIP = {
  key: 'a-vip',
  name: 'VIP',
  condition: { all: [{ segment: 'buyers' }, { not: { trait: 'plan', op: 'exists' } }] },
};
const JOURNEY = {
  key: 'hello',
  name: 'Hello',
  trigger: { kind: 'event', event: 'Signed Up' },
  start: 'mail',
  steps: {
    mail: {
      kind: 'message',
      channel: 'email',
      connection: 'mail',
      template: 'hello',
      next: 'done',
    },
    done: { kind: 'exit', reason: 'greeted' },
  },
  purpose: 'marketing',
};
const CONNECTION = {
  key: 'mail',
  name: 'Mail',
  connector: 'smtp-email',
  settings: { host: 'x', pass: { $secret: 'MAIL' } },
};
const SHOP = {
  'connections/mail.json': CONNECTION,
  'templates/hello.json': { name: 'Hello', subject: 'Hello' },
  'templates/hello.text.liquid': 'Hello {{ traits.name }}',
  'segments/a-vip.json': VIP,
  'segments/buyers.json': SEGMENT,
  'journeys/hello.json': JOURNEY,
};

let server: FakeServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});
const serve = async (answer: (seen: Seen) => Answer): Promise<FakeServer> => {
  server = await fakeServer(answer);
  return server;
};
const secret = (name: string): string | undefined =>
  name === 'MAIL' ? 'from-the-environment' : undefined;

describe('throughline validate', () => {
  it('says nothing against a good folder, and needs no server', async () => {
    const { exit, out } = await runCli(['validate', await folderOf(SHOP)]);
    expect([exit, out]).toEqual([0, '5 definitions, no errors\n']);
  });

  it.each([
    [
      'a journey that names what is not there',
      { 'journeys/x.json': JOURNEY },
      'unknown_connection',
    ],
    ['a segment of the wrong shape', { 'segments/x.json': { key: 'x', name: 'X' } }, 'condition'],
    ['a segment that names no segment', { 'segments/x.json': VIP }, 'unknown_segment'],
    ['a file that is no JSON', { 'journeys/x.json': '{' }, 'unreadable'],
    ['a template without a subject', { 'templates/x.json': { name: 'X' } }, 'subject'],
    [
      'two files with one key',
      { 'segments/a.json': SEGMENT, 'segments/b.json': SEGMENT },
      'repeated_key',
    ],
  ])('finds %s and ends with 1', async (_what, files, said) => {
    const { exit, out } = await runCli(['validate', await folderOf(files)]);
    expect(exit).toBe(1);
    expect(out).toContain(said);
    expect(out).toMatch(/^\w+\/\w+\.json: error/m);
  });

  it('says the same as data', async () => {
    const { exit, out } = await runCli([
      '--json',
      'validate',
      await folderOf({ 'journeys/x.json': JOURNEY }),
    ]);
    expect(exit).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      valid: false,
      definitions: 1,
      faults: [{ file: 'journeys/x.json', severity: 'error' }, {}],
    });
  });

  it('of a folder that holds nothing is a wrong call', async () => {
    expect((await runCli(['validate', await folderOf({ 'README.md': 'x' })])).exit).toBe(2);
    expect((await runCli(['validate', '/nowhere/at/all'])).exit).toBe(2);
  });
});

describe('throughline apply', () => {
  const fresh = ({ method, path }: Seen): Answer =>
    method === 'GET'
      ? { status: 404 }
      : { body: path.endsWith('/publish') ? { version: 1, changed: true } : {} };

  it('puts what others name first, fills secrets in and publishes', async () => {
    const { url, seen } = await serve(fresh);
    const { exit, out } = await runCli(['apply', await folderOf(SHOP)], { url, secret });
    expect(exit).toBe(0);
    expect(
      seen
        .filter(({ method }) => method !== 'GET')
        .map(({ method, path }) => `${method} ${path.replace('/api/v1/', '')}`),
    ).toEqual([
      'PUT connections/mail',
      'PUT templates/hello',
      'PUT segments/buyers',
      'POST segments/buyers/publish',
      'PUT segments/a-vip',
      'POST segments/a-vip/publish',
      'PUT journeys/hello',
      'POST journeys/hello/publish',
    ]);
    expect(
      seen.find(({ method, path }) => method === 'PUT' && path.endsWith('/mail'))?.body,
    ).toMatchObject({ settings: { pass: 'from-the-environment' } });
    expect(
      seen.find(({ method, path }) => method === 'PUT' && path.endsWith('templates/hello'))?.body,
    ).toMatchObject({ key: 'hello', text: 'Hello {{ traits.name }}' });
    expect(seen.every(({ headers }) => headers.authorization === 'Bearer k')).toBe(true);
    expect(out).toContain('journeys/hello: create, live as version 1');
    expect(out).not.toContain('from-the-environment');
  });

  it('with --dry-run asks and changes nothing', async () => {
    const { url, seen } = await serve(fresh);
    const { exit, out } = await runCli(['apply', await folderOf(SHOP), '--dry-run'], {
      url,
      secret,
    });
    expect(exit).toBe(0);
    expect(seen.every(({ method }) => method === 'GET')).toBe(true);
    expect(out).toContain('segments/buyers: would create');
  });

  it('leaves what is the same, and guards what it changes by the revision that it saw', async () => {
    const { url, seen } = await serve(({ method, path }) => {
      if (method !== 'GET') return { body: { version: 3, changed: false } };
      const definition = path.endsWith('buyers')
        ? { name: 'Buyers', condition: SEGMENT.condition, key: 'buyers' }
        : { key: 'a-vip', name: 'Old' };
      return { etag: '"7"', body: { definition, archivedAt: null } };
    });
    const folder = await folderOf({ 'segments/buyers.json': SEGMENT, 'segments/a-vip.json': VIP });
    const { out } = await runCli(['apply', folder], { url });
    const puts = seen.filter(({ method }) => method === 'PUT');
    expect(puts.map(({ path, headers }) => [path, headers['if-match']])).toEqual([
      ['/api/v1/segments/a-vip', '"7"'],
    ]);
    expect(out).toContain('segments/buyers: unchanged');
  });

  it('changes nothing while a definition has faults', async () => {
    const { url, seen } = await serve(fresh);
    const { exit } = await runCli(
      [
        'apply',
        await folderOf({ ...SHOP, 'journeys/hello.json': { ...JOURNEY, start: 'nowhere' } }),
      ],
      { url, secret },
    );
    expect([exit, seen.length]).toEqual([1, 0]);
  });

  it('says which secret is missing', async () => {
    const { url } = await serve(fresh);
    const { exit, err } = await runCli(['apply', await folderOf(SHOP)], { url });
    expect(exit).toBe(2);
    expect(err).toContain('THROUGHLINE_SECRET_MAIL');
  });

  it('tells a refusal of the server with its faults, and ends with 1', async () => {
    const problem = {
      code: 'invalid_definition',
      detail: 'The definition has faults.',
      faults: [{ path: 'settings.host', code: 'x', message: 'no' }],
    };
    const { url } = await serve(({ method }) =>
      method === 'GET' ? { status: 404 } : { status: 422, body: problem },
    );
    const folder = await folderOf({ 'segments/buyers.json': SEGMENT });
    const said = await runCli(['apply', folder], { url });
    expect([said.exit, said.err]).toEqual([
      1,
      'PUT /api/v1/segments/buyers: The definition has faults.\n  settings.host: no\n',
    ]);
    expect(JSON.parse((await runCli(['--json', 'apply', folder], { url })).out)).toMatchObject({
      problem: { code: 'invalid_definition' },
    });
  });

  it('ends with 3 when nobody answers and with 2 without a key', async () => {
    const folder = await folderOf({ 'segments/buyers.json': SEGMENT });
    expect((await runCli(['apply', folder])).exit).toBe(3);
    expect((await runCli(['apply', folder], { key: undefined })).exit).toBe(2);
  });
});

describe('throughline send', () => {
  const EVENT = { type: 'track', userId: 'u', event: 'x' };

  it.each([
    ['one event', JSON.stringify(EVENT), 1],
    ['a list', JSON.stringify([EVENT, EVENT]), 2],
    [
      'one a line',
      `${JSON.stringify(EVENT)}\n\n${JSON.stringify(EVENT)}\n${JSON.stringify(EVENT)}\n`,
      3,
    ],
  ])('sends %s, and says how many are committed', async (_what, text, count) => {
    const { url, seen } = await serve(() => ({ body: { success: true } }));
    const { exit, out } = await runCli(
      ['send', await folderOf({ 'e.json': text }).then((folder) => `${folder}/e.json`)],
      { url },
    );
    expect([exit, out]).toEqual([0, `${count} event${count === 1 ? '' : 's'} committed\n`]);
    expect(seen).toHaveLength(1);
    expect(seen[0]?.body['batch']).toHaveLength(count);
    expect(seen[0]?.headers.authorization).toBe(`Basic ${Buffer.from('w:').toString('base64')}`);
  });

  it('reads what is piped in, and calls an event without a type a track', async () => {
    const { url, seen } = await serve(() => ({ body: { success: true } }));
    await runCli(['send', '-'], { url }, ['{"userId":', '"u","event":"x"}']);
    expect(seen[0]?.body).toEqual({ batch: [{ userId: 'u', event: 'x', type: 'track' }] });
  });

  it('sends many in several bodies', async () => {
    const { url, seen } = await serve(() => ({ body: { success: true } }));
    const { out } = await runCli(['--json', 'send', '-'], { url }, [
      JSON.stringify(Array.from({ length: 1_201 }, () => EVENT)),
    ]);
    expect(JSON.parse(out)).toEqual({ committed: 1_201 });
    expect(seen).toHaveLength(3);
  });

  it.each([
    ['nonsense', 'x'],
    ['a number', '7'],
    ['nothing', ''],
  ])('refuses %s', async (_what, text) => {
    expect((await runCli(['send', '-'], {}, [text])).exit).toBe(2);
  });

  it('refuses a file that is not there, and a missing write key', async () => {
    expect((await runCli(['send', '/nowhere'])).exit).toBe(2);
    expect((await runCli(['send', '-'], { writeKey: undefined }, ['{}'])).exit).toBe(2);
  });
});

describe('the command line itself', () => {
  it('shows its settings and exit codes in its help', async () => {
    const { exit, out } = await runCli(['--help']);
    expect(exit).toBe(0);
    for (const word of [
      'apply',
      'validate',
      'send',
      'doctor',
      'customer',
      'tail',
      'THROUGHLINE_KEY',
      '3 server unreachable',
    ])
      expect(out).toContain(word);
  });

  it.each([[['fly']], [['apply']], [['validate', '.', '--fast']]])(
    'calls %j a wrong call',
    async (args) => {
      expect((await runCli(args)).exit).toBe(2);
    },
  );

  it('reads its settings from the environment, empty ones as missing', () => {
    const read = readConfig({
      THROUGHLINE_URL: 'https://t.example/',
      THROUGHLINE_KEY: '',
      THROUGHLINE_WRITE_KEY: 'w',
      THROUGHLINE_SECRET_X: 's',
    });
    expect(read).toMatchObject({
      ok: true,
      value: { url: 'https://t.example', key: undefined, writeKey: 'w' },
    });
    expect(read.ok && read.value.secret('X')).toBe('s');
    expect(readConfig({ THROUGHLINE_URL: 'shop' })).toMatchObject({ ok: false });
    expect(readConfig({})).toMatchObject({ ok: true, value: { url: 'http://127.0.0.1:8080' } });
  });
});
