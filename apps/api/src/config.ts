import { z } from 'zod';
import { ok, refuse, type Result } from '@throughline/domain/shared';
import {
  AesKeyText,
  DatabaseUrlText,
  ListText,
  readSettings,
  settingsExample,
  SigningKeyText,
  whole,
} from '@throughline/domain/shared/schemas';
import type { Rates } from './common/rate-limit.js';

/**
 * The only place of the API that reads the environment. Everything that is wrong is said at once, with the command that
 * makes a secret, and nothing starts with a secret that was shipped.
 */
const Environment = z.object({
  DATABASE_URL: DatabaseUrlText,
  TEMPORAL_ADDRESS: z.string().min(1).describe('Temporal frontend, host:port'),
  TEMPORAL_NAMESPACE: z.string().min(1).default('throughline').describe('Namespace of the runs'),
  TEMPORAL_UI_URL: z.url().default('http://127.0.0.1:8233').describe('For links to runs'),
  TL_SECRET_KEY: AesKeyText.describe(
    'Seals the secrets of connections (AES-256-GCM), base64 of 32 bytes',
  ),
  TL_SECRET_KEYS_OLD: ListText.pipe(z.array(AesKeyText)).describe(
    'Keys of before a rotation, comma-separated; they only open',
  ),
  TL_SIGNING_KEY: SigningKeyText.describe('Signs unsubscribe links, base64 of at least 32 bytes'),
  PUBLIC_URL: z.url().default('http://127.0.0.1:8080').describe('How people reach this server'),
  HOST: z.string().min(1).default('127.0.0.1').describe('Address to listen on'),
  PORT: whole(0, 65_535, 8_080).describe('Port to listen on'),
  TL_LAG_LIMIT_MS: whole(1, Number.MAX_SAFE_INTEGER, 30_000).describe(
    '/readyz answers 503 when a lane is further behind than this',
  ),
  TL_DATABASE_CONNECTIONS: whole(2, 200, 8).describe('Management pool'),
  TL_INGEST_CONNECTIONS: whole(1, 50, 4).describe('Append pool'),
  TL_INGEST_KEY_RATE: rate(20_000).describe(
    'Requests a second that one write key may make on /v1; 0: as many as it likes. Each process counts for itself',
  ),
  TL_INGEST_WORKSPACE_RATE: rate(50_000).describe(
    'Requests a second on /v1 by all keys of a workspace; 0: as many as they like',
  ),
  TL_API_KEY_RATE: rate(500).describe(
    'Requests a second that one key may make on /api/v1; 0: as many as it likes',
  ),
  TL_API_WORKSPACE_RATE: rate(1_000).describe(
    'Requests a second on /api/v1 by all keys of a workspace; 0: as many as they like',
  ),
  TL_PRIVATE_HOSTS: ListText.describe(
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
  readonly rates: { readonly ingest: Rates; readonly management: Rates };
  readonly privateHosts: readonly string[];
  readonly logLevel: string;
}

export type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly mistakes: readonly string[] };

export function readConfig(
  environment: Readonly<Record<string, string | undefined>>,
): ConfigResult {
  const read = readSettings(Environment, environment);
  if (!read.ok) return read;
  const env = read.value;
  return {
    ok: true,
    config: {
      databaseUrl: env.DATABASE_URL,
      temporalAddress: env.TEMPORAL_ADDRESS,
      temporalNamespace: env.TEMPORAL_NAMESPACE,
      temporalUiUrl: env.TEMPORAL_UI_URL.replace(/\/$/, ''),
      secretKeys: [keyBytes(env.TL_SECRET_KEY), ...env.TL_SECRET_KEYS_OLD.map(keyBytes)],
      signingKey: keyBytes(env.TL_SIGNING_KEY),
      publicUrl: env.PUBLIC_URL.replace(/\/$/, ''),
      host: env.HOST,
      port: env.PORT,
      lagLimitMs: env.TL_LAG_LIMIT_MS,
      databaseConnections: env.TL_DATABASE_CONNECTIONS,
      ingestConnections: env.TL_INGEST_CONNECTIONS,
      rates: {
        ingest: { perKey: env.TL_INGEST_KEY_RATE, perWorkspace: env.TL_INGEST_WORKSPACE_RATE },
        management: { perKey: env.TL_API_KEY_RATE, perWorkspace: env.TL_API_WORKSPACE_RATE },
      },
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
    rates: {
      ingest: { perKey: 0, perWorkspace: 0 },
      management: { perKey: 0, perWorkspace: 0 },
    },
    privateHosts: [],
    logLevel: 'silent',
  };
}

/** `.env.example`. */
export function environmentExample(): string {
  return settingsExample(Environment.shape, {
    title: 'Settings of the API. Generated from apps/api/src/config.ts; copy to .env.',
  });
}

function keyBytes(text: string): Buffer {
  return Buffer.from(text, 'base64');
}

/** Up to a million: more than a process can answer. */
function rate(usual: number) {
  return whole(0, 1_000_000, usual);
}
