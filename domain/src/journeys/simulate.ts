import type { CapsDocument } from '../destinations/types.js';
import { extractFacts, type SegmentIndex } from '../segments/index.js';
import { HELD_OUT } from './lots.js';
import { conditionsOf, matchesOf, outlinesOf, segmentsOf } from './references.js';
import { runVirtually, watchedBy } from './virtual-host.js';
import type {
  CustomerHappening,
  VirtualCustomer,
  VirtualDeliveryResult,
  VirtualEnrolment,
} from './virtual-world.js';
import type { JourneyDefinition, TrailEntry } from './types.js';

/**
 * What a journey would have done to people as they were: their inputs of some days run through the virtual host, and what came of
 * it counted. Nobody is in the journey at the beginning, every effect that no guard stops is accepted at once. Pages of people are
 * simulated apart and added up.
 */
export interface Simulation {
  /** people who were looked at */
  readonly people: number;
  /** enrolments, those left out for comparison among them */
  readonly entered: number;
  /** triggers that were met without an entry, by the first guard that stood against it */
  readonly refused: Counts;
  readonly steps: Readonly<Record<string, StepForecast>>;
  /** by outcome, as in an enrolment; `open`: not ended by the end of the time */
  readonly outcomes: Counts;
  /** enrolments that reached a goal, by goal */
  readonly goals: Counts;
  /** by whole days since the beginning */
  readonly enteredByDay: readonly number[];
  readonly sentByDay: readonly number[];
  readonly samples: readonly SampleRun[];
}

type Counts = Readonly<Record<string, number>>;

export interface StepForecast {
  readonly visits: number;
  /** enrolments that stand here at the end of the time */
  readonly standing: number;
  readonly branches: Counts;
  readonly sent: number;
  /** messages and other effects that did not go out, by reason */
  readonly stopped: Counts;
  /** those that went out later than they could have, by what kept them */
  readonly kept: Counts;
}

export interface SampleRun {
  readonly customer: string;
  readonly enteredAt: number;
  /** null: not ended */
  readonly outcome: string | null;
  readonly trail: readonly TrailEntry[];
}

export interface SimulatedPage {
  readonly customers: Readonly<Record<string, VirtualCustomer>>;
  /** of all of them, in log order */
  readonly log: readonly CustomerHappening[];
}

export interface SimulatedTime {
  readonly from: number;
  readonly until: number;
  readonly caps: CapsDocument;
}

const SAMPLES = 20;
const MOST_SAMPLED = 200;
const DAY_MS = 86_400_000;
const STILL_OPEN = 'open';

export const NOTHING_SIMULATED: Simulation = {
  people: 0,
  entered: 0,
  refused: {},
  steps: {},
  outcomes: {},
  goals: {},
  enteredByDay: [],
  sentByDay: [],
  samples: [],
};

export function simulatePage(
  definition: JourneyDefinition,
  { customers, log }: SimulatedPage,
  { from, until, caps }: SimulatedTime,
): Simulation {
  const definitions = [definition];
  const { enrolments, refusals } = runVirtually({ definitions, log, customers, from, until, caps });
  const tally = new Tally(from);
  for (const enrolment of enrolments) tally.add(enrolment);
  return {
    ...tally.result(),
    people: Object.keys(customers).length,
    refused: countsOf(refusals.map(({ reason }) => reason)),
  };
}

/** What has to be read of people, and no more. `index` counts the facts that they came with. */
export function simulationReads(definition: JourneyDefinition): {
  readonly events: readonly string[];
  readonly segments: readonly string[];
  readonly counted: readonly string[];
  readonly index: SegmentIndex;
} {
  const { trigger } = definition;
  const facts = conditionsOf(definition).flatMap(({ condition }) => extractFacts(condition));
  const counted = facts.flatMap((fact) =>
    fact.kind === 'absence' ? [fact.event, fact.awaited] : [fact.event],
  );
  const matched = matchesOf(definition).flatMap(({ on }) =>
    on.kind === 'event' ? [on.event] : [],
  );
  const began = trigger.kind === 'event' ? [trigger.event] : [];
  return {
    events: [...new Set([...began, ...matched, ...counted])],
    segments: [...new Set(segmentsOf(definition).map(({ segment }) => segment))],
    counted: [...new Set(counted)],
    index: watchedBy([definition]),
  };
}

export function addSimulations(a: Simulation, b: Simulation): Simulation {
  return {
    people: a.people + b.people,
    entered: a.entered + b.entered,
    refused: added(a.refused, b.refused),
    steps: merged(a.steps, b.steps, addSteps),
    outcomes: added(a.outcomes, b.outcomes),
    goals: added(a.goals, b.goals),
    enteredByDay: addedDays(a.enteredByDay, b.enteredByDay),
    sentByDay: addedDays(a.sentByDay, b.sentByDay),
    samples: picked([...a.samples, ...b.samples]),
  };
}

/** Everything that kept people from being reached, by guard: those left out for comparison, and every effect that was stopped. */
export function guardsOf({ steps, outcomes }: Simulation): Counts {
  const heldOut = outcomes[HELD_OUT];
  const stopped = Object.values(steps).map((step) => step.stopped);
  return [heldOut === undefined ? {} : { [HELD_OUT]: heldOut }, ...stopped].reduce(added, {});
}

export function sentIn({ steps }: Simulation): number {
  return Object.values(steps).reduce((sum, { sent }) => sum + sent, 0);
}

/** Steps as a person comes to them, whatever order they were written in; those that nobody can reach come last. */
export function stepsInOrder(definition: JourneyDefinition): readonly string[] {
  const edges = new Map(outlinesOf(definition).map(({ id, edges: to }) => [id, to]));
  const found = new Set([definition.start]);
  for (const id of found) for (const { to } of edges.get(id) ?? []) found.add(to);
  return [...new Set([...found, ...edges.keys()])];
}

