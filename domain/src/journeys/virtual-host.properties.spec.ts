import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { arbitraryJourney } from './testing/arbitrary-journey.js';
import {
  arbitraryOutcome,
  arbitraryStream,
  outcomeFor,
  scenarioOf,
} from './testing/arbitrary-stream.js';
import { NOON } from './testing/builders.js';
import { runVirtually } from './virtual-host.js';
import type { VirtualInput, VirtualResult } from './virtual-world.js';

const scenario = (stream: Parameters<typeof scenarioOf>[0]) =>
  scenarioOf(stream, { beginsAt: NOON, journey: 'random', customer: 'ada' });

const arbitraryWorld = fc
  .tuple(arbitraryJourney(), arbitraryStream(), fc.array(arbitraryOutcome(), { maxLength: 5 }))
  .map(([definition, stream, outcomes]): VirtualInput => {
    const { log, requests, endsAt } = scenario(stream);
    return {
      definitions: [definition],
      log,
      requests,
      until: endsAt + 60_000,
      outcomes: (delivery) => ({
        outcome: outcomeFor(outcomes, delivery),
        takesMs: delivery.visit * 500,
      }),
    };
  });

describe('the virtual host, over random worlds', () => {
  it('gives the same result twice', () => {
    fc.assert(
      fc.property(arbitraryWorld, (world) => {
        expect(runVirtually(world)).toEqual(runVirtually(world));
      }),
      { numRuns: 150 },
    );
  });

  it('delivers every (enrolment, step, visit) once, and nothing after the end', () => {
    fc.assert(
      fc.property(arbitraryWorld, (world) => {
        for (const { deliveries, trail, outcome } of runVirtually(world).enrolments) {
          const keys = deliveries.map(({ delivery }) => delivery.key);
          expect(new Set(keys).size).toBe(keys.length);
          const ends = trail.filter(({ kind }) => kind === 'ended');
          expect(ends.length).toBe(outcome === null ? 0 : 1);
          if (outcome !== null) expect(trail.at(-1)?.kind).toBe('ended');
        }
      }),
      { numRuns: 300 },
    );
  });

  it('tells in the trail what became of every delivery that settled', () => {
    const words = {
      accepted: 'sent',
      skipped: 'skipped',
      failed: 'failed',
      unknown: 'unknown',
    } as const;
    fc.assert(
      fc.property(arbitraryWorld, (world) => {
        for (const { deliveries, trail } of runVirtually(world).enrolments) {
          for (const { delivery, outcome } of deliveries) {
            if (outcome === null) continue;
            const told = trail.filter(
              ({ step, visit, kind }) =>
                step === delivery.step && visit === delivery.visit && kind === words[outcome.kind],
            );
            expect(told).toHaveLength(1);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('leaves nobody behind: who has not ended waits for a later time, is held, or is still delivering', () => {
    fc.assert(
      fc.property(arbitraryWorld, (world) => {
        for (const { state } of runVirtually(world).enrolments) {
          const { place } = state;
          if (place.kind === 'waiting')
            expect(place.deadline ?? 0).toBeGreaterThan(world.until - 60_000);
          else expect(['ended', 'held', 'delivering']).toContain(place.kind);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('keeps at most as many open as the entry allows, and never enters a key twice', () => {
    fc.assert(
      fc.property(arbitraryWorld, (world) => {
        const keys = runVirtually(world).enrolments.map(({ entryKey }) => entryKey);
        expect(new Set(keys).size).toBe(keys.length);
      }),
      { numRuns: 150 },
    );
  });
});

/** Without deliveries and conditions, which read the present, a trail depends on the log alone and not on when anybody looked. */
describe('a run that is late', () => {
  const names = { kinds: ['delay', 'waitFor'] as const };
  const arbitraryLate = fc.tuple(
    arbitraryJourney(names),
    arbitraryStream(names, { withRequests: false }),
    fc.array(fc.constantFrom(0, 0, 1, 700, 2_500, 20_000), { minLength: 1, maxLength: 8 }),
  );
  /** alreadyTrue asks for the present, too. */
  const trails = ({ enrolments }: VirtualResult) =>
    enrolments.map(({ entryKey, trail, outcome, goals }) => ({ entryKey, trail, outcome, goals }));

  it('leaves the trail of one that was not', () => {
    let compared = 0;
    fc.assert(
      fc.property(arbitraryLate, ([definition, stream, delays]) => {
        const timeless = {
          ...definition,
          entry: { reentry: 'perKey', path: 'k', maxConcurrent: 100 } as const,
        };
        fc.pre(
          !JSON.stringify(definition).includes('alreadyTrue') &&
            definition.trigger.kind === 'event',
        );
        const { log, endsAt } = scenario(stream);
        const world: VirtualInput = { definitions: [timeless], log, until: endsAt + 10_000_000 };
        const late = {
          ...world,
          lateness: (_: string, seq: number) => delays[seq % delays.length] ?? 0,
        };
        const [prompt, delayed] = [runVirtually(world), runVirtually(late)];
        expect(trails(delayed)).toEqual(trails(prompt));
        compared += prompt.enrolments.length;
      }),
      { numRuns: 500 },
    );
    expect(compared).toBeGreaterThan(200);
  });
});
