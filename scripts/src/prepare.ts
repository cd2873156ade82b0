/**
 * Brings servers of one's own to where the product can start: schema, namespace, search attributes.
 * With `TL_SERVICE_LOGIN`, a login that owns nothing may then run the product. Harmless to repeat; docker-compose.yml runs it before anything else of ours.
 */
import { grantRoles, migrate } from '@throughline/store/shared';
import { Failure } from './failure.js';
import { isProgram, runCommand } from './main.js';
import { ensureNamespace } from './servers/temporal-namespace.js';

export async function prepareServers(env: NodeJS.ProcessEnv): Promise<string[]> {
  const databaseUrl = required(env, 'DATABASE_URL');
  const address = required(env, 'TEMPORAL_ADDRESS');
  const chosen = env['TEMPORAL_NAMESPACE'];
  const applied = await migrate(databaseUrl);
  const login = env['TL_SERVICE_LOGIN'] ?? '';
  if (login !== '') await grantRoles(databaseUrl, login);
  const namespace = await ensureNamespace({
    address,
    ...(chosen === undefined || chosen === '' ? {} : { namespace: chosen }),
  });
  return [
    `database: ${applied.length === 0 ? 'up to date' : `${applied.length} migration(s) applied`}`,
    ...(login === '' ? [] : [`${login} may run the product`]),
    `Temporal: namespace ${namespace} is ready`,
  ];
}

function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (value !== undefined && value !== '') return value;
  throw new Failure({
    code: 'not_ready',
    sentence: `${name} is not set.`,
    command:
      'DATABASE_URL=postgres://user:password@host:5432/throughline TEMPORAL_ADDRESS=host:7233 node scripts/dist/prepare.js',
  });
}

if (isProgram(import.meta.url)) {
  await runCommand(async () => {
    for (const line of await prepareServers(process.env)) process.stdout.write(`${line}\n`);
    return 0;
  });
}
