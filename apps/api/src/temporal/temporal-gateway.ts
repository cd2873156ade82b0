import { Client, Connection, isGrpcServiceError, WorkflowNotFoundError } from '@temporalio/client';
import { isJsonObject, ThroughlineError, type JsonObject } from '@throughline/domain/shared';
import {
  SEARCH_ATTRIBUTES,
  type OperatorArgs,
  type OperatorUpdateName,
  type OperatorVerdict,
} from '@throughline/workflows/contract';

export interface TemporalOptions {
  readonly address: string;
  readonly namespace: string;
  readonly uiUrl: string;
  /** how long a caller waits for a run's answer, ms */
  readonly updateTimeoutMs?: number;
}

/**
 * The API's side of Temporal: it asks runs for something and waits for their verdict; it never starts one (the lane decides,
 * the relay starts). Connects on first use, so that a server that is away is a reason in /readyz and not a crash.
 */
export class TemporalGateway {
  private readonly connection: Connection;
  private readonly client: Client;

  constructor(private readonly options: TemporalOptions) {
    this.connection = Connection.lazy({
      address: options.address,
      connectTimeout: 3_000,
      // gRPC's own pauses grow to two minutes: operators would get errors long after Temporal is back.
      channelArgs: {
        'grpc.initial_reconnect_backoff_ms': 100,
        'grpc.max_reconnect_backoff_ms': 1_000,
      },
    });
    this.client = new Client({ connection: this.connection, namespace: options.namespace });
  }

  linkTo(workflowId: string): string {
    const { uiUrl, namespace } = this.options;
    return `${uiUrl}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}`;
  }

  /** The run's verdict; null where no run of this id is open. The update id makes a repeat the same request. */
  async update(
    workflowId: string,
    name: OperatorUpdateName,
    args: OperatorArgs,
  ): Promise<OperatorVerdict | null> {
    const handle = this.client.workflow.getHandle(workflowId);
    try {
      // Asked first, because an Update to a server that is away would be tried until its own, longer deadline.
      await this.connection.withDeadline(Date.now() + 3_000, () =>
        this.connection.workflowService.getSystemInfo({}),
      );
      const answer: unknown = await this.connection.withDeadline(
        Date.now() + (this.options.updateTimeoutMs ?? 10_000),
        () =>
          handle.executeUpdate<unknown, [OperatorArgs]>(name, {
            args: [args],
            updateId: args.requestId,
          }),
      );
      return verdictOf(answer);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      throw unconfirmed(error);
    }
  }

  /** Why the server cannot be worked with; empty when it can. */
  async complaints(): Promise<string[]> {
    try {
      return await this.connection.withDeadline(Date.now() + 3_000, () => this.missingAttributes());
    } catch {
      return ['temporal_unreachable'];
    }
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  private async missingAttributes(): Promise<string[]> {
    const { namespace } = this.options;
    const { customAttributes } = await this.connection.operatorService.listSearchAttributes({
      namespace,
    });
    return Object.keys(SEARCH_ATTRIBUTES)
      .filter((name) => customAttributes[name] === undefined)
      .map((name) => `temporal_search_attribute_missing:${name}`);
  }
}

const NOTHING: JsonObject = {};

function verdictOf(answer: unknown): OperatorVerdict {
  const { accepted, state, reason } = isJsonObject(answer) ? answer : NOTHING;
  if (accepted === true && typeof state === 'string') return { accepted, state };
  return { accepted: false, reason: typeof reason === 'string' ? reason : 'not accepted' };
}

/** A validator's refusal comes as a failed update with a message of the workflow's own words; the rest is an outage. */
function unconfirmed(error: unknown): ThroughlineError {
  const cause = error instanceof Error ? error.cause : undefined;
  if (error instanceof Error && error.name === 'WorkflowUpdateFailedError') {
    const reason = cause instanceof Error ? cause.message : 'the run refused it';
    return new ThroughlineError('conflict', `Refused: ${reason}.`);
  }
  const detail =
    'The run did not answer in time. It may still carry the request out; the same Idempotency-Key is safe to repeat.';
  const known =
    isGrpcServiceError(error) || (error instanceof Error && /timeout|deadline/i.test(error.name));
  return new ThroughlineError(known ? 'unavailable' : 'internal', known ? detail : undefined, [], {
    cause: error,
    retryAfterSeconds: 2,
  });
}
