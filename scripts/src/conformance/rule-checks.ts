/** I9 and I10: whose event is this, by rules alone. */
import {
  compileRules,
  IdentityDirectory,
  identifierKey,
  type IdentifierRef,
} from '@throughline/domain/identity';
import { shuffled } from '@throughline/domain/shared';
import { exactly, type Check } from './check.js';

type Event = readonly IdentifierRef[];

/** `u:1 e:1 a:1`: user id, e-mail, anonymous id. */
function event(text: string): Event {
  const types: Readonly<Record<string, string>> = {
    u: 'user_id',
    e: 'email',
    a: 'anonymous_id',
    p: 'phone',
  };
  return text
    .split(' ')
    .map((word) => ({ type: types[word.slice(0, 1)] ?? 'other', value: `v${word}` }));
}

/** What a log of events leaves behind: each customer's identifiers and the numbers of its events. */
class Log {
  private readonly customers = new Map<string, { identifiers: Set<string>; events: number[] }>();
  private readonly directory: IdentityDirectory;
  private position = 0;
  private made = 0;

  constructor(limits: Readonly<Record<string, number>>) {
    const identifiers = Object.entries(limits).map(([type, limit], at) => ({
      type,
      limit,
      priority: at + 1,
    }));
    this.directory = new IdentityDirectory(
      compileRules({
        strategy: 'default',
        identifiers,
        blocked: { values: [], patterns: [] },
        hubProfiles: null,
        caps: { identifiers: Number.MAX_SAFE_INTEGER, merges: Number.MAX_SAFE_INTEGER },
      }),
    );
  }

  send(refs: Event): void {
    this.position += 1;
    const at = { position: this.position, ordinal: 0, clock: this.position };
    const placed = this.directory.place(refs, at, () => `c${(this.made += 1)}`);
    if (placed.kind === 'refused') return;
    const customer = this.customers.get(placed.customerId) ?? {
      identifiers: new Set(),
      events: [],
    };
    this.customers.set(placed.customerId, customer);
    customer.events.push(this.position);
    for (const ref of placed.added) customer.identifiers.add(identifierKey(ref));
    for (const absorbedId of placed.absorbed) this.absorb(customer, absorbedId);
  }

  private absorb(into: { identifiers: Set<string>; events: number[] }, absorbedId: string): void {
    const absorbed = this.customers.get(absorbedId);
    for (const key of absorbed?.identifiers ?? []) into.identifiers.add(key);
    into.events.push(...(absorbed?.events ?? []));
    this.customers.delete(absorbedId);
  }

  partition(): string {
    return [...this.customers.values()]
      .map(({ identifiers }) => [...identifiers].sort().join(' '))
      .sort()
      .join(' | ');
  }

  /** With the numbers of the events, which only count where the order does. */
  profiles(): string {
    return [...this.customers.values()]
      .map(({ identifiers, events }) => {
        const names = [...identifiers]
          .sort()
          .map((key) => key.replace(/^.*:v/, '').replace(':', ''));
        return `${names.join(' ')}: ${events.sort((a, b) => a - b).join(',')}`;
      })
      .sort()
      .join(' | ');
  }
}

const SEEDS = 1_000;
const NO_LIMITS = { '*': Number.MAX_SAFE_INTEGER };

export function checkOrder(): Check[] {
  let apart = 0;
  let moved = 0;
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const chance = chanceOf(seed);
    const events = randomEvents(chance);
    const wanted = components(events);
    const log = new Log(NO_LIMITS);
    for (const refs of shuffled(events, chance)) log.send(refs);
    if (log.partition() !== wanted) apart += 1;
    for (const refs of shuffled(events, chance)) log.send(refs);
    if (log.partition() !== wanted) moved += 1;
  }
  return [
    exactly(`I9 logs of ${SEEDS} whose customers are no components`, apart, 0),
    exactly(`I9 logs of ${SEEDS} that sending again changes`, moved, 0),
  ];
}

function randomEvents(chance: () => number): Event[] {
  const draw = (below: number): number => Math.floor(chance() * below);
  const values = 3 + draw(20);
  return Array.from({ length: 1 + draw(40) }, () =>
    event(
      Array.from({ length: 1 + draw(3) }, () => `${'ueap'.charAt(draw(4))}:${draw(values)}`).join(
        ' ',
      ),
    ),
  );
}

/** Connected components, the slow and obvious way. */
function components(events: readonly Event[]): string {
  let groups: Set<string>[] = [];
  for (const refs of events) {
    const keys = refs.map(identifierKey);
    const touching = groups.filter((group) => keys.some((key) => group.has(key)));
    const joined = new Set([...keys, ...touching.flatMap((group) => [...group])]);
    groups = [...groups.filter((group) => !touching.includes(group)), joined];
  }
  return groups
    .map((group) => [...group].sort().join(' '))
    .sort()
    .join(' | ');
}

/** Park and Miller: good enough to shuffle, the same everywhere. */
function chanceOf(seed: number): () => number {
  let state = seed * 7_919 + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

const PROTECTED = { user_id: 1, email: 5, anonymous_id: 5 };

const CASES: readonly (readonly [name: string, events: readonly string[], profiles: string])[] = [
  ['I10.1 second account, same email', ['u:1 e:1', 'u:2 e:1'], 'e1 u1: 1 | u2: 2'],
  [
    'I10.2 shared tablet',
    ['a:t', 'u:1 e:1 a:t', 'u:2 e:2 a:t', 'u:1 a:t', 'a:t', 'u:3 a:t'],
    'at e1 u1: 1,2,4,5 | e2 u2: 3 | u3: 6',
  ],
  [
    'I10.3 log-out that keeps the browser id',
    ['u:1 a:1', 'u:2 a:2', 'u:2 a:1', 'a:1', 'u:2 e:2 a:2'],
    'a1 u1: 1,4 | a2 e2 u2: 2,3,5',
  ],
];

export function checkProtection(): Check[] {
  return CASES.map(([name, events, profiles]) => {
    const log = new Log(PROTECTED);
    for (const text of events) log.send(event(text));
    return exactly(name, log.profiles(), profiles);
  });
}
