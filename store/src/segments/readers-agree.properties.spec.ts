import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isMember, type Condition, type CustomerFacts } from '@throughline/domain/segments';
import {
  anyClock,
  anyCondition,
  anyEvents,
  type SomeEvent,
} from '../../../domain/src/segments/testing/generators.js';
import { factsAfter, indexOf, personAfter } from '../../../domain/src/segments/testing/live.js';
import { naive } from '../../../domain/src/segments/testing/naive-oracle.js';
import { newId } from '../shared/index.js';
import { compileCondition } from './compile-condition.js';
import { openPeopleKit, type PeopleKit } from './testing/people-kit.js';
import { whoAmI } from './who-am-i.js';

const PEOPLE = 200;
const SEED = 20_260_801;
/** A few in every run of the tests, 600 in the deep one. */
const TREES = Math.max(60, 2 * Number(process.env['TL_PROPERTY_RUNS'] ?? 0));

interface Life {
  readonly customerId: string;
  /** was taken in by the other id; some of the events were applied to it before */
  readonly absorbedId: string | null;
  readonly events: readonly SomeEvent[];
}

/**
 * One tree has three readers: the evaluator of the lane over counted facts, SQL over rows, and an oracle that walks the raw events.
 * They agree about everybody, whatever the tree, and at every clock: with values of the wrong type, with none, with events that
 * came late, and with people who are two profiles.
 */
describe('the readers of a condition', () => {
  let kit: PeopleKit;
  const lives: Life[] = fc
    .sample(fc.tuple(anyEvents, fc.boolean()), { numRuns: PEOPLE, seed: SEED })
    .map(([events, isMerged]) => ({
      customerId: newId(),
      absorbedId: isMerged ? newId() : null,
      events,
    }));
  const nobody: Condition = { any: [] };
  const traits = new Map(
    lives.map(({ customerId, events }) => [customerId, personAfter(nobody, events).traits]),
  );

  beforeAll(async () => {
    kit = await openPeopleKit();
    await kit.addPeople(
      lives.map(({ customerId }) => ({ customerId, stamped: traits.get(customerId) ?? {} })),
    );
    await kit.addPeople(
      lives.flatMap(({ customerId, absorbedId }) =>
        absorbedId === null
          ? []
          : [{ customerId: absorbedId, mergedInto: customerId, traits: { x: 'a' } }],
      ),
    );
    await kit.addEvents(
      lives.flatMap(({ customerId, absorbedId, events }) =>
        events.map((event, index) => ({
          ...event,
          customerId: absorbedId !== null && index % 2 === 0 ? absorbedId : customerId,
        })),
      ),
    );
    await kit.rows('analyze');
  });
  afterAll(() => kit.close());

  function evaluated(condition: Condition, now: number): string[] {
    const { facts } = indexOf(condition);
    return idsOf(({ customerId, events }) =>
      isMember(condition, viewOf(customerId, factsAfter(facts, events)), now),
    );
  }

  const viewOf = (customerId: string, facts: CustomerFacts['facts']): CustomerFacts => ({
    traits: traits.get(customerId) ?? {},
    facts,
    segments: new Set<string>(),
  });

  const idsOf = (isIn: (life: Life) => boolean): string[] =>
    lives.filter(isIn).map(({ customerId }) => customerId);

  async function selected(condition: Condition, now: number, customers?: readonly string[]) {
    const at = { workspaceId: kit.workspaceId, now, ...(customers ? { customers } : {}) };
    const { text, values } = compileCondition(condition, at);
    const { rows } = await kit.read((client) =>
      client.query<{ customer_id: string }>(text, [...values]),
    );
    return rows.map((row) => row.customer_id).sort();
  }

  it('agree about everybody, for any tree at any clock', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyCondition,
        fc.array(anyClock, { minLength: 3, maxLength: 3 }),
        async (condition, clocks) => {
          for (const now of clocks) {
            const byOracle = idsOf(({ events }) => naive(condition, events, now)).sort();
            expect(evaluated(condition, now).sort()).toEqual(byOracle);
            expect(await selected(condition, now)).toEqual(byOracle);
          }
        },
      ),
      { numRuns: TREES },
    );
  }, 600_000);

  it('agree when a few people are asked for by id, absorbed ids being nobody', async () => {
    const some = fc.array(fc.nat({ max: PEOPLE - 1 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(anyCondition, anyClock, some, async (condition, now, places) => {
        const asked = new Set(places.flatMap((place) => lives[place] ?? []));
        const ids = [...asked].flatMap((life) => [life.customerId, life.absorbedId ?? []]).flat();
        const members = idsOf((life) => asked.has(life) && naive(condition, life.events, now));
        expect(await selected(condition, now, ids)).toEqual(members.sort());
      }),
      { numRuns: TREES },
    );
  }, 600_000);

  it('agree with what a person is told about herself', async () => {
    const place = fc.nat({ max: PEOPLE - 1 });
    await fc.assert(
      fc.asyncProperty(anyCondition, anyClock, place, async (condition, now, at) => {
        const [life] = lives.slice(at);
        const customerId = life?.absorbedId ?? life?.customerId ?? '';
        const told = await kit.read((client) =>
          whoAmI(client, condition, { workspaceId: kit.workspaceId, customerId, now }),
        );
        expect(told?.customerId).toBe(life?.customerId);
        expect(told?.member).toBe(naive(condition, life?.events ?? [], now));
      }),
      { numRuns: TREES },
    );
  }, 600_000);
});
