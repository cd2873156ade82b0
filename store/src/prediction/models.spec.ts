import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openLaneKit, type LaneKit } from '../ingestion/testing/lane-kit.js';
import { inWorkspace, newId, openPool } from '../shared/index.js';
import { readLiveModel, readModel, writeModel } from './models.js';

describe('models', () => {
  let kit: LaneKit;
  let engine: ReturnType<typeof openPool>;

  beforeAll(async () => {
    kit = await openLaneKit();
    engine = openPool({ url: kit.url, role: 'tl_engine', max: 1 });
  });
  afterAll(async () => {
    await engine.end();
    await kit.close();
  });

  async function write(key: string, state: 'live' | 'refused'): Promise<string> {
    const modelId = newId();
    const model = {
      modelId,
      key,
      version: 1,
      trainedAt: 1_000,
      parameters: { weights: [0.1, 1 / 3, -2.5e-17] },
      card: { name: key },
    };
    await inWorkspace(engine, kit.workspaceId, async (client) => {
      await writeModel(client, kit.workspaceId, { model, state });
      await writeModel(client, kit.workspaceId, { model, state });
    });
    return modelId;
  }
  const read = (modelId: string) =>
    inWorkspace(engine, kit.workspaceId, (client) => readModel(client, kit.workspaceId, modelId));
  const live = (key: string) =>
    inWorkspace(engine, kit.workspaceId, (client) => readLiveModel(client, kit.workspaceId, key));

  it('are live one at a time; the one before is kept and says what replaced it', async () => {
    const first = await write('churn', 'live');
    const second = await write('churn', 'live');
    expect(await live('churn')).toMatchObject({ modelId: second, state: 'live', replacedBy: null });
    expect(await read(first)).toMatchObject({ state: 'kept', replacedBy: second });
  });

  it('that are refused leave the live one where it is', async () => {
    const good = await write('value', 'live');
    const worse = await write('value', 'refused');
    expect(await live('value')).toMatchObject({ modelId: good });
    expect(await read(worse)).toMatchObject({ state: 'refused', trainedAt: 1_000 });
  });

  it('come back with the very numbers', async () => {
    const modelId = await write('exact', 'live');
    expect((await read(modelId))?.parameters).toEqual({ weights: [0.1, 1 / 3, -2.5e-17] });
  });
});
