import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import pg from 'pg';
import { ThroughlineError } from '@throughline/domain/shared';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { eventually } from '../../../test/support/eventually.js';
import { newId, openPool } from '../shared/index.js';
import { createWorkspace } from '../workspaces/index.js';
import { LANE_CHANNEL } from './append.js';
import { createAppender, hashRef, type Appender, type AppendRequest } from './appender.js';

interface LogRow {
  readonly position: number;
  readonly clock: number;
  readonly endpoint: string;
  readonly source_key: string;
  readonly events: number;
  readonly body: string;
  readonly transaction: string;
}

/** The two that part bodies on their way to the server. */
const RS = '\u001e';
const US = '\u001f';

describe('the appender', () => {
  let database: TestDatabase;
  let admin: pg.Pool;
  let app: pg.Pool;
  let appender: Appender;
  let workspaceId: string;
  let workspaces = 0;

  beforeAll(async () => {
    database = await createTestDatabase();
    admin = new pg.Pool({ connectionString: database.url, max: 3 });
    admin.on('error', () => undefined);
    app = openPool({ url: database.url, role: 'tl_app', max: 1 });
    appender = createAppender({ url: database.url });
  });

  beforeEach(async () => {
    workspaceId = await newWorkspace();
  });

  afterAll(async () => {
    await appender.close();
    await Promise.all([admin.end(), app.end()]);
    await database.drop();
  });

  async function newWorkspace(): Promise<string> {
    workspaces += 1;
    return (await createWorkspace(app, { key: `shop-${workspaces}`, name: 'Shop' })).workspaceId;
  }

  function request(body: string, more: Partial<AppendRequest> = {}): AppendRequest {
    return { workspaceId, sourceKey: 'web', endpoint: 'track', events: 1, body, ...more };
  }

  /** All of one tick, as the door has them when many clients call at once. */
  async function appendAll(bodies: readonly string[], by = appender): Promise<number[]> {
    const appended = await Promise.all(bodies.map((body) => by.append(request(body))));
    return appended.map(({ position }) => position);
  }

  async function log(of = workspaceId): Promise<LogRow[]> {
    const { rows } = await admin.query<LogRow>(
      `select position, clock, endpoint, source_key, events, body, xmin::text as transaction
         from event_log where workspace_id = $1 order by position`,
      [of],
    );
    return rows;
  }

  const bodiesOf = (rows: readonly LogRow[]): string[] => rows.map(({ body }) => body);

  describe('on the way to the log', () => {
    it('keeps every request as it was received, in the order of the calls', async () => {
      const requests = [
        request('{"a":1}', { endpoint: 'identify', sourceKey: 'app' }),
        request('{"batch":[{},{}]}', { endpoint: 'batch', events: 2 }),
        request('[]', { events: 0 }),
      ];
      const appended = await Promise.all(requests.map((one) => appender.append(one)));
      expect(appended.map(({ position }) => position)).toEqual([1, 2, 3]);
      expect(await log()).toMatchObject([
        { position: 1, endpoint: 'identify', source_key: 'app', events: 1, body: '{"a":1}' },
        { position: 2, endpoint: 'batch', source_key: 'web', events: 2, body: '{"batch":[{},{}]}' },
        { position: 3, endpoint: 'track', source_key: 'web', events: 0, body: '[]' },
      ]);
    });

    it.each([
      ['one that is nothing but a separator', [RS]],
      ['separators at both ends', [`${RS}a${RS}`, 'b', `c${RS}`, `${RS}d`]],
      ['the longer separator that the first one makes necessary', [RS, `${RS}${RS}${US}`, 'x']],
      ['the one after that', [`${RS}${RS}${US}${RS}${US}`, `${RS}${RS}${US}`, US, 'x']],
      ['halves of a separator on both sides of a border', [`a${RS}`, `${US}b`, `${RS}${US}`, US]],
      ['quotation marks, backslashes and line ends', ['{"a":"\\"\\\\\\n"}', '\r\n\t', "'; --"]],
      ['text of many bytes a character', ['"é€😀"', '"\u2028\u2029\ufeff"']],
      ['what a separated list would call nothing', ['null', 'NULL', '{}', ' ', ',']],
      ['empty ones between others', ['a', '', '', 'b', '']],
    ])('carries bodies with %s unchanged', async (_what, bodies) => {
      await appendAll(bodies);
      expect(bodiesOf(await log())).toEqual(bodies);
    });

    it('cuts bodies where they were joined, whatever separators they hold', async () => {
      const unit = fc.constantFrom(RS, RS, US, '"', '\\', '{', 'a', '\n', '€');
      const body = fc.string({ unit, minLength: 1, maxLength: 12 });
      const flushes = fc.array(body, { minLength: 1, maxLength: 8 });
      await fc.assert(
        fc.asyncProperty(flushes, async (bodies) => {
          const positions = await appendAll(bodies);
          const stored = (await log()).filter(({ position }) => positions.includes(position));
          expect(bodiesOf(stored)).toEqual(bodies);
        }),
        { numRuns: 60 },
      );
    });

    it('takes small and large bodies of one tick side by side', async () => {
      const bodies = [10, 3_000_000, 1, 100_000, 2_500_000, 7].map((length, index) =>
        String(index).repeat(length),
      );
      await appendAll(bodies);
      const rows = await log();
      expect(bodiesOf(rows).map((body) => body.length)).toEqual(bodies.map(({ length }) => length));
      expect(bodiesOf(rows).map((body) => body[0])).toEqual(['0', '1', '2', '3', '4', '5']);
      expect(new Set(rows.map(({ transaction }) => transaction)).size).toBeGreaterThan(1);
    });
  });

  describe('for many at once', () => {
    it('commits the requests of one tick together, five hundred at a time', async () => {
      const bodies = Array.from({ length: 1_203 }, (_, index) => `{"n":${index}}`);
      const positions = await appendAll(bodies);
      expect(positions).toEqual(bodies.map((_, index) => index + 1));
      const rows = await log();
      expect(bodiesOf(rows)).toEqual(bodies);
      const sizes = new Map<string, number>();
      for (const { transaction } of rows) sizes.set(transaction, (sizes.get(transaction) ?? 0) + 1);
      expect([...sizes.values()]).toEqual([500, 500, 203]);
    });

    it('leaves no hole and no twin in the positions of two processes, nor a clock that runs backwards', async () => {
      const other = createAppender({ url: database.url, connections: 2 });
      try {
        const rounds = Array.from({ length: 40 }, (_, index) => [
          appender.append(request(`{"here":${index}}`)),
          other.append(request(`{"there":${index}}`)),
        ]);
        const appended = await Promise.all(rounds.flat());
        const positions = appended.map(({ position }) => position).sort((a, b) => a - b);
        expect(positions).toEqual(positions.map((_, index) => index + 1));
        const clocks = (await log()).map(({ clock }) => clock);
        expect(clocks).toEqual([...clocks].sort((a, b) => a - b));
      } finally {
        await other.close();
      }
    });

    it('gives each workspace positions of its own', async () => {
      const second = await newWorkspace();
      const positions = await Promise.all([
        appender.append(request('{}')),
        appender.append(request('{}', { workspaceId: second })),
        appender.append(request('{}')),
      ]);
      expect(positions.map(({ position }) => position)).toEqual([1, 1, 2]);
      expect(await log(second)).toHaveLength(1);
    });

    it('answers only what is committed: whoever hears a position can read its row', async () => {
      const seen = await Promise.all(
        Array.from({ length: 20 }, async (_, index) => {
          const { position } = await appender.append(request(`{"n":${index}}`));
          const rows = await log();
          return rows.find((row) => row.position === position)?.body === `{"n":${index}}`;
        }),
      );
      expect(seen).toEqual(seen.map(() => true));
    });
  });

  describe('when too much waits', () => {
    it('says so, with when to come again, and takes requests again once the rest is written', async () => {
      const narrow = createAppender({ url: database.url, connections: 1, maxQueuedBytes: 1_000 });
      try {
        const first = narrow.append(request('x'.repeat(600)));
        expect(narrow.depth).toBe(1);
        await expect(narrow.append(request('y'.repeat(401)))).rejects.toMatchObject({
          code: 'overloaded',
          retryAfterSeconds: 1,
        });
        const second = narrow.append(request('z'.repeat(400)));
        await Promise.all([first, second]);
        expect(narrow.depth).toBe(0);
        await narrow.append(request('w'.repeat(1_000)));
        expect(bodiesOf(await log()).map((body) => body[0])).toEqual(['x', 'z', 'w']);
      } finally {
        await narrow.close();
      }
    });

    it('gives back the room of what was refused by the database', async () => {
      const narrow = createAppender({ url: database.url, connections: 1, maxQueuedBytes: 100 });
      try {
        for (let attempt = 0; attempt < 5; attempt += 1) {
          const refused = narrow.append(request(`\u0000${'x'.repeat(80)}`));
          await expect(refused).rejects.toMatchObject({ code: '22021' });
        }
        expect(narrow.depth).toBe(0);
        await narrow.append(request('x'.repeat(100)));
      } finally {
        await narrow.close();
      }
    });
  });

  describe('when something is wrong', () => {
    it('tells the caller that the workspace is gone, and nobody else', async () => {
      const answers = await Promise.allSettled([
        appender.append(request('{}', { workspaceId: newId() })),
        appender.append(request('{}')),
      ]);
      expect(answers[0]).toMatchObject({ status: 'rejected', reason: { code: 'unauthenticated' } });
      expect(answers[1]).toMatchObject({ status: 'fulfilled', value: { position: 1 } });
    });

    it('is unavailable while there is no server, and says when to come again', async () => {
      const nowhere = createAppender({ url: 'postgres://nobody@127.0.0.1:1/none' });
      try {
        await expect(nowhere.append(request('{}'))).rejects.toMatchObject({
          code: 'unavailable',
          retryAfterSeconds: 1,
        });
        expect(nowhere.depth).toBe(0);
      } finally {
        await nowhere.close();
      }
    });

    it('stores nothing of a flush whose connection the server drops, and goes on with the next', async () => {
      const holder = await admin.connect();
      try {
        await holder.query('begin');
        await holder.query('select 1 from lane_append where workspace_id = $1 for update', [
          workspaceId,
        ]);
        const lost = Promise.allSettled(
          ['{"a":1}', '{"b":2}'].map((body) => appender.append(request(body))),
        );
        await eventually(async () => {
          const { rows } = await admin.query(
            `select pg_terminate_backend(pid) from pg_stat_activity
              where datname = current_database() and application_name = 'throughline tl_ingest' and wait_event_type = 'Lock'`,
          );
          expect(rows).toHaveLength(1);
        });
        for (const answer of await lost)
          expect(answer).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } });
        await holder.query('rollback');
      } finally {
        holder.release();
      }
      expect(await log()).toEqual([]);
      expect((await appender.append(request('{"c":3}'))).position).toBe(1);
      expect(appender.depth).toBe(0);
    });

    it('never puts the body of a request into a refusal', async () => {
      const answer = appender.append(request('{"canary":"\u0000"}', { workspaceId: newId() }));
      const error: unknown = await answer.catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(Error);
      expect(error).not.toBeInstanceOf(ThroughlineError);
      expect(String(error)).not.toContain('canary');
    });
  });

  describe('of a revocation', () => {
    const marketing = { purpose: 'marketing', channel: 'email' };
    const revoked = async (): Promise<unknown[]> => {
      const { rows } = await admin.query<Record<string, unknown>>(
        `select position, identifier_hash = $2 as ada, purpose, channel
           from revocation_pending where workspace_id = $1 order by position, channel`,
        [workspaceId, hashRef('email', 'ada@example.com')],
      );
      return rows;
    };

    it('tells reservations at once, at the position of its own row', async () => {
      const ada = { type: 'email', value: 'ada@example.com', ...marketing };
      const bob = { type: 'email', value: 'bob@example.com', ...marketing };
      await Promise.all([
        appender.append(request('{"n":1}')),
        appender.append(request('{"n":2}', { revocations: [ada, { ...ada, channel: 'sms' }] })),
        appender.append(request('{"n":3}', { revocations: [bob] })),
      ]);
      expect(await revoked()).toEqual([
        { position: 2, ada: true, ...marketing },
        { position: 2, ada: true, purpose: 'marketing', channel: 'sms' },
        { position: 3, ada: false, ...marketing },
      ]);
    });

    it('that says the same twice says it once', async () => {
      const ada = { type: 'email', value: 'ada@example.com', ...marketing };
      await appender.append(request('{}', { revocations: [ada, ada] }));
      expect(await revoked()).toEqual([{ position: 1, ada: true, ...marketing }]);
    });

    it('keeps no address: what is stored tells type and value apart and cannot be read back', () => {
      fc.assert(
        fc.property(fc.string(), fc.string(), (type, value) => {
          const hash = hashRef(type, value);
          expect(hash).toHaveLength(32);
          expect(hash).toEqual(hashRef(type, value));
          expect(hash.equals(hashRef(type, `${value} `))).toBe(false);
        }),
      );
      expect(hashRef('email', 'ada').equals(hashRef('phone', 'ada'))).toBe(false);
    });
  });

  describe('after a commit', () => {
    let listener: pg.Client;
    let heard: number;

    beforeEach(async () => {
      heard = 0;
      listener = new pg.Client({ connectionString: database.url });
      await listener.connect();
      listener.on('notification', () => {
        heard += 1;
      });
      await listener.query(`listen ${LANE_CHANNEL}`);
    });
    afterEach(() => listener.end());

    it('wakes the lanes, and not once for each request', async () => {
      await appendAll(Array.from({ length: 300 }, () => '{}'));
      await eventually(() => {
        expect(heard).toBeGreaterThan(0);
      });
      expect(heard).toBeLessThan(10);
    });
  });
});
