/** Journeys of the bench, whose every action posts to one sink. */
import { randomBytes } from 'node:crypto';
import type { Workspace } from '../lab/lab.js';

const CONNECTION = 'sink';

export async function putSink({ api }: Workspace, sinkPort: number): Promise<void> {
  await api.put(`/api/v1/connections/${CONNECTION}`, {
    key: CONNECTION,
    name: 'Sink',
    connector: 'webhook',
    settings: {
      url: `http://127.0.0.1:${sinkPort}/hook`,
      secret: `whsec_${randomBytes(32).toString('base64')}`,
    },
  });
}

/** Begun by an event, once for each `id` in its properties. */
export function journeyParts(key: string, event: string) {
  return {
    key,
    name: `Bench: ${key}`,
    trigger: { kind: 'event', event },
    entry: { reentry: 'perKey', path: 'id', maxConcurrent: 10 },
    purpose: null,
  };
}

function post(property: 'id' | 'first' | 'second', next: string) {
  return {
    kind: 'sendToDestination',
    connection: CONNECTION,
    action: 'post',
    input: {
      event: 'bench.act',
      body: { id: { $path: `trigger.properties.${property}` } },
    },
    next,
  };
}

const DONE = { done: { kind: 'exit', reason: 'done' } } as const;

export function actSteps() {
  return { act: post('id', 'done'), ...DONE };
}

/** Send, wait a second, send. */
export const WALK_JOURNEY = {
  ...journeyParts('walk', 'Walk'),
  start: 'first',
  steps: {
    first: post('first', 'pause'),
    pause: { kind: 'delay', duration: { seconds: 1 }, next: 'second' },
    second: post('second', 'done'),
    ...DONE,
  },
};

/** Waits longer than any bench runs. */
export const REST_JOURNEY = {
  ...journeyParts('rest', 'Rest'),
  start: 'rest',
  steps: { rest: { kind: 'delay', duration: { days: 7 }, next: 'done' }, ...DONE },
};

/** Acts at the instant that the customer's trait names. */
export const STORM_JOURNEY = {
  ...journeyParts('storm', 'Storm'),
  start: 'hold',
  steps: {
    hold: {
      kind: 'delay',
      until: { kind: 'date', trait: 'due_at', ifPast: 'continue' },
      next: 'act',
    },
    ...actSteps(),
  },
};

/** Who looks and does not order within two days is written to; everybody once. */
export const FORECAST_JOURNEY = {
  key: 'forecast',
  name: 'Bench: forecast',
  trigger: { kind: 'event', event: 'Viewed' },
  entry: { reentry: 'once' },
  start: 'hope',
  steps: {
    hope: {
      kind: 'waitFor',
      branches: [{ id: 'ordered', on: { kind: 'event', event: 'Ordered' }, next: 'done' }],
      timeout: { after: { days: 2 }, next: 'act' },
    },
    act: {
      kind: 'sendToDestination',
      connection: CONNECTION,
      action: 'post',
      input: { event: 'bench.forecast', body: { total: { $path: 'trigger.properties.total' } } },
      next: 'done',
    },
    ...DONE,
  },
  purpose: null,
};
