import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { SEARCH_ATTRIBUTES } from '@throughline/workflows/contract';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTemporal } from '../find-temporal.js';
import { isAlive } from '../process-tree.js';
import { canConnect } from '../readiness.js';
import { freePort, HOST } from './ports.js';
import { startTemporal, type StartTemporalOptions, type TemporalServer } from './temporal.js';
import { ensureNamespace } from './temporal-namespace.js';

let folder: string;
let options: StartTemporalOptions;
let server: TemporalServer;

beforeAll(async () => {
  const found = await findTemporal();
  if (found.kind === 'address')
    throw new Error('this file starts servers of its own: unset TEMPORAL_ADDRESS');
  folder = await mkdtemp(join(tmpdir(), 'throughline-temporal-'));
  options = {
    binary: found.path,
    dataDir: join(folder, 'data'),
    logFile: join(folder, 'temporal.log'),
    port: await freePort(),
  };
  server = await startTemporal(options);
});

afterAll(async () => {
  await server.kill();
  await rm(folder, { recursive: true, force: true });
});

async function withConnection<T>(use: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: server.address });
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
}

function startRun(workflowId: string): Promise<string> {
  return withConnection(async (connection) => {
    const client = new Client({ connection, namespace: server.namespace });
    const handle = await client.workflow.start('customerJourney', {
      taskQueue: 'nobody-listens',
      workflowId,
      typedSearchAttributes: [
        { key: defineSearchAttributeKey('JourneyKey', 'KEYWORD'), value: 'abandoned-cart' },
        { key: defineSearchAttributeKey('JourneyVersion', 'INT'), value: 3 },
        { key: defineSearchAttributeKey('WaitUntil', 'DATETIME'), value: new Date(86_400_000) },
      ],
    });
    return handle.workflowId;
  });
}

function statusOf(workflowId: string): Promise<string> {
  return withConnection(async (connection) => {
    const client = new Client({ connection, namespace: server.namespace });
    const description = await client.workflow.getHandle(workflowId).describe();
    return description.status.name;
  });
}

describe("Temporal's development server", () => {
  it('accepts a run with our search attributes as soon as it is called started', async () => {
    expect(await startRun('first')).toBe('first');
    expect(await statusOf('first')).toBe('RUNNING');
  });

  it('has a namespace of our own that keeps closed runs for seven days', async () => {
    const answer = await withConnection((connection) =>
      connection.workflowService.describeNamespace({ namespace: 'throughline' }),
    );
    expect(Number(answer.config?.workflowExecutionRetentionTtl?.seconds)).toBe(7 * 24 * 3_600);
  });

  it('knows every search attribute of the contract', async () => {
    const answer = await withConnection((connection) =>
      connection.operatorService.listSearchAttributes({ namespace: server.namespace }),
    );
    expect(Object.keys(answer.customAttributes)).toEqual(
      expect.arrayContaining(Object.keys(SEARCH_ATTRIBUTES)),
    );
  });

  it('may be prepared twice', async () => {
    expect(await ensureNamespace({ address: server.address })).toBe('throughline');
  });

  it('shows its web UI on the loopback address', async () => {
    expect(server.uiUrl).toContain(`http://${HOST}:`);
    expect((await fetch(server.uiUrl)).status).toBe(200);
  });

  it('keeps its runs when it is killed and started again on the same port', async () => {
    const before = server.pid();
    await server.kill();
    expect(isAlive(before)).toBe(false);
    await server.restart();
    expect(await statusOf('first')).toBe('RUNNING');
    expect(await startRun('second')).toBe('second');
  });

  it('takes its data over from a server whose starter is gone', async () => {
    const orphan = server.pid();
    server = await startTemporal(options);
    expect(isAlive(orphan)).toBe(false);
    expect(await statusOf('second')).toBe('RUNNING');
  });

  it('stops when asked, and a busy port is a clear refusal', async () => {
    const other = { ...options, dataDir: join(folder, 'other') };
    await expect(startTemporal(other)).rejects.toMatchObject({ code: 'port_busy' });
    await server.stop();
    expect(await canConnect(HOST, Number(options.port), 1_000)).toBe(false);
  });
});
