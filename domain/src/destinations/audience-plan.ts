/**
 * What is to be done about one person of an audience, from what is true now and what the destination has been told. It looks at
 * states, never at the change that led there: looked at twice, late or in another order, the audience ends the same.
 */
import type { Traits } from '../profiles/types.js';
import { isJsonObject, type Json } from '../shared/index.js';
import {
  AUDIENCE_FIELDS,
  type AudienceDefinition,
  type AudienceInput,
  type AudienceMode,
  type AudiencePerson,
  type AudiencePlan,
  type AudienceRefusal,
  type FieldSource,
} from './audience-types.js';

/** What a destination finds a person by; the other fields only make it surer. */
const MATCHED_BY = ['email', 'phone', 'mobileAdId', 'externalId'] as const;
const LONGEST = 500;

/** What there is of somebody to fill fields from. */
export interface FieldValues {
  /** type → the value seen last */
  readonly identifiers: Readonly<Record<string, string>>;
  readonly traits: Traits;
}

/** Null where there is nothing to match by. */
export function audienceInput(
  { audienceId, fields }: Pick<AudienceDefinition, 'audienceId' | 'fields'>,
  values: FieldValues,
): AudienceInput | null {
  const input: Record<string, string> = { audienceId };
  for (const field of AUDIENCE_FIELDS) {
    const source = fields[field];
    const text = source === undefined ? '' : textOf(valueOf(source, values));
    if (text !== '' && text.length <= LONGEST) input[field] = text;
  }
  return audienceKeys(input).length === 0 ? null : input;
}

/** By what the destination takes two inputs for one person. */
export function audienceKeys(input: AudienceInput): string[] {
  return MATCHED_BY.flatMap((field) => {
    const value = input[field]?.trim().toLowerCase();
    return value === undefined ? [] : [`${field}:${value}`];
  });
}

export function planAudience(
  mode: AudienceMode,
  person: AudiencePerson,
  told: AudienceInput | null,
): AudiencePlan {
  const refusal = refusalOf(person);
  if (refusal !== null) return unwanted(mode, refusal, told);
  const { input } = person;
  if (input === null) return unwanted(mode, 'nothing_to_match', told);
  if (told === null) return { kind: mode === 'subtractive' ? 'note' : 'add', input };
  if (isSameInput(told, input)) return { kind: 'none', why: 'as_told' };
  if (mode === 'subtractive' && told['audienceId'] === input['audienceId'])
    return { kind: 'note', input };
  // What they were called by goes first; then they are a person of whom nothing was told.
  return { kind: 'remove', input: told, why: 'changed' };
}

function refusalOf({ gone, inSegment, consented }: AudiencePerson): AudienceRefusal | null {
  if (gone) return 'gone';
  // Whoever has taken their word back goes from every audience, of whatever mode.
  if (!consented) return 'no_consent';
  return inSegment ? null : 'not_in_segment';
}

function unwanted(
  mode: AudienceMode,
  why: AudienceRefusal,
  told: AudienceInput | null,
): AudiencePlan {
  if (told === null) return { kind: 'none', why };
  const stays = mode === 'additive' && why === 'not_in_segment';
  return stays ? { kind: 'none', why } : { kind: 'remove', input: told, why };
}

function isSameInput(one: AudienceInput, other: AudienceInput): boolean {
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length && names.every((name) => one[name] === other[name])
  );
}

function valueOf(source: FieldSource, { identifiers, traits }: FieldValues): Json | undefined {
  if ('identifier' in source) return own(identifiers, source.identifier);
  const [first = '', ...path] = Object.hasOwn(traits, source.trait)
    ? [source.trait]
    : source.trait.split('.');
  let value: Json | undefined = own(traits, first)?.v;
  for (const name of path) value = isJsonObject(value) ? own(value, name) : undefined;
  return value;
}

function own<T>(values: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

function textOf(value: Json | undefined): string {
  if (typeof value === 'string') return value.trim();
  return typeof value === 'number' ? String(value) : '';
}
