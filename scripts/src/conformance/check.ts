/** One row of the conformance table: what was found, what was wanted. */
export interface Check {
  readonly name: string;
  readonly value: string | number;
  /** as a person reads it: `2031`, `≥ 0.92`, `0.5 ± 0.001` */
  readonly expected: string;
  readonly ok: boolean;
}

export function exactly(name: string, value: string | number, wanted: string | number): Check {
  return { name, value, expected: String(wanted), ok: value === wanted };
}

export function atLeast(name: string, value: number, least: number): Check {
  return { name, value: rounded(value), expected: `≥ ${least}`, ok: value >= least };
}

export function within(
  name: string,
  value: number,
  [wanted, tolerance]: readonly [number, number],
): Check {
  return {
    name,
    value: rounded(value),
    expected: `${wanted} ± ${tolerance}`,
    ok: Math.abs(value - wanted) <= tolerance,
  };
}

function rounded(value: number): number {
  return Number(value.toPrecision(7));
}

/** `name value expected ok`, in columns. */
export function renderChecks(checks: readonly Check[]): string {
  const rows = [
    ['name', 'value', 'expected', 'ok'],
    ...checks.map(({ name, value, expected, ok }) => [
      name,
      String(value),
      expected,
      ok ? 'ok' : 'MISS',
    ]),
  ];
  const widths = [0, 1, 2].map((column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
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
