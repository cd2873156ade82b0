import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { identifierKey } from './normalise.js';
import { resolveIdentity } from './resolve-identity.js';
import { DEFAULT_RULES } from './rules.js';
import type { CustomerIdentity, IdentifierRef, IdentityRules, Resolution } from './types.js';

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

function people(...list: readonly (readonly [name: string, since: number, identifiers: string])[]) {
  const found = new Map<string, CustomerIdentity>();
  for (const [customerId, position, text] of list) {
    const identifiers = ids(text);
    const since = { position, ordinal: 0, clock: 0 };
    for (const ref of identifiers)
      found.set(identifierKey(ref), { customerId, since, identifiers });
  }
  return found;
}

const NOBODY = people();

describe('resolveIdentity', () => {
  it('makes a customer of an event that names nobody known', () => {
    expect(resolveIdentity(ids('a=1 u=ada'), DEFAULT_RULES, NOBODY)).toEqual({
      kind: 'new',
      added: ids('u=ada a=1'),
      dropped: [],
    });
  });

  it('attaches new identifiers to the one who is known', () => {
    const found = people(['ada', 1, 'u=ada a=1']);
    expect(resolveIdentity(ids('u=ada e=a@x'), DEFAULT_RULES, found)).toEqual({
      kind: 'existing',
      customerId: 'ada',
      added: ids('e=a@x'),
      dropped: [],
    });
  });

  it('merges several into the oldest, the others by age', () => {
    const found = people(['young', 9, 'a=1'], ['old', 2, 'u=ada'], ['middle', 5, 'e=a@x']);
    expect(resolveIdentity(ids('a=1 u=ada e=a@x p=5'), DEFAULT_RULES, found)).toEqual({
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
    expect(resolveIdentity(ids('u=bob a=tablet'), DEFAULT_RULES, found)).toEqual({
      kind: 'new',
      added: ids('u=bob'),
      dropped: ids('a=tablet'),
    });
  });

  it('keeps the second user of the device apart when she is known already', () => {
    const found = people(['ada', 1, 'u=ada a=tablet'], ['bob', 2, 'u=bob']);
    expect(resolveIdentity(ids('u=bob a=tablet e=bob@x'), DEFAULT_RULES, found)).toEqual({
      kind: 'existing',
      customerId: 'bob',
      added: ids('e=bob@x'),
      dropped: ids('a=tablet'),
    });
  });

  it('drops from the weakest until it fits', () => {
    const found = people(['ada', 1, 'u=ada e=ada@x p=1 a=1']);
    // The phone ties the event to Ada as well, so it has to go after the anonymous id, and then the e-mail.
    expect(resolveIdentity(ids('u=bob e=ada@x p=1 a=1'), DEFAULT_RULES, found)).toEqual({
      kind: 'new',
      added: ids('u=bob'),
      dropped: ids('e=ada@x p=1 a=1'),
    });
  });

  it('does not add a sixth e-mail', () => {
    const found = people(['ada', 1, 'u=ada e=1@x e=2@x e=3@x e=4@x e=5@x']);
    expect(resolveIdentity(ids('u=ada e=6@x'), DEFAULT_RULES, found)).toEqual({
      kind: 'existing',
      customerId: 'ada',
      added: [],
      dropped: ids('e=6@x'),
    });
  });

  it('still finds a customer from before the limit was lowered', () => {
    const rules: IdentityRules = {
      ...DEFAULT_RULES,
      identifiers: [{ type: 'email', priority: 1, limit: 1 }],
    };
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
    const rules: IdentityRules = {
      identifiers: [{ type: 'user_id', priority: 1, limit: 0 }],
      blocked: [],
    };
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
});

/** A store in memory that does what the lane does with a resolution. */
class Directory {
  readonly owners = new Map<string, string>();
  readonly customers = new Map<string, CustomerIdentity>();
  readonly survivors = new Map<string, string>();

  apply(identifiers: readonly IdentifierRef[], position: number, rules: IdentityRules): Resolution {
    const found = new Map<string, CustomerIdentity>();
    for (const ref of identifiers) {
      const customer = this.customers.get(this.owners.get(identifierKey(ref)) ?? '');
      if (customer) found.set(identifierKey(ref), customer);
    }
    const resolution = resolveIdentity(identifiers, rules, found);
    if (resolution.kind === 'refused') return resolution;
    const customerId = this.target(resolution, position);
    if (resolution.kind === 'merge') {
      for (const absorbedId of resolution.absorbedIds) this.absorb(customerId, absorbedId);
    }
    this.hold(customerId, resolution.added);
    return resolution;
  }

  private target(resolution: Exclude<Resolution, { kind: 'refused' }>, position: number): string {
    if (resolution.kind === 'existing') return resolution.customerId;
    if (resolution.kind === 'merge') return resolution.survivorId;
    const customerId = `c${position}`;
    const since = { position, ordinal: 0, clock: 0 };
    this.customers.set(customerId, { customerId, since, identifiers: [] });
    return customerId;
  }

  private absorb(survivorId: string, absorbedId: string): void {
    const absorbed = this.customers.get(absorbedId);
    this.customers.delete(absorbedId);
    this.hold(survivorId, absorbed?.identifiers ?? []);
  }

  private hold(customerId: string, added: readonly IdentifierRef[]): void {
    const customer = this.customers.get(customerId);
    if (!customer) return;
    this.customers.set(customerId, {
      ...customer,
      identifiers: [...customer.identifiers, ...added],
    });
    for (const ref of added) this.owners.set(identifierKey(ref), customerId);
  }

  clusters(): string[] {
    return [...this.customers.values()]
      .map((customer) => customer.identifiers.map(identifierKey).sort().join(' '))
      .sort();
  }
}

/** Connected components, the slow and obvious way. */
function components(events: readonly (readonly IdentifierRef[])[]): string[] {
  let groups: Set<string>[] = [];
  for (const event of events) {
    const keys = event.map(identifierKey);
    const touching = groups.filter((group) => keys.some((key) => group.has(key)));
    const joined = new Set([...keys, ...touching.flatMap((group) => [...group])]);
    groups = [...groups.filter((group) => !touching.includes(group)), joined];
  }
  return groups.map((group) => [...group].sort().join(' ')).sort();
}

const UNLIMITED: IdentityRules = {
  identifiers: [{ type: '*', priority: 1, limit: Number.MAX_SAFE_INTEGER }],
  blocked: [],
};
const anyId = fc.record({
  type: fc.constantFrom('user_id', 'email', 'phone', 'anonymous_id', 'loyalty'),
  value: fc.integer({ min: 1, max: 12 }).map((n) => `v${n}`),
});
const anyEvent = fc.array(anyId, { minLength: 1, maxLength: 4 });

describe('identity over a log of events', () => {
  it('comes to the connected components in any order, when no limit is in the way', () => {
    const logs = fc
      .array(anyEvent, { maxLength: 40 })
      .chain((log) =>
        fc.tuple(fc.constant(log), fc.shuffledSubarray(log, { minLength: log.length })),
      );
    fc.assert(
      fc.property(logs, ([log, shuffled]) => {
        for (const order of [log, shuffled]) {
          const directory = new Directory();
          order.forEach((event, position) => directory.apply(event, position, UNLIMITED));
          expect(directory.clusters()).toEqual(components(log));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('never exceeds a limit, never leaves an identifier without its customer, and repeats change nothing', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 40 }), (log) => {
        const rules: IdentityRules = {
          identifiers: [
            { type: 'user_id', priority: 1, limit: 1 },
            { type: 'email', priority: 2, limit: 2 },
            { type: '*', priority: 3, limit: 3 },
          ],
          blocked: [],
        };
        const directory = new Directory();
        log.forEach((event, position) => directory.apply(event, position, rules));
        for (const customer of directory.customers.values()) {
          const count = (type: string) =>
            customer.identifiers.filter((ref) => ref.type === type).length;
          expect(count('user_id')).toBeLessThanOrEqual(1);
          expect(count('email')).toBeLessThanOrEqual(2);
          for (const ref of customer.identifiers) {
            expect(directory.owners.get(identifierKey(ref))).toBe(customer.customerId);
          }
        }
        const last = log.at(-1);
        if (!last) return;
        const before = directory.clusters();
        const again = directory.apply(last, log.length, rules);
        expect(again.kind).not.toBe('new');
        expect(directory.clusters()).toEqual(before);
      }),
      { numRuns: 500 },
    );
  });

  it('does not depend on the order of identifiers inside an event', () => {
    const shuffled = anyEvent.chain((event) =>
      fc.tuple(fc.constant(event), fc.shuffledSubarray(event, { minLength: event.length })),
    );
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 10 }), shuffled, (log, [event, other]) => {
        const directory = new Directory();
        log.forEach((entry, position) => directory.apply(entry, position, DEFAULT_RULES));
        const found = new Map<string, CustomerIdentity>();
        for (const ref of event) {
          const customer = directory.customers.get(directory.owners.get(identifierKey(ref)) ?? '');
          if (customer) found.set(identifierKey(ref), customer);
        }
        expect(resolveIdentity(other, DEFAULT_RULES, found)).toEqual(
          resolveIdentity(event, DEFAULT_RULES, found),
        );
      }),
    );
  });
});
