import type { ConnectorDefinition, RunContext, TokenStore } from '@throughline/connectors/kit';
import type { Renderer } from '@throughline/connectors/templates';
import type { JsonObject } from '@throughline/domain/shared';
import type { EnginePool } from '@throughline/store/journeys';

/** What activities work with; the worker makes it once, tests make it with their own servers. */
export interface ActivityDependencies {
  readonly pool: EnginePool;
  readonly findConnector: (key: string) => ConnectorDefinition | undefined;
  readonly renderer: Renderer;
  /** clock, ids, way out and log of the connectors; the signal is each attempt's own */
  readonly context: Omit<RunContext, 'signal'>;
  readonly openSecret: (sealed: SealedSecret, owner: ConnectionOwner) => JsonObject;
  /** where a connection's access tokens are kept; without it one is made for every call */
  readonly tokensOf?: (owner: ConnectionOwner) => TokenStore;
  readonly unsubscribeUrl: (claim: UnsubscribeReference) => string;
  readonly log: ActivityLog;
}

export interface SealedSecret {
  readonly keyId: string;
  readonly sealed: Buffer;
}

export interface ConnectionOwner {
  readonly workspaceId: string;
  readonly connectionKey: string;
}

export interface UnsubscribeReference {
  readonly workspaceId: string;
  readonly customerId: string;
  readonly purpose: string;
  readonly channel: string;
}

/** Gets names, codes and references; the message of an error may quote data and stays out. */
export interface ActivityLog {
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}
