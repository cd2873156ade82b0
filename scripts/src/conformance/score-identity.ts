/** Scores the linkage of any labelled file. */
import { linkRows, measureClusters } from '@throughline/domain/identity/linkage';
import { openCsv } from './csv.js';
import { readLabelled } from './labelled.js';
import { readMapping } from './mapping.js';
import type { ConformanceOptions } from './options.js';

export interface IdentityScore {
  readonly rows: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly largest: number;
  readonly seconds: number;
  readonly rssMiB: number;
}

type IdentityOptions = Extract<ConformanceOptions, { kind: 'identity' }>;

export async function scoreIdentity(
  options: IdentityOptions,
  say: (line: string) => void,
): Promise<IdentityScore> {
  const { csv, truth, truthPattern, threshold } = options;
  const startedAt = performance.now();
  const kinds = await kindsOf(options);
  const set = await readLabelled({
    csv,
    truth,
    ...(truthPattern === undefined ? {} : { truthPattern }),
    ...(kinds === undefined ? {} : { kinds }),
  });
  for (const { name, kind, values } of set.table.columns)
    say(`${name}: ${kind}, ${values.length} values`);
  const { clusters, candidates, edges } = linkRows(set.table, { threshold });
  const seconds = (performance.now() - startedAt) / 1_000;
  say(`${candidates} pairs compared, ${edges.length} at or above ${threshold}`);
  return {
    ...measureClusters(clusters, set.truth),
    seconds: Number(seconds.toFixed(2)),
    // The highest that the process ever stood at, in kilobytes.
    rssMiB: Math.round(process.resourceUsage().maxRSS / 1_024),
  };
}

async function kindsOf({ csv, columns, truth }: IdentityOptions) {
  if (columns === undefined) return undefined;
  const { names, rows } = await openCsv(csv);
  await rows[Symbol.asyncIterator]().return?.();
  return readMapping(
    columns,
    names.filter((name) => name !== truth),
  );
}
