import { createHash, randomBytes } from 'node:crypto';

/**
 * The form of a key: `tl_<scope>_<43 letters and digits><6 of checksum>`. The prefix lets secret scanners find one, the
 * checksum lets a typo be told apart from a revoked key without asking the database, and 256 bits of chance make a fast
 * hash enough to store it.
 */
export const SCOPES = [
  'ingest',
  'personalise',
  'read',
  'write',
  'operate',
  'privacy',
  'admin',
] as const;
export type Scope = (typeof SCOPES)[number];

/** The strongest scope names the key: what a leaked one can do should be readable from it. */
const STRENGTH: readonly Scope[] = [
  'admin',
  'privacy',
  'operate',
  'write',
  'read',
  'ingest',
  'personalise',
];
/** These stand in pages and apps for anybody to read, and are good for one source only. */
const PUBLISHED: readonly Scope[] = ['ingest', 'personalise'];
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const FORM =
  /^(tl_(?:ingest|personalise|read|write|operate|privacy|admin)_[0-9A-Za-z]{43})([0-9A-Za-z]{6})$/;

export function isScope(value: unknown): value is Scope {
  return SCOPES.some((scope) => scope === value);
}

/** A key of such a scope names its source. */
export function needsSource(scopes: readonly Scope[]): Scope | undefined {
  return PUBLISHED.find((scope) => scopes.includes(scope));
}

export function makeKey(scopes: readonly Scope[]): string {
  const strongest = STRENGTH.find((scope) => scopes.includes(scope)) ?? 'read';
  const body = `tl_${strongest}_${base62(randomBytes(32), 43)}`;
  return body + checksum(body);
}

/** False for what cannot be a key: nobody has to look it up. */
export function isWellFormedKey(key: string): boolean {
  const [, body, sum] = FORM.exec(key) ?? [];
  return body !== undefined && sum === checksum(body);
}

export function hashKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/** What may be shown of a key later on. */
export function keyPrefix(key: string): string {
  return key.slice(0, key.lastIndexOf('_') + 7);
}

function checksum(body: string): string {
  return base62(createHash('sha256').update(body).digest().subarray(0, 8), 6);
}

function base62(bytes: Buffer, length: number): string {
  let rest = BigInt(`0x${bytes.toString('hex')}`);
  let text = '';
  for (let index = 0; index < length; index += 1) {
    text = (ALPHABET[Number(rest % 62n)] ?? '0') + text;
    rest /= 62n;
  }
  return text;
}
