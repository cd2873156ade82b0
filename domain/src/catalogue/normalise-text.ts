/**
 * How texts are written, one form each. Every function here gives its own result back unchanged, so that a value may pass any
 * number of times: through a file, a pull and a replay.
 */
const EMAIL =
  /^[^\s@<>"(),;:\\[\].]+(?:\.[^\s@<>"(),;:\\[\].]+)*@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+[\p{L}][\p{L}\p{N}-]*[\p{L}\p{N}]$/u;

/** Lower case, as identity compares them; a domain needs a dot, because a file's `ada@localhost` reaches nobody. */
export function normaliseEmail(text: string): string | undefined {
  const email = text
    .trim()
    .replace(/^mailto:/i, '')
    .trim()
    .normalize('NFC')
    .toLowerCase()
    .normalize('NFC');
  if (email.length > 254 || email.indexOf('@') > 64) return undefined;
  return EMAIL.test(email) ? email : undefined;
}

export function collapse(text: string): string {
  return text.replace(/\s+/gu, ' ').trim();
}

/**
 * A name in single spaces. Only a name written all in one case is given capitals: in `McDonald` and `de la Cruz` somebody has
 * thought about them.
 */
export function normaliseName(text: string): string {
  const name = collapse(text.normalize('NFC'));
  const isShouted = name === name.toUpperCase();
  const isMumbled = name === name.toLowerCase();
  return isShouted || isMumbled ? capitals(name) : name;
}

const WORD = /[\p{L}\p{M}]+/gu;

function capitals(name: string): string {
  return name
    .replace(WORD, (word, offset: number) => {
      const before = name.slice(Math.max(0, offset - 2), offset);
      return isEnding(word, before) ? sameLength(word, word.toLowerCase()) : capital(word);
    })
    .normalize('NFC');
}

/** The s of `Brown's`. */
function isEnding(word: string, before: string): boolean {
  return word.length === 1 && /^s$/i.test(word) && /\p{L}['’]$/u.test(before);
}

function capital(word: string): string {
  const [first = '', ...rest] = word;
  const others = rest.join('');
  return sameLength(first, first.toUpperCase()) + sameLength(others, others.toLowerCase());
}

/** Letters whose other case is two letters (ß, İ) stay: `SS` would become `Ss` the next time. */
function sameLength(before: string, after: string): string {
  return before.length === after.length ? after : before;
}

const SIGNS: Readonly<Record<string, string>> = {
  '€': 'EUR',
  '£': 'GBP',
  '₽': 'RUB',
  '₴': 'UAH',
  '₺': 'TRY',
  '₹': 'INR',
  '₩': 'KRW',
  '₪': 'ILS',
};

let currencies: ReadonlySet<string> | undefined;

/** ISO 4217 of a code or of a sign that one currency has: `$` is the sign of twenty. */
export function normaliseCurrency(text: string): string | undefined {
  currencies ??= new Set(Intl.supportedValuesOf('currency'));
  const written = text.trim();
  const code = (Object.hasOwn(SIGNS, written) ? SIGNS[written] : undefined) ?? written;
  return currencies.has(code.toUpperCase()) ? code.toUpperCase() : undefined;
}
