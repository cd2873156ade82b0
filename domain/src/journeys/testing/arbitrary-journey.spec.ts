import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkJourney } from '../check-journey.js';
import { parseJourney } from '../schemas.js';
import { arbitraryJourney, sampleJourneys } from './arbitrary-journey.js';
import { arbitraryStream, scenarioOf } from './arbitrary-stream.js';

describe('random journeys', () => {
  it('are valid: the schema takes them as they are, and the linter finds nothing', () => {
    fc.assert(
      fc.property(arbitraryJourney(), (definition) => {
        expect(parseJourney(structuredClone(definition))).toEqual({ ok: true, value: definition });
        expect(checkJourney(definition)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('are the same for the same seed', () => {
    expect(sampleJourneys(7, 20)).toEqual(sampleJourneys(7, 20));
    expect(sampleJourneys(7, 20)).not.toEqual(sampleJourneys(8, 20));
  });

  it('have steps of every kind, loops, exits, keys and restarts among a hundred', () => {
    const all = sampleJourneys(1, 100);
    const kinds = new Set(all.flatMap(({ steps }) => Object.values(steps).map(({ kind }) => kind)));
    expect([...kinds].sort()).toEqual([
      'delay',
      'exit',
      'message',
      'randomSplit',
      'sendToDestination',
      'split',
      'updateProfile',
      'waitFor',
      'window',
    ]);
    const text = all.map((definition) => JSON.stringify(definition));
    for (const part of [
      '"restartOnRepeat":true',
      '"alreadyTrue":true',
      '"same":',
      '"where":',
      '"onError":',
      'perKey',
      'afterExit',
      '"kind":"segment"',
    ]) {
      expect(text.filter((one) => one.includes(part)).length).toBeGreaterThan(4);
    }
    const looping = all.filter(({ steps }) =>
      Object.entries(steps).some(
        ([id, step]) =>
          step.kind === 'waitFor' &&
          step.branches.some(({ next }) => Number(next.slice(1)) <= Number(id.slice(1))),
      ),
    );
    expect(looping.length).toBeGreaterThan(10);
  });

  it('name only what they are given', () => {
    const names = {
      segments: [],
      kinds: ['delay', 'message'] as const,
      connection: 'mine',
      trigger: 'Mine',
    };
    for (const definition of sampleJourneys(3, 30, names)) {
      expect(definition.trigger).toEqual({ kind: 'event', event: 'Mine' });
      for (const step of Object.values(definition.steps))
        expect(['delay', 'message', 'exit']).toContain(step.kind);
      expect(JSON.stringify(definition)).not.toMatch(/segment|shop-mail/);
    }
  });
});

describe('random streams', () => {
  it('begin with the trigger and never run backwards', () => {
    fc.assert(
      fc.property(arbitraryStream({ trigger: 'Mine' }), (stream) => {
        const { log, requests, endsAt } = scenarioOf(stream, {
          beginsAt: 1_000,
          journey: 'j',
          customer: 'c',
        });
        expect(log[0]?.happening).toMatchObject({ kind: 'event', name: 'Mine', messageId: 'm1' });
        const clocks = log.map(({ happening }) => happening.ref.clock);
        expect(clocks).toEqual([...clocks].sort((a, b) => a - b));
        for (const { at } of requests) expect(at).toBeLessThanOrEqual(endsAt);
      }),
    );
  });

  it('change a membership only where it changes', () => {
    fc.assert(
      fc.property(arbitraryStream(), (stream) => {
        const { log } = scenarioOf(stream, { beginsAt: 0, journey: 'j', customer: 'c' });
        for (const segment of ['vip', 'lapsed']) {
          const changes = log.flatMap(({ happening }) =>
            happening.kind === 'segment' && happening.segment === segment ? [happening.change] : [],
          );
          changes.forEach((change, index) => {
            expect(change).toBe(index % 2 === 0 ? 'entered' : 'left');
          });
        }
      }),
    );
  });
});
