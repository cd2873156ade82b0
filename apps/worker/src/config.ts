import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import {
  AesKeyText,
  DatabaseUrlText,
  ListText,
  readSettings,
  settingsExample,
  SigningKeyText,
  whole,
} from '@throughline/domain/shared/schemas';
import type { RetentionPolicy } from '@throughline/store/consent';

/**
 * The only place of the worker that reads the environment. Everything that is wrong is said at once, and nothing starts with a
 * secret that was shipped.
 */
const flag = z
  .enum(['0', '1'])
  .default('0')
  .transform((text) => text === '1');

const BUILT_BUNDLE = fileURLToPath(new URL('../../../workflows/dist/bundle.js', import.meta.url));

const Environment = z.object({
  DATABASE_URL: DatabaseUrlText,
  TEMPORAL_ADDRESS: z.string().min(1).describe('Temporal frontend, host:port'),
  TEMPORAL_NAMESPACE: z.string().min(1).default('throughline').describe('Namespace of the runs'),
  TL_QUEUE_PREFIX: z
    .string()
    .regex(/^([a-z0-9-]{1,40}-)?$/, 'must be empty, or lower-case words that end in a hyphen')
    .default('')
    .describe('Before the names of task queues, where two installations share a namespace'),
  TL_WORKFLOW_BUNDLE: z
    .string()
    .min(1)
    .default(BUILT_BUNDLE)
    .describe('The workflow bundle that the build made'),
  TL_SECRET_KEY: AesKeyText.describe(
    'Opens the secrets of connections (AES-256-GCM), base64 of 32 bytes',
  ),
  TL_SECRET_KEYS_OLD: ListText.pipe(z.array(AesKeyText)).describe(
    'Keys of before a rotation, comma-separated',
  ),
  TL_SIGNING_KEY: SigningKeyText.describe('Signs unsubscribe links, base64 of at least 32 bytes'),
  PUBLIC_URL: z
    .url()
    .default('http://127.0.0.1:8080')
    .describe('How people reach the API: unsubscribe links, links from runs'),
  HOST: z.string().min(1).default('127.0.0.1').describe('Address of the health door'),
  WORKER_PORT: whole(0, 65_535, 8_081).describe('Port of the health door'),
  TL_PRIVATE_HOSTS: ListText.describe(
    'Hosts of your own network that connectors may call; * in development only',
  ),
  TL_ENGINE_CONNECTIONS: whole(2, 200, 16).describe('Connections for steps and deliveries'),
  TL_RELAY_CONCURRENCY: whole(1, 1_000, 100).describe(
    'Starts and wakes on their way to Temporal at once',
  ),
  TL_DELIVER_CONCURRENCY: whole(1, 1_000, 50).describe(
    'Deliveries under way at once in this process',
  ),
  TL_CACHED_WORKFLOWS: whole(0, 100_000, 500).describe(
    'Runs kept in memory; others are replayed when they wake',
  ),
  TL_LAG_LIMIT_MS: whole(1_000, 86_400_000, 30_000).describe(
    '/readyz answers 503 when the outbox waits longer than this',
  ),
  TL_AFTER_RESTORE: flag.describe(
    '1 after PostgreSQL or Temporal was restored from a backup: missing runs are held, not begun anew',
  ),
  TL_RETAIN_LOG_DAYS: days(1, 7).describe(
    'Bodies as they were sent are kept this long; what is not applied yet always is',
  ),
  TL_RETAIN_EVENT_DAYS: days(0, 0).describe(
    'Events of profiles are kept this long; 0: for ever. Segments look no further back, and no older merge can be undone',
  ),
  TL_RETAIN_QUARANTINE_DAYS: days(1, 30).describe('Events in quarantine are kept this long'),
  TL_RETAIN_REJECT_DAYS: days(1, 30).describe('Rejected rows of imports are kept this long'),
  TL_RETAIN_TRAIL_DAYS: days(0, 400).describe(
    'The trail of an enrolment is kept this long after its end; 0: for ever',
  ),
  TL_TEMPORAL_METRICS: z
    .string()
    .min(1)
    .optional()
    .describe("host:port for Temporal's own metrics; none if unset"),
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
  readonly queuePrefix: string;
  readonly workflowBundle: string;
  readonly secretKeys: readonly [Buffer, ...Buffer[]];
  readonly signingKey: Buffer;
  readonly publicUrl: string;
  readonly host: string;
  readonly port: number;
  readonly privateHosts: readonly string[];
  readonly engineConnections: number;
  readonly relayConcurrency: number;
  readonly deliverConcurrency: number;
  readonly cachedWorkflows: number;
  readonly lagLimitMs: number;
  readonly afterRestore: boolean;
  readonly retention: RetentionPolicy;
  readonly temporalMetrics: string | null;
  readonly logLevel: string;
}

export type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly mistakes: readonly string[] };

export function readConfig(
  environment: Readonly<Record<string, string | undefined>>,
): ConfigResult {
  const read = readSettings(Environment, environment);
  return read.ok ? { ok: true, config: configOf(read.value) } : read;
}

function configOf(env: z.output<typeof Environment>): Config {
  return {
    databaseUrl: env.DATABASE_URL,
    temporalAddress: env.TEMPORAL_ADDRESS,
    temporalNamespace: env.TEMPORAL_NAMESPACE,
    queuePrefix: env.TL_QUEUE_PREFIX,
    workflowBundle: env.TL_WORKFLOW_BUNDLE,
    secretKeys: [keyBytes(env.TL_SECRET_KEY), ...env.TL_SECRET_KEYS_OLD.map(keyBytes)],
    signingKey: keyBytes(env.TL_SIGNING_KEY),
    publicUrl: env.PUBLIC_URL.replace(/\/$/, ''),
    host: env.HOST,
    port: env.WORKER_PORT,
    privateHosts: env.TL_PRIVATE_HOSTS,
    engineConnections: env.TL_ENGINE_CONNECTIONS,
    relayConcurrency: env.TL_RELAY_CONCURRENCY,
    deliverConcurrency: env.TL_DELIVER_CONCURRENCY,
    cachedWorkflows: env.TL_CACHED_WORKFLOWS,
    lagLimitMs: env.TL_LAG_LIMIT_MS,
    afterRestore: env.TL_AFTER_RESTORE,
    retention: retentionOf(env),
    temporalMetrics: env.TL_TEMPORAL_METRICS ?? null,
    logLevel: env.LOG_LEVEL,
  };
}

function retentionOf(env: z.output<typeof Environment>): RetentionPolicy {
  return {
    logDays: env.TL_RETAIN_LOG_DAYS,
    eventDays: env.TL_RETAIN_EVENT_DAYS || null,
    quarantineDays: env.TL_RETAIN_QUARANTINE_DAYS,
    rejectDays: env.TL_RETAIN_REJECT_DAYS,
    trailDays: env.TL_RETAIN_TRAIL_DAYS || null,
  };
}

/** A hundred years are for ever. */
function days(least: 0 | 1, usual: number) {
  return whole(least, 36_500, usual);
}

/** The environment of this process. */
export function processEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

/** `.env.worker.example`. */
export function environmentExample(): string {
  return settingsExample(Environment.shape, {
    title: 'Settings of the worker. Generated from apps/worker/src/config.ts; copy to .env.',
    withoutDefault: ['TL_WORKFLOW_BUNDLE'],
  });
}

function keyBytes(text: string): Buffer {
  return Buffer.from(text, 'base64');
}
