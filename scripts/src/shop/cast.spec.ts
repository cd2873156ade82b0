import { describe, expect, it } from '@jest/globals';
import { accountsOf, againOf, CART_WAIT_MS, castCohort, type Deed, type Shopper } from './cast.js';
import { cohortOf, HOUR, personIn } from './testing/people.js';

const cohort = cohortOf('abc123');
const ending = (expected: Shopper['expected']): Shopper[] =>
  cohort.filter((shopper) => shopper.expected === expected);

function momentOf(shopper: Shopper, kind: Deed['kind']): number | undefined {
  return shopper.acts.find(({ does }) => does.kind === kind)?.atMs;
}

function doesWithinWait(shopper: Shopper, kind: Deed['kind']): boolean {
  const cart = momentOf(shopper, 'addToCart');
  const deed = momentOf(shopper, kind);
  return cart !== undefined && deed !== undefined && deed > cart && deed < cart + CART_WAIT_MS;
}

describe('a cohort', () => {
  it('is a crowd of different names', () => {
    expect(cohort.length).toBeGreaterThanOrEqual(20);
    expect(new Set(cohort.map(({ name }) => name)).size).toBe(cohort.length);
  });

  it('shares no id with itself or with an earlier cohort', () => {
    const ids = [...cohort, ...castCohort(HOUR), ...castCohort(HOUR)].flatMap((shopper) => [
      ...accountsOf(shopper),
      shopper.anonymousId,
      shopper.email,
      shopper.cartId,
    ]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('is the same people when it is named again', () => {
    expect(cohortOf('abc123')).toEqual(cohort);
  });

  it('writes to nobody outside: every address is of a reserved name', () => {
    for (const { email } of cohort) expect(email).toMatch(/^[a-z.0-9+]+@shop\.example$/);
  });

  it('has everybody introduce themselves before anything else', () => {
    for (const { acts } of cohort) {
      expect(acts[0]).toMatchObject({ atMs: 0, does: { kind: 'signUp' } });
      const moments = acts.map(({ atMs }) => atMs);
      expect(moments).toEqual([...moments].sort((a, b) => a - b));
    }
  });
});

describe('what is expected of a cohort follows from what its people do', () => {
  it('an order during the wait means no mail', () => {
    const ordering = cohort.filter((shopper) => momentOf(shopper, 'order') !== undefined);
    expect(ordering.length).toBeGreaterThan(0);
    for (const shopper of ordering) {
      expect(shopper.expected).toBe('ordered');
      expect(doesWithinWait(shopper, 'order')).toBe(true);
    }
  });

  it('consent that was never given, or taken back during the wait, means no mail', () => {
    const refusing = cohort.filter(({ acts }) =>
      acts.some(({ does }) => does.kind === 'signUp' && !does.consent),
    );
    expect(refusing).toEqual(ending('skipped:no_consent'));
    const revoking = cohort.filter((shopper) => momentOf(shopper, 'revoke') !== undefined);
    expect(revoking).toEqual(ending('skipped:consent_revoked'));
    for (const shopper of revoking) expect(doesWithinWait(shopper, 'revoke')).toBe(true);
  });

  it('addresses that do not exist bounce, and no other', () => {
    const bouncing = cohort.filter(({ email }) => email.includes('+bounce@'));
    expect(bouncing).toEqual(ending('bounced'));
    expect(bouncing).toHaveLength(1);
  });

  it('a price alert ends at the hook, without a cart', () => {
    const alerted = cohort.filter((shopper) => momentOf(shopper, 'priceAlert') !== undefined);
    expect(alerted).toEqual(ending('hook delivered'));
    for (const shopper of alerted) expect(momentOf(shopper, 'addToCart')).toBeUndefined();
  });

  it('all others have mail, though they stutter, break events or log in late', () => {
    const mailed = ending('mailed');
    const kinds = new Set(mailed.flatMap(({ acts }) => acts.map(({ does }) => does.kind)));
    expect([...kinds]).toEqual(expect.arrayContaining(['brokenEvent', 'logIn']));
    expect(mailed.some(({ acts }) => acts.some(({ does }) => 'times' in does))).toBe(true);
  });

  it('who fills a cart anonymously logs in while the journey waits', () => {
    const anonymous = cohort.filter(({ acts }) =>
      acts.some(({ does }) => does.kind === 'addToCart' && does.anonymous === true),
    );
    expect(anonymous.length).toBeGreaterThan(0);
    for (const shopper of anonymous) expect(doesWithinWait(shopper, 'logIn')).toBe(true);
  });

  it('who looks and does not buy online has bought in the store', () => {
    const browsing = cohort.filter((shopper) => momentOf(shopper, 'browse') !== undefined);
    expect(browsing.map(({ expected }) => expected)).toEqual(['ordered']);
    for (const shopper of browsing) expect(momentOf(shopper, 'order')).toBeUndefined();
  });

  it('who signs up again is known by two accounts and suggested as one person', () => {
    const wes = personIn(cohort, 'Wes');
    expect(ending('duplicate suggested')).toEqual([wes]);
    expect(accountsOf(wes)).toEqual([wes.userId, againOf(wes.userId)]);
    for (const shopper of cohort)
      if (shopper !== wes) expect(accountsOf(shopper)).toEqual([shopper.userId]);
  });

  it('a birthday and a night are those of the hour at which the shop opens', () => {
    const traitsOf = (name: string) =>
      personIn(cohort, name).acts.flatMap(({ does }) => ('traits' in does ? [does.traits] : []));
    expect(traitsOf('Vera')).toEqual([{ birthday: HOUR.born, timezone: 'UTC' }]);
    expect(traitsOf('Yao')).toEqual([{ timezone: HOUR.night }]);
    expect(ending('quiet')).toEqual([personIn(cohort, 'Yao')]);
  });

  it('breaks events in both ways, beside good ones', () => {
    const faults = cohort.flatMap(({ acts }) =>
      acts.flatMap(({ does }) => (does.kind === 'brokenEvent' ? [does.fault] : [])),
    );
    expect(faults.sort()).toEqual(['depth', 'nul']);
  });
});
