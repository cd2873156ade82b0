/** Tells another system that somebody is to be forgotten: by our ids alone, by the capability that its connector has for it. */
import { cancellationSignal } from '@temporalio/activity';
import {
  runAction,
  type ConnectorDefinition,
  type RunContext,
  type TokenStore,
} from '@throughline/connectors/kit';
import { assertNever, type JsonObject } from '@throughline/domain/shared';
import {
  noteTold,
  readErasedConnections,
  readErasedPerson,
  type PrivacyPool,
} from '@throughline/store/consent';
import type { EraseRequest } from '@throughline/workflows/contract';
import { tryAgain } from './activity-errors.js';
import type { ConnectionOwner, SealedSecret } from './dependencies.js';
import { runContextOf } from './run-context.js';

export interface Telling {
  readonly pool: PrivacyPool;
  readonly findConnector: (key: string) => ConnectorDefinition | undefined;
  readonly context: Omit<RunContext, 'signal'>;
  readonly openSecret: (sealed: SealedSecret, owner: ConnectionOwner) => JsonObject;
  readonly tokensOf?: (owner: ConnectionOwner) => TokenStore;
}

export type ToldRequest = EraseRequest & { readonly connectionKey: string };

export async function tellErased(
  telling: Telling,
  { connectionKey, ...ref }: ToldRequest,
): Promise<void> {
  const { pool, findConnector, openSecret } = telling;
  const person = await readErasedPerson(pool, ref);
  const connections = await readErasedConnections(pool, ref);
  const connection = connections.find(({ key }) => key === connectionKey);
  const connector = connection === undefined ? undefined : findConnector(connection.connector);
  if (person === null || connection === undefined || connector?.erase === undefined) return;
  const { erase } = connector;
  const owner = { workspaceId: ref.workspaceId, connectionKey };
  const secrets = connection.sealed === null ? {} : openSecret(connection.sealed, owner);
  const erased = { customerIds: person.customerIds, at: person.begunAt };
  const { results } = await runAction(
    connector,
    {
      action: erase.action,
      settings: { ...connection.settings, ...secrets },
      items: [{ key: `erased:${ref.eraseId}`, input: erase.input(erased) }],
    },
    runContextOf(telling, owner, cancellationSignal()),
  );
  const [result] = results;
  if (result === undefined) throw tryAgain('connector_defect');
  switch (result.status) {
    case 'delivered':
      return noteTold(pool, ref, { connectionKey, outcome: 'told' });
    case 'failed':
      return noteTold(pool, ref, { connectionKey, outcome: result.code });
    case 'skipped':
      return noteTold(pool, ref, { connectionKey, outcome: result.reason });
    case 'retry':
      throw tryAgain(result.code, result.afterMs);
    case 'unknown':
      // Saying it twice does no harm.
      throw tryAgain(result.code);
    default:
      return assertNever(result);
  }
}
