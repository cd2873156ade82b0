/**
 * Values with the letters they hold as a bit mask each: most pairs of strangers share so few letters that no distance has to
 * be measured. Letters may share a bit; the bounds then are only looser.
 */
import { damerauLevenshtein, jaroWinkler } from './text-distance.js';

const { imul, min } = Math;

const LOWEST_BAND = 0.7;

export class Letters {
  private readonly masks: Int32Array;

  constructor(private readonly values: readonly string[]) {
    this.masks = Int32Array.from(values, maskOf);
  }

  /** Jaro–Winkler in bands: 0 for .92 and above, 1 for .88, 2 for .7, 3 below. */
  band(left: number, others: Letters, right: number): number {
    const a = this.values[left] ?? '';
    const b = others.values[right] ?? '';
    if (this.mostAlike(left, others, right, a, b) < LOWEST_BAND) return 3;
    const likeness = jaroWinkler(a, b);
    if (likeness >= 0.92) return 0;
    if (likeness >= 0.88) return 1;
    return likeness >= LOWEST_BAND ? 2 : 3;
  }

  /** Damerau–Levenshtein up to `most`; more is `most` + 1. An edit brings in one letter and takes out one. */
  edits(left: number, right: number, most: number): number {
    const difference = (this.masks[left] ?? 0) ^ (this.masks[right] ?? 0);
    if (bits(difference) > 2 * most) return most + 1;
    return damerauLevenshtein(this.values[left] ?? '', this.values[right] ?? '', most);
  }

  /** Every letter that only one of the two has is one that cannot match. */
  private mostAlike(left: number, others: Letters, right: number, a: string, b: string): number {
    if (a.length === 0 || b.length === 0) return 0;
    const [maskA, maskB] = [this.masks[left] ?? 0, others.masks[right] ?? 0];
    const matches = min(a.length - bits(maskA & ~maskB), b.length - bits(maskB & ~maskA));
    const jaro = (matches / a.length + matches / b.length + 1) / 3;
    let prefix = 0;
    while (prefix < 4 && prefix < a.length && a.charCodeAt(prefix) === b.charCodeAt(prefix))
      prefix += 1;
    return jaro + 0.1 * prefix * (1 - jaro);
  }
}

function maskOf(text: string): number {
  let mask = 0;
  for (let at = 0; at < text.length; at += 1) mask |= 1 << (text.charCodeAt(at) & 31);
  return mask;
}

function bits(mask: number): number {
  let rest = mask - ((mask >>> 1) & 0x55555555);
  rest = (rest & 0x33333333) + ((rest >>> 2) & 0x33333333);
  return imul((rest + (rest >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
