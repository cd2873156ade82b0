/**
 * Text that JSON allows and PostgreSQL refuses: NUL and lone surrogates (half of a two-part character). One such value would
 * fail the whole statement it is written with.
 */
declare global {
  /** In every runtime that we support, and in the language since ES2024, a year after the library that we compile against. */
  interface String {
    isWellFormed(): boolean;
  }
}

export function hasNul(text: string): boolean {
  return text.includes('\u0000');
}

export function hasLoneSurrogate(text: string): boolean {
  return !text.isWellFormed();
}

export function isWellFormedText(text: string): boolean {
  return !hasNul(text) && !hasLoneSurrogate(text);
}

const BEYOND_ASCII = /[\u0080-\uffff]/;

/** Bytes of the text in UTF-8: what limits count. */
export function utf8Length(text: string): number {
  if (!BEYOND_ASCII.test(text)) return text.length;
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    // A surrogate pair is two units and four bytes, so each half adds one; a lone half becomes U+FFFD, three bytes.
    bytes += unit < 0x800 || isPairedSurrogate(text, index, unit) ? 1 : 2;
  }
  return bytes;
}

function isPairedSurrogate(text: string, index: number, unit: number): boolean {
  if (unit >= 0xd800 && unit <= 0xdbff) return (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00;
  if (unit >= 0xdc00 && unit <= 0xdfff) return (text.charCodeAt(index - 1) & 0xfc00) === 0xd800;
  return false;
}
