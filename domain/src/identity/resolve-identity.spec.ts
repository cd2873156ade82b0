import { describe, expect, it } from '@jest/globals';
import { identifierKey } from './normalise.js';
import { resolveIdentity } from './resolve-identity.js';
import { DEFAULT_RULES } from './rules.js';
import type {
  CustomerIdentity,
  IdentifierRef,
  IdentifierRule,
  IdentityGraph,
  IdentityRules,
} from './types.js';

function id(text: string): IdentifierRef {
  const [type = '', value = ''] = text.split('=');
  const names: Record<string, string> = { u: 'user_id', e: 'email', p: 'phone', a: 'anonymous_id' };
  return { type: names[type] ?? type, value };
}

function ids(text: string): IdentifierRef[] {
  return text
    .split(' ')
    .filter((word) => word !== '')
    .map(id);
}

type Somebody = readonly [name: string, since: number, identifiers: string, merges?: number];

/** Now is a day after everybody was first seen. */
const NOW = 86_400_000;

function people(...list: readonly Somebody[]): IdentityGraph {
  const found = new Map<string, CustomerIdentity>();
  for (const [customerId, position, text, merges = 0] of list) {
    const identifiers = ids(text).map((ref) => ({ ...ref, seenAt: 0 }));
    const since = { position, ordinal: 0, clock: 0 };
    for (const ref of identifiers)
      found.set(identifierKey(ref), { customerId, since, identifiers, merges });
  }
  return { found, now: NOW };
}

function rulesOf(...identifiers: readonly Partial<IdentifierRule>[]): IdentityRules {
  return {
    ...DEFAULT_RULES,
    identifiers: identifiers.map((rule) => ({
      type: '*',
      priority: 1,
      limit: 5,
      window: 'ever',
      level: 'primary',
      ...rule,
    })),
  };
}

const NOBODY = people();

