/** What one call through a connection gets of its surroundings: those of the process, and what is kept for this connection alone. */
import type { RunContext } from '@throughline/connectors/kit';
import type { ActivityDependencies, ConnectionOwner } from './dependencies.js';

export function runContextOf(
  { context, tokensOf }: Pick<ActivityDependencies, 'context' | 'tokensOf'>,
  owner: ConnectionOwner,
  signal: AbortSignal,
): RunContext {
  return {
    ...context,
    signal,
    connection: `${owner.workspaceId}:${owner.connectionKey}`,
    ...(tokensOf === undefined ? {} : { tokens: tokensOf(owner) }),
  };
}
