import type { NamedPerson } from '@throughline/domain/ingestion';

/**
 * ILIKE patterns that every text which names the person matches, however it is written: upper or lower case, a phone number in
 * groups, a quote escaped. They match others too; the caller looks again.
 */
export function likePatterns({ identifiers, customerIds }: NamedPerson): string[] {
  const values = identifiers.map(({ type, value }) =>
    type === 'phone' ? spread(value) : loose(value),
  );
  return [...new Set([...values, ...customerIds])].map((pattern) => `%${pattern}%`);
}

/** Digits with anything between them. */
function spread(phone: string): string {
  const digits = phone.replace(/\D/gu, '');
  return digits.length < 4 ? loose(phone) : digits.replace(/(?<=\d)(?=\d)/gu, '%');
}

/** What JSON may escape, or Unicode write in two ways, may be anything. */
function loose(value: string): string {
  return value.replace(/[^a-z0-9@.+\- ]/giu, '%');
}
