import {
  hasLoneSurrogate,
  isJsonList,
  isJsonObject,
  parseJson,
  utf8Length,
  type Json,
  type JsonObject,
} from '../shared/index.js';
import { inspect, type EventFault, type Inspection } from './inspect.js';
import { EVENT_LIMITS } from './limits.js';
import { losesPrecision } from './lossy-number.js';
import { splitBatch } from './split-batch.js';
import type { Endpoint } from './types.js';

/** One event of a body, before its shape is looked at. */
export interface RawEvent {
  readonly ordinal: number;
  /** undefined where the event's text is not JSON */
  readonly value: Json | undefined;
  /** a limit that the event breaks */
  readonly fault: EventFault | null;
  /** what the batch says for all of its events */
  readonly envelope: JsonObject;
  /** the event's own text, as it was sent */
  text(): string;
}

export interface RawBody {
  readonly events: readonly RawEvent[];
  /** of the body; an event may have its own */
  readonly sentAt: Json | undefined;
}

/**
 * Takes a body apart into events. The whole body is parsed at once, and each event is checked in one walk; only where that walk
 * leaves a doubt (an integer that may have been rounded, an event that may be too large) is the body's text cut into the texts
 * of its events. An event's faults never touch its neighbours.
 */
export function readBody(endpoint: Endpoint, rawText: string): RawBody | EventFault {
  const parsed = parseJson(rawText);
  if (endpoint !== 'batch') return single(rawText, parsed);
  if (parsed === undefined) return salvage(rawText);
  if (!isJsonObject(parsed)) return { code: 'not_an_object', detail: 'the body is not an object' };
  const values = Object.hasOwn(parsed, 'batch') ? parsed['batch'] : undefined;
  if (!isJsonList(values)) return { code: 'invalid_field', detail: 'batch is not a list' };
  const texts = new EventTexts(rawText, values);
  const envelope = envelopeOf(parsed);
  return { events: check(rawText, values, { envelope, texts }), sentAt: parsed['sentAt'] };
}

const NO_ENVELOPE: JsonObject = {};

function single(rawText: string, value: Json | undefined): RawBody | EventFault {
  if (value === undefined) return { code: 'not_an_object', detail: 'the body is not valid JSON' };
  const texts = { of: () => rawText };
  return { events: check(rawText, [value], { envelope: NO_ENVELOPE, texts }), sentAt: undefined };
}

/** A batch that is not valid JSON as a whole never passes the door; should one stand in the log, its good events are saved. */
function salvage(rawText: string): RawBody | EventFault {
  const texts = splitBatch(rawText);
  if (texts === null) return { code: 'not_an_object', detail: 'the body is not valid JSON' };
  const events = texts.map((text, ordinal): RawEvent => {
    const value = parseJson(text);
    const fault: EventFault | null =
      value === undefined ? { code: 'not_an_object', detail: 'not valid JSON' } : null;
    const checked =
      value === undefined
        ? []
        : check(text, [value], { envelope: NO_ENVELOPE, texts: { of: () => text } });
    return {
      ordinal,
      value,
      fault: fault ?? checked[0]?.fault ?? null,
      envelope: NO_ENVELOPE,
      text: () => text,
    };
  });
  return { events, sentAt: undefined };
}

function envelopeOf(body: JsonObject): JsonObject {
  const { context, integrations } = body;
  if (context === undefined && integrations === undefined) return NO_ENVELOPE;
  return {
    ...(context === undefined ? {} : { context }),
    ...(integrations === undefined ? {} : { integrations }),
  };
}

interface Surroundings {
  readonly envelope: JsonObject;
  readonly texts: { of(ordinal: number): string };
}

function check(
  rawText: string,
  values: readonly Json[],
  { envelope, texts }: Surroundings,
): RawEvent[] {
  const suspectText = mayHideBadText(rawText);
  const envelopeFault = envelope === NO_ENVELOPE ? null : inspectEnvelope(envelope, suspectText);
  const inspections = values.map((value) => inspect(value, suspectText));
  const spare = spareBytes(rawText, inspections);
  return inspections.map((inspection, ordinal): RawEvent => ({
    ordinal,
    value: values[ordinal],
    fault: faultOf(inspection, { spare, text: () => texts.of(ordinal) }) ?? envelopeFault,
    envelope,
    text: () => texts.of(ordinal),
  }));
}

/** Only an escape can bring a NUL or half a character into JSON that came as UTF-8. */
function mayHideBadText(rawText: string): boolean {
  return rawText.includes('\\u') || hasLoneSurrogate(rawText);
}

function inspectEnvelope(envelope: JsonObject, suspectText: boolean): EventFault | null {
  const { fault } = inspect(envelope, suspectText);
  const size = fault === null ? utf8Length(JSON.stringify(envelope)) : 0;
  if (size > EVENT_LIMITS.bytes) return { code: 'too_large', detail: 'the context of the batch' };
  return fault === null
    ? null
    : { ...fault, detail: `in the context of the batch: ${fault.detail}` };
}

/**
 * How many bytes an event may have beyond the least it can have, judged by the body alone: an event can't be larger than the
 * body without the least its neighbours take. Compact JSON leaves little to spare, so nearly no body has to be cut.
 */
function spareBytes(rawText: string, inspections: readonly Inspection[]): number {
  // Three bytes are the most that one unit takes in UTF-8.
  if (rawText.length * 3 <= EVENT_LIMITS.bytes) return 0;
  const least = inspections.reduce((sum, inspection) => sum + inspection.minLength, 0);
  return Math.max(0, utf8Length(rawText) - least);
}

function faultOf(
  { fault, minLength, doubtfulNumber }: Inspection,
  { spare, text }: { readonly spare: number; readonly text: () => string },
): EventFault | null {
  if (minLength + spare > EVENT_LIMITS.bytes && utf8Length(text()) > EVENT_LIMITS.bytes) {
    return { code: 'too_large', detail: `more than ${EVENT_LIMITS.bytes / 1024} KB` };
  }
  if (fault !== null) return fault;
  if (!doubtfulNumber || !losesPrecision(text())) return null;
  return {
    code: 'number_precision_lost',
    detail: 'an integer too large to be kept exactly; send it as text',
  };
}

/** Cuts the body when the first text is asked for. */
class EventTexts {
  private texts: readonly string[] | null | undefined;

  constructor(
    private readonly rawText: string,
    private readonly values: readonly Json[],
  ) {}

  of(ordinal: number): string {
    this.texts ??= splitBatch(this.rawText);
    // The cut and the parser agree on valid JSON; were they not to, the whole body is the honest answer.
    if (this.texts?.length !== this.values.length) return this.rawText;
    return this.texts[ordinal] ?? this.rawText;
  }
}
