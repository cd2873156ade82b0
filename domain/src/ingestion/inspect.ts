import {
  hasLoneSurrogate,
  hasNul,
  isJsonList,
  type Json,
  type JsonObject,
} from '../shared/index.js';
import { EVENT_LIMITS } from './limits.js';
import type { RejectionCode } from './types.js';

/** What is wrong with one event. */
export interface EventFault {
  readonly code: RejectionCode;
  readonly detail: string;
}

export interface Inspection {
  readonly fault: EventFault | null;
  /** characters that the event has at least, however it was printed */
  readonly minLength: number;
  /** holds an integer that may not be the one that was sent: only the event's text can tell */
  readonly doubtfulNumber: boolean;
}

/**
 * One walk over a parsed event that checks every limit the values themselves show. It recurses, but never deeper than the depth
 * limit. `suspectText` says that the body holds an escape that could hide a NUL or half a character; clean bodies, nearly all
 * of them, skip that check string by string.
 */
export function inspect(value: Json, suspectText: boolean): Inspection {
  const walk: Walk = { suspectText, fault: null, minLength: 0, keys: 0, doubtfulNumber: false };
  visit(walk, value, 1);
  return walk;
}

interface Walk {
  readonly suspectText: boolean;
  fault: EventFault | null;
  minLength: number;
  keys: number;
  doubtfulNumber: boolean;
}

function visit(walk: Walk, value: Json, depth: number): void {
  if (typeof value === 'string') {
    walk.minLength += value.length + 2;
    if (value.length > EVENT_LIMITS.string)
      fail(walk, 'string_too_long', 'a string of more than 64 KB');
    if (walk.suspectText) checkText(walk, value);
  } else if (typeof value === 'number') {
    walk.minLength += 1;
    if (value > Number.MAX_SAFE_INTEGER || value < -Number.MAX_SAFE_INTEGER)
      checkNumber(walk, value);
  } else if (typeof value !== 'object' || value === null) {
    walk.minLength += 4;
  } else if (depth > EVENT_LIMITS.depth) {
    fail(walk, 'too_deep', `nested more than ${EVENT_LIMITS.depth} levels deep`);
  } else if (isJsonList(value)) {
    walk.minLength += value.length + 1;
    for (let index = 0; index < value.length && walk.fault === null; index++) {
      visit(walk, value[index] ?? null, depth + 1);
    }
  } else {
    visitObject(walk, value, depth);
  }
}

function visitObject(walk: Walk, object: JsonObject, depth: number): void {
  const keys = Object.keys(object);
  walk.keys += keys.length;
  walk.minLength += 1 + keys.length * 4;
  if (walk.keys > EVENT_LIMITS.keys)
    fail(walk, 'too_many_keys', `more than ${EVENT_LIMITS.keys} keys`);
  for (const key of keys) {
    if (walk.fault !== null) return;
    walk.minLength += key.length;
    checkKey(walk, key);
    visit(walk, object[key] ?? null, depth + 1);
  }
}

function checkKey(walk: Walk, key: string): void {
  if (key === '__proto__' || key === 'constructor' || key === 'prototype') {
    fail(walk, 'forbidden_key', `the key ${key}`);
  }
  if (key.length > EVENT_LIMITS.name) {
    fail(walk, 'name_too_long', `a key of more than ${EVENT_LIMITS.name} characters`);
  }
  if (walk.suspectText) checkText(walk, key);
}

function checkText(walk: Walk, text: string): void {
  if (hasNul(text)) fail(walk, 'nul_character', 'text with a NUL character');
  if (hasLoneSurrogate(text)) fail(walk, 'lone_surrogate', 'text with half of a character');
}

function checkNumber(walk: Walk, value: number): void {
  if (Number.isFinite(value)) walk.doubtfulNumber = true;
  else fail(walk, 'non_finite_number', 'a number too large for any computer');
}

/** The first fault stands. */
function fail(walk: Walk, code: RejectionCode, detail: string): void {
  walk.fault ??= { code, detail };
}
