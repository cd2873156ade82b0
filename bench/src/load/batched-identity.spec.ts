import { describe, expect, it } from '@jest/globals';
import { identifierKey } from '@throughline/domain/identity';
import { UnionFind } from '../limits/union-find.js';
import { BatchedIdentity } from './batched-identity.js';
import { identityBody, identityEvents, isShared, refsOf, type Mix } from './identity-mix.js';

const EVENTS = 20_000;

function resolved(mix: Mix, batch: number): BatchedIdentity {
  const refs = identityEvents(mix, EVENTS).map(refsOf);
  const identity = new BatchedIdentity();
  for (let from = 0; from < refs.length; from += batch)
    identity.apply(refs.slice(from, from + batch));
  return identity;
}

describe('a mix of identifiers', () => {
  it.each(['standard', 'adversarial'] as const)('%s is as long as asked for', (mix) => {
    expect(identityEvents(mix, 1_234)).toHaveLength(1_234);
    expect(identityEvents(mix, 100, 5)).toEqual(identityEvents(mix, 100, 5));
  });

  it('of the adversarial kind joins three at a time and shares devices', () => {
    const { merged, refused } = resolved('adversarial', 1_000);
    expect(merged).toBeGreaterThan(EVENTS / 4);
    expect(refused).toBe(0);
  });

  it('goes to the door as calls that name only who it is', () => {
    const body: unknown = JSON.parse(
      identityBody([{ user: 'u', anonymous: null, email: 'u@example.com' }], 'h'),
    );
    expect(body).toEqual({
      batch: [
        { type: 'identify', messageId: 'h-0', userId: 'u', traits: { email: 'u@example.com' } },
      ],
    });
  });
});

describe('resolution by batches', () => {
  it.each([
    ['standard', 1],
    ['standard', 1_000],
    ['standard', EVENTS],
    ['adversarial', 37],
    ['adversarial', 1_000],
  ] as const)(
    'of the %s mix, %i at a time, finds the customers that hang together',
    (mix, batch) => {
      const graph = new UnionFind();
      for (const event of identityEvents(mix, EVENTS))
        graph.join(
          refsOf(event)
            .filter((ref) => !isShared(ref))
            .map(identifierKey),
        );
      expect(resolved(mix, batch).size).toBe(graph.components);
    },
  );
});
