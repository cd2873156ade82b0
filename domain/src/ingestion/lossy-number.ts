/**
 * Integers in JSON that JSON.parse cannot hold (`12345678901234567890123`): it rounds them without a word, and an order id that
 * is off by one belongs to somebody else. Fractions and exponents are approximate by nature and stay.
 *
 * `text` must be valid JSON. Returns true at the first such integer outside of strings.
 */
export function losesPrecision(text: string): boolean {
  for (const match of text.matchAll(TOKEN)) {
    const digits = match[1];
    if (digits === undefined) continue;
    if (BigInt(digits) !== BigInt(Number(digits))) return true;
  }
  return false;
}

/** Strings are matched so that digits inside of them are passed over; the group takes integers of 16 digits and more. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|(-?\d{16,400})(?![\d.eE])|-?\d[\d.eE+-]*/gsu;
