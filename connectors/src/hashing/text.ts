/** Pieces that the vendors' rules for text have in common. */

/** Lower case without space around it, in one Unicode form: an é of one character and an é of two are one name. */
export function plain(text: string): string | undefined {
  return some(text.toLowerCase().normalize('NFC').trim());
}

export function some(text: string): string | undefined {
  return text === '' ? undefined : text;
}

export function withoutPunctuation(text: string): string {
  return text.replace(/[\p{P}\p{S}]/gu, '');
}

export function withoutSpaces(text: string): string {
  return text.replace(/\s/gu, '');
}

/** Something before an @ and something after it; more is nobody's business but the receiving server's. */
export function isEmail(text: string): boolean {
  return /^[^\s@]+@[^\s@]+$/.test(text);
}

/** An advertising id. One of zeros is what a phone gives out whose owner wants none. */
export function advertisingId(text: string): string | undefined {
  const id = plain(text);
  return id === undefined || /^[0-]*$/.test(id) ? undefined : id;
}
