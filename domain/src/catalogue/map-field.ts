import type { Json } from '../shared/index.js';
import { applyCast } from './cast.js';
import { conform, type Surroundings } from './conform.js';
import { applyNormaliser } from './normalise.js';
import { readSource, said, type Place } from './read-source.js';
import type { Attribute, MappingField, MappingWarning, Worked } from './types.js';
import { done } from './worked.js';

export type MappedValue =
  | { readonly kind: 'absent'; readonly warning?: MappingWarning }
  | { readonly kind: 'value'; readonly value: Json; readonly warning?: MappingWarning }
  | { readonly kind: 'rejected'; readonly code: MappingWarning['code']; readonly detail: string };

/** One field of a row: read, cast, normalised and brought to the form of its attribute, or dealt with as its level says. */
export function mapField(
  field: MappingField,
  attribute: Attribute,
  { place, around }: { readonly place: Place; readonly around: Surroundings },
): MappedValue {
  const raw = readSource(field.from, place);
  const worked = work(raw ?? field.default, field, { attribute, around });
  if (worked.ok) {
    const value = said(worked.value);
    return value === undefined ? { kind: 'absent' } : { kind: 'value', value };
  }
  return atLevel(field, { attribute, raw, worked });
}

function work(
  start: Json | undefined,
  field: MappingField,
  { attribute, around }: { readonly attribute: Attribute; readonly around: Surroundings },
): Worked {
  let value = start;
  for (const cast of field.casts ?? []) {
    if (value === undefined) break;
    const worked = applyCast(value, cast, around.zone);
    if (!worked.ok) return worked;
    value = said(worked.value);
  }
  for (const normaliser of field.normalise ?? []) {
    if (value === undefined) break;
    const worked = applyNormaliser(value, normaliser, around.country);
    if (!worked.ok) return worked;
    value = said(worked.value);
  }
  // A table of words, or a trimmed blank, may have found that nothing was said: then the default speaks after all.
  const final = value ?? field.default;
  return final === undefined ? done(undefined) : conform(final, attribute, around);
}

interface Failure {
  readonly attribute: Attribute;
  readonly raw: Json | undefined;
  readonly worked: Extract<Worked, { readonly ok: false }>;
}

function atLevel(field: MappingField, { attribute, raw, worked }: Failure): MappedValue {
  const { code, detail } = worked;
  const level = field.level ?? 'quarantine';
  if (level === 'quarantine') return { kind: 'rejected', code, detail };
  if (level === 'omit' || raw === undefined || !canKeepRaw(attribute)) {
    return { kind: 'absent', warning: { code, field: field.to, detail, action: 'omitted' } };
  }
  if (level === 'allow') return { kind: 'value', value: raw };
  return {
    kind: 'value',
    value: raw,
    warning: { code, field: field.to, detail, action: 'kept' },
  };
}

/** A trait may be a strange text; a time, an id or a consent that is none would fail the whole event further on. */
export function canKeepRaw({ role }: Attribute): boolean {
  return role.kind === 'trait' || role.kind === 'property' || role.kind === 'product';
}
