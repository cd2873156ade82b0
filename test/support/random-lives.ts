/** Random journeys and the random life of one customer beside each, made so that a hundred of them can be lived in seconds. */
import { segmentsOf, type JourneyDefinition, type Step } from '@throughline/domain/journeys';
import type { JsonObject } from '@throughline/domain/shared';
import fc from 'fast-check';
import {
  sampleJourneys,
  type JourneyNames,
} from '../../domain/src/journeys/testing/arbitrary-journey.js';
import {
  arbitraryStream,
  type StreamItem,
} from '../../domain/src/journeys/testing/arbitrary-stream.js';
import { identify, track, type TestEvent } from '../../store/src/ingestion/testing/lane-kit.js';

export interface RandomLife {
  readonly definition: JourneyDefinition;
  readonly segments: readonly (JsonObject & { readonly key: string })[];
  readonly userId: string;
  /** requests: what is sent together, and how long after the one before */
  readonly requests: readonly { readonly afterMs: number; readonly events: readonly TestEvent[] }[];
}

/** Names are each journey's own: nobody enters a journey of somebody else. */
export function randomLife(seed: number, index: number): RandomLife {
  const names = namesOf(index);
  const [definition] = sampleJourneys(seed * 10_000 + index, 1, names);
  const streams = fc.sample(arbitraryStream(names, { maxLength: 14, withRequests: false }), {
    seed: seed * 10_000 + index,
    numRuns: 1,
  });
  if (definition === undefined) throw new TypeError('no journey was made');
  const userId = `u${index}`;
  const used = new Set(segmentsOf(definition).map(({ segment }) => segment));
  const named = names.segments.filter((key) => used.has(key));
  return {
    definition: adapted(definition),
    segments: named.map((key) => ({
      key,
      name: key,
      condition: { trait: traitOf(key), op: 'equals', value: true },
    })),
    userId,
    requests: requestsOf(streams[0] ?? [], userId, index),
  };
}

function namesOf(index: number): JourneyNames {
  const [vip, lapsed] = [`vip-${index}`, `lapsed-${index}`];
  const red = `Red ${index}`;
  return {
    key: `random-${index}`,
    trigger: `Begin ${index}`,
    events: [red, `Green ${index}`, `Blue ${index}`, `Black ${index}`],
    segments: [vip, lapsed],
    conditions: [
      { segment: vip },
      { trait: 'plan', op: 'equals', value: 'gold' },
      { event: red, count: { gte: 2 } },
      { not: { all: [{ segment: lapsed }, { trait: 'stage', op: 'exists' }] } },
      { trait: 'stage', op: 'exists' },
    ],
    connection: 'hook',
    template: 'cart',
    action: 'post',
    keyPath: 'k',
    kinds: [
      'delay',
      'waitFor',
      'split',
      'randomSplit',
      'message',
      'sendToDestination',
      'updateProfile',
    ],
  };
}

const traitOf = (segment: string): string => segment.replace('-', '_');

/** Waits of one second and a little: as short as the product allows. Connections and inputs as they exist here. */
function adapted(definition: JourneyDefinition): JourneyDefinition {
  const steps = Object.entries(definition.steps).map(([id, step]): [string, Step] => [
    id,
    adaptedStep(step),
  ]);
  return { ...definition, steps: Object.fromEntries(steps) };
}

function adaptedStep(step: Step): Step {
  switch (step.kind) {
    case 'delay':
      return step.duration === undefined ? step : { ...step, duration: shortened(step.duration) };
    case 'waitFor':
      return { ...step, timeout: { ...step.timeout, after: shortened(step.timeout.after) } };
    case 'message':
      return { ...step, connection: 'mail' };
    case 'sendToDestination':
      return { ...step, input: { event: 'random', body: step.input } };
    case 'window':
    case 'split':
    case 'randomSplit':
    case 'updateProfile':
    case 'exit':
      return step;
  }
}

function shortened(duration: JourneyDefinition['maxTriggerAge']) {
  const seconds = typeof duration === 'object' ? (duration.seconds ?? 1) : 1;
  return { milliseconds: 960 + seconds * 40 };
}

const PACE = 0.4;
/** Requests this close to each other may be stamped alike although they are two. */
const APART_MS = 20;

/** Items without a gap are of one request: they carry one stamp. */
function requestsOf(
  stream: readonly StreamItem[],
  userId: string,
  index: number,
): RandomLife['requests'] {
  const traits = {
    email: `${userId}@example.com`,
    plan: index % 2 === 0 ? 'gold' : 'tin',
    ...Object.fromEntries(namesOf(index).segments.map((key) => [traitOf(key), false])),
  };
  const consent = { purpose: 'marketing', state: index % 10 === 0 ? 'denied' : 'granted' };
  const first = [
    identify({ userId }, traits),
    track('Consent Changed', { userId }, { properties: consent }),
  ];
  const requests: { afterMs: number; events: TestEvent[] }[] = [{ afterMs: 0, events: first }];
  for (const item of stream) {
    const event = eventOf(item, userId);
    const last = requests.at(-1);
    if (item.afterMs === 0 && last !== undefined && requests.length > 1) last.events.push(event);
    else
      requests.push({
        afterMs: Math.max(APART_MS, Math.round(item.afterMs * PACE)),
        events: [event],
      });
  }
  return requests;
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
