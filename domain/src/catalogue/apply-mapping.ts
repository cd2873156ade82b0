/**
 * One row of a file, a pull or a webhook becomes events in Segment's shape, or a rejection that names the field. Nothing here
 * looks at a clock, so that a page that is tried again, and a file that comes twice, give the very same bodies.
 */
import {
  atPath,
  canonicalJson,
  hash128,
  isJsonList,
  isJsonObject,
  type Json,
} from '../shared/index.js';
import { buildEvents } from './build-events.js';
import { asTime } from './cast.js';
import type { Surroundings } from './conform.js';
import { isTooDeep } from './depth.js';
import { emptyDraft, put, type Draft } from './draft.js';
import { mapField } from './map-field.js';
import { readPath, type Place } from './read-source.js';
import type {
  Attribute,
  Catalogue,
  MapContext,
  MappedRow,
  Mapping,
  MappingField,
  MappingRejection,
  MappingWarning,
} from './types.js';

export function applyMapping(mapping: Mapping, row: Json, context: MapContext): MappedRow {
  return isTooDeep(row) ? tooDeep() : mapRow(mapping, { row, whole: row }, context);
}

/** Every event in a payload: of each element of the list that the mapping names, or of the payload itself. */
export function mapPayload(
  mapping: Mapping,
  payload: Json,
  context: MapContext,
): readonly MappedRow[] {
  if (mapping.each === undefined) return [applyMapping(mapping, payload, context)];
  if (isTooDeep(payload)) return [tooDeep()];
  const list = mapping.each === '$' ? payload : atPath(payload, mapping.each);
  if (!isJsonList(list)) {
    return [rejected({ code: 'not_a_row', field: null, detail: 'there is no list at each' })];
  }
  return list.map((row, index) => {
    const place = { row, whole: payload };
    return mapRow(mapping, place, { ...context, rowId: `${context.rowId}#${index}` });
  });
}

function mapRow(mapping: Mapping, place: Place, context: MapContext): MappedRow {
  if (!isJsonObject(place.row)) {
    return rejected({ code: 'not_a_row', field: null, detail: 'the row is not an object' });
  }
  const warnings: MappingWarning[] = [];
  const draft = draftOf(mapping, place, { catalogue: context.catalogue, warnings });
  if ('code' in draft) return rejected(draft, warnings);
  const missing = missingIn(mapping, draft, { context, warnings });
  if (missing !== null) return rejected(missing, warnings);
  const events = buildEvents(draft, {
    target: mapping.target,
    importKey: context.importKey,
    messageId: draft.messageId ?? messageIdOf(mapping, draft, { ...context, row: place.row }),
    timestamp: draft.timestamp ?? new Date(context.importedAt).toISOString(),
  });
  return { events, warnings, rejection: null };
}

interface Gathering {
  readonly catalogue: Catalogue;
  readonly warnings: MappingWarning[];
}

function draftOf(
  mapping: Mapping,
  place: Place,
  { catalogue, warnings }: Gathering,
): Draft | MappingRejection {
  const draft = emptyDraft();
  const around: Surroundings = { zone: mapping.zone ?? 'UTC', country: mapping.country };
  const attributes = byKey(catalogue);
  for (const field of mapping.fields) {
    const attribute = attributes.get(field.to);
    if (attribute === undefined) {
      return { code: 'unknown_attribute', field: field.to, detail: 'not in the catalogue' };
    }
    const mapped = mapField(field, attribute, { place, around });
    if (mapped.kind === 'rejected') {
      return { code: mapped.code, field: field.to, detail: mapped.detail };
    }
    if (mapped.warning !== undefined) warnings.push(mapped.warning);
    if (mapped.kind === 'absent') continue;
    put(draft, attribute, { value: mapped.value, saidAt: saidAtOf(field, place, around) });
  }
  return draft;
}

/** A time that cannot be read is no time: the consent then counts from the event's own. */
function saidAtOf(field: MappingField, place: Place, around: Surroundings): string | undefined {
  const written = field.saidAt === undefined ? undefined : readPath(field.saidAt, place);
  if (written === undefined) return undefined;
  const read = asTime(written, {}, around.zone);
  return read.ok && typeof read.value === 'string' ? read.value : undefined;
}

/** What an event of this kind cannot do without. */
function missingIn(
  { target, fields }: Mapping,
  draft: Draft,
  { context, warnings }: { readonly context: MapContext; readonly warnings: MappingWarning[] },
): MappingRejection | null {
  if (draft.identifiers.length === 0) {
    return { code: 'missing_identity', field: null, detail: 'no identifier has a value' };
  }
  if (target === 'customers') return null;
  if (target === 'events' && draft.eventName === undefined) {
    return { code: 'missing_event_name', field: null, detail: 'the event has no name' };
  }
  if (target === 'orders' && draft.properties['order_id'] === undefined) {
    return { code: 'missing_order_id', field: null, detail: 'order_id has no value' };
  }
  if (draft.timestamp !== undefined) return null;
  return missingTime(fields, context.catalogue, warnings);
}

/** A purchase of last year that lost its date is not one of today. */
function missingTime(
  fields: readonly MappingField[],
  catalogue: Catalogue,
  warnings: MappingWarning[],
): MappingRejection | null {
  const attributes = byKey(catalogue);
  const field = fields.find(({ to }) => attributes.get(to)?.role.kind === 'eventTime');
  if (field === undefined) return null;
  const fault = { code: 'missing_time', field: field.to, detail: 'the time has no value' } as const;
  if ((field.level ?? 'quarantine') === 'quarantine') return fault;
  if (!warnings.some((warning) => warning.field === field.to)) {
    warnings.push({ ...fault, action: 'omitted' });
  }
  return null;
}

/**
 * Of the row's content too: a pull meets a row again after it has changed, and that is news. An order that names itself and its time
 * is the same order wherever the same row stands: shops export the last days again every night.
 */
function messageIdOf(
  { key, target }: Mapping,
  { properties, timestamp }: Draft,
  { importKey, rowId, row, rowsRepeat = false }: MapContext & { readonly row: Json },
): string {
  const isOrder = rowsRepeat && target === 'orders';
  const named = isOrder && properties['order_id'] !== undefined && timestamp !== undefined;
  return `import-${hash128(canonicalJson(named ? ['order', key, row] : [importKey, key, rowId, row]))}`;
}

const indexes = new WeakMap<Catalogue, ReadonlyMap<string, Attribute>>();

/** A file has a million rows and one catalogue. */
function byKey(catalogue: Catalogue): ReadonlyMap<string, Attribute> {
  const known = indexes.get(catalogue);
  if (known !== undefined) return known;
  const index = new Map(catalogue.map((attribute) => [attribute.key, attribute]));
  indexes.set(catalogue, index);
  return index;
}

function rejected(
  rejection: MappingRejection,
  warnings: readonly MappingWarning[] = [],
): MappedRow {
  return { events: [], warnings, rejection };
}

function tooDeep(): MappedRow {
  return rejected({ code: 'too_deep', field: null, detail: 'nested too deep' });
}
