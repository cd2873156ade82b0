import { parseJson } from '../shared/index.js';

/**
 * Cuts the text of each element of the top-level `batch` array out of a body, so that an event goes to quarantine exactly as it
 * was sent: parsing and printing it again would lose big integers, escapes and repeated keys.
 *
 * Brackets are counted, nothing recurses: a body nested 200,000 levels deep costs one pass. The text is expected to be JSON; of
 * anything else it cuts what it can, and each piece is then parsed by itself. null where there is no top-level `batch` array.
 */
export function splitBatch(text: string): readonly string[] | null {
  return batchSpans(text)?.elements.map(([start, end]) => text.slice(start, end)) ?? null;
}

/** Where a piece of a text begins, and the index after its end. */
export type Span = readonly [start: number, end: number];

export interface BatchSpans {
  /** the list, brackets included */
  readonly list: Span;
  readonly elements: readonly Span[];
}

/** Where the top-level `batch` array and its elements stand in a body. */
export function batchSpans(text: string): BatchSpans | null {
  let at = skipSpace(text, 0);
  if (text.charCodeAt(at) !== OPEN_BRACE) return null;
  at = skipSpace(text, at + 1);
  let found: BatchSpans | null = null;
  while (text.charCodeAt(at) === QUOTE) {
    const keyEnd = skipString(text, at);
    const key = text.slice(at, keyEnd);
    const start = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const end = skipValue(text, start);
    // The last of repeated keys wins, as in JSON.parse.
    if (isBatchKey(key))
      found =
        text.charCodeAt(start) === OPEN_BRACKET
          ? { list: [start, end], elements: elements(text, start) }
          : null;
    at = skipSpace(text, end);
    if (text.charCodeAt(at) !== COMMA) break;
    at = skipSpace(text, at + 1);
  }
  return found;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const BACKSLASH = 0x5c;

function isBatchKey(key: string): boolean {
  if (key === '"batch"') return true;
  return key.includes('\\') && parseJson(key) === 'batch';
}

function elements(text: string, open: number): Span[] {
  const found: Span[] = [];
  let at = skipSpace(text, open + 1);
  while (at < text.length && text.charCodeAt(at) !== CLOSE_BRACKET) {
    const end = skipValue(text, at);
    if (end === at) break;
    found.push([at, end]);
    at = skipSpace(text, end);
    if (text.charCodeAt(at) !== COMMA) break;
    at = skipSpace(text, at + 1);
  }
  return found;
}

/** The index after the value that begins here. */
function skipValue(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === QUOTE) return skipString(text, start);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return skipContainer(text, start);
  let at = start;
  while (at < text.length && !endsScalar(text.charCodeAt(at))) at += 1;
  return at;
}

function skipContainer(text: string, start: number): number {
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = skipString(text, at);
      continue;
    }
    if (code === OPEN_BRACE || code === OPEN_BRACKET) depth += 1;
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
    at += 1;
  }
  return at;
}

/** The index after the closing quote: the first quote that an even number of backslashes stands before. */
function skipString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1) {
    let slash = end - 1;
    while (text.charCodeAt(slash) === BACKSLASH) slash -= 1;
    if ((end - slash) % 2 === 1) return end + 1;
    end = text.indexOf('"', end + 1);
  }
  return text.length;
}

function endsScalar(code: number): boolean {
  return code === COMMA || code === CLOSE_BRACE || code === CLOSE_BRACKET || isSpace(code);
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (isSpace(text.charCodeAt(at))) at += 1;
  return at;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}
