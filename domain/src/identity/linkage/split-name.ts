const TITLES = new Set(
  'mr mrs ms miss dr prof sir herr frau m mme mlle sr sra srta jr sr ii iii'.split(' '),
);

/**
 * A whole name as given and family name, because a household shares the one and not the other. "Family, Given" is told by its
 * comma, all else ends in the family name; whoever turns them round is found as changed places.
 */
export function splitName(raw: string): { readonly given: string; readonly family: string } {
  const [before = '', after] = raw.split(',', 2);
  if (after !== undefined && after.trim() !== '') {
    return { given: words(after).join(' '), family: words(before).join(' ') };
  }
  const all = words(before);
  const family = all.length > 1 ? (all.at(-1) ?? '') : '';
  return { given: all.slice(0, Math.max(1, all.length - 1)).join(' '), family };
}

/** Titles are no names, unless there is nothing else. */
function words(text: string): string[] {
  const all = text.split(/\s+/u).filter((word) => word !== '');
  const names = all.filter((word) => !TITLES.has(word.toLowerCase().replaceAll('.', '')));
  return names.length > 0 ? names : all;
}