/** Counts enrolments, in place. */
class Tally {
  private entered = 0;
  private readonly outcomes: Record<string, number> = {};
  private readonly goals: Record<string, number> = {};
  private readonly steps = new Map<string, StepTally>();
  private readonly enteredByDay: number[] = [];
  private readonly sentByDay: number[] = [];
  private samples: readonly SampleRun[] = [];
  private readonly ways = new Set<string>();

  constructor(private readonly from: number) {}

  add(enrolment: VirtualEnrolment): void {
    const { outcome, goals, enteredAt, trail, deliveries, state } = enrolment;
    this.entered += 1;
    this.count(this.enteredByDay, enteredAt);
    raise(this.outcomes, outcome ?? STILL_OPEN);
    for (const { goalId } of goals) raise(this.goals, goalId);
    for (const entry of trail) this.note(entry);
    for (const delivery of deliveries) this.deliver(delivery);
    const { place } = state;
    if (place.kind === 'waiting' || place.kind === 'delivering')
      this.step(place.step).standing += 1;
    this.sample(sampleOf(enrolment));
  }

  result(): Omit<Simulation, 'people' | 'refused'> {
    const { entered, outcomes, goals, enteredByDay, sentByDay, samples } = this;
    const steps = Object.fromEntries(this.steps);
    return {
      entered,
      outcomes,
      goals,
      steps,
      samples,
      enteredByDay: addedDays(enteredByDay, []),
      sentByDay: addedDays(sentByDay, []),
    };
  }

  private note({ kind, step, at, detail }: TrailEntry): void {
    if (step === null) return;
    if (kind === 'stepped') this.step(step).visits += 1;
    if (kind === 'timed_out') raise(this.step(step).branches, 'timeout');
    const { branch } = detail;
    if (typeof branch === 'string') raise(this.step(step).branches, branch);
    if (kind === 'sent') this.count(this.sentByDay, at);
  }

  /** Most runs go a way that is known, so they are not looked at twice. */
  private sample(run: SampleRun): void {
    const isFirst = isNew(this.ways, wayOf(run));
    if (isFirst || this.samples.length < SAMPLES) this.samples = picked([...this.samples, run]);
  }

  private deliver({ delivery, outcome, blockedBy, keptBy }: VirtualDeliveryResult): void {
    const step = this.step(delivery.step);
    if (blockedBy !== null) raise(step.kept, blockedBy);
    if (outcome?.kind === 'accepted') step.sent += 1;
    if (outcome?.kind === 'accepted' && keptBy !== undefined) raise(step.kept, keptBy);
    if (outcome?.kind === 'skipped') raise(step.stopped, outcome.reason);
  }

  private step(id: string): StepTally {
    const known = this.steps.get(id);
    if (known !== undefined) return known;
    const fresh = { visits: 0, standing: 0, branches: {}, sent: 0, stopped: {}, kept: {} };
    this.steps.set(id, fresh);
    return fresh;
  }

  private count(days: number[], at: number): void {
    const day = Math.floor((at - this.from) / DAY_MS);
    days[day] = (days[day] ?? 0) + 1;
  }
}

interface StepTally {
  visits: number;
  standing: number;
  branches: Record<string, number>;
  sent: number;
  stopped: Record<string, number>;
  kept: Record<string, number>;
}

function sampleOf({ customer, enteredAt, outcome, trail }: VirtualEnrolment): SampleRun {
  return { customer, enteredAt, outcome, trail: trail.slice(0, MOST_SAMPLED) };
}

/** One of every way through the journey first, then whoever came first. */
function picked(runs: readonly SampleRun[]): readonly SampleRun[] {
  if (runs.length <= SAMPLES) return runs;
  const ways = new Set<string>();
  const firsts = new Set(runs.filter((run) => isNew(ways, wayOf(run))));
  return [...firsts, ...runs.filter((run) => !firsts.has(run))].slice(0, SAMPLES);
}

function wayOf({ trail, outcome }: SampleRun): string {
  return [...trail.map(({ kind, step }) => `${kind} ${step ?? ''}`), outcome].join('\n');
}

function isNew(seen: Set<string>, one: string): boolean {
  if (seen.has(one)) return false;
  seen.add(one);
  return true;
}

function addSteps(a: StepForecast, b: StepForecast): StepForecast {
  return {
    visits: a.visits + b.visits,
    standing: a.standing + b.standing,
    branches: added(a.branches, b.branches),
    sent: a.sent + b.sent,
    stopped: added(a.stopped, b.stopped),
    kept: added(a.kept, b.kept),
  };
}

function added(a: Counts, b: Counts): Counts {
  return merged(a, b, (left, right) => left + right);
}

function merged<T>(
  a: Readonly<Record<string, T>>,
  b: Readonly<Record<string, T>>,
  both: (left: T, right: T) => T,
): Record<string, T> {
  const all = new Map(Object.entries(a));
  for (const [key, value] of Object.entries(b)) {
    const known = all.get(key);
    all.set(key, known === undefined ? value : both(known, value));
  }
  return Object.fromEntries(all);
}

function addedDays(a: readonly number[], b: readonly number[]): number[] {
  const length = Math.max(a.length, b.length);
  return Array.from({ length }, (_, day) => (a[day] ?? 0) + (b[day] ?? 0));
}

function countsOf(words: readonly string[]): Counts {
  const counts: Record<string, number> = {};
  for (const word of words) raise(counts, word);
  return counts;
}

function raise(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
