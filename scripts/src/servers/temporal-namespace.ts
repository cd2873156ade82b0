/** Makes the namespace and search attributes that the engine needs; harmless to repeat. */
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { NAMESPACE, SEARCH_ATTRIBUTES } from '@throughline/workflows/contract';
import { codeOf } from '../failure.js';
import { awaitReady } from '../readiness.js';

export interface NamespaceOptions {
  readonly address: string;
  readonly namespace?: string;
  readonly deadlineMs?: number;
}

/**
 * Seven days: the engine refuses a workflow id that was used before, and only as long as the
 * namespace keeps closed runs. The development server's own default namespace keeps one day.
 */
const RETENTION_MS = 168 * 3_600_000;

/** Numbers of Temporal's IndexedValueType. */
const INDEXED_VALUE_TYPE = { Keyword: 2, Int: 3, Datetime: 6 } as const;

/** gRPC status codes. */
const ALREADY_EXISTS = 6;

/** Returns once a start with every search attribute would be accepted. */
export async function ensureNamespace(options: NamespaceOptions): Promise<string> {
  const namespace = options.namespace ?? NAMESPACE;
  const wait = {
    what: `Temporal's namespace ${namespace}`,
    deadlineMs: options.deadlineMs ?? 60_000,
  };
  const connection = await awaitReady({ ...wait, what: `Temporal at ${options.address}` }, () =>
    Connection.connect({ address: options.address, connectTimeout: '5s' }),
  );
  try {
    await awaitReady(wait, () => register(connection, namespace));
    await awaitReady(wait, () => addSearchAttributes(connection, namespace));
    // Caches follow the database by a moment: a query by each name proves that they did.
    await awaitReady(wait, () => countByEachName(connection, namespace));
  } finally {
    await connection.close();
  }
  return namespace;
}

async function register(connection: Connection, namespace: string): Promise<void> {
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      description: 'Customer journeys',
      workflowExecutionRetentionPeriod: msToTs(RETENTION_MS),
    });
  } catch (error) {
    if (codeOf(error) !== ALREADY_EXISTS) throw error;
  }
}

async function addSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = Object.entries(SEARCH_ATTRIBUTES).filter(
    ([name]) => customAttributes[name] === undefined,
  );
  if (missing.length === 0) return;
  const searchAttributes = Object.fromEntries(
    missing.map(([name, type]) => [name, INDEXED_VALUE_TYPE[type]]),
  );
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
}

async function countByEachName(connection: Connection, namespace: string): Promise<void> {
  const query = Object.keys(SEARCH_ATTRIBUTES)
    .map((name) => `${name} IS NULL`)
    .join(' AND ');
  await connection.workflowService.countWorkflowExecutions({ namespace, query });
}
