/** Runs for imports on a real Temporal server; nobody works them, so that each can be looked at as it was asked for. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '@throughline/store/shared';
import { importWorkflowId } from '@throughline/workflows/contract';
import { ImportKit } from '../../../store/src/ingestion/testing/import-kit.js';
import { openLaneKit, track, type LaneKit } from '../../../store/src/ingestion/testing/lane-kit.js';
import { eventually } from '../../../test/support/eventually.js';
import { testTemporal } from '../../../test/support/temporal.js';
import { ImportStarter } from './import-starter.js';
import { Log } from './log.js';
import { TemporalLink } from './temporal-link.js';

describe('the starter of imports', () => {
  let kit: LaneKit;
  let imports: ImportKit;
  let link: TemporalLink;
  const taskQueue = `nobody-${newId()}`;

  beforeAll(async () => {
    const { address, namespace } = testTemporal();
    kit = await openLaneKit();
    imports = new ImportKit(kit);
    link = await TemporalLink.open({ temporalAddress: address, temporalNamespace: namespace });
  });
  beforeEach(() => kit.rows(`update import set state = 'done'`));
  afterAll(async () => {
    await link.onApplicationShutdown();
    await Promise.all([imports.app.end(), imports.engine.end(), imports.relay.end()]);
    await kit.close();
  });

  function starter(everyMs = 60_000): ImportStarter {
    return new ImportStarter({
      pool: imports.relay,
      client: link.client,
      taskQueue,
      publicUrl: 'https://shop.example',
      log: new Log('silent'),
      everyMs,
    });
  }

  async function staged(rows = 3): Promise<string> {
    const events = Array.from({ length: rows }, () => track('Sold', { userId: newId() }));
    return (await imports.upload(events)).import.importId;
  }

  const handleOf = (importId: string) => link.client.workflow.getHandle(importWorkflowId(importId));
  const runOf = (importId: string) => handleOf(importId).describe();

  it('begins a run for an import that is staged, named and found by it', async () => {
    const importId = await staged();
    await starter().pass();
    const run = await runOf(importId);
    expect(run).toMatchObject({
      type: 'ingestBatch',
      taskQueue,
      status: { name: 'RUNNING' },
    });
    expect(run.typedSearchAttributes.get({ name: 'BatchId', type: 'KEYWORD' })).toBe(importId);
    expect(await run.staticSummary()).toBe('import by till · 3 rows');
    expect(await run.staticDetails()).toContain(`https://shop.example/api/v1/imports/${importId}`);
  });

  it('is content with the run that is there already, whoever began it', async () => {
    const importId = await staged();
    await starter().pass();
    const { runId } = await runOf(importId);
    await Promise.all([starter().pass(), starter().pass()]);
    expect((await runOf(importId)).runId).toBe(runId);
  });

  it('begins another where the run was taken away, since the row still asks for one', async () => {
    const importId = await staged();
    await starter().pass();
    const { runId } = await runOf(importId);
    await handleOf(importId).terminate('taken away');
    await starter().pass();
    const after = await runOf(importId);
    expect(after.status.name).toBe('RUNNING');
    expect(after.runId).not.toBe(runId);
  });

  it('does not ask again and again within the same half minute', async () => {
    const importId = await staged();
    const patient = starter();
    await patient.pass();
    await handleOf(importId).terminate('taken away');
    await patient.pass();
    expect((await runOf(importId)).status.name).toBe('TERMINATED');
  });

  it('leaves imports alone that are done', async () => {
    const importId = await staged();
    await kit.rows(`update import set state = 'done' where import_id = $1`, [importId]);
    await starter().pass();
    await expect(runOf(importId)).rejects.toThrow();
  });

  it('looks by itself until it is told to stop', async () => {
    const looking = starter(20);
    looking.onApplicationBootstrap();
    try {
      const importId = await staged();
      await eventually(async () => {
        expect((await runOf(importId)).status.name).toBe('RUNNING');
      });
    } finally {
      await looking.beforeApplicationShutdown();
    }
    const late = await staged();
    await looking.beforeApplicationShutdown();
    await expect(runOf(late)).rejects.toThrow();
  });
});
