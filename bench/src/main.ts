/** `npm run bench`: figures of the product beside their limits, each with the proof that the work was done. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isProgram, runCommand } from '@throughline/scripts/main';
import { VAR_DIR } from '@throughline/scripts/paths';
import { terminalReporter, type Reporter } from '@throughline/scripts/progress';
import type { Figure } from './figures.js';
import { eventToAction } from './groups/event-to-action.js';
import { eventToSegment } from './groups/event-to-segment.js';
import { identity } from './groups/identity.js';
import { importing } from './groups/import.js';
import { ingest } from './groups/ingest.js';
import { journeys } from './groups/journeys.js';
import { pipeline } from './groups/pipeline.js';
import { prediction } from './groups/prediction.js';
import { profile } from './groups/profile.js';
import { segments } from './groups/segments.js';
import { simulate } from './groups/simulate.js';
import { stack } from './groups/stack.js';
import { count, openLab, takeDown, type Lab, type Undo } from './lab/lab.js';
import { commitOf, hostFacts } from './lab/machine.js';
import { readBenchOptions, type BenchOptions, type GroupName } from './options.js';
import { exitCodeOf, renderTable, type BenchReport, type Machine } from './report.js';

type LabGroup = Exclude<GroupName, 'stack'>;

export async function bench(args: readonly string[]): Promise<number> {
  const options = readBenchOptions(args);
  const host = hostFacts();
  const report = terminalReporter();
  const dataDir = join(VAR_DIR, `bench-${process.pid}`);
  const undo: Undo = [() => rm(dataDir, { recursive: true, force: true })];
  const interrupted = takeDownOnSignal(undo);
  try {
    const figures: Figure[] = [];
    if (options.groups.includes('stack'))
      figures.push(...(await stack({ plan: options.plan, report, dataDir })));
    const measured = await inLab(options, { dataDir, report, undo });
    figures.push(...measured.figures);
    const result: BenchReport = {
      commit: commitOf(),
      machine: { ...host, ...measured.servers },
      ...(options.quick ? { quick: true } : {}),
      figures,
    };
    await publishReport(result, options.json);
    return exitCodeOf(result);
  } finally {
    interrupted.off();
    await takeDown(undo);
  }
}

interface Measured {
  readonly figures: readonly Figure[];
  readonly servers: Pick<Machine, 'postgres' | 'temporal'>;
}

interface Place {
  readonly dataDir: string;
  readonly report: Reporter;
  readonly undo: Undo;
}

/** All groups but the first share one stack, each in a workspace of its own; ingest comes last because it stops the worker. */
async function inLab(options: BenchOptions, { dataDir, report, undo }: Place): Promise<Measured> {
  const order: readonly LabGroup[] = [
    'event_to_action',
    'journeys',
    'event_to_segment',
    'pipeline',
    'profile',
    'import',
    'identity',
    'prediction',
    'simulate',
    'segments',
    'ingest',
  ];
  const groups = order.filter((name) => options.groups.includes(name));
  if (groups.length === 0) return { figures: [], servers: { postgres: '–', temporal: '–' } };
  const profileDir = options.profile ? join(VAR_DIR, 'bench-profiles') : null;
  const lab = await openLab(
    { dataDir: join(dataDir, 'lab'), report, dev: options.dev, profileDir },
    undo,
  );
  const figures: Figure[] = [];
  for (const name of groups) figures.push(...(await runGroup(name, options, { lab, report })));
  if (profileDir !== null) report({ kind: 'note', text: `Processor profiles: ${profileDir}` });
  return {
    figures,
    servers: { postgres: await postgresVersion(lab), temporal: lab.temporalVersion },
  };
}

function runGroup(
  name: LabGroup,
  { plan }: BenchOptions,
  { lab, report }: { readonly lab: Lab; readonly report: Reporter },
): Promise<Figure[]> {
  const context = { plan, report, lab };
  switch (name) {
    case 'ingest':
      return ingest(context);
    case 'pipeline':
      return pipeline(context);
    case 'event_to_action':
      return eventToAction(context);
    case 'event_to_segment':
      return eventToSegment(context);
    case 'journeys':
      return journeys(context);
    case 'segments':
      return segments(context);
    case 'import':
      return importing(context);
    case 'identity':
      return identity(context);
    case 'prediction':
      return prediction(context);
    case 'profile':
      return profile(context);
    case 'simulate':
      return simulate(context);
  }
}

/** What was started in sessions of its own would outlive us. */
function takeDownOnSignal(undo: Undo): { off(): void } {
  const stop = (): void => {
    void takeDown(undo).finally(() => process.exit(130));
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.once(signal, stop);
  return {
    off: () => {
      for (const signal of signals) process.off(signal, stop);
    },
  };
}

async function postgresVersion(lab: Lab): Promise<string> {
  const number = await count(lab, `select current_setting('server_version_num')::int as n`);
  return `${Math.floor(number / 10_000)}.${number % 10_000}`;
}

async function publishReport(report: BenchReport, file: string | null): Promise<void> {
  process.stdout.write(`\n${renderTable(report.figures)}\n\n`);
  const text = `${JSON.stringify(report)}\n`;
  if (file === null) process.stdout.write(text);
  else await writeFile(file, text);
}

if (isProgram(import.meta.url)) await runCommand(() => bench(process.argv.slice(2)));
