/** Countries as ISO 3166-1 alpha-2, from a code or an English name: a hashed name of a country matches nothing. */

const NAMES = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });

/** Ways of writing that are in use beside the names of the standard. */
const ALIASES: Readonly<Record<string, string>> = {
  usa: 'US',
  unitedstatesofamerica: 'US',
  greatbritain: 'GB',
  england: 'GB',
  scotland: 'GB',
  wales: 'GB',
  northernireland: 'GB',
  czechrepublic: 'CZ',
  turkey: 'TR',
  holland: 'NL',
  korea: 'KR',
};

/** Groups and tests that have a code and are no country. */
const NO_COUNTRY = new Set(['EU', 'EZ', 'UN', 'XA', 'XB', 'QO', 'ZZ']);

const BY_NAME = namesOfCountries();

/** In capitals, or undefined when it is nobody's code or name. */
export function countryCode(text: string | undefined): string | undefined {
  const letters = lettersOf(text ?? '');
  return letters.length === 2 ? codeOf(letters.toUpperCase()) : BY_NAME.get(letters);
}

/** Codes that are no longer in use lead to the one that is: UK to GB. */
function codeOf(letters: string): string | undefined {
  if (!/^[A-Z]{2}$/.test(letters)) return undefined;
  const code = new Intl.Locale(`und-${letters}`).region ?? letters;
  return NO_COUNTRY.has(code) || NAMES.of(code) === undefined ? undefined : code;
}

function namesOfCountries(): ReadonlyMap<string, string> {
  const alphabet = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
  const names = new Map<string, string>();
  for (const letters of alphabet.flatMap((first) => alphabet.map((second) => first + second))) {
    const name = codeOf(letters) === letters ? NAMES.of(letters) : undefined;
    if (name !== undefined) names.set(lettersOf(name), letters);
  }
  for (const [alias, code] of Object.entries(ALIASES)) names.set(alias, code);
  return names;
}

function lettersOf(text: string): string {
  return text
    .normalize('NFD')
    .toLowerCase()
    .replace(/&/g, 'and')
    .replace(/[^a-z]/g, '');
}
