import type { Json } from '../shared/index.js';

const YES = new Set([
  ...['true', 'yes', 'y', 't', '1', 'on', 'x', 'ja', 'j', 'wahr', 'oui', 'vrai', 'si', 'sí', 'sì'],
  ...['sim', 'tak', 'ano', 'igen', 'evet', 'kyllä', 'да', 'так', 'истина', 'はい'],
]);
const NO = new Set([
  ...[
    'false',
    'no',
    'n',
    'f',
    '0',
    'off',
    'nein',
    'falsch',
    'non',
    'faux',
    'não',
    'nao',
    'nie',
    'nee',
  ],
  ...['ne', 'nem', 'hayır', 'nej', 'ei', 'нет', 'ні', 'ложь', 'いいえ'],
]);

/** A word for yes or no in one of several languages. */
export function readBoolean(value: Json): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const word = typeof value === 'number' ? String(value) : value;
  if (typeof word !== 'string') return undefined;
  const said = word.trim().normalize('NFC').toLowerCase();
  if (YES.has(said)) return true;
  return NO.has(said) ? false : undefined;
}

export type ConsentWord = 'granted' | 'denied' | 'revoked';

const GRANTED = new Set(['granted', 'subscribed', 'opted_in', 'opted-in', 'opt-in', 'opt_in']);
const DENIED = new Set(['denied', 'not_subscribed', 'never_subscribed']);
const REVOKED = new Set([
  ...['revoked', 'withdrawn', 'unsubscribed', 'opted_out', 'opted-out', 'opt-out', 'opt_out'],
]);

/** What a column says about a consent. `no` is a refusal; only a word of its own is a withdrawal. */
export function readConsent(value: Json): ConsentWord | undefined {
  const answer = readBoolean(value);
  if (answer !== undefined) return answer ? 'granted' : 'denied';
  if (typeof value !== 'string') return undefined;
  const said = value.trim().toLowerCase().replaceAll(' ', '_');
  if (GRANTED.has(said)) return 'granted';
  if (DENIED.has(said)) return 'denied';
  return REVOKED.has(said) ? 'revoked' : undefined;
}
