/** What parts the columns of a CSV file: spreadsheets of half the world write `;`, exports of others tabs. */
const CANDIDATES = [',', ';', '\t'] as const;

/** The candidate that the first row holds most of, outside quotation marks; a comma where it holds none. */
export function delimiterOf(text: string): string {
  const counts = new Map<string, number>(CANDIDATES.map((candidate) => [candidate, 0]));
  let quoted = false;
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    else if (!quoted && (character === '\n' || character === '\r')) break;
    else if (!quoted) {
      const count = counts.get(character);
      if (count !== undefined) counts.set(character, count + 1);
    }
  }
  return CANDIDATES.reduce((best, candidate) =>
    (counts.get(candidate) ?? 0) > (counts.get(best) ?? 0) ? candidate : best,
  );
}
