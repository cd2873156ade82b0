import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { beginSending } from '../destinations/index.js';
import { LedgerKit, type Sending } from '../destinations/testing/ledger-kit.js';
import type { JourneyWorld } from '../journeys/testing/journey-world.js';
import { inWorkspace, openPool } from '../shared/index.js';
import { liftStop, listStops, stopSending, wakeBlocked, type StopTarget } from './stops.js';

const WORKSPACE: StopTarget = { scope: 'workspace', target: '' };
const MAIL: StopTarget = { scope: 'connection', target: 'mail' };
const HOOK: StopTarget = { scope: 'connection', target: 'hook' };
const JOURNEY: StopTarget = { scope: 'journey', target: 'mail-only' };

describe('stopping to send', () => {
  let kit: LedgerKit;
  let world: JourneyWorld;
  let app: ReturnType<typeof openPool>;

  beforeAll(async () => {
    kit = await LedgerKit.open();
    world = kit.world;
    app = openPool({ url: world.url, role: 'tl_app', max: 2 });
  });
  beforeEach(async () => {
    await kit.letGo();
    await world.sql('delete from outbox where workspace_id = $1');
  });
  afterAll(async () => {
    await app.end();
    await kit.close();
  });

  const stop = (target: StopTarget): Promise<void> =>
    inWorkspace(app, world.workspaceId, (client) =>
      stopSending(client, world.workspaceId, { ...target, by: 'key:ops' }),
    );
  const lift = (target: StopTarget): Promise<boolean> =>
    inWorkspace(app, world.workspaceId, (client) => liftStop(client, world.workspaceId, target));
  const wake = (target: StopTarget): Promise<number> =>
    inWorkspace(app, world.workspaceId, (client) => wakeBlocked(client, world.workspaceId, target));
  const woken = async (): Promise<unknown[]> => {
    const rows = await world.sql<{ enrolment_id: string }>(
      `select enrolment_id from outbox where workspace_id = $1 and kind = 'wake' order by outbox_id`,
    );
    return rows.map((row) => row.enrolment_id);
  };
  const blocked = async (journey: string): Promise<Sending> => {
    const sending = await kit.atStep({ journey });
    expect(await kit.reserve(sending)).toMatchObject({ kind: 'blocked' });
    return sending;
  };

  it('is remembered once, with the first who did it', async () => {
    await stop(JOURNEY);
    await stop(JOURNEY);
    await stop(WORKSPACE);
    const stops = await inWorkspace(app, world.workspaceId, (client) =>
      listStops(client, world.workspaceId),
    );
    expect(stops.map(({ scope, target, stoppedBy }) => [scope, target, stoppedBy])).toEqual([
      ['journey', 'mail-only', 'key:ops'],
      ['workspace', '', 'key:ops'],
    ]);
  });

  it('is lifted once: the second time there is nothing to lift', async () => {
    await stop(MAIL);
    expect(await lift(HOOK)).toBe(false);
    expect(await lift(MAIL)).toBe(true);
    expect(await lift(MAIL)).toBe(false);
  });

  it('and going on wakes those that it kept back, and nobody else', async () => {
    await stop(WORKSPACE);
    const [mail, hook] = [await blocked('mail-only'), await blocked('hook')];
    await lift(WORKSPACE);
    await kit.atStep({ journey: 'mail-only' });
    expect(await wake(MAIL)).toBe(1);
    expect(await woken()).toEqual([mail.run.enrolmentId]);
    expect(await wake(HOOK)).toBe(1);
    expect(await wake(JOURNEY)).toBe(1);
    expect(await wake(WORKSPACE)).toBe(2);
    expect((await woken()).filter((id) => id === hook.run.enrolmentId)).toHaveLength(2);
  });

  it('wakes one that was cut off in its call as well, and whose repeat it kept back', async () => {
    const sending = await kit.atStep({ journey: 'hook' });
    await beginSending(world.engine, await kit.ticketFor(sending));
    await stop(HOOK);
    expect(await kit.reserve(sending)).toEqual({ kind: 'blocked', by: 'stopped_connection' });
    expect(await kit.row(sending)).toMatchObject({ state: 'sending' });
    await lift(HOOK);
    expect(await wake(HOOK)).toBeGreaterThanOrEqual(1);
    expect(await woken()).toContain(sending.run.enrolmentId);
  });

  it('leaves those alone whose run has ended', async () => {
    await stop(MAIL);
    const { run } = await blocked('mail-only');
    await lift(MAIL);
    await world.sql(
      `update enrolment set state = 'ended', ended_at = now() where workspace_id = $1 and enrolment_id = $2`,
      run.enrolmentId,
    );
    await wake(MAIL);
    expect(await woken()).not.toContain(run.enrolmentId);
  });
});
