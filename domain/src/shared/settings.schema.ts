import { z } from 'zod';

/**
 * What the settings of every process have in common: how a key is written, what an empty setting means, how mistakes are said
 * and how an example file is made. Which settings there are, and reading the environment, stays with each process.
 */
const KEY_BYTES = 32;
const HINT = `random bytes in base64; make one with: openssl rand -base64 ${KEY_BYTES}`;

/** Base64 of exactly 32 bytes, as AES-256 needs. */
export const AesKeyText = keyText('exactly', (bytes) => bytes === KEY_BYTES);

/** Base64 of at least 32 bytes, as a signature needs. */
export const SigningKeyText = keyText('at least', (bytes) => bytes >= KEY_BYTES);

/** `a, b` → ['a', 'b']; not set: none. */
export const ListText = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  );

export const DatabaseUrlText = z
  .string()
  .regex(
    /^postgres(ql)?:\/\//,
    'must be a URL such as postgres://user:password@host:5432/throughline',
  )
  .describe('PostgreSQL; the login is a member of the tl_* roles');

/** A whole number from `least` to `most`, with what it is unless it is set. */
export function whole(least: number, most: number, usual: number) {
  return z.coerce.number().int().min(least).max(most).default(usual);
}

export type SettingsResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly mistakes: readonly string[] };

type Environment = Readonly<Record<string, string | undefined>>;

/** All that is wrong at once, by name and never by value: a setting may be a secret. `PORT=` in a shell means "not set". */
export function readSettings<T>(schema: z.ZodType<T>, environment: Environment): SettingsResult<T> {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = schema.safeParse(given);
  if (parsed.success) return { ok: true, value: parsed.data };
  const mistakes = parsed.error.issues.map(
    ({ path, message }) => `${path.join('.')}: ${sayMissing(message)}`,
  );
  return { ok: false, mistakes };
}

export interface ExampleHead {
  readonly title: string;
  /** what it is by default on every machine differs, so it is not written down */
  readonly withoutDefault?: readonly string[];
}

/** An example file: every setting with its meaning; what has no default is left empty on purpose. */
export function settingsExample(shape: z.ZodRawShape, head: ExampleHead): string {
  const lines = Object.entries(shape).flatMap(([name, schema]) => {
    const usual = z.safeParse(schema, undefined);
    const description = z.globalRegistry.get(schema)?.description ?? '';
    if (!usual.success) return [`# ${description} (required)`, `${name}=`, ''];
    const isSaid = !(head.withoutDefault ?? []).includes(name);
    return [`# ${description}`, `#${name}=${isSaid ? defaultText(usual.data) : ''}`, ''];
  });
  return [`# ${head.title}`, '', ...lines].join('\n');
}

/** As one would write it in the file. */
function defaultText(value: unknown): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function keyText(amount: 'exactly' | 'at least', isEnough: (bytes: number) => boolean) {
  return z
    .string({ error: `is not set: ${amount} ${KEY_BYTES} ${HINT}` })
    .refine((text) => isEnough(byteLength(text)), {
      error: `must be ${amount} ${KEY_BYTES} ${HINT}`,
    });
}

/** Of standard and URL-safe base64; anything else has no bytes. */
function byteLength(text: string): number {
  const [, digits] = /^([A-Za-z0-9+/_-]+)={0,2}$/.exec(text) ?? [];
  return digits === undefined ? 0 : Math.floor((digits.length * 3) / 4);
}

function sayMissing(message: string): string {
  return message.includes('received undefined') ? 'is not set' : message;
}
