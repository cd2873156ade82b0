import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { IdentityDirectory } from './directory.js';
import { identifierKey } from './normalise.js';
import { compileRules, DEFAULT_DEFINITION, DEFAULT_RULES } from './rules.js';
import type { IdentifierRef, IdentityRules } from './types.js';

type Log = readonly (readonly IdentifierRef[])[];

/** Resolves a log, and remembers whose each event is. */
class World {
  readonly directory: IdentityDirectory;
  readonly owners: (string | null)[] = [];
  readonly origins: (string | null)[] = [];
  merges = 0;
  private readonly refs = new Map<string, IdentifierRef>();

  constructor(rules: IdentityRules) {
    this.directory = new IdentityDirectory(rules);
  }

  static of(log: Log, rules: IdentityRules): World {
    const world = new World(rules);
    for (const event of log) world.take(event);
    return world;
  }

  take(event: readonly IdentifierRef[]): void {
    const position = this.owners.length + 1;
    const at = { position, ordinal: 0, clock: position };
    const placed = this.directory.place(event, at, () => `c${position}`);
    const isPlaced = placed.kind === 'placed';
    this.owners.push(isPlaced ? placed.customerId : null);
    this.origins.push(isPlaced ? placed.originId : null);
    if (!isPlaced) return;
    this.merges += placed.absorbed.length;
    for (const ref of placed.added) this.refs.set(identifierKey(ref), ref);
  }

  /** Each customer's identifiers and the numbers of the events that are theirs, in the order of the log. */
  people(): { identifiers: string; events: number[] }[] {
    return this.directory.known().map((customerId) => ({
      identifiers: this.identifiersOf(customerId).join(' '),
      events: this.owners.flatMap((owner, index) =>
        owner !== null && this.directory.survivorOf(owner) === customerId ? [index + 1] : [],
      ),
    }));
  }

  clusters(): string[] {
    return this.directory
      .known()
      .map((customerId) => this.identifiersOf(customerId).join(' '))
      .sort();
  }

  identifiersOf(customerId: string): string[] {
    return [...this.refs]
      .filter(([, ref]) => this.directory.ownerOf(ref) === customerId)
      .map(([key]) => key)
      .sort();
  }
}

const NAMES: Readonly<Record<string, string>> = {
  u: 'user_id',
  e: 'email',
  a: 'anonymous_id',
  t: 'anonymous_id',
};

/** `u1 e1 t`: user id u1, e-mail e1, anonymous id t. */
function ids(text: string): IdentifierRef[] {
  return text.split(' ').map((value) => ({ type: NAMES[value.charAt(0)] ?? '', value }));
}

const PROTECTED = compileRules({
  ...DEFAULT_DEFINITION,
  identifiers: [
    { type: 'user_id', priority: 1, limit: 1 },
    { type: 'email', priority: 2, limit: 5 },
    { type: 'anonymous_id', priority: 3, limit: 5 },
  ],
});

describe('merge protection', () => {
  it('keeps a second account with the same e-mail apart', () => {
    const world = World.of([ids('u1 e1'), ids('u2 e1')], PROTECTED);
    expect(world.people()).toEqual([
      { identifiers: 'email:e1 user_id:u1', events: [1] },
      { identifiers: 'user_id:u2', events: [2] },
    ]);
  });

  it('keeps the users of a shared tablet apart', () => {
    const log = ['t', 'u1 e1 t', 'u2 e2 t', 'u1 t', 't', 'u3 t'].map(ids);
    expect(World.of(log, PROTECTED).people()).toEqual([
      { identifiers: 'anonymous_id:t email:e1 user_id:u1', events: [1, 2, 4, 5] },
      { identifiers: 'email:e2 user_id:u2', events: [3] },
      { identifiers: 'user_id:u3', events: [6] },
    ]);
  });

  it('survives a log-out that keeps the browser id', () => {
    const log = ['u1 a1', 'u2 a2', 'u2 a1', 'a1', 'u2 e2 a2'].map(ids);
    const world = World.of(log, PROTECTED);
    expect(world.people()).toEqual([
      { identifiers: 'anonymous_id:a1 user_id:u1', events: [1, 4] },
      { identifiers: 'anonymous_id:a2 email:e2 user_id:u2', events: [2, 3, 5] },
    ]);
    expect(world.merges).toBe(0);
  });
});

/** Connected components, the slow and obvious way. */
function components(events: Log): string[] {
  let groups: Set<string>[] = [];
  for (const event of events) {
    const keys = event.map(identifierKey);
    const touching = groups.filter((group) => keys.some((key) => group.has(key)));
    const joined = new Set([...keys, ...touching.flatMap((group) => [...group])]);
    groups = [...groups.filter((group) => !touching.includes(group)), joined];
  }
  return groups.map((group) => [...group].sort().join(' ')).sort();
}

function limitedTo(limits: Readonly<Record<string, number>>): IdentityRules {
  return compileRules({
    ...DEFAULT_DEFINITION,
    identifiers: Object.entries(limits).map(([type, limit], priority) => ({
      type,
      limit,
      priority,
    })),
    hubProfiles: null,
    caps: { identifiers: 10_000, merges: 10_000 },
  });
}

const UNLIMITED = limitedTo({ '*': Number.MAX_SAFE_INTEGER });

const anyId = fc.record({
  type: fc.constantFrom('user_id', 'email', 'phone', 'anonymous_id', 'loyalty'),
  value: fc.integer({ min: 1, max: 12 }).map((n) => `v${n}`),
});
const anyEvent = fc.array(anyId, { minLength: 1, maxLength: 3 });
const anyLog = fc.array(anyEvent, { maxLength: 40 });

