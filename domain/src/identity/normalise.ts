import { isWellFormedText } from '../shared/index.js';
import type { IdentifierRef, IdentityRules } from './types.js';

const MAX_LENGTH = 255;
const EMAIL = /^[^\s@<>"(),;]{1,64}@[^\s@<>"(),;.]+(?:\.[^\s@<>"(),;.]+)*$/u;
const CONTROL = /\p{Cc}/u;

/**
 * The one form in which an identifier is stored, looked up and hashed; null where the value cannot identify anybody. Normalising
 * twice changes nothing. Never the place for blocked values: those are a workspace's own (IdentityRules).
 */
export function normaliseIdentifier(type: string, value: string): string | null {
  const text = value.trim();
  if (text === '' || text.length > MAX_LENGTH || CONTROL.test(text) || !isWellFormedText(text)) {
    return null;
  }
  switch (type) {
    case 'email':
      return normaliseEmail(text);
    case 'phone':
      return normalisePhone(text);
    default:
      return text;
  }
}

/** The part before the @ is lower-cased too: no provider that people use tells Ada@ from ada@. */
function normaliseEmail(text: string): string | null {
  const email = text.normalize('NFC').toLowerCase().normalize('NFC');
  return email.length <= 254 && EMAIL.test(email) ? email : null;
}

/** A number with + is brought to E.164; without a country nothing can be said, so it stays as written. */
function normalisePhone(text: string): string | null {
  if (!text.startsWith('+')) return text;
  const digits = text.replace(/[\s().\-/]/gu, '').slice(1);
  return /^\d{7,15}$/.test(digits) ? `+${digits}` : null;
}

/** The key of an identifier in maps. Types hold no colon, so no two identifiers share a key. */
export function identifierKey(ref: IdentifierRef): string {
  return `${ref.type}:${ref.value}`;
}

const TYPE = /^[a-zA-Z][a-zA-Z0-9_.-]{0,63}$/;

/** Whether a sender may use this as the type of an identifier. */
export function isIdentifierType(type: string): boolean {
  return TYPE.test(type);
}

const NOTHING_BUT_FILLING = /^[0\-_.+\s]*$/;

/** A value that many unrelated people send: it would melt them into one. */
export function isBlocked(value: string, rules: IdentityRules): boolean {
  if (NOTHING_BUT_FILLING.test(value)) return true;
  const text = value.toLowerCase();
  return rules.blocked.includes(text) || rules.patterns.some((pattern) => pattern.test(text));
}
