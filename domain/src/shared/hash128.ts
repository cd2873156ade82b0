/** Looked up once: in a sandbox every mention of a global is a call out of it. */
const { imul } = Math;

/**
 * MurmurHash3 x86 128 over the UTF-16 units of a text, as 32 hex digits. NOT for security: whoever wants two texts with one
 * hash can make them. It tells repeats from changes and names shared facts, where both texts come from one workspace.
 * Written out here because `domain` runs without Node, and a synchronous digest is not in the language. Its loop runs for every
 * event, so it allocates nothing and calls functions of plain numbers only.
 */
export function hash128(text: string): string {
  let h1 = 0;
  let h2 = 0;
  let h3 = 0;
  let h4 = 0;
  const whole = text.length & ~7;
  let i = 0;
  // A block is 16 bytes: eight units.
  for (; i < whole; i += 8) {
    h1 ^= mix(text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16), C1, 15, C2);
    h1 = (imul(rotate(h1, 19) + h2, 5) + 0x561ccd1b) | 0;
    h2 ^= mix(text.charCodeAt(i + 2) | (text.charCodeAt(i + 3) << 16), C2, 16, C3);
    h2 = (imul(rotate(h2, 17) + h3, 5) + 0x0bcaa747) | 0;
    h3 ^= mix(text.charCodeAt(i + 4) | (text.charCodeAt(i + 5) << 16), C3, 17, C4);
    h3 = (imul(rotate(h3, 15) + h4, 5) + 0x96cd1c35) | 0;
    h4 ^= mix(text.charCodeAt(i + 6) | (text.charCodeAt(i + 7) << 16), C4, 18, C1);
    h4 = (imul(rotate(h4, 13) + h1, 5) + 0x32ac3b17) | 0;
  }
  if (i < text.length) {
    h1 ^= mix(unit(text, i) | (unit(text, i + 1) << 16), C1, 15, C2);
    h2 ^= mix(unit(text, i + 2) | (unit(text, i + 3) << 16), C2, 16, C3);
    h3 ^= mix(unit(text, i + 4) | (unit(text, i + 5) << 16), C3, 17, C4);
    h4 ^= mix(unit(text, i + 6) | (unit(text, i + 7) << 16), C4, 18, C1);
  }
  const bytes = text.length * 2;
  return finish(h1 ^ bytes, h2 ^ bytes, h3 ^ bytes, h4 ^ bytes);
}

const C1 = 0x239b961b;
const C2 = 0xab0e9789 | 0;
const C3 = 0x38b34ae5;
const C4 = 0xa1e38b93 | 0;

/** Zero past the end: charCodeAt would answer NaN there, and slow the loop above down as well. */
function unit(text: string, index: number): number {
  return index < text.length ? text.charCodeAt(index) : 0;
}

function mix(word: number, before: number, bits: number, after: number): number {
  return imul(rotate(imul(word, before), bits), after);
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/** Adds every word to the first and the first to every word, twice, so that each depends on all. */
function finish(h1: number, h2: number, h3: number, h4: number): string {
  const sum = (h1 + h2 + h3 + h4) | 0;
  const a = avalanche(sum);
  const b = avalanche((h2 + sum) | 0);
  const c = avalanche((h3 + sum) | 0);
  const d = avalanche((h4 + sum) | 0);
  const all = (a + b + c + d) | 0;
  return hex(all) + hex((b + all) | 0) + hex((c + all) | 0) + hex((d + all) | 0);
}

function avalanche(word: number): number {
  let h = word;
  h = imul(h ^ (h >>> 16), 0x85ebca6b);
  h = imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

const HEX = Array.from({ length: 0x10000 }, (_, value) => value.toString(16).padStart(4, '0'));

function hex(word: number): string {
  return (HEX[word >>> 16] ?? '') + (HEX[word & 0xffff] ?? '');
}
