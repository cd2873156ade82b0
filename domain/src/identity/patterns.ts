/**
 * Which patterns an operator may block identifiers by. They run over every identifier that comes in, so none may be able to take
 * long: anchored at the start, no group repeated, and at most two parts of open length. That bounds the work by the square of
 * the longest identifier (255), whatever the value.
 */
export const MAX_PATTERN_LENGTH = 200;

const MAX_OPEN_PARTS = 2;
const MAX_ALTERNATIVES = 50;

/** What is wrong with a pattern; null where it may be used. */
export function patternFault(pattern: string): string | null {
  if (pattern.length > MAX_PATTERN_LENGTH) return `longer than ${MAX_PATTERN_LENGTH} characters`;
  if (!pattern.startsWith('^')) return 'does not begin with ^';
  if (!compiles(pattern)) return 'is no regular expression';
  return scanFault(pattern.slice(1));
}

function compiles(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}

/** One part of a pattern at a time; the order matters, as a class may hold any of the others' characters. */
const PART =
  /(?<class>\[(?:\\.|[^\]\\])*\])|(?<reference>\\[1-9k])|(?<escape>\\.)|(?<assertion>\(\?[=!<])|(?<open>\((?:\?:)?)|(?<close>\))|(?<exact>\{\d{1,3}\})|(?<repeat>[*+?]\??|\{\d*,\d*\}\??)|(?<or>\|)|(?<literal>[^])/gu;

function scanFault(text: string): string | null {
  let groups = 0;
  let depth = 0;
  let open = 0;
  let alternatives = 0;
  let afterGroup = false;
  for (const { groups: part = {} } of text.matchAll(PART)) {
    if (part['reference'] !== undefined) return 'refers back to a group';
    if (part['assertion'] !== undefined) return 'looks ahead or behind, or names a group';
    if (part['open'] !== undefined) {
      groups += 1;
      depth += 1;
    }
    if (part['or'] !== undefined) {
      alternatives += 1;
      if (depth === 0) return 'has alternatives outside of a group, so it is not anchored';
    }
    const repeats = part['repeat'] !== undefined || part['exact'] !== undefined;
    if (repeats && afterGroup) return 'repeats a group';
    if (part['repeat'] !== undefined) open += 1;
    afterGroup = part['close'] !== undefined;
    if (afterGroup) depth -= 1;
  }
  if (groups > 1) return 'has more than one group';
  if (open > MAX_OPEN_PARTS) return `has more than ${MAX_OPEN_PARTS} parts of open length`;
  return alternatives > MAX_ALTERNATIVES ? 'has too many alternatives' : null;
}
