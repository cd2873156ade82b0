import { noteConnectionHealth, type Ticket } from '@throughline/store/destinations';
import type { ActivityDependencies } from './dependencies.js';

/** Connections that this process has last seen in order: only a change is worth a statement. */
const inOrder = new Set<string>();

export async function noteHealth(
  { pool, log }: ActivityDependencies,
  { request, connection }: Ticket,
  code: string | null,
  delivered: boolean,
): Promise<void> {
  const name = `${request.workspaceId}/${connection.key}`;
  if (code === null && (!delivered || inOrder.has(name))) return;
  try {
    await noteConnectionHealth(pool, request.workspaceId, { connectionKey: connection.key, code });
    if (code === null) inOrder.add(name);
    else inOrder.delete(name);
  } catch {
    // The message's own outcome comes first; the next one will say it again.
    log.warn({ connection: connection.key }, 'the health of a connection could not be noted');
  }
}
