import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nextRoute, type Trial } from './next-route.js';

const MAIL = { channel: 'email' } as const;
const TEXT = { channel: 'sms' } as const;
const THREE = [MAIL, MAIL, TEXT];

function failed(code: string, deadAddress = false): Trial {
  return { kind: 'failed', code, deadAddress };
}

describe('the way after this one', () => {
  it.each<[string, Trial, number | null]>([
    ['an acceptance', { kind: 'accepted' }, null],
    ['an end that nobody knows', { kind: 'unknown' }, null],
    ['wrong credentials', failed('auth_invalid'), 1],
    ['a gone endpoint', failed('endpoint_gone'), 1],
    ['a refusal of this provider', failed('item_rejected'), 1],
    ['a connection that is not there', failed('connection_missing'), 1],
    ['a dead address', failed('hard_bounce', true), 2],
    ['a template that cannot be rendered', failed('render_timeout'), 2],
    ['a template that is not there', failed('template_missing'), 2],
    ['no address', { kind: 'skipped', reason: 'no_address' }, 2],
    ['no consent', { kind: 'skipped', reason: 'no_consent' }, 2],
    ['a revocation', { kind: 'skipped', reason: 'consent_revoked' }, 2],
    ['a suppressed address', { kind: 'skipped', reason: 'suppressed' }, 2],
    ['an exit', { kind: 'skipped', reason: 'exited' }, null],
    ['a message that is too late', { kind: 'skipped', reason: 'expired' }, null],
    ['a full cap', { kind: 'skipped', reason: 'capped' }, null],
    ['a template that asks to be skipped', { kind: 'skipped', reason: 'missing_variable' }, null],
  ])('after %s', (_name, trial, expected) => {
    expect(nextRoute(THREE, 0, trial)).toBe(expected);
  });

  it('is none after the last, and none where a step has no ways', () => {
    expect(nextRoute(THREE, 2, failed('auth_invalid'))).toBeNull();
    expect(nextRoute(THREE, 2, failed('hard_bounce', true))).toBeNull();
    expect(nextRoute([MAIL, MAIL], 0, failed('hard_bounce', true))).toBeNull();
    expect(nextRoute([], 0, failed('auth_invalid'))).toBeNull();
  });
});

/** What happens to one attempt: an answer, or a kill at one of the places where a process can die. */
type Fate =
  | { readonly kind: 'answered'; readonly by: Trial }
  | { readonly kind: 'killed_before_call' }
  | { readonly kind: 'killed_in_call'; readonly reached: boolean };

const trials: fc.Arbitrary<Trial> = fc.oneof(
  fc.constant<Trial>({ kind: 'accepted' }),
  fc.constant<Trial>({ kind: 'unknown' }),
  fc
    .tuple(fc.constantFrom('auth_invalid', 'item_rejected', 'template_missing'), fc.boolean())
    .map(([code, dead]) => failed(code, dead)),
);
const fates: fc.Arbitrary<Fate> = fc.oneof(
  trials.map((by) => ({ kind: 'answered', by }) as const),
  fc.constant({ kind: 'killed_before_call' } as const),
  fc.boolean().map((reached) => ({ kind: 'killed_in_call', reached }) as const),
);
const routes = fc.array(fc.constantFrom(MAIL, TEXT), { minLength: 1, maxLength: 5 });

interface Ledger {
  readonly state: 'reserved' | 'sending' | 'settled';
  readonly at: number;
}

interface Played {
  readonly ledger: Ledger;
  /** ways by which something may have reached the person */
  readonly out: readonly number[];
  readonly tried: readonly number[];
}

/** The ledger as it goes through attempts at providers that know no key: what is found in `sending` is never sent again. */
function play(
  ways: readonly { readonly channel: 'email' | 'sms' }[],
  all: readonly Fate[],
): Played {
  let ledger: Ledger = { state: 'reserved', at: 0 };
  const out: number[] = [];
  const tried: number[] = [];
  for (const fate of all) {
    if (ledger.state === 'settled') break;
    if (ledger.state === 'sending') {
      ledger = { ...ledger, state: 'settled' };
      break;
    }
    if (fate.kind === 'killed_before_call') continue;
    tried.push(ledger.at);
    if (fate.kind === 'killed_in_call') {
      if (fate.reached) out.push(ledger.at);
      ledger = { ...ledger, state: 'sending' };
      continue;
    }
    if (fate.by.kind === 'accepted' || fate.by.kind === 'unknown') out.push(ledger.at);
    const next = nextRoute(ways, ledger.at, fate.by);
    ledger = next === null ? { ...ledger, state: 'settled' } : { state: 'reserved', at: next };
  }
  return { ledger, out, tried };
}

describe('one message in all', () => {
  it('goes out by one way at most, whatever answers and deaths come in whatever order', () => {
    fc.assert(
      fc.property(routes, fc.array(fates, { maxLength: 30 }), (ways, all) => {
        const { out, tried } = play(ways, all);
        expect(out.length).toBeLessThanOrEqual(1);
        // Each way once, and in the order of the step.
        expect(tried).toEqual([...new Set(tried)].toSorted((a, b) => a - b));
        const [last] = out;
        if (last !== undefined) expect(tried.at(-1)).toBe(last);
      }),
      { numRuns: 2_000 },
    );
  });
});
