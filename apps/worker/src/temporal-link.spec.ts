/** The worker's connections on real servers: what they refuse at the start, and what they say of a server that goes. */
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Connection, WorkflowNotFoundError } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { openLaneKit } from '../../../store/src/ingestion/testing/lane-kit.js';
import { eventually } from '../../../test/support/eventually.js';
import { testTemporal } from '../../../test/support/temporal.js';
import { newId } from '@throughline/store/shared';
import { Log } from './log.js';
import { Pools } from './pools.js';
import { runKeeperOf } from './run-keeper.js';
import { TemporalLink } from './temporal-link.js';

describe('the link to Temporal', () => {
  const links: TemporalLink[] = [];
  afterEach(async () => {
    for (const link of links.splice(0)) await link.onApplicationShutdown();
  });

  async function open(
    options: { temporalAddress?: string; temporalNamespace?: string } = {},
  ): Promise<TemporalLink> {
    const { address, namespace } = testTemporal();
    const link = await TemporalLink.open({
      temporalAddress: address,
      temporalNamespace: namespace,
      ...options,
    });
    links.push(link);
    return link;
  }

  it('has nothing to complain of where everything is as it must be', async () => {
    const link = await open();
    expect(await link.complaints()).toEqual([]);
    expect(link.namespace).toBe(testTemporal().namespace);
    expect(link.client.options.namespace).toBe(link.namespace);
  });

  it('does not open to a namespace without our search attributes, and names each of them', async () => {
    const { address } = testTemporal();
    const namespace = `bare-${newId().slice(-12)}`;
    const connection = await Connection.connect({ address });
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: msToTs(86_400_000),
    });
    await connection.close();
    const error: unknown = await eventually(async () => {
      const reason: unknown = await open({ temporalNamespace: namespace }).catch(
        (thrown: unknown) => thrown,
      );
      expect(reason).toMatchObject({ code: 'namespace_incomplete' });
      return reason;
    });
    expect(String(error)).toContain('JourneyKey');
    expect(String(error)).toContain(namespace);
  });

  it('does not open to a namespace that is not there', async () => {
    await expect(open({ temporalNamespace: `none-${newId()}` })).rejects.toThrow();
  });

  it('does not open where nobody answers', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await new Promise((resolve) => server.close(resolve));
    await expect(open({ temporalAddress: `127.0.0.1:${port}` })).rejects.toThrow();
  }, 20_000);

  it('says that Temporal cannot be reached once its connections are closed, and does not throw', async () => {
    const { address, namespace } = testTemporal();
    const link = await TemporalLink.open({
      temporalAddress: address,
      temporalNamespace: namespace,
    });
    await link.onApplicationShutdown();
    expect(await link.complaints()).toEqual(['temporal_unreachable']);
  });

  describe('as keeper of runs', () => {
    it('knows whether a run is open, and nothing of ids that never ran', async () => {
      const { client } = await open();
      const keeper = runKeeperOf(client);
      const workflowId = `keeper/${newId()}`;
      expect(await keeper.isOpen(workflowId)).toBe(false);
      expect(await keeper.forget(workflowId)).toBe(true);
      const handle = await client.workflow.start('nobodyRunsThis', {
        workflowId,
        taskQueue: `nobody-${newId()}`,
      });
      expect(await keeper.isOpen(workflowId)).toBe(true);
      await handle.terminate('test');
      expect(await keeper.isOpen(workflowId)).toBe(false);
    });

    it('makes the server forget closed runs, the newest and those before it', async () => {
      const { client } = await open();
      const keeper = runKeeperOf(client);
      const workflowId = `keeper/${newId()}`;
      const taskQueue = `nobody-${newId()}`;
      const runIds: string[] = [];
      for (let run = 0; run < 2; run += 1) {
        const handle = await client.workflow.start('nobodyRunsThis', { workflowId, taskQueue });
        runIds.push(handle.firstExecutionRunId);
        await handle.terminate('test');
      }
      // The server lists runs a moment after they ended, and forgets them a moment after it was told.
      await eventually(
        async () => {
          await keeper.forget(workflowId);
          for (const runId of runIds)
            await expect(client.workflow.getHandle(workflowId, runId).describe()).rejects.toThrow(
              WorkflowNotFoundError,
            );
        },
        { deadlineMs: 50_000, everyMs: 250 },
      );
      expect(await keeper.isOpen(workflowId)).toBe(false);
    }, 60_000);
  });
});

describe('the pools of the worker', () => {
  it('are one for each role, each only that role, and none is left open', async () => {
    const kit = await openLaneKit();
    try {
      const lines: string[] = [];
      const log = new Log('info', { write: (line: string) => void lines.push(line) });
      const pools = new Pools({ databaseUrl: kit.url, engineConnections: 2, log });
      const roles = await Promise.all(
        [pools.engine, pools.relay, pools.privacy].map(async (pool) => {
          const { rows } = await pool.query<{ role: string }>('select current_user as role');
          return rows[0]?.role;
        }),
      );
      expect(roles).toEqual(['tl_engine', 'tl_relay', 'tl_privacy']);
      expect(pools.engine.options.max).toBe(2);
      await kit.rows(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and application_name = 'throughline tl_relay'`,
      );
      await eventually(() => {
        expect(lines.join('')).toContain('an idle database connection broke');
      });
      expect((await pools.relay.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
      await pools.onApplicationShutdown();
      await eventually(async () => {
        const left = await kit.rows(
          `select application_name from pg_stat_activity where datname = current_database()
              and application_name in ('throughline tl_engine', 'throughline tl_relay', 'throughline tl_privacy')`,
        );
        expect(left).toEqual([]);
      });
    } finally {
      await kit.close();
    }
  });
});
