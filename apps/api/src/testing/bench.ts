import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { createKey, createWorkspace, SCOPES, type Scope } from '@throughline/store/workspaces';
import { openPool } from '@throughline/store/shared';
import { createTestDatabase } from '../../../../test/support/database.js';
import { Log } from '../common/log.js';
import type { Config } from '../config.js';
import { createApi, type Api } from '../create-api.js';

/** One API on a socket of its own over a database of its own, and a second workspace that must stay invisible. */
export interface Bench {
  readonly api: Api;
  readonly config: Config;
  readonly url: string;
  readonly shop: Tenant;
  readonly rival: Tenant;
  /** a superuser's connection: for rows that only lane or engine may write */
  readonly sql: pg.Client;
  readonly logLines: readonly string[];
  readonly call: (
    key: string | null,
    method: string,
    path: string,
    options?: CallOptions,
  ) => Promise<Answer>;
  close(): Promise<void>;
}

interface Tenant {
  readonly id: string;
  /** may do everything */
  readonly all: string;
  /** one key for each scope */
  readonly only: Readonly<Record<Scope, string>>;
  readonly write: string;
}

interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: unknown;
}

export async function openBench(overrides: Partial<Config> = {}): Promise<Bench> {
  const database = await createTestDatabase();
  const config = benchConfig(database.url, overrides);
  const logLines: string[] = [];
  const log = new Log('info', { write: (line: string) => void logLines.push(line) });
  const api = await createApi(config, log);
  const { port } = await api.listen();
  const url = `http://127.0.0.1:${port}`;
  const app = openPool({ url: database.url, role: 'tl_app', max: 1 });
  const shop = await makeTenant(app, 'shop');
  const rival = await makeTenant(app, 'rival');
  await app.end();
  const sql = new pg.Client({ connectionString: database.url });
  await sql.connect();
  return {
    api,
    config,
    url,
    shop,
    rival,
    sql,
    logLines,
    call: (key, method, path, options) => call(url + path, { key, method, ...options }),
    close: async () => {
      await api.close();
      await sql.end();
      await database.drop();
    },
  };
}

function benchConfig(databaseUrl: string, overrides: Partial<Config>): Config {
  return {
    databaseUrl,
    temporalAddress: '127.0.0.1:1',
    temporalNamespace: 'nowhere',
    temporalUiUrl: 'http://127.0.0.1:8233',
    secretKeys: [randomBytes(32)],
    signingKey: randomBytes(32),
    publicUrl: 'http://127.0.0.1',
    host: '127.0.0.1',
    port: 0,
    lagLimitMs: 30_000,
    databaseConnections: 4,
    ingestConnections: 2,
    rates: {
      ingest: { perKey: 20_000, perWorkspace: 50_000 },
      management: { perKey: 500, perWorkspace: 1_000 },
    },
    privateHosts: ['*'],
    logLevel: 'info',
    ...overrides,
  };
}

async function makeTenant(app: ReturnType<typeof openPool>, key: string): Promise<Tenant> {
  const { workspaceId } = await createWorkspace(app, { key, name: `The ${key}` });
  const keyWith = async (...scopes: Scope[]): Promise<string> => {
    const isPublished = scopes.includes('ingest') || scopes.includes('personalise');
    const sourceKey = isPublished ? 'web' : null;
    return (await createKey(app, workspaceId, { name: scopes.join(' '), scopes, sourceKey })).key;
  };
  const only = {
    ingest: await keyWith('ingest'),
    personalise: await keyWith('personalise'),
    read: await keyWith('read'),
    write: await keyWith('write'),
    operate: await keyWith('operate'),
    privacy: await keyWith('privacy'),
    admin: await keyWith('admin'),
  };
  return { id: workspaceId, all: await keyWith(...SCOPES), only, write: only.ingest };
}

async function call(
  url: string,
  { key, method, body, headers }: CallOptions & { key: string | null; method: string },
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A path of a body, for expectations about one field. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    const inner: unknown = Reflect.get(current, key);
    current = inner;
  }
  return current;
}

/** The list at a path; empty where there is none. */
export function listAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found: unknown = at(value, ...path);
  return Array.isArray(found) ? Array.from<unknown>(found) : [];
}

/** The text at a path; a test that needs it fails here if it is none. */
export function textAt(value: unknown, ...path: readonly (string | number)[]): string {
  const found = at(value, ...path);
  if (typeof found !== 'string') throw new TypeError(`no text at ${path.join('.')}`);
  return found;
}
