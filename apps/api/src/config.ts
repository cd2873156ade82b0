import { z } from 'zod';
import { ok, refuse, type Result } from '@throughline/domain/shared';

/**
 * The only place of the API that reads the environment. Everything that is wrong is said at once, with the command that
 * makes a secret, and nothing starts with a secret that was shipped.
 */
const KEY_BYTES = 32;
const HINT = `random bytes in base64; make one with: openssl rand -base64 ${KEY_BYTES}`;

const signingKey = z
  .string({ error: `is not set: at least ${KEY_BYTES} ${HINT}` })
  .refine((text) => keyBytes(text).length >= KEY_BYTES, {
    error: `must be at least ${KEY_BYTES} ${HINT}`,
  })
  .transform((text) => keyBytes(text));

const aesKey = z
  .string({ error: `is not set: exactly ${KEY_BYTES} ${HINT}` })
  .refine((text) => keyBytes(text).length === KEY_BYTES, {
    error: `must be exactly ${KEY_BYTES} ${HINT}`,
  })
  .transform((text) => keyBytes(text));

const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  );

const Environment = z.object({
  DATABASE_URL: z
    .string()
    .regex(
      /^postgres(ql)?:\/\//,
      'must be a URL such as postgres://user:password@host:5432/throughline',
    )
    .describe('PostgreSQL; the login is a member of the tl_* roles'),
  TEMPORAL_ADDRESS: z.string().min(1).describe('Temporal frontend, host:port'),
  TEMPORAL_NAMESPACE: z.string().min(1).default('throughline').describe('Namespace of the runs'),
  TEMPORAL_UI_URL: z.url().default('http://127.0.0.1:8233').describe('For links to runs'),
  TL_SECRET_KEY: aesKey.describe(
    'Seals the secrets of connections (AES-256-GCM), base64 of 32 bytes',
  ),
  TL_SECRET_KEYS_OLD: list
    .pipe(z.array(aesKey))
    .describe('Keys of before a rotation, comma-separated; they only open'),
  TL_SIGNING_KEY: signingKey.describe('Signs unsubscribe links, base64 of at least 32 bytes'),
  PUBLIC_URL: z.url().default('http://127.0.0.1:8080').describe('How people reach this server'),
  HOST: z.string().min(1).default('127.0.0.1').describe('Address to listen on'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080).describe('Port to listen on'),
  TL_LAG_LIMIT_MS: z.coerce
    .number()
    .int()
    .positive()
    .default(30_000)
    .describe('/readyz answers 503 when a lane is further behind than this'),
  TL_DATABASE_CONNECTIONS: z.coerce
    .number()
    .int()
    .min(2)
    .max(200)
    .default(8)
    .describe('Management pool'),
  TL_INGEST_CONNECTIONS: z.coerce.number().int().min(1).max(50).default(4).describe('Append pool'),
  TL_PRIVATE_HOSTS: list.describe(
    'Hosts of your own network that connection checks may call, comma-separated; * in development only',
  ),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('How much is logged; never bodies, addresses or keys'),
});

/** Read once at boot. */
export interface Config {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  readonly temporalUiUrl: string;
  readonly secretKeys: readonly [Buffer, ...Buffer[]];
  readonly signingKey: Buffer;
  readonly publicUrl: string;
  readonly host: string;
  readonly port: number;
  readonly lagLimitMs: number;
  readonly databaseConnections: number;
  readonly ingestConnections: number;
  readonly privateHosts: readonly string[];
  readonly logLevel: string;
}

export type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly mistakes: readonly string[] };

export function readConfig(
  environment: Readonly<Record<string, string | undefined>>,
): ConfigResult {
  const parsed = Environment.safeParse(withoutEmpty(environment));
  if (!parsed.success) {
    return {
      ok: false,
      mistakes: parsed.error.issues.map(
        ({ path, message }) => `${path.join('.')}: ${sayMissing(message)}`,
      ),
    };
  }
  const env = parsed.data;
  return {
    ok: true,
    config: {
      databaseUrl: env.DATABASE_URL,
      temporalAddress: env.TEMPORAL_ADDRESS,
      temporalNamespace: env.TEMPORAL_NAMESPACE,
      temporalUiUrl: env.TEMPORAL_UI_URL.replace(/\/$/, ''),
      secretKeys: [env.TL_SECRET_KEY, ...env.TL_SECRET_KEYS_OLD],
      signingKey: env.TL_SIGNING_KEY,
      publicUrl: env.PUBLIC_URL.replace(/\/$/, ''),
      host: env.HOST,
      port: env.PORT,
      lagLimitMs: env.TL_LAG_LIMIT_MS,
      databaseConnections: env.TL_DATABASE_CONNECTIONS,
      ingestConnections: env.TL_INGEST_CONNECTIONS,
      privateHosts: env.TL_PRIVATE_HOSTS,
      logLevel: env.LOG_LEVEL,
    },
  };
}

/** All that the admin command needs. */
export function readDatabaseUrl(
  environment: Readonly<Record<string, string | undefined>>,
): Result<string, string> {
  const parsed = Environment.shape.DATABASE_URL.safeParse(environment['DATABASE_URL']);
  return parsed.success ? ok(parsed.data) : refuse('DATABASE_URL must name the database.');
}

/** The environment of this process. */
export function processEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

/** For writing the document: nothing in it is ever connected to or signed with. */
export function documentationConfig(): Config {
  return {
    databaseUrl: 'postgres://nobody@127.0.0.1:1/nothing',
    temporalAddress: '127.0.0.1:1',
    temporalNamespace: 'throughline',
    temporalUiUrl: 'http://127.0.0.1:8233',
    secretKeys: [Buffer.alloc(32)],
    signingKey: Buffer.alloc(32),
    publicUrl: 'http://127.0.0.1:8080',
    host: '127.0.0.1',
    port: 0,
    lagLimitMs: 30_000,
    databaseConnections: 2,
    ingestConnections: 1,
    privateHosts: [],
    logLevel: 'silent',
  };
}

/** `.env.example`: every setting with its meaning; what has no default is left empty on purpose. */
export function environmentExample(): string {
  const lines = Object.entries(Environment.shape).flatMap(([name, schema]) => {
    const fallback = schema.safeParse(undefined);
    const value = fallback.success && !Array.isArray(fallback.data) ? String(fallback.data) : '';
    const required = fallback.success ? '' : ' (required)';
    return [
      `# ${schema.description ?? ''}${required}`,
      fallback.success ? `#${name}=${value}` : `${name}=`,
      '',
    ];
  });
  return [
    '# Settings of the API. Generated from apps/api/src/config.ts; copy to .env.',
    '',
    ...lines,
  ].join('\n');
}

function keyBytes(text: string): Buffer {
  return /^[A-Za-z0-9+/_-]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : Buffer.alloc(0);
}

/** `PORT=` in a shell means "not set". */
function withoutEmpty(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value === undefined || value === '' ? [] : [[name, value]],
    ),
  );
}

function sayMissing(message: string): string {
  return message.includes('received undefined') ? 'is not set' : message;
}