describe('identity over a log of events', () => {
  it('comes to the connected components in any order, when no limit is in the way', () => {
    const logs = anyLog.chain((log) =>
      fc.tuple(fc.constant(log), fc.shuffledSubarray(log, { minLength: log.length })),
    );
    fc.assert(
      fc.property(logs, ([log, shuffled]) => {
        for (const order of [log, shuffled]) {
          expect(World.of(order, UNLIMITED).clusters()).toEqual(components(log));
          expect(World.of([...order, ...order], UNLIMITED).clusters()).toEqual(components(log));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('never exceeds a limit, and repeats change nothing', () => {
    const rules = limitedTo({ user_id: 1, email: 2, '*': 3 });
    fc.assert(
      fc.property(anyLog, (log) => {
        const world = World.of(log, rules);
        for (const customerId of world.directory.known()) {
          const held = world.identifiersOf(customerId);
          const count = (type: string) => held.filter((key) => key.startsWith(`${type}:`)).length;
          expect(count('user_id')).toBeLessThanOrEqual(1);
          expect(count('email')).toBeLessThanOrEqual(2);
          expect(count('phone')).toBeLessThanOrEqual(3);
        }
        const last = log.at(-1);
        if (!last) return;
        const before = world.clusters();
        world.take(last);
        expect(world.clusters()).toEqual(before);
      }),
      { numRuns: 500 },
    );
  });

  it('does not depend on the order of identifiers inside an event', () => {
    const rules = limitedTo({ user_id: 1, email: 2, '*': 3 });
    const reversed = (log: Log): Log => log.map((event) => [...event].reverse());
    fc.assert(
      fc.property(anyLog, (log) => {
        const world = World.of(log, rules);
        const other = World.of(reversed(log), rules);
        expect(other.owners).toEqual(world.owners);
        expect(other.origins).toEqual(world.origins);
      }),
    );
  });
});

describe('where an event is of', () => {
  it('is the profile that its identifiers came from, however often that was merged', () => {
    const log = ['a1', 'u1', 'u1 a1', 'a1', 'u1', 'u1 a1', 'a1 e1', 'e1'].map(ids);
    const world = World.of(log, DEFAULT_RULES);
    expect(world.owners).toEqual(['c1', 'c2', 'c1', 'c1', 'c1', 'c1', 'c1', 'c1']);
    // Of an event with the identifiers of both, the strongest decides; a new one goes with the event that brings it.
    expect(world.origins).toEqual(['c1', 'c2', 'c2', 'c1', 'c2', 'c2', 'c1', 'c1']);
  });
});

describe('hubs', () => {
  const rules = { ...PROTECTED, hubProfiles: 3 };
  const kiosk = ['u1 t', 'u2 t', 'u3 t', 'u4 t'].map(ids);

  it('stop linking once they were seen on more profiles than allowed, and somebody is told', () => {
    const world = World.of(kiosk, rules);
    expect(world.directory.alerts).toEqual([
      { kind: 'hub', identifier: ids('t')[0], at: { position: 4, ordinal: 0, clock: 4 } },
    ]);
    world.take(ids('t'));
    expect(world.owners.at(-1)).toBeNull();
    world.take(ids('e9 t'));
    expect(world.identifiersOf('c6')).toEqual(['email:e9']);
  });

  it('count a profile once, and are told of once', () => {
    const world = World.of([...kiosk, ...kiosk, ...kiosk], rules);
    expect(world.directory.sightings.map(({ customerId }) => customerId)).toEqual([
      'c2',
      'c3',
      'c4',
    ]);
    expect(world.directory.alerts).toHaveLength(1);
  });

  it('link again where the number is raised', () => {
    const world = new World({ ...PROTECTED, hubProfiles: 4 });
    for (const { customerId, type, value } of World.of(kiosk, rules).directory.sightings)
      world.directory.knowSighting({ type, value }, customerId);
    world.take(ids('t'));
    expect(world.owners).toEqual(['c1']);
  });

  it('are left alone where there is no such rule', () => {
    expect(World.of(kiosk, { ...rules, hubProfiles: null }).directory.alerts).toEqual([]);
  });
});

describe('full profiles', () => {
  it('are told of whenever something more was to be linked', () => {
    const rules = { ...PROTECTED, caps: { identifiers: 2, merges: 5 } };
    const world = World.of(['u1 a1', 'u1 a2', 'u1 a1', 'u1 a3'].map(ids), rules);
    expect(world.owners).toEqual(['c1', null, 'c1', null]);
    expect(world.directory.alerts.map(({ kind, at }) => [kind, at.position])).toEqual([
      ['identifiers', 2],
      ['identifiers', 4],
    ]);
  });
});

describe('separations', () => {
  it('hold for the pair on whichever side it is named', () => {
    for (const [a, b] of [
      ['u1', 'a1'],
      ['a1', 'u1'],
    ] as const) {
      const world = World.of(['u1', 'a1'].map(ids), PROTECTED);
      const [first] = ids(a);
      const [second] = ids(b);
      if (first && second) world.directory.knowSeparation(first, second);
      world.take(ids('u1 a1'));
      expect(world.merges).toBe(0);
      expect(world.owners.at(-1)).toBe('c1');
      world.take(ids('u1 e1'));
      world.take(ids('e1 a1'));
      expect(world.merges).toBe(1);
    }
  });
});
