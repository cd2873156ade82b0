/** The options of `npm run bench`, and how long each thing is measured. */
import { parseArgs } from 'node:util';
import { Failure, messageOf } from '@throughline/scripts/failure';

export const GROUPS = [
  'stack',
  'ingest',
  'pipeline',
  'event_to_segment',
  'event_to_action',
  'journeys',
  'segments',
  'import',
  'identity',
  'prediction',
  'profile',
  'simulate',
] as const;
export type GroupName = (typeof GROUPS)[number];

export interface BenchOptions {
  readonly groups: readonly GroupName[];
  readonly json: string | null;
  /** Temporal's development server instead of one on PostgreSQL */
  readonly dev: boolean;
  readonly quick: boolean;
  readonly profile: boolean;
  readonly plan: Plan;
}

/** Lengths in seconds. */
export interface Plan {
  readonly rounds: number;
  readonly warmSeconds: number;
  /** one side of a round of requests */
  readonly ingestSeconds: number;
  /** one side of a round of the pipeline */
  readonly pipelineSeconds: number;
  /** the standard load at the goal's rate, without a pause */
  readonly soakSeconds: number;
  readonly actionSeconds: number;
  readonly actionsPerSecond: number;
  /** how long a started stack is left alone before its memory is counted */
  readonly settleSeconds: number;
  /** run the demo's cohort before memory is counted, as `npm start` does */
  readonly cohort: boolean;
  /** what a lane meets while waits of single people are timed: half of what it should be able to do */
  readonly halfLoad: number;
  readonly sizes: Sizes;
}

/** How many of what is counted, not timed. */
export interface Sizes {
  /** enrolments that send, wait and send */
  readonly walking: number;
  /** enrolments that wait for days */
  readonly waiting: number;
  /** waits that are due in the same second */
  readonly storm: number;
  /** people who leave a segment by time alone */
  readonly leaving: number;
  /** customers whose memberships are recomputed */
  readonly customers: number;
  readonly importRows: number;
  readonly identityEvents: number;
  readonly reconcileRows: number;
  readonly profilesPerSecond: number;
  readonly simulated: number;
  /** customers whose purchases a model is fitted to */
  readonly valued: number;
}

const QUICK: Plan = {
  rounds: 1,
  warmSeconds: 0.5,
  ingestSeconds: 1.5,
  pipelineSeconds: 4,
  soakSeconds: 5,
  actionSeconds: 4,
  actionsPerSecond: 4,
  settleSeconds: 2,
  cohort: false,
  halfLoad: 200,
  sizes: {
    walking: 20,
    waiting: 40,
    storm: 20,
    leaving: 40,
    customers: 2_000,
    importRows: 2_000,
    identityEvents: 20_000,
    reconcileRows: 3_000,
    profilesPerSecond: 50,
    simulated: 200,
    valued: 50_000,
  },
};

const FULL_SIZES: Sizes = {
  walking: 300,
  waiting: 2_000,
  storm: 500,
  leaving: 1_000,
  customers: 100_000,
  importRows: 100_000,
  identityEvents: 500_000,
  reconcileRows: 50_000,
  profilesPerSecond: 1_000,
  simulated: 10_000,
  valued: 1_000_000,
};

/** What takes minutes to lay out before anything is measured. */
const LONG_SIZES: Sizes = { ...FULL_SIZES, customers: 1_000_000, importRows: 1_000_000 };

const DEFAULT_ROUNDS = 5;
const DEFAULT_SECONDS = 40;
const SOAK_SECONDS = 600;

export function readBenchOptions(args: readonly string[]): BenchOptions {
  const { values, positionals } = parse(args);
  const quick = values.quick === true;
  const rounds = readCount('--rounds', values.rounds, DEFAULT_ROUNDS);
  const seconds = readCount('--seconds', values.seconds, DEFAULT_SECONDS);
  return {
    groups: positionals.length === 0 ? GROUPS : GROUPS.filter((each) => positionals.includes(each)),
    json: values.json ?? null,
    dev: values.dev === true || quick,
    quick,
    profile: values.profile === true,
    plan: quick ? QUICK : fullPlan({ rounds, seconds, long: values.long === true }),
  };
}

function fullPlan({
  rounds,
  seconds,
  long,
}: {
  readonly rounds: number;
  readonly seconds: number;
  readonly long: boolean;
}): Plan {
  return {
    rounds,
    warmSeconds: Math.min(3, seconds / 4),
    ingestSeconds: Math.max(2, Math.round(seconds * 0.4)),
    pipelineSeconds: seconds,
    soakSeconds: Math.min(SOAK_SECONDS, seconds * 15),
    actionSeconds: seconds,
    actionsPerSecond: 8,
    settleSeconds: Math.min(20, seconds),
    cohort: true,
    halfLoad: 1_500,
    sizes: long ? LONG_SIZES : FULL_SIZES,
  };
}

function parse(args: readonly string[]) {
  try {
    const parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: 'string' },
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        quick: { type: 'boolean' },
        long: { type: 'boolean' },
        dev: { type: 'boolean' },
        profile: { type: 'boolean' },
      },
    });
    const known: readonly string[] = GROUPS;
    const unknown = parsed.positionals.find((name) => !known.includes(name));
    if (unknown !== undefined) throw wrong(`There is no group "${unknown}".`);
    return parsed;
  } catch (error) {
    throw error instanceof Failure ? error : wrong(messageOf(error));
  }
}

function readCount(flag: string, text: string | undefined, usual: number): number {
  if (text === undefined) return usual;
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= 10_000) return number;
  throw wrong(`${flag} takes a whole number from 1 on, not "${text}".`);
}

function wrong(sentence: string): Failure {
  return new Failure({
    code: 'command_failed',
    sentence,
    command: `npm run bench -- ${GROUPS.join(' ')} --rounds 5 --json figures.json`,
  });
}
