import { z } from 'zod';
import {
  guardsOf,
  sentIn,
  stepsInOrder,
  type SampleRun,
  type Simulation,
  type StepForecast,
} from '@throughline/domain/journeys';
import type { MeasuredRadius, SimulationRow } from '@throughline/store/journeys';
import { iso, isoOrNull } from '../common/params.js';

const Time = z.iso.datetime();
const Counts = z.record(z.string(), z.int());

const StepForecastView = z.object({
  step: z.string(),
  visits: z.int(),
  standing: z.int().describe('stand here at the end of the time'),
  branches: Counts,
  sent: z.int(),
  stopped: Counts.describe('effects that did not go out, by the guard that stopped them'),
  kept: Counts.describe('that went out later, or are kept still, by what kept them'),
});

const SampleView = z.object({
  customer: z.uuid(),
  enteredAt: Time,
  outcome: z.string().nullable(),
  trail: z.array(
    z.object({
      at: Time,
      kind: z.string(),
      step: z.string().nullable(),
      visit: z.int().nullable(),
      detail: z.record(z.string(), z.unknown()),
    }),
  ),
});

export const SimulationView = z.object({
  id: z.uuid(),
  journey: z.string(),
  version: z.int().nullable().describe('null: the draft, or a definition of the request'),
  state: z.enum(['queued', 'running', 'done', 'failed']),
  days: z.int(),
  from: Time,
  until: Time,
  createdAt: Time,
  finishedAt: Time.nullable(),
  people: z.object({
    done: z.int(),
    sample: z.int().describe('how many will have been looked at'),
    population: z.int(),
    share: z.number().describe('sample ÷ population; divide counts by it to estimate all'),
  }),
  entered: z.int(),
  refused: Counts.describe('triggers without an entry, by the first guard against it'),
  outcomes: Counts.describe('`open`: not ended by the end of the time'),
  goals: Counts,
  sent: z.int(),
  guards: Counts.describe('everything that kept people from being reached, by guard'),
  steps: z.array(StepForecastView).describe('as a person comes to them'),
  enteredByDay: z.array(z.int()),
  sentByDay: z.array(z.int()),
  samples: z.array(SampleView).describe('up to 20, one of every way through the journey first'),
});

export function simulationView(row: SimulationRow): z.infer<typeof SimulationView> {
  const { plan, result } = row;
  return {
    id: row.simulationId,
    journey: row.journeyKey,
    version: row.version,
    state: row.state,
    days: row.days,
    from: iso(plan.from),
    until: iso(plan.until),
    createdAt: iso(row.createdAt),
    finishedAt: isoOrNull(row.finishedAt),
    people: {
      done: result.people,
      sample: Math.round(plan.population * plan.share),
      population: plan.population,
      share: plan.share,
    },
    ...countsView(result, stepsInOrder(plan.definition)),
    samples: result.samples.map(sampleView),
  };
}

const NO_VISITS: StepForecast = {
  visits: 0,
  standing: 0,
  branches: {},
  sent: 0,
  stopped: {},
  kept: {},
};

function countsView(result: Simulation, steps: readonly string[]) {
  const { entered, refused, outcomes, goals, enteredByDay, sentByDay } = result;
  return {
    entered,
    refused: { ...refused },
    outcomes: { ...outcomes },
    goals: { ...goals },
    sent: sentIn(result),
    guards: { ...guardsOf(result) },
    steps: steps.map((step) => ({ step, ...(result.steps[step] ?? NO_VISITS) })),
    enteredByDay: [...enteredByDay],
    sentByDay: [...sentByDay],
  };
}

function sampleView({ customer, enteredAt, outcome, trail }: SampleRun) {
  return {
    customer,
    enteredAt: iso(enteredAt),
    outcome,
    trail: trail.map((entry) => ({ ...entry, at: iso(entry.at) })),
  };
}

const RateView = z.object({ perDay: z.int(), busiestDay: z.int() });

export const BlastRadiusView = z.object({
  days: z.int().describe('of history that the numbers come from'),
  people: z.int().describe('who were looked at'),
  population: z.int(),
  insideNow: z
    .int()
    .describe('members of the segment of the trigger; publishing takes none of them in'),
  enters: RateView,
  messages: RateView.describe('messages and other effects that would go out'),
  limit: z.int().describe('messages on the busiest day above which publishing asks for confirm'),
  needsConfirmation: z.boolean(),
});

export function radiusView(radius: MeasuredRadius, limit: number): z.infer<typeof BlastRadiusView> {
  const { days, people, population, insideNow, enters, messages } = radius;
  return {
    days,
    people,
    population,
    insideNow,
    enters: { ...enters },
    messages: { ...messages },
    limit,
    needsConfirmation: messages.busiestDay > limit,
  };
}
