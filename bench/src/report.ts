/** What the bench leaves: a table for people and one JSON object for everything else. */
import type { Figure } from './figures.js';

export interface Machine {
  readonly cores: number;
  readonly node: string;
  readonly postgres: string;
  readonly temporal: string;
  /** load average of the last minute, before the first figure */
  readonly load: number;
}

export interface BenchReport {
  readonly commit: string;
  readonly machine: Machine;
  /** one short round: checks that it runs and is right, not how fast it is */
  readonly quick?: true;
  readonly figures: readonly Figure[];
}

const HEADINGS = ['figure', 'product', 'limit', 'ratio', '±', 'goal', 'ok'] as const;

export function renderTable(figures: readonly Figure[]): string {
  const rows = [[...HEADINGS], ...figures.map(rowOf)];
  const widths = HEADINGS.map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const table = rows
    .map((row) =>
      row
        .map((cell, column) =>
          cell.padEnd(column === HEADINGS.length - 1 ? 0 : (widths[column] ?? 0)),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
  return `${table}\n\n${renderProofs(figures)}`;
}

/** Why the figures count: once for all that share it. */
function renderProofs(figures: readonly Figure[]): string {
  const names = new Map<string, string[]>();
  for (const { name, oracle } of figures) names.set(oracle, [...(names.get(oracle) ?? []), name]);
  return [...names].map(([oracle, of]) => `${of.join(', ')}:\n  ${oracle}`).join('\n');
}

function rowOf(figure: Figure): string[] {
  return [
    `${figure.name}${figure.dev === true ? ' (dev)' : ''}`,
    `${figure.product} ${figure.unit}`,
    figure.limit === null ? '–' : String(figure.limit),
    figure.ratio === null ? '–' : String(figure.ratio),
    figure.spread === null ? '–' : percent(figure.spread),
    figure.goalIs,
    figure.ok ? 'yes' : figure.oracleHeld ? 'no' : 'WRONG',
  ];
}

/** An oracle that failed is a bug, a goal that was missed is a figure: only the first ends the command with 1. */
export function exitCodeOf(report: BenchReport): number {
  return report.figures.every((figure) => figure.oracleHeld) ? 0 : 1;
}

function percent(part: number): string {
  return part < 0 ? '–' : `${(part * 100).toFixed(0)} %`;
}
