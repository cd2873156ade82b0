/** A member as a row of Meta's: what identifies people is hashed, what belongs to devices or to us is not. */
import { birthDateOf, hashed, isHashed, metaFields, type Normalise } from '../hashing/index.js';
import type { AudienceMember } from '../kit/audience.js';

type Column = (member: AudienceMember) => string | undefined;

const COLUMNS = {
  EMAIL: ({ email }) => hashed(email, metaFields.email),
  PHONE: ({ phone, country }) => hashed(phone, (text) => metaFields.phone(text, country)),
  FN: ({ firstName }) => hashed(firstName, metaFields.name),
  LN: ({ lastName }) => hashed(lastName, metaFields.name),
  FI: ({ firstName }) => hashed(unhashed(firstName), metaFields.initial),
  GEN: ({ gender }) => hashed(gender, metaFields.gender),
  DOBY: ({ birthDate }) => hashed(unhashed(birthDate), part('year')),
  DOBM: ({ birthDate }) => hashed(unhashed(birthDate), part('month')),
  DOBD: ({ birthDate }) => hashed(unhashed(birthDate), part('day')),
  CT: ({ city }) => hashed(city, metaFields.city),
  ST: ({ state, country }) => hashed(state, (text) => metaFields.state(text, country)),
  ZIP: ({ postalCode, country }) => hashed(postalCode, (text) => metaFields.zip(text, country)),
  COUNTRY: ({ country }) => hashed(country, metaFields.country),
  MADID: ({ mobileAdId }) => mobileAdId && metaFields.mobileAdId(mobileAdId),
  EXTERN_ID: ({ externalId }) => externalId?.trim(),
} satisfies Readonly<Record<string, Column>>;

export const COLUMN_NAMES: readonly string[] = Object.keys(COLUMNS);

export type MemberRow = ReadonlyMap<string, string>;

export function memberRow(member: AudienceMember): MemberRow {
  const row = new Map<string, string>();
  for (const [name, column] of Object.entries<Column>(COLUMNS)) {
    const value = column(member);
    if (value !== undefined && value !== '') row.set(name, value);
  }
  return row;
}

/** Meta finds a person by one identifier, or by a full name with where they live or when they were born. */
export function canMatch(row: MemberRow): boolean {
  if (['EMAIL', 'PHONE', 'MADID', 'EXTERN_ID'].some((name) => row.has(name))) return true;
  const named = row.has('FN') && row.has('LN');
  return named && ['CT', 'ZIP', 'DOBY'].some((name) => row.has(name));
}

/** Of a hash no part can be told. */
function unhashed(text: string | undefined): string | undefined {
  return text === undefined || isHashed(text.trim()) ? undefined : text;
}

function part(name: 'year' | 'month' | 'day'): Normalise {
  return (text) => birthDateOf(text)?.[name];
}
