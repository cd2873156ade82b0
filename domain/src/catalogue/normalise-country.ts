import { ALPHA_2_OF, COUNTRIES } from './country-codes.js';

/** Languages in which people fill in forms; of two meanings of one name, the earlier language's counts. */
const LANGUAGES = [
  ...['en', 'de', 'fr', 'es', 'it', 'pt', 'nl', 'pl', 'sv', 'da', 'nb', 'fi', 'cs', 'sk', 'hu'],
  ...['ro', 'ru', 'uk', 'bg', 'tr', 'el', 'ja', 'zh'],
];

/** What people write and Unicode's lists of names do not have. */
const ALSO: Readonly<Record<string, string>> = {
  UK: 'GB',
  EL: 'GR',
  'great britain': 'GB',
  'united kingdom of great britain and northern ireland': 'GB',
  england: 'GB',
  scotland: 'GB',
  wales: 'GB',
  'northern ireland': 'GB',
  'united states of america': 'US',
  'u s a': 'US',
  'u s': 'US',
  america: 'US',
  'russian federation': 'RU',
  'российская федерация': 'RU',
  'republic of korea': 'KR',
  'korea republic of': 'KR',
  'viet nam': 'VN',
  holland: 'NL',
  'czech republic': 'CZ',
  turkey: 'TR',
  'ivory coast': 'CI',
  burma: 'MM',
  swaziland: 'SZ',
  macedonia: 'MK',
  'cape verde': 'CV',
  'hong kong': 'HK',
  macau: 'MO',
  'republic of ireland': 'IE',
  'schweizerische eidgenossenschaft': 'CH',
  brd: 'DE',
  'vereinigte staaten von amerika': 'US',
  сша: 'US',
  эмираты: 'AE',
};

/** ISO 3166 alpha-2 of a code (alpha-2, alpha-3, numeric) or of a name in one of several languages. */
export function normaliseCountry(text: string): string | undefined {
  const found = known.get(text);
  if (found !== undefined) return found;
  const code = lookUp(text);
  // A file repeats its countries in every row; what does not fit any more is looked up again.
  if (code !== undefined && known.size < MOST_KNOWN) known.set(text, code);
  return code;
}

const MOST_KNOWN = 5_000;
const known = new Map<string, string>();

function lookUp(text: string): string | undefined {
  const code = text.trim().toUpperCase();
  if (COUNTRIES.has(code)) return code;
  if (Object.hasOwn(ALSO, code)) return ALSO[code];
  const fromCode = ALPHA_2_OF.get(code) ?? fromNumber(code);
  if (fromCode !== undefined) return fromCode;
  if (code.length > 100) return undefined;
  return names().get(folded(text));
}

function fromNumber(code: string): string | undefined {
  if (!/^\d{3}$/.test(code)) return undefined;
  // Unicode's own rule for a numeric region that has letters.
  const { region } = new Intl.Locale(`und-${code}`);
  return region !== undefined && COUNTRIES.has(region) ? region : undefined;
}

let built: ReadonlyMap<string, string> | undefined;

/** Some five thousand names, made when the first of them is asked for. */
function names(): ReadonlyMap<string, string> {
  built ??= buildNames();
  return built;
}

function buildNames(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [name, code] of Object.entries(ALSO)) found.set(folded(name), code);
  for (const language of LANGUAGES) {
    const list = new Intl.DisplayNames(language, { type: 'region', fallback: 'none' });
    for (const code of COUNTRIES) {
      const name = folded(list.of(code) ?? '');
      if (name !== '' && !found.has(name)) found.set(name, code);
    }
  }
  return found;
}

/** Without accents, marks and articles: `Côte d'Ivoire` and `cote d ivoire` are one name. */
function folded(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('&', ' and ')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .replace(/^the /, '');
}
