import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { drainWith } from '../../../../store/src/ingestion/testing/lane-kit.js';
import pg from 'pg';
import { loadDefinitions } from '../../../../store/src/ingestion/lane-definitions.js';
import { at, listAt, openBench, textAt, type Bench } from '../testing/bench.js';
import { mailConnection, segment, template } from '../testing/definitions.js';

describe('definitions that name each other', () => {
  let bench: Bench;
  let names = 0;

  beforeAll(async () => {
    bench = await openBench();
    await put('connections/mail', mailConnection('mail'));
    await put('templates/reminder', template('reminder'));
  });
  afterAll(() => bench.close());

  const call = (method: string, path: string, body?: unknown) =>
    bench.call(bench.shop.all, method, `/api/v1/${path}`, body === undefined ? {} : { body });
  const put = (path: string, body: unknown) => call('PUT', path, body);
  const faults = (body: unknown): unknown[] =>
    listAt(body, 'faults').map((fault) => `${textAt(fault, 'path')}: ${textAt(fault, 'code')}`);

  /** Keys that no other test uses. */
  function fresh(...stems: readonly string[]): string[] {
    names += 1;
    return stems.map((stem) => `${stem}-${names}`);
  }

  async function publishSegment(key: string, condition?: unknown) {
    const stored = await put(`segments/${key}`, segment(key, condition));
    expect([200, 201]).toContain(stored.status);
    return call('POST', `segments/${key}/publish`);
  }

  /** The lane reads every definition that is live: it must be able to. */
  async function laneReads(): Promise<number> {
    const client = new pg.Client({
      connectionString: bench.config.databaseUrl,
      options: '-c role=tl_lane',
    });
    await client.connect();
    try {
      return (await drainWith(client, { workspaceId: bench.shop.id })).length;
    } finally {
      await client.end();
    }
  }

  describe('in a circle', () => {
    it('are refused where the circle would close', async () => {
      const [a = '', b = '', c = ''] = fresh('a', 'b', 'c');
      expect((await publishSegment(a)).status).toBe(200);
      expect((await publishSegment(b, { segment: a })).status).toBe(200);
      expect(
        (await publishSegment(c, { all: [{ segment: b }, { trait: 'x', op: 'exists' }] })).status,
      ).toBe(200);
      const closing = await publishSegment(a, { not: { segment: c } });
      expect(closing.status).toBe(422);
      expect(faults(closing.body)).toEqual(['condition: segment_cycle']);
      expect((await call('GET', `segments/${a}`)).body).toMatchObject({ liveVersion: 1 });
      await laneReads();
    });

    it('are told so when they are only checked', async () => {
      const [a = '', b = ''] = fresh('a', 'b');
      await publishSegment(a);
      await publishSegment(b, { segment: a });
      const verdict = await call('POST', 'segments/validate', segment(a, { segment: b }));
      expect(verdict.body).toMatchObject({ valid: false, faults: [{ code: 'segment_cycle' }] });
    });

    it('are refused to one of two who close it at the same moment', async () => {
      for (let round = 0; round < 5; round += 1) {
        const [a = '', b = ''] = fresh('a', 'b');
        await publishSegment(a);
        await publishSegment(b);
        await put(`segments/${a}`, segment(a, { segment: b }));
        await put(`segments/${b}`, segment(b, { segment: a }));
        const answers = await Promise.all(
          [a, b].map((key) => call('POST', `segments/${key}/publish`)),
        );
        expect(answers.map(({ status }) => status).sort()).toEqual([200, 422]);
      }
      await laneReads();
    });

    it('may ask for the same segment by two ways: that is no circle', async () => {
      const [a = '', b = '', c = '', d = ''] = fresh('a', 'b', 'c', 'd');
      await publishSegment(a);
      await publishSegment(b, { segment: a });
      await publishSegment(c, { segment: a });
      expect((await publishSegment(d, { any: [{ segment: b }, { segment: c }] })).status).toBe(200);
      await laneReads();
    });
  });

  describe('when they are archived', () => {
    it('leave nobody who names them behind, however close the two came', async () => {
      for (let round = 0; round < 5; round += 1) {
        const [used = '', user = ''] = fresh('used', 'user');
        await publishSegment(used);
        await put(`segments/${user}`, segment(user, { segment: used }));
        const [archived, published] = await Promise.all([
          call('DELETE', `segments/${used}`),
          call('POST', `segments/${user}/publish`),
        ]);
        expect([
          [200, 422],
          [409, 200],
        ]).toContainEqual([archived.status, published.status]);
      }
    });

    it('say every place at which they are named', async () => {
      const [used = '', user = ''] = fresh('used', 'user');
      await publishSegment(used);
      await publishSegment(user, { any: [{ segment: used }, { not: { segment: used } }] });
      const refused = await call('DELETE', `segments/${used}`);
      expect(refused.status).toBe(409);
      expect(faults(refused.body)).toEqual([
        `segment.${user}.condition.any.0.segment: in_use`,
        `segment.${user}.condition.any.1.not.segment: in_use`,
      ]);
    });

    it('are not held back by drafts, nor by what only has the same key', async () => {
      const [used = '', user = ''] = fresh('used', 'user');
      await publishSegment(used);
      await put(`segments/${user}`, segment(user, { segment: used }));
      await put(`templates/${used}`, template(used));
      expect((await call('DELETE', `templates/${used}`)).status).toBe(200);
      expect((await call('DELETE', `segments/${used}`)).status).toBe(200);
    });

    it('hold for nobody until they are published again, though a put has brought the draft back', async () => {
      const [back = ''] = fresh('back');
      await publishSegment(back);
      await call('DELETE', `segments/${back}`);
      const put1 = await put(`segments/${back}`, segment(back));
      expect(put1.body).toMatchObject({ archivedAt: null, state: 'stopped' });
      const held = async (): Promise<boolean> => {
        const { rows } = await bench.sql.query<{ position: number }>(
          'select max(position) as position from event_log',
        );
        const live = await loadDefinitions(bench.sql, bench.shop.id, Number(rows[0]?.position));
        return live.segmentVersions.has(back);
      };
      expect(await held()).toBe(false);
      expect((await call('POST', `segments/${back}/publish`)).body).toEqual({
        version: 2,
        changed: true,
      });
      expect(await held()).toBe(true);
    });

    it('stay readable with their versions, and a second time changes nothing', async () => {
      const [gone = ''] = fresh('gone');
      await publishSegment(gone);
      const first = await call('DELETE', `segments/${gone}`);
      const second = await call('DELETE', `segments/${gone}`);
      expect(at(second.body, 'archivedAt')).toBe(at(first.body, 'archivedAt'));
      expect((await call('GET', `segments/${gone}`)).status).toBe(200);
      expect(listAt((await call('GET', `segments/${gone}/versions`)).body, 'items')).toHaveLength(
        1,
      );
    });
  });

  describe('that are published', () => {
    it('get one number after the other, however many publish at once', async () => {
      const [key = ''] = fresh('numbered');
      await publishSegment(key);
      const rounds = await Promise.all(
        Array.from({ length: 6 }, async (_, index) => {
          await put(`segments/${key}`, segment(key, { trait: `t${index}`, op: 'exists' }));
          return call('POST', `segments/${key}/publish`);
        }),
      );
      expect(rounds.map(({ status }) => status)).toEqual(rounds.map(() => 200));
      const versions = listAt((await call('GET', `segments/${key}/versions`)).body, 'items');
      const numbers = versions.map((version) => Number(at(version, 'version')));
      expect(numbers).toEqual(numbers.map((_, index) => numbers.length - index));
    });

    it('come in pages of versions, newest first', async () => {
      const [key = ''] = fresh('paged');
      for (const trait of ['a', 'b', 'c']) await publishSegment(key, { trait, op: 'exists' });
      const first = await call('GET', `segments/${key}/versions?limit=2`);
      expect(listAt(first.body, 'items').map((item) => at(item, 'version'))).toEqual([3, 2]);
      const next = textAt(first.body, 'next');
      const second = await call('GET', `segments/${key}/versions?limit=2&after=${next}`);
      expect(second.body).toMatchObject({ items: [{ version: 1 }], next: null });
    });

    it('leave a trace of who did it only where something changed', async () => {
      const [key = ''] = fresh('audited');
      await publishSegment(key);
      await call('POST', `segments/${key}/publish`);
      const { rows } = await bench.sql.query(
        "select action, actor like 'key:%' as named from audit_log where subject = $1 order by at",
        [key],
      );
      expect(rows.map((row: Record<string, unknown>) => row['action'])).toEqual([
        'segment.put',
        'segment.publish',
      ]);
    });

    it.each(['segments', 'journeys', 'mappings'])(
      'are there: %s that are not answer 404 to everything',
      async (kind) => {
        for (const [method, path] of [
          ['GET', ''],
          ['DELETE', ''],
          ['POST', '/publish'],
          ['GET', '/versions'],
        ] as const)
          expect((await call(method, `${kind}/absent${path}`)).status).toBe(404);
      },
    );
  });
});
