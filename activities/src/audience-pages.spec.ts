/** An audience against a real database and an ad platform that takes, refuses and breaks; attempts are called as Temporal would. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { redriveAudience } from '@throughline/store/destinations';
import { requestErasure } from '@throughline/store/consent';
import { identify, track } from '../../store/src/ingestion/testing/lane-kit.js';
import { hashOf, type Mood } from '../../test/support/ad-platform.js';
import { AUDIENCE_ID, AudienceKit, bought, prospect, said } from './testing/audience-kit.js';

describe('an audience', () => {
  let kit: AudienceKit;
  let made = 0;
  let audienceId = '';
  let key = '';

  beforeAll(async () => {
    kit = await AudienceKit.open();
  });
  afterEach(() => {
    kit.platform.mood = () => ({ kind: 'takes' });
    kit.platform.beforeAnswer = () => Promise.resolve();
    kit.platform.pages.length = 0;
  });
  afterAll(() => kit.close());

  /** An audience of its own, empty at the platform. */
  async function audience(more: Parameters<AudienceKit['audience']>[1] = {}): Promise<void> {
    made += 1;
    key = `audience-${made}`;
    audienceId = `${AUDIENCE_ID}-${made}`;
    await kit.audience(key, { audienceId, ...more });
  }

  const told = () => kit.platform.members(audienceId);
  const hashes = (...users: string[]) => users.map((user) => hashOf(`${user}@example.com`)).sort();
  /** `next` is what the platform does, request by request; then it takes all. */
  function moods(...next: Mood[]): void {
    kit.platform.mood = () => next.shift() ?? { kind: 'takes' };
  }

  it('begins with everybody of the segment who has agreed, and follows from there', async () => {
    await audience();
    await kit.send(...prospect('ada'), ...prospect('bob'), ...prospect('cyd'), ...prospect('dan'));
    await kit.send(identify({ userId: 'eve' }, { email: 'eve@example.com', prospect: true }));
    await kit.sync(key);
    expect(told()).toEqual(hashes('ada', 'bob', 'cyd', 'dan'));
    expect(kit.platform.pages.map(({ members }) => members.length)).toEqual([3, 1]);
    await kit.send(bought('ada'), said('eve', 'granted'), said('bob', 'revoked'));
    await kit.sync(key);
    expect(told()).toEqual(hashes('cyd', 'dan', 'eve'));
    expect(await kit.runs(key)).toMatchObject([
      { kind: 'full', state: 'done', counts: { looked: 5, added: 4, no_consent: 1 }, error: null },
      { kind: 'delta', state: 'done', counts: { looked: 3, added: 1, removed: 2 }, error: null },
    ]);
  });

  it('says what it would do and does nothing in a dry run', async () => {
    await audience();
    await kit.sync(key, { dryRun: true });
    expect(kit.platform.pages).toEqual([]);
    const [run] = await kit.runs(key);
    expect(run).toMatchObject({
      state: 'done',
      counts: { would_add: 3, looked: 4, no_consent: 1 },
    });
    expect(
      await kit.lane.rows('select 1 from audience_member where audience_key = $1', [key]),
    ).toEqual([]);
  });

  it('takes out who has been called something else, and puts in who they are now', async () => {
    await audience();
    await kit.send(...prospect('fay'));
    await kit.sync(key);
    await kit.send(identify({ userId: 'fay' }, { email: 'fay.new@example.com' }));
    await kit.sync(key);
    expect(told()).not.toContain(hashOf('fay@example.com'));
    expect(told()).toContain(hashOf('fay.new@example.com'));
  });

  it('makes one of two people who were merged', async () => {
    await audience();
    await kit.send(...prospect('gil'), ...prospect('gus'));
    await kit.sync(key);
    expect(told()).toEqual(expect.arrayContaining(hashes('gil', 'gus')));
    const customerIds = [await kit.customerOf('gil'), await kit.customerOf('gus')] as const;
    await kit.lane.command({ kind: 'merge', customerIds });
    await kit.lane.drain();
    await kit.sync(key);
    expect(told()).toEqual(await kit.expected());
    expect(told().filter((hash) => hashes('gil', 'gus').includes(hash))).toHaveLength(1);
  });

  it('lets who leaves the segment stay in an additive audience, but not who takes their word back', async () => {
    await audience({ mode: 'additive' });
    await kit.send(...prospect('hal'), ...prospect('hoe'));
    await kit.sync(key);
    await kit.send(bought('hal'), said('hoe', 'revoked'));
    await kit.sync(key);
    expect(told()).toContain(hashOf('hal@example.com'));
    expect(told()).not.toContain(hashOf('hoe@example.com'));
  });

  it('puts nobody into a subtractive audience, and takes out who leaves the segment', async () => {
    await audience({ mode: 'subtractive' });
    await kit.send(...prospect('ian'));
    await kit.sync(key);
    expect(kit.platform.pages).toEqual([]);
    await kit.send(bought('ian'));
    await kit.sync(key);
    expect(kit.platform.pages).toEqual([{ op: 'remove', members: hashes('ian'), taken: true }]);
  });

  it('takes out who has been erased by what it was told, and forgets them then', async () => {
    await audience();
    await kit.send(...prospect('jim'));
    await kit.sync(key);
    const id = await kit.customerOf('jim');
    const asked = { customerId: id, reason: null, actor: 'test' };
    await kit.asOperator((client) => requestErasure(client, kit.lane.workspaceId, asked));
    await kit.lane.drain();
    const left = () =>
      kit.lane.rows(
        'select erased from audience_member where audience_key = $1 and customer_id = $2',
        [key, id],
      );
    expect(await left()).toEqual([{ erased: true }]);
    await kit.lane.rows(`update definition set state = 'paused' where key = $1`, [key]);
    await kit.sync(key);
    expect(told()).not.toContain(hashOf('jim@example.com'));
    expect(await left()).toEqual([]);
  });

  describe('when the platform', () => {
    const repeated = () => {
      const pages = kit.platform.pages.map(({ op, members }) => `${op}:${members.join()}`);
      return pages.filter((page, index) => pages.indexOf(page) !== index);
    };

    it('slows us down, waits as long as it was asked to, and goes on', async () => {
      await audience();
      moods({ kind: 'status', status: 429, retryAfter: 7 });
      const { runId } = await kit.ask(key);
      const failure: unknown = await kit.attempt(runId).catch((error: unknown) => error);
      expect(failure).toMatchObject({ message: 'rate_limited', type: 'RateLimited' });
      const wait =
        failure instanceof Error && 'nextRetryDelay' in failure
          ? Number(failure.nextRetryDelay)
          : 0;
      expect(wait).toBeGreaterThanOrEqual(7_000);
      expect(await kit.goOn(runId)).toEqual([]);
      expect(told()).toEqual(await kit.expected());
    });

    it('breaks the connection after it took a page, is sent that page again and no other', async () => {
      await audience();
      moods({ kind: 'takes' }, { kind: 'breaks', taken: true });
      expect(await kit.sync(key)).toEqual(['outcome_unknown']);
      expect(repeated()).toHaveLength(1);
      expect(told()).toEqual(await kit.expected());
    });

    it('is away, is told everything once it is back', async () => {
      await audience();
      moods(
        { kind: 'status', status: 503 },
        { kind: 'status', status: 500 },
        { kind: 'breaks', taken: false },
      );
      expect(await kit.sync(key)).toHaveLength(3);
      expect(told()).toEqual(await kit.expected());
    });

    it('refuses some, tells the others all the same, and tries again when somebody asks', async () => {
      await audience();
      const [refused = ''] = await kit.expected();
      kit.platform.mood = () => ({ kind: 'refuses', members: [refused], code: 400 });
      await kit.sync(key);
      expect(told()).toEqual((await kit.expected()).filter((hash) => hash !== refused));
      expect(await kit.runs(key)).toMatchObject([
        { state: 'done', counts: { failed: 1 }, failures: { item_rejected: { count: 1 } } },
      ]);
      kit.platform.mood = () => ({ kind: 'takes' });
      await kit.sync(key);
      expect(told()).not.toContain(refused);
      const { workspaceId } = kit.lane;
      expect(await kit.asOperator((client) => redriveAudience(client, workspaceId, key))).toBe(1);
      await kit.sync(key);
      expect(told()).toEqual(await kit.expected());
    });

    it('puts some off again and again, counts them as refused in the end', async () => {
      await audience();
      const [late = ''] = await kit.expected();
      kit.platform.mood = () => ({ kind: 'refuses', members: [late], code: 503 });
      await kit.sync(key);
      const [run] = await kit.runs(key);
      expect(run?.failures).toMatchObject({ put_off_too_often: { count: 1 } });
    });

    it('refuses our key, ends the run and says so of the connection', async () => {
      await audience();
      moods({ kind: 'status', status: 401 });
      await kit.sync(key);
      expect(await kit.runs(key)).toMatchObject([{ state: 'failed', error: 'auth_invalid' }]);
      expect(await kit.lane.rows('select state, code from connection_health')).toEqual([
        { state: 'needs_attention', code: 'auth_invalid' },
      ]);
      await kit.sync(key);
      expect(told()).toEqual(await kit.expected());
    });

    it('has a page and the worker dies before its answer, is sent that page and no other', async () => {
      await audience();
      let requests = 0;
      kit.platform.beforeAnswer = async () => {
        requests += 1;
        if (requests === 2) await kit.kill();
      };
      const { runId } = await kit.ask(key);
      await expect(kit.attempt(runId)).rejects.toThrow();
      await kit.goOn(runId);
      expect(repeated()).toHaveLength(1);
      expect(told()).toEqual(await kit.expected());
    });
  });

  it('sends nothing while sending is stopped, and does not send again whoever was revoked meanwhile', async () => {
    await audience();
    const { workspaceId } = kit.lane;
    await kit.send(...prospect('kim'));
    await kit.lane.rows(
      `insert into sending_stop (workspace_id, scope, target, stopped_by) values ($1, 'connection', 'ads', 'test')`,
      [workspaceId],
    );
    await kit.sync(key);
    expect(await kit.runs(key)).toMatchObject([{ state: 'stopped', error: 'sending_stopped' }]);
    await kit.lane.rows('delete from sending_stop');
    await kit.send(said('kim', 'revoked'));
    await kit.sync(key);
    expect(told()).toEqual(await kit.expected());
    expect(told()).not.toContain(hashOf('kim@example.com'));
  });

  it('does not send whom a page was refused for and who has revoked since', async () => {
    await audience();
    await kit.send(...prospect('lea'));
    kit.platform.mood = () => ({ kind: 'status', status: 503 });
    const { runId } = await kit.ask(key);
    await expect(kit.attempt(runId)).rejects.toMatchObject({ message: 'provider_unavailable' });
    await kit.send(said('lea', 'revoked'));
    kit.platform.mood = () => ({ kind: 'takes' });
    kit.platform.pages.length = 0;
    await kit.goOn(runId);
    expect(kit.platform.pages.flatMap(({ members }) => members)).not.toContain(
      hashOf('lea@example.com'),
    );
  });

  it('remembers who has nothing to be found by, until they have', async () => {
    await audience();
    await kit.send(
      track('Seen', { userId: 'moe' }),
      identify({ userId: 'moe' }, { prospect: true }),
      said('moe', 'granted'),
    );
    await kit.sync(key);
    await kit.send(identify({ userId: 'moe' }, { email: 'moe@example.com' }));
    await kit.sync(key);
    expect(told()).toContain(hashOf('moe@example.com'));
  });
});
