/**
 * What a column holds, told by whoever knows or guessed from its name and its values. The kind decides how two values are
 * compared and which parts of a value may bring two rows together.
 */
export const COLUMN_KINDS = [
  'id',
  'given_name',
  'family_name',
  'full_name',
  'email',
  'phone',
  'date',
  'postcode',
  'address',
  'number',
  'town',
  'category',
  'text',
] as const;

export type ColumnKind = (typeof COLUMN_KINDS)[number];

function isColumnKind(text: string): text is ColumnKind {
  return COLUMN_KINDS.some((kind) => kind === text);
}

/** The kind that somebody means by a word, be it the kind itself or what a column might be called. */
export function kindOfWord(word: string): ColumnKind | null {
  return isColumnKind(word) ? word : kindOfName(word);
}

/** What a column's name alone says; null where it says nothing, or that it is not about who somebody is. */
export function kindOfName(name: string): ColumnKind | null {
  const kind = byName(name);
  return kind === 'ignore' ? null : kind;
}

/** The order decides: a `street number` is a number, not a street. */
const NAMES: readonly (readonly [ColumnKind | 'ignore', RegExp])[] = [
  [
    'ignore',
    /^(rec|row|record|unique|index|internal|source|cluster|entity|truth|label)?_?(id|no|nr|key|number)$|^(row|record|index|rownum|cluster|entity|truth|source)$|(created|updated|modified|inserted)/,
  ],
  ['email', /e_?mail|courriel|correo/],
  ['phone', /phone|mobile|\btel|_tel|^tel|cell|handy|fax|telefon|movil|cellulare/],
  [
    'id',
    /ssn|soc(ial)?_?sec|nino\b|national|passport|tax|loyalty|card|licen[cs]e|insurance|nhs|medicare|vat|iban|identifier|steuer|dni|fiscal|member|customer_?(id|no|number|nr)|user_?id|account/,
  ],
  [
    'number',
    /(street|house|building|unit|flat|hous)_?(number|num|no|nr|nbr)|hausnummer|huisnummer|civico|^number$/,
  ],
  ['postcode', /post(al)?_?code|postcode|zip|plz|postleitzahl|code_?postal|^cap$|^cp$/],
  ['date', /dob|birth|born|geburt|naissance|nacimiento|nascita|date|datum|fecha/],
  [
    'given_name',
    /(given|first|fore|christian)_?name|^f_?name|^given|^first$|vorname|prenom|^nombre$|^nome$|voornaam|imie|fornamn/,
  ],
  [
    'family_name',
    /(sur|last|family)_?name|^l_?name|^last$|^family$|nachname|familienname|^nom$|nom_de_famille|apellido|cognome|achternaam|nazwisko|efternamn/,
  ],
  [
    'category',
    /gender|^sex$|state|province|county|country|region|title|salutation|anrede|land$|geschlecht|nationality/,
  ],
  [
    'town',
    /city|town|suburb|village|locality|municipality|^ort$|stadt|ville|ciudad|citta|plaats|place_of/,
  ],
  [
    'address',
    /addr|street|road|strasse|straat|\brue\b|calle|^via$|indirizzo|adresse|anschrift|domicilio|direccion/,
  ],
  ['full_name', /name|^(customer|client|person|contact|patient|kunde|cliente|klant)$/],
];

/** Null: the column says nothing about who somebody is. */
export function guessKind(
  name: string,
  values: readonly string[],
  rows: number,
): ColumnKind | null {
  const kind = byName(name) ?? byValues(values, rows);
  if (kind === 'ignore') return null;
  return fits(kind, values, rows) ? kind : byValuesOnly(values, rows);
}

function byName(name: string): ColumnKind | 'ignore' | null {
  const plain = name
    .trim()
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replaceAll('ß', 'ss')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/\d+$|_+$/g, '');
  return NAMES.find(([, pattern]) => pattern.test(plain))?.[0] ?? null;
}

/** A name may lie: a `date` of free text is text, and a number that no two rows share joins nobody. */
function fits(kind: ColumnKind, values: readonly string[], rows: number): boolean {
  if (kind === 'email') return share(values, EMAIL) > 0.5;
  if (kind === 'date') return share(values, DATE) > 0.5;
  return kind !== 'id' || values.length < rows;
}

const EMAIL = /^\s*\S+@\S+\.\S+\s*$/;
const YEAR = '(18|19|20)\\d{2}';
const DATE = new RegExp(
  `^\\s*(${YEAR}[-/.]?\\d{1,2}[-/.]?\\d{1,2}|\\d{1,2}[-/. ]+(\\d{1,2}|[a-zA-Z]{3,})[-/., ]+${YEAR}|[a-zA-Z]{3,} \\d{1,2},? ${YEAR})(\\s*$|[T ]\\d)`,
);
const DIGITS = /^[+\d][\d\s()./-]*$/;
const PHONE = /^(\D*\d){9,15}\D*$/;
const POSTCODE = /^\s*(\d{4,6}|[a-zA-Z]{1,2}\d[a-zA-Z\d]?\s*\d[a-zA-Z]{2})\s*$/;
const FULL_NAME = /^\s*[\p{L}'.-]+,?(\s+[\p{L}'.-]+){1,3}\s*$/u;
const CODE = /^(?=.*\d)[\w-]{6,}$/;

function byValuesOnly(values: readonly string[], rows: number): ColumnKind | null {
  const kind = byValues(values, rows);
  return kind === 'ignore' ? null : kind;
}

function byValues(values: readonly string[], rows: number): ColumnKind | 'ignore' {
  if (values.length <= 1) return 'ignore';
  if (share(values, EMAIL) > 0.6) return 'email';
  if (share(values, DATE) > 0.6) return 'date';
  if (values.length <= 60 && values.length < rows / 20) return 'category';
  const isUnique = values.length >= rows;
  if (share(values, DIGITS) > 0.8 || share(values, CODE) > 0.8) {
    if (isUnique) return 'ignore';
    if (share(values, POSTCODE) > 0.8 && values.length < rows / 2) return 'postcode';
    if (share(values, PHONE) > 0.8) return 'phone';
    return share(values, CODE) > 0.8 ? 'id' : 'number';
  }
  if (share(values, FULL_NAME) > 0.7) return 'full_name';
  return 'text';
}

const SAMPLE = 1_000;

function share(values: readonly string[], pattern: RegExp): number {
  const sample = values.slice(0, SAMPLE);
  if (sample.length === 0) return 0;
  return sample.filter((value) => pattern.test(value)).length / sample.length;
}
