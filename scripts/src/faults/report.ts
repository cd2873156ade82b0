/** What a person reads at the end of the run, and the one line that a program reads. */
import type { KillerReport } from './killer.js';
import { VICTIMS } from './plan.js';
import type { Recovery } from './recovery.js';
import type { Check, Verdict } from './verdict.js';

export interface Outcome {
  readonly killer: KillerReport;
  readonly recoveries: readonly Recovery[];
  readonly interrupted: number;
  readonly verdict: Verdict;
}

export const RECOVERY_GOAL_MS = 5_000;
/** Enough to find the first fault by; a thousand lines hide it. */
const SHOWN = 20;

export interface Spread {
  readonly p50: number;
  readonly max: number;
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return {
    p50: Math.round(sorted[Math.floor((sorted.length - 1) / 2)] ?? 0),
    max: Math.round(sorted.at(-1) ?? 0),
  };
}

/** Lane and relay together: when the engine as a whole went on. */
export function recoverySpread(recoveries: readonly Recovery[]): Spread {
  return spread(recoveries.map(({ laneMs, relayMs }) => Math.max(laneMs, relayMs ?? 0)));
}

export function renderKinds({ killer, recoveries }: Outcome): string {
  const rows = [...VICTIMS, 'several at once' as const].map((kind) => {
    const kills = killer.kills.filter(({ victim }) => victim === kind);
    const samples = recoveries.filter(({ victims }) =>
      kind === 'several at once' ? victims.length > 1 : victims.length === 1 && victims[0] === kind,
    );
    return [
      kind,
      kind === 'several at once' ? '' : String(kills.length),
      pair(kills.map(({ awayMs }) => awayMs)),
      pair(samples.map(({ laneMs }) => laneMs)),
      pair(samples.flatMap(({ relayMs }) => (relayMs === null ? [] : [relayMs]))),
      String(samples.length),
    ];
  });
  const head = ['killed', 'kills', 'away ms', 'lane goes on', 'relay goes on', 'measured'];
  return table([head, ...rows]);
}

function pair(values: readonly number[]): string {
  const { p50, max } = spread(values);
  return values.length === 0 ? '–' : `${p50} / ${max}`;
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function renderChecks(checks: readonly Check[]): string {
  return checks.flatMap(renderCheck).join('\n');
}

function renderCheck({ name, weight, faults }: Check): string[] {
  return [
    `${faults.length === 0 ? '✓' : '✗'} ${name} (${weight})`,
    ...faults.slice(0, SHOWN).map((fault) => `    ${fault}`),
    ...(faults.length > SHOWN ? [`    and ${faults.length - SHOWN} more`] : []),
  ];
}

/** The promise about time, told beside the checks: a busy machine may miss it without anything being wrong. */
export function renderGoal(recoveries: readonly Recovery[], interrupted: number): string {
  const lane = spread(recoveries.map(({ laneMs }) => laneMs));
  const relay = spread(recoveries.flatMap(({ relayMs }) => (relayMs === null ? [] : [relayMs])));
  const late = recoveries.filter(isLate).length;
  const word = late === 0 ? 'reached' : `missed ${late} times`;
  return (
    `goal, lane and relay go on ≤ ${RECOVERY_GOAL_MS} ms after their process is back: ${word} ` +
    `(lane p50 ${lane.p50}, max ${lane.max}; relay p50 ${relay.p50}, max ${relay.max}; ` +
    `${recoveries.length} measured, ${interrupted} interrupted by the next kill)`
  );
}

export function isLate({ laneMs, relayMs }: Recovery): boolean {
  return Math.max(laneMs, relayMs ?? 0) > RECOVERY_GOAL_MS;
}

export function renderTotals(checks: readonly Check[]): string {
  const failed = checks.filter(({ faults }) => faults.length > 0).length;
  return `${checks.length - failed} passed, ${failed} failed`;
}

export function renderJson({ killer, recoveries, verdict }: Outcome): string {
  const { accepted, lost, stuck, duplicates, unknown } = verdict.counts;
  return JSON.stringify({
    kills: killer.kills.length,
    accepted,
    lost,
    stuck,
    duplicates,
    unknown,
    recoveryMs: recoverySpread(recoveries),
  });
}

/** Any check that failed is a fault of the product; the counts name the gravest. */
export function exitCodeOf({ verdict }: Outcome): number {
  return verdict.checks.some(({ faults }) => faults.length > 0) ? 1 : 0;
}