describe('resolveIdentity', () => {
  it('makes a customer of an event that names nobody known', () => {
    expect(resolveIdentity(ids('a=1 u=ada'), DEFAULT_RULES, NOBODY)).toMatchObject({
      kind: 'new',
      added: ids('u=ada a=1'),
      dropped: [],
    });
  });

  it('attaches new identifiers to the one who is known', () => {
    const found = people(['ada', 1, 'u=ada a=1']);
    expect(resolveIdentity(ids('u=ada e=a@x'), DEFAULT_RULES, found)).toMatchObject({
      kind: 'existing',
      customerId: 'ada',
      added: ids('e=a@x'),
      dropped: [],
    });
  });

  it('merges several into the oldest, the others by age', () => {
    const found = people(['young', 9, 'a=1'], ['old', 2, 'u=ada'], ['middle', 5, 'e=a@x']);
    expect(resolveIdentity(ids('a=1 u=ada e=a@x p=5'), DEFAULT_RULES, found)).toMatchObject({
      kind: 'merge',
      survivorId: 'old',
      absorbedIds: ['middle', 'young'],
      added: ids('p=5'),
      dropped: [],
    });
  });

  it('decides equal age by id, so that the answer never depends on chance', () => {
    const found = people(['b', 1, 'a=1'], ['a', 1, 'e=a@x']);
    expect(resolveIdentity(ids('a=1 e=a@x'), DEFAULT_RULES, found)).toMatchObject({
      survivorId: 'a',
    });
  });

  it('never lets two user ids meet over a shared device', () => {
    const found = people(['ada', 1, 'u=ada a=tablet']);
    expect(resolveIdentity(ids('u=bob a=tablet'), DEFAULT_RULES, found)).toMatchObject({
      kind: 'new',
      added: ids('u=bob'),
      dropped: ids('a=tablet'),
    });
  });

  it('keeps the second user of the device apart when she is known already', () => {
    const found = people(['ada', 1, 'u=ada a=tablet'], ['bob', 2, 'u=bob']);
    expect(resolveIdentity(ids('u=bob a=tablet e=bob@x'), DEFAULT_RULES, found)).toMatchObject({
      kind: 'existing',
      customerId: 'bob',
      added: ids('e=bob@x'),
      dropped: ids('a=tablet'),
    });
  });

  it('drops from the weakest until it fits', () => {
    const found = people(['ada', 1, 'u=ada e=ada@x p=1 a=1']);
    // The phone ties the event to Ada as well, so it has to go after the anonymous id, and then the e-mail.
    expect(resolveIdentity(ids('u=bob e=ada@x p=1 a=1'), DEFAULT_RULES, found)).toMatchObject({
      kind: 'new',
      added: ids('u=bob'),
      dropped: ids('e=ada@x p=1 a=1'),
    });
  });

  it('does not add a sixth e-mail', () => {
    const found = people(['ada', 1, 'u=ada e=1@x e=2@x e=3@x e=4@x e=5@x']);
    expect(resolveIdentity(ids('u=ada e=6@x'), DEFAULT_RULES, found)).toMatchObject({
      kind: 'existing',
      customerId: 'ada',
      added: [],
      dropped: ids('e=6@x'),
    });
  });

  it('still finds a customer from before the limit was lowered', () => {
    const rules = rulesOf({ type: 'email', limit: 1 });
    const found = people(['ada', 1, 'e=1@x e=2@x']);
    expect(resolveIdentity(ids('e=2@x a=1'), rules, found)).toMatchObject({
      kind: 'existing',
      added: ids('a=1'),
    });
    expect(resolveIdentity(ids('e=2@x e=3@x'), rules, found)).toMatchObject({
      dropped: ids('e=3@x'),
    });
  });

  it('ignores blocked values, and refuses an event that has nothing else', () => {
    expect(resolveIdentity(ids('u=null a=1'), DEFAULT_RULES, NOBODY)).toMatchObject({
      added: ids('a=1'),
    });
    expect(
      resolveIdentity(ids('u=undefined a=00000000-0000'), DEFAULT_RULES, NOBODY),
    ).toMatchObject({
      kind: 'refused',
      code: 'missing_identity',
    });
    expect(resolveIdentity([], DEFAULT_RULES, NOBODY)).toMatchObject({ code: 'missing_identity' });
  });

  it('refuses an event of which no identifier is allowed', () => {
    const rules = rulesOf({ type: 'user_id', limit: 0 });
    expect(resolveIdentity(ids('u=ada'), rules, NOBODY)).toMatchObject({
      kind: 'refused',
      code: 'identity_limit',
    });
  });

  it('counts an identifier once, however often the event names it', () => {
    expect(resolveIdentity(ids('u=ada u=ada'), DEFAULT_RULES, NOBODY)).toMatchObject({
      added: ids('u=ada'),
    });
  });

  it('joins the two sides of an alias', () => {
    const found = people(['visitor', 1, 'a=visit'], ['ada', 2, 'u=ada']);
    expect(resolveIdentity(ids('u=ada a=visit'), DEFAULT_RULES, found)).toMatchObject({
      kind: 'merge',
      survivorId: 'visitor',
      absorbedIds: ['ada'],
    });
  });

  describe('with windows', () => {
    const rules = rulesOf(
      { type: 'user_id', limit: 1 },
      { type: 'email', priority: 2, limit: 1, window: 'weekly' },
    );
    const later = (days: number) => ({ ...people(['ada', 1, 'u=ada e=1@x']), now: days * NOW });

    it('refuses a second value within the window', () => {
      expect(resolveIdentity(ids('u=ada e=2@x'), rules, later(6))).toMatchObject({
        added: [],
        dropped: ids('e=2@x'),
      });
    });

    it('takes it once the first has left the window', () => {
      expect(resolveIdentity(ids('u=ada e=2@x'), rules, later(7))).toMatchObject({
        added: ids('e=2@x'),
        dropped: [],
      });
    });

    it('merges two who gained theirs at different times only then', () => {
      const two = people(['ada', 1, 'u=ada e=1@x'], ['visitor', 2, 'a=1 e=2@x']);
      expect(resolveIdentity(ids('u=ada a=1'), rules, two)).toMatchObject({ kind: 'existing' });
      expect(resolveIdentity(ids('u=ada a=1'), rules, { ...two, now: 8 * NOW })).toMatchObject({
        kind: 'merge',
      });
    });
  });

  describe('in high fidelity', () => {
    const rules = rulesOf(
      { type: 'user_id', limit: 1 },
      { type: 'email', priority: 2 },
      { type: 'anonymous_id', priority: 3, level: 'secondary' },
      { type: 'idfa', priority: 4, level: 'disabled' },
    );

    it('finds a visitor by a secondary identifier', () => {
      expect(resolveIdentity(ids('a=1'), rules, people(['visitor', 1, 'a=1']))).toMatchObject({
        kind: 'existing',
        customerId: 'visitor',
      });
    });

    it('gives the visitor the name by which he signs in', () => {
      const found = people(['visitor', 1, 'a=1']);
      expect(resolveIdentity(ids('u=ada a=1'), rules, found)).toMatchObject({
        kind: 'existing',
        customerId: 'visitor',
        added: ids('u=ada'),
      });
    });

    it('never makes one of two by a secondary identifier', () => {
      const found = people(['ada', 1, 'u=ada'], ['visitor', 2, 'a=1']);
      expect(resolveIdentity(ids('u=ada a=1'), rules, found)).toMatchObject({
        kind: 'existing',
        customerId: 'ada',
        dropped: ids('a=1'),
      });
    });

    it('does not take a known person for the one who signs in on her device', () => {
      const found = people(['ada', 1, 'e=ada@x a=1']);
      expect(resolveIdentity(ids('e=bob@x a=1'), rules, found)).toMatchObject({
        kind: 'new',
        added: ids('e=bob@x'),
        dropped: ids('a=1'),
      });
    });

    it('merges by primary identifiers', () => {
      const found = people(['ada', 1, 'u=ada'], ['mail', 2, 'e=ada@x']);
      expect(resolveIdentity(ids('u=ada e=ada@x'), rules, found)).toMatchObject({ kind: 'merge' });
    });

    it('takes no notice of a disabled one', () => {
      expect(resolveIdentity(ids('idfa=7'), rules, NOBODY)).toMatchObject({
        code: 'missing_identity',
      });
      expect(resolveIdentity(ids('u=ada idfa=7'), rules, NOBODY)).toMatchObject({
        added: ids('u=ada'),
      });
    });
  });

  describe('whole profiles', () => {
    it('refuse the identifier that would be one too many, and say whose profile is full', () => {
      const rules = { ...DEFAULT_RULES, caps: { identifiers: 2, merges: 10 } };
      const found = people(['ada', 1, 'u=ada a=1']);
      expect(resolveIdentity(ids('u=ada a=2'), rules, found)).toMatchObject({
        kind: 'refused',
        code: 'identity_limit',
        full: { customerId: 'ada', cap: 'identifiers' },
      });
      expect(resolveIdentity(ids('u=ada a=1'), rules, found)).toMatchObject({ kind: 'existing' });
    });

    it('refuse the merge that would be one too many', () => {
      const rules = { ...DEFAULT_RULES, caps: { identifiers: 100, merges: 2 } };
      const full = people(['ada', 1, 'u=ada', 2], ['visitor', 2, 'a=1']);
      expect(resolveIdentity(ids('u=ada a=1'), rules, full)).toMatchObject({
        code: 'identity_limit',
        full: { customerId: 'ada', cap: 'merges' },
      });
      const room = people(['ada', 1, 'u=ada', 1], ['visitor', 2, 'a=1']);
      expect(resolveIdentity(ids('u=ada a=1'), rules, room)).toMatchObject({ kind: 'merge' });
    });
  });

  it('does not link by a value that everybody shares', () => {
    const found = people(['ada', 1, 'u=ada'], ['kiosk', 2, 'a=1']);
    const graph = { ...found, isHub: ({ type }: IdentifierRef) => type === 'anonymous_id' };
    expect(resolveIdentity(ids('u=ada a=1'), DEFAULT_RULES, graph)).toMatchObject({
      kind: 'existing',
      customerId: 'ada',
    });
  });

  describe('with separations', () => {
    const found = people(['ada', 1, 'u=ada'], ['visitor', 2, 'a=1 e=v@x']);
    const graph: IdentityGraph = {
      ...found,
      isSeparated: (a, b) => [a.type, b.type].sort().join() === 'anonymous_id,user_id',
    };

    it('does not merge two by the evidence that was refused', () => {
      expect(resolveIdentity(ids('u=ada a=1'), DEFAULT_RULES, graph)).toMatchObject({
        kind: 'existing',
        customerId: 'ada',
        dropped: ids('a=1'),
      });
    });

    it('merges them by new evidence', () => {
      expect(resolveIdentity(ids('u=ada a=1 e=v@x'), DEFAULT_RULES, graph)).toMatchObject({
        kind: 'merge',
        survivorId: 'ada',
        absorbedIds: ['visitor'],
      });
    });

    it('takes a new identifier of the same event for no evidence', () => {
      expect(resolveIdentity(ids('u=ada a=1 idfv=9'), DEFAULT_RULES, graph)).toMatchObject({
        kind: 'existing',
        customerId: 'ada',
      });
    });
  });
});
