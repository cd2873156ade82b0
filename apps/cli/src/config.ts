import { z } from 'zod';
import { ok, refuse, type Result } from '@throughline/domain/shared';

/** The only place of the command line that reads the environment. Keys come from here, never from arguments: those are listed by `ps`. */
const Environment = z.object({
  THROUGHLINE_URL: z.url({ protocol: /^https?$/ }).default('http://127.0.0.1:8080'),
  THROUGHLINE_KEY: z.string().min(1).optional(),
  THROUGHLINE_WRITE_KEY: z.string().min(1).optional(),
});

export interface Config {
  readonly url: string;
  /** manages: read, write, operate */
  readonly key: string | undefined;
  /** sends events */
  readonly writeKey: string | undefined;
  /** what `{ "$secret": "NAME" }` in a connection's file stands for: THROUGHLINE_SECRET_NAME */
  readonly secret: (name: string) => string | undefined;
}

type Variables = Readonly<Record<string, string | undefined>>;

export function readConfig(environment: Variables): Result<Config, readonly string[]> {
  const parsed = Environment.safeParse(withoutEmpty(environment));
  if (!parsed.success) {
    return refuse(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`));
  }
  const { THROUGHLINE_URL, THROUGHLINE_KEY, THROUGHLINE_WRITE_KEY } = parsed.data;
  return ok({
    url: THROUGHLINE_URL.replace(/\/$/, ''),
    key: THROUGHLINE_KEY,
    writeKey: THROUGHLINE_WRITE_KEY,
    secret: (name) => environment[`THROUGHLINE_SECRET_${name}`],
  });
}

export function processEnvironment(): Variables {
  return process.env;
}

/** `THROUGHLINE_URL=` in a shell means "not set". */
function withoutEmpty(environment: Variables): Variables {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
}
