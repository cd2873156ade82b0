/** What keeps a pull from being published: it needs a mapping that is live, and its password. */
import { ThroughlineError, type Fault } from '@throughline/domain/shared';
import { pullSecretKey } from '@throughline/store/ingestion';
import { readConnectionSecret } from '@throughline/store/workspaces';
import { liveMapping } from '../catalogue/live-mapping.js';
import type { Change } from '../common/database.js';

export async function faultsOfPull(
  { client, workspaceId }: Change,
  key: string,
  mapping: string,
): Promise<Fault[]> {
  const faults: Fault[] = [];
  const known = await liveMapping(client, workspaceId, mapping).catch((error: unknown) => {
    if (error instanceof ThroughlineError && error.code === 'conflict') return null;
    throw error;
  });
  if (known === null)
    faults.push({ path: 'mapping', code: 'not_live', message: 'no such mapping is published' });
  if ((await readConnectionSecret(client, workspaceId, pullSecretKey(key))) === null)
    faults.push({ path: 'password', code: 'missing', message: 'put the pull with its password' });
  return faults;
}
