/** A model card to read. */
import type { ModelCard } from './model-card.js';

export function cardMarkdown(card: ModelCard): string {
  const { measures } = card;
  return [
    `# ${card.name}`,
    '',
    card.predicts,
    '',
    ...table(['What', 'Value'], factRows(card)),
    '',
    '## How good it is',
    '',
    ...table(
      ['Measure', 'Value'],
      [
        ['AUC', fixed(measures.auc)],
        ['AUC of silence alone', fixed(card.baselineRecencyAuc)],
        ['Log loss', fixed(measures.logLoss)],
        ['Brier score', fixed(measures.brier)],
        ['Calibration error', fixed(measures.ece)],
        ['Average precision', fixed(measures.averagePrecision)],
        ['Lift quality', fixed(measures.liftQuality)],
      ],
    ),
    '',
    '## By tenths',
    '',
    ...table(['Tenth, best first', 'Lift', 'Said', 'Came'], tenthRows(card)),
    '',
    '## What it had to learn from',
    '',
    ...table(
      ['Gate', 'Needed', 'Found', 'Holds'],
      card.gates.map(({ gate, needed, found, ok }) => [
        gate,
        String(needed),
        String(found),
        ok ? 'yes' : 'no',
      ]),
    ),
    '',
    `Features: ${card.features.join(', ')}.`,
    '',
    ...Object.entries(card.parameters).map(([name, value]) => `- ${name}: ${String(value)}`),
    '',
    '## Beware',
    '',
    ...[card.leakage, ...card.notes].map((note) => `- ${note}`),
    '',
  ].join('\n');
}

function factRows(card: ModelCard): string[][] {
  const { measures } = card;
  const share = measures.rows === 0 ? 0 : measures.positives / measures.rows;
  return [
    ['Method', card.method],
    ['Horizon', `${card.horizonDays} days`],
    ['Learnt from', `${card.learntRows} customers as of ${card.learntAt}`],
    ['Measured on', `${measures.rows} customers as of ${card.measuredAt}`],
    ['Of whom it came true', `${measures.positives} (${(100 * share).toFixed(1)} %)`],
    ['Calibration', card.calibration],
    ['Trained', card.trainedAt],
  ];
}

function tenthRows({ measures, calibrationBins }: ModelCard): string[][] {
  const bestFirst = [...calibrationBins].reverse();
  return measures.lift.map((lift, at) => [
    String(at + 1),
    lift.toFixed(2),
    fixed(bestFirst[at]?.predicted ?? Number.NaN),
    fixed(bestFirst[at]?.observed ?? Number.NaN),
  ]);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)];
}

function escaped(cell: string): string {
  return cell.replaceAll('|', '\\|');
}

function fixed(value: number): string {
  return Number.isFinite(value) ? value.toFixed(4) : '–';
}
