import { parseArgs } from 'node:util';
import { ThroughlineError } from '@throughline/domain/shared';
import { migrate, openPool } from '@throughline/store/shared';
import {
  createKey,
  createWorkspace,
  findWorkspaceByKey,
  isScope,
  SCOPES,
} from '@throughline/store/workspaces';
import { processEnvironment, readDatabaseUrl } from './config.js';

/**
 * What must be possible before the first key exists, for whoever can reach the database:
 *   admin.js migrate
 *   admin.js create-workspace <key> [name]        also answers an existing workspace
 *   admin.js create-key <workspace> --name <name> --scopes read,write [--source web]
 * Prints one line of JSON; a key is shown here and never again.
 */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    name: { type: 'string' },
    scopes: { type: 'string' },
    source: { type: 'string' },
  },
});

async function run(url: string): Promise<unknown> {
  const [command = '', key = '', name = key] = positionals;
  switch (command) {
    case 'migrate':
      return { migrated: await migrate(url) };
    case 'create-workspace':
      return withPools(url, (pools) => workspace(pools, { key, name }));
    case 'create-key':
      return withPools(url, (pools) => keyFor(pools, key));
    default:
      throw new ThroughlineError(
        'invalid_request',
        'Commands: migrate, create-workspace, create-key.',
      );
  }
}

type Pool = ReturnType<typeof openPool>;
interface Pools {
  readonly app: Pool;
  readonly door: Pool;
}

async function withPools<T>(url: string, work: (pools: Pools) => Promise<T>): Promise<T> {
  const app = openPool({ url, role: 'tl_app', max: 1 });
  const door = openPool({ url, role: 'tl_ingest', max: 1 });
  try {
    return await work({ app, door });
  } finally {
    await Promise.all([app.end(), door.end()]);
  }
}

async function workspace(
  { app, door }: Pools,
  wanted: { key: string; name: string },
): Promise<unknown> {
  if (!/^[a-z0-9][a-z0-9_-]{0,62}$/.test(wanted.key)) {
    throw new ThroughlineError(
      'invalid_request',
      'A workspace key has lower-case letters, digits, - and _.',
    );
  }
  const existing = await findWorkspaceByKey(door, wanted.key);
  const { workspaceId, key, name } = existing ?? (await createWorkspace(app, wanted));
  return { id: workspaceId, key, name, created: existing === null };
}

async function keyFor({ app, door }: Pools, workspaceKey: string): Promise<unknown> {
  const owner = await findWorkspaceByKey(door, workspaceKey);
  if (owner === null)
    throw new ThroughlineError('not_found', `There is no workspace ${workspaceKey}.`);
  const scopes = (values.scopes ?? '').split(',').filter(isScope);
  if (scopes.length === 0) {
    throw new ThroughlineError('invalid_request', `--scopes takes some of ${SCOPES.join(',')}.`);
  }
  const sourceKey = values.source ?? null;
  const issued = await createKey(app, owner.workspaceId, {
    name: values.name ?? 'admin',
    scopes,
    sourceKey,
  });
  return { id: issued.keyId, scopes: issued.scopes, source: issued.sourceKey, key: issued.key };
}

const url = readDatabaseUrl(processEnvironment());
if (url.ok) {
  try {
    process.stdout.write(`${JSON.stringify(await run(url.value))}\n`);
  } catch (error) {
    const known = error instanceof ThroughlineError ? error : undefined;
    process.stderr.write(`${known?.message ?? 'The database refused; is it up and migrated?'}\n`);
    process.exitCode = 1;
  }
} else {
  process.stderr.write(`${url.fault}\n`);
  process.exitCode = 78;
}
