import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { SEARCH_ATTRIBUTES } from '@throughline/workflows/contract';

export interface TemporalOptions {
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
}

/** gRPC's own pauses grow to two minutes; a server that is back after an outage is to be noticed within a second. */
export const RECONNECT = {
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
} as const;

/** The worker's two connections: one for the client, one for the workers' polling. Closed after both have ended. */
export class TemporalLink {
  private constructor(
    readonly client: Client,
    readonly native: NativeConnection,
    private readonly connection: Connection,
    readonly namespace: string,
  ) {}

  /** Refuses a namespace that lacks search attributes: runs would fail one by one at their first wait. */
  static async open({
    temporalAddress: address,
    temporalNamespace: namespace,
  }: TemporalOptions): Promise<TemporalLink> {
    const connection = await Connection.connect({
      address,
      connectTimeout: 10_000,
      channelArgs: RECONNECT,
    });
    try {
      const missing = await missingAttributes(connection, namespace);
      if (missing.length > 0) throw new NamespaceIncomplete(namespace, missing);
      const native = await NativeConnection.connect({ address });
      return new TemporalLink(new Client({ connection, namespace }), native, connection, namespace);
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** Why Temporal cannot be worked with; empty when it can. */
  async complaints(): Promise<string[]> {
    try {
      const missing = await this.connection.withDeadline(Date.now() + 3_000, () =>
        missingAttributes(this.connection, this.namespace),
      );
      return missing.map((name) => `temporal_search_attribute_missing:${name}`);
    } catch {
      return ['temporal_unreachable'];
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.native.close();
    await this.connection.close();
  }
}

class NamespaceIncomplete extends Error {
  override readonly name = 'NamespaceIncomplete';
  readonly code = 'namespace_incomplete';

  constructor(
    readonly namespace: string,
    readonly missing: readonly string[],
  ) {
    super(`The Temporal namespace ${namespace} lacks the search attributes ${missing.join(', ')}.`);
  }
}

async function missingAttributes(connection: Connection, namespace: string): Promise<string[]> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  return Object.keys(SEARCH_ATTRIBUTES).filter((name) => customAttributes[name] === undefined);
}
