/** How alike two strings are: the measures that record linkage has settled on, on code units and without allocation. */
/** Looked up once: these run millions of times, and inside a sandbox every look-up of a global is slow. */
const { abs, floor, max, min } = Math;

const LONGEST = 256;
const takenA = new Uint8Array(LONGEST);
const takenB = new Uint8Array(LONGEST);
const PREFIX_WEIGHT = 0.1;
const LONGEST_PREFIX = 4;

/** 1 for equal strings, 0 for strings that share nothing; a common beginning counts extra. Longer text is cut. */
export function jaroWinkler(left: string, right: string): number {
  if (left === right) return 1;
  const jaro = jaroOf(left, right);
  const longest = min(LONGEST_PREFIX, left.length, right.length);
  let prefix = 0;
  while (prefix < longest && left.charCodeAt(prefix) === right.charCodeAt(prefix)) prefix += 1;
  return jaro + prefix * PREFIX_WEIGHT * (1 - jaro);
}

function jaroOf(left: string, right: string): number {
  const lengthA = min(left.length, LONGEST);
  const lengthB = min(right.length, LONGEST);
  if (lengthA === 0 || lengthB === 0) return 0;
  const matches = markMatches(left, lengthA, right, lengthB);
  if (matches === 0) return 0;
  const swaps = countSwaps(left, lengthA, right) / 2;
  return (matches / lengthA + matches / lengthB + (matches - swaps) / matches) / 3;
}

/** Letters that both have, no further apart than half the longer string. */
function markMatches(left: string, lengthA: number, right: string, lengthB: number): number {
  takenA.fill(0, 0, lengthA);
  takenB.fill(0, 0, lengthB);
  const reach = max(0, floor(max(lengthA, lengthB) / 2) - 1);
  let matches = 0;
  for (let a = 0; a < lengthA; a += 1) {
    const code = left.charCodeAt(a);
    const end = min(lengthB, a + reach + 1);
    for (let b = max(0, a - reach); b < end; b += 1) {
      if (takenB[b] === 1 || right.charCodeAt(b) !== code) continue;
      takenA[a] = 1;
      takenB[b] = 1;
      matches += 1;
      break;
    }
  }
  return matches;
}

function countSwaps(left: string, lengthA: number, right: string): number {
  let swaps = 0;
  let b = 0;
  for (let a = 0; a < lengthA; a += 1) {
    if (takenA[a] === 0) continue;
    while (takenB[b] === 0) b += 1;
    if (left.charCodeAt(a) !== right.charCodeAt(b)) swaps += 1;
    b += 1;
  }
  return swaps;
}

let before = new Uint16Array(LONGEST + 1);
let above = new Uint16Array(LONGEST + 1);
let row = new Uint16Array(LONGEST + 1);

/**
 * Insertions, deletions, changes and swaps of neighbours that make one string of the other (each place touched once), but no
 * more than `most` + 1: whoever asks wants to know whether it is 1 or 2, not how far apart strangers are. So only the
 * diagonal is filled that `most` edits can reach.
 */
export function damerauLevenshtein(left: string, right: string, most: number): number {
  if (left === right) return 0;
  const lengthA = min(left.length, LONGEST - 1);
  const lengthB = min(right.length, LONGEST - 1);
  if (abs(lengthA - lengthB) > most) return most + 1;
  for (let b = 0; b <= min(lengthB, most + 1); b += 1) above[b] = b;
  for (let a = 1; a <= lengthA; a += 1) {
    const from = max(1, a - most);
    const to = min(lengthB, a + most);
    if (fillRow(left, right, { a, from, to, most }) > most) return most + 1;
    if (to < lengthB) row[to + 1] = most + 1;
    [before, above, row] = [above, row, before];
  }
  return min(above[lengthB] ?? 0, most + 1);
}

interface Reach {
  readonly a: number;
  readonly from: number;
  readonly to: number;
  readonly most: number;
}

/** Answers the smallest distance of the row: no later one is smaller. */
function fillRow(left: string, right: string, { a, from, to, most }: Reach): number {
  const code = left.charCodeAt(a - 1);
  row[from - 1] = from === 1 ? a : most + 1;
  let least = from === 1 ? a : most + 1;
  for (let b = from; b <= to; b += 1) {
    const other = right.charCodeAt(b - 1);
    const change = (above[b - 1] ?? 0) + (code === other ? 0 : 1);
    let cost = min((above[b] ?? 0) + 1, (row[b - 1] ?? 0) + 1, change);
    const isSwap =
      a > 1 && b > 1 && code === right.charCodeAt(b - 2) && left.charCodeAt(a - 2) === other;
    if (isSwap) cost = min(cost, (before[b - 2] ?? 0) + 1);
    row[b] = cost;
    if (cost < least) least = cost;
  }
  return least;
}

const SOUNDEX = '01230120022455012623010202';
const LETTER_A = 97;

/** American Soundex of the first word; other scripts, which it does not know, keep their first four letters. */
export function soundex(text: string): string {
  const first = text.charCodeAt(0) - LETTER_A;
  if (!(first >= 0 && first < SOUNDEX.length)) return text.slice(0, 4);
  let code = text.slice(0, 1);
  let last = SOUNDEX.charAt(first);
  for (let at = 1; at < text.length && code.length < 4; at += 1) {
    const letter = text.charCodeAt(at) - LETTER_A;
    if (!(letter >= 0 && letter < SOUNDEX.length)) continue;
    const digit = SOUNDEX.charAt(letter);
    // h and w do not separate equal sounds, vowels do.
    if (letter === 7 || letter === 22) continue;
    if (digit !== '0' && digit !== last) code += digit;
    last = digit;
  }
  return code.padEnd(4, '0');
}
