/**
 * The simulator reads history; what it makes of a journey must be what the journey made of the people who lived that history.
 * Whole lives go through the lane and `step`, then the same journey is simulated over what they left in the tables.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { segmentsOf, type JourneyDefinition, type TrailEntry } from '@throughline/domain/journeys';
import type { JsonObject } from '@throughline/domain/shared';
import {
  sampleJourneys,
  type JourneyNames,
} from '../../../domain/src/journeys/testing/arbitrary-journey.js';
import {
  arbitraryStream,
  type StreamItem,
} from '../../../domain/src/journeys/testing/arbitrary-stream.js';
import { identify, track, type TestEvent } from '../ingestion/testing/lane-kit.js';
import { inWorkspace } from '../shared/index.js';
import { simulateNextPage } from './simulate.js';
import { planSimulation } from './simulation-plan.js';
import { createSimulation, readSimulation } from './simulations.js';
import { PastKit } from './testing/past-kit.js';

const LIVES = 24;
const SEED = 20_262;
const LIFE_MS = 15 * 60_000;

interface Life {
  readonly definition: JourneyDefinition;
  readonly stream: readonly StreamItem[];
  readonly userId: string;
}

interface Told {
  readonly enteredAt: number;
  readonly outcome: string | null;
  readonly trail: readonly TrailEntry[];
}

describe('a simulation over lives that were lived', () => {
  let past: PastKit;
  const lives = Array.from({ length: LIVES }, (_, index) => lifeOf(index));
  const beginsAt = Math.floor(Date.now() / 1_000) * 1_000 - 6 * 3_600_000;

  beforeAll(async () => {
    past = await PastKit.open((_, journey) => {
      const index = Number(journey.split('-')[1]);
      const asks = lives[index]?.definition.purpose !== null;
      return asks && isDenied(index)
        ? { kind: 'skipped', reason: 'no_consent' }
        : { kind: 'accepted' };
    });
    for (const { definition } of lives) {
      const used = new Set(segmentsOf(definition).map(({ segment }) => segment));
      for (const key of used) await past.publish('segment', segmentOf(key), beginsAt - 60_000);
      await past.publish('journey', definition, beginsAt - 60_000);
    }
    for (const [index, life] of lives.entries())
      await live(past, life, { index, from: beginsAt + index * LIFE_MS });
    await past.pass(beginsAt + LIVES * LIFE_MS);
  }, 300_000);

  afterAll(() => past.close());

  it.each(lives.map((life, index) => [index, life] as const))(
    `tells the trails of life %i (seed ${SEED})`,
    async (_, { definition }) => {
      expect(await simulated(past, definition)).toEqual(await told(past, definition.key));
    },
  );

  it('has compared something', async () => {
    const kinds = await past.kit.rows<{ kind: string }>('select distinct kind from trail');
    expect(kinds.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining([
        'entered',
        'fired',
        'timed_out',
        'branched',
        'sent',
        'skipped',
        'ended',
      ]),
    );
  });
});

async function simulated(past: PastKit, definition: JourneyDefinition): Promise<Told[]> {
  const { workspaceId, engine, app } = past;
  const { simulationId } = await inWorkspace(app, workspaceId, async (client) => {
    const wanted = { definition, days: 1, maxCustomers: 1_000 };
    const plan = await planSimulation(client, workspaceId, wanted);
    const asked = { journeyKey: definition.key, version: null, days: 1, plan, createdBy: 'test' };
    return createSimulation(client, workspaceId, asked);
  });
  while ((await simulateNextPage(engine, { workspaceId, simulationId })).state === 'more');
  const row = await inWorkspace(engine, workspaceId, (client) =>
    readSimulation(client, workspaceId, simulationId),
  );
  const samples = row?.result.samples ?? [];
  expect(samples).toHaveLength(row?.result.entered ?? -1);
  return samples.map(({ enteredAt, outcome, trail }) => ({ enteredAt, outcome, trail }));
}

async function told(past: PastKit, journey: string): Promise<Told[]> {
  const enrolments = await past.kit.rows<{ id: string; enteredAt: number; outcome: string | null }>(
    `select enrolment_id as id, entered_at as "enteredAt", outcome from enrolment where journey_key = $1
      order by entered_position, entered_ordinal`,
    [journey],
  );
  const all: Told[] = [];
  for (const { id, ...enrolment } of enrolments) {
    const trail = await past.kit.rows<TrailEntry & JsonObject>(
      'select kind, step_id as step, visit, at, detail from trail where enrolment_id = $1 order by seq, entry',
      [id],
    );
    all.push({ ...enrolment, trail });
  }
  return all;
}

function lifeOf(index: number): Life {
  const names = namesOf(index);
  const [definition] = sampleJourneys(SEED * 1_000 + index, 1, names);
  const [stream] = fc.sample(arbitraryStream(names, { maxLength: 14, withRequests: false }), {
    seed: SEED * 1_000 + index,
    numRuns: 1,
  });
  if (definition === undefined || stream === undefined) throw new TypeError('no life was made');
  return { definition, stream, userId: `u${index}` };
}

/** Updates of profiles are left out: the log brings them back after a moment, and the simulator at once. */
function namesOf(index: number): JourneyNames {
  const vip = `vip-${index}`;
  const red = `Red ${index}`;
  return {
    key: `lived-${index}`,
    trigger: `Begin ${index}`,
    events: [red, `Green ${index}`, `Blue ${index}`, `Black ${index}`],
    segments: [vip],
    conditions: [
      { segment: vip },
      { trait: 'plan', op: 'equals', value: 'gold' },
      { event: red, count: { gte: 2 } },
      { event: red, within: 'PT3S' },
    ],
    connection: 'mail',
    template: 'cart',
    action: 'post',
    keyPath: 'k',
    kinds: ['delay', 'waitFor', 'split', 'randomSplit', 'message', 'sendToDestination'],
  };
}

function segmentOf(key: string) {
  return { key, name: key, condition: { trait: traitOf(key), op: 'equals', value: true } };
}

const traitOf = (segment: string): string => segment.replace('-', '_');
const isDenied = (index: number): boolean => index % 2 === 1;

async function live(
  past: PastKit,
  { stream, userId }: Life,
  { index, from }: { readonly index: number; readonly from: number },
): Promise<void> {
  const traits = { email: `${userId}@example.com`, plan: index % 2 === 0 ? 'gold' : 'tin' };
  const consent = { purpose: 'marketing', state: isDenied(index) ? 'denied' : 'granted' };
  await past.happen(from, [
    identify({ userId }, { ...traits, [traitOf(`vip-${index}`)]: false }),
    track('Consent Changed', { userId }, { properties: consent }),
  ]);
  let now = from + 1_000;
  let batch: TestEvent[] = [];
  for (const item of stream) {
    if (item.afterMs > 0 && batch.length > 0) {
      await past.happen(now, batch);
      batch = [];
    }
    now += item.afterMs;
    batch.push(eventOf(item, userId));
  }
  await past.happen(now, batch);
  await past.pass(from + LIFE_MS - 1_000);
}

function eventOf(item: StreamItem, userId: string): TestEvent {
  switch (item.kind) {
    case 'event':
      return track(item.event, { userId }, { properties: item.properties });
    case 'segment':
      return identify({ userId }, { [traitOf(item.segment)]: item.change === 'entered' });
    case 'request':
      throw new TypeError('these lives have no operators');
  }
}
