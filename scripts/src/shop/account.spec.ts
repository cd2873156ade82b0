import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { takeAccount, type Account, type Evidence } from './account.js';
import { createApiClient } from './api-client.js';
import { againOf } from './cast.js';
import { FakeApi } from './testing/fake-api.js';
import { cohortOf, personIn } from './testing/people.js';
import type { Fate } from './watch.js';

interface Known {
  /** user id → message ids on the timeline of that person */
  readonly timelines?: Readonly<Record<string, readonly string[]>>;
  /** bodies in quarantine */
  readonly quarantined?: readonly string[];
}

describe('the account of a cohort', () => {
  let server: FakeApi;
  const cohort = cohortOf('k1');

  beforeAll(async () => {
    server = await FakeApi.open();
  });
  afterAll(() => server.close());

  const named = (name: string) => personIn(cohort, name);

  const fate = (name: string, overrides: Partial<Fate> = {}): Fate => ({
    shopper: named(name),
    trail: [],
    ending: named(name).expected,
    why: '',
    runUrl: null,
    mails: 0,
    mailUrl: null,
    merged: false,
    ...overrides,
  });

  async function accountOf(evidence: Partial<Evidence>, known: Known = {}): Promise<Account> {
    const { timelines = {}, quarantined = [] } = known;
    server.answer(({ target }) => {
      const url = new URL(target, server.url);
      const userId = url.searchParams.get('identifier')?.replace('user_id:', '');
      if (userId !== undefined) {
        return { body: { items: userId in timelines ? [{ id: `c-${userId}` }] : [] } };
      }
      const [, person] = /customers\/c-([^/]+)\/timeline/.exec(url.pathname) ?? [];
      if (person !== undefined) {
        const ids = timelines[person] ?? [];
        return { body: { items: ids.map((messageId) => ({ messageId })), next: null } };
      }
      const [, index] = /quarantine\/(\d+)$/.exec(url.pathname) ?? [];
      if (index !== undefined) return { body: { body: quarantined[Number(index)] } };
      return { body: { items: quarantined.map((_, id) => ({ id: String(id) })), next: null } };
    });
    return takeAccount(createApiClient(server.url, 'tl_key'), {
      performance: { accepted: [], refused: [], firstCartAt: 1_000 },
      fates: [],
      firstMailAt: null,
      ...evidence,
    });
  }

  it('of nobody is empty, and without a first mail', async () => {
    expect(await accountOf({})).toEqual({
      accepted: 0,
      entered: 0,
      delivered: 0,
      suppressedByOrder: 0,
      skipped: {},
      quarantined: 0,
      merged: 0,
      duplicates: 0,
      lost: 0,
      firstMailMs: -1,
    });
  });

  it('counts everybody by their end', async () => {
    const account = await accountOf({
      fates: [
        fate('Ada', { mails: 1 }),
        fate('Eva'),
        fate('Jun'),
        fate('Kim'),
        fate('Liv'),
        fate('Nia', { mails: 1, merged: true }),
        fate('Sam'),
        fate('Tea'),
      ],
    });
    expect(account).toMatchObject({
      entered: 8,
      delivered: 3,
      suppressedByOrder: 1,
      skipped: { consent_revoked: 2, no_consent: 1, hard_bounce: 1 },
      merged: 1,
      duplicates: 0,
      lost: 0,
    });
  });

  it('calls a second mail to one person a duplicate', async () => {
    const fates = [fate('Ada', { mails: 3 }), fate('Ben', { mails: 1 }), fate('Eva')];
    expect((await accountOf({ fates })).duplicates).toBe(2);
  });

  it('calls lost whoever did not come to the end that was expected of them', async () => {
    const fates = [
      fate('Ada', { ending: 'waiting' }),
      fate('Eva', { ending: 'mailed', mails: 1 }),
      fate('Liv', { ending: 'not entered' }),
      fate('Ben'),
    ];
    expect(await accountOf({ fates })).toMatchObject({ lost: 3, entered: 3 });
  });

  it('finds every acknowledged event on a timeline or in quarantine', async () => {
    const ada = named('Ada').userId;
    const quin = named('Quin').userId;
    const account = await accountOf(
      {
        fates: [fate('Ada'), fate('Quin')],
        performance: { accepted: ['m-1', 'm-2', 'm-3'], refused: [], firstCartAt: 0 },
      },
      {
        timelines: { [ada]: ['m-1'], [quin]: ['m-2', 'older'] },
        quarantined: ['{"type":"track","messageId":"m-3","properties":{}}'],
      },
    );
    expect(account).toMatchObject({ accepted: 3, quarantined: 1, lost: 0 });
  });

  it('calls lost what was acknowledged and is nowhere, and what was refused', async () => {
    const account = await accountOf(
      {
        fates: [fate('Ada')],
        performance: { accepted: ['m-1', 'gone', 'gone'], refused: ['m-9'], firstCartAt: 0 },
      },
      {
        timelines: { [named('Ada').userId]: ['m-1'] },
        quarantined: ['no JSON', '{"messageId":7}'],
      },
    );
    expect(account).toMatchObject({ accepted: 3, quarantined: 0, lost: 2 });
  });

  it('looks on the timelines of both accounts of somebody who has two', async () => {
    const { userId } = named('Wes');
    const performance = { accepted: ['m-1', 'm-2'], refused: [], firstCartAt: 0 };
    const timelines = { [userId]: ['m-1'], [againOf(userId)]: ['m-2'] };
    const account = await accountOf({ fates: [fate('Wes')], performance }, { timelines });
    expect(account).toMatchObject({ accepted: 2, lost: 0 });
  });

  it('does not count in quarantine what others have sent', async () => {
    const performance = { accepted: [], refused: [], firstCartAt: 0 };
    const quarantined = ['{"messageId":"somebody else’s"}'];
    expect((await accountOf({ performance }, { quarantined })).quarantined).toBe(0);
  });

  it.each([
    [1_000, 0],
    [12_345, 11_345],
    [900, 0],
  ])('measures from the first cart to the first mail: %d is %d', async (firstMailAt, expected) => {
    expect((await accountOf({ firstMailAt })).firstMailMs).toBe(expected);
  });
});
