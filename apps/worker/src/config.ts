import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/**
 * The only place of the worker that reads the environment. Everything that is wrong is said at once, and nothing starts with a
 * secret that was shipped.
 */
const KEY_BYTES = 32;

const key = z
  .string()
  .refine((text) => keyBytes(text).length >= KEY_BYTES, {
    message: `must be at least ${KEY_BYTES} random bytes in base64; make one with: openssl rand -base64 ${KEY_BYTES}`,
  })
  .transform(keyBytes);

const aesKey = z
  .string()
  .refine((text) => keyBytes(text).length === KEY_BYTES, {
    message: `must be exactly ${KEY_BYTES} random bytes in base64; make one with: openssl rand -base64 ${KEY_BYTES}`,
  })
  .transform(keyBytes);

const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  );

const flag = z
  .enum(['0', '1'])
  .default('0')
  .transform((text) => text === '1');

const whole = (least: number, most: number, usual: number) =>
  z.coerce.number().int().min(least).max(most).default(usual);

const BUILT_BUNDLE = fileURLToPath(new URL('../../../workflows/dist/bundle.js', import.meta.url));

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
  TL_SECRET_KEY: aesKey.describe(
    'Opens the secrets of connections (AES-256-GCM), base64 of 32 bytes',
  ),
  TL_SECRET_KEYS_OLD: list
    .pipe(z.array(aesKey))
    .describe('Keys of before a rotation, comma-separated'),
  TL_SIGNING_KEY: key.describe('Signs unsubscribe links, base64 of at least 32 bytes'),
  PUBLIC_URL: z
    .url()
    .default('http://127.0.0.1:8080')
    .describe('How people reach the API: unsubscribe links, links from runs'),
  HOST: z.string().min(1).default('127.0.0.1').describe('Address of the health door'),
  WORKER_PORT: whole(0, 65_535, 8_081).describe('Port of the health door'),
  TL_PRIVATE_HOSTS: list.describe(
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
  readonly temporalMetrics: string | null;
  readonly logLevel: string;
}

export type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly mistakes: readonly string[] };

export function readConfig(
  environment: Readonly<Record<string, string | undefined>>,
): ConfigResult {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(given);
  if (!parsed.success) {
    const mistakes = parsed.error.issues.map(
      ({ path, message }) => `${path.join('.')}: ${message}`,
    );
    return { ok: false, mistakes };
  }
  return { ok: true, config: configOf(parsed.data) };
}

function configOf(env: z.output<typeof Environment>): Config {
  return {
    databaseUrl: env.DATABASE_URL,
    temporalAddress: env.TEMPORAL_ADDRESS,
    temporalNamespace: env.TEMPORAL_NAMESPACE,
    queuePrefix: env.TL_QUEUE_PREFIX,
    workflowBundle: env.TL_WORKFLOW_BUNDLE,
    secretKeys: [env.TL_SECRET_KEY, ...env.TL_SECRET_KEYS_OLD],
    signingKey: env.TL_SIGNING_KEY,
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
    temporalMetrics: env.TL_TEMPORAL_METRICS ?? null,
    logLevel: env.LOG_LEVEL,
  };
}

/** The environment of this process. */
export function processEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

/** `.env.example`: every setting with its meaning; what has no default is left empty on purpose. */
export function environmentExample(): string {
  const lines = Object.entries(Environment.shape).flatMap(([name, schema]) => {
    const usual = schema.safeParse(undefined);
    const meaning = `# ${schema.description ?? ''}${usual.success ? '' : ' (required)'}`;
    return [meaning, usual.success ? `#${name}=` : `${name}=`, ''];
  });
  return [
    '# Settings of the worker. Generated from apps/worker/src/config.ts; copy to .env.',
    '',
    ...lines,
  ].join('\n');
}

/** Standard and URL-safe base64; anything else has no bytes. */
function keyBytes(text: string): Buffer {
  return /^[A-Za-z0-9+/_-]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : Buffer.alloc(0);
}
