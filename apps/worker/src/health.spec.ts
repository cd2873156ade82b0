import { afterEach, describe, expect, it } from '@jest/globals';
import { HealthDoor, type HealthOptions } from './health.js';
import { Log } from './log.js';

const WELL: HealthOptions = {
  host: '127.0.0.1',
  port: 0,
  lagLimitMs: 30_000,
  link: { complaints: () => Promise.resolve([]) },
  workers: { healthy: true, status: () => ({ journeys: 'RUNNING' }) },
  relay: {
    backlog: () => Promise.resolve({ rows: 2, oldestMs: 1_500 }),
    counts: { started: 3, woken: 4, failed: 0 },
  },
  lanes: {
    stopped: [],
    counts: { events: 50, duplicates: 5, quarantined: 2, refusedTraits: 1 },
  },
  reconciler: { last: null },
  log: new Log('silent'),
};

describe('the health door', () => {
  let door: HealthDoor | undefined;

  afterEach(() => door?.onApplicationShutdown());

  async function ask(
    path: string,
    ill: Partial<HealthOptions> = {},
  ): Promise<{ status: number; body: string }> {
    door = new HealthDoor({ ...WELL, ...ill });
    await door.onApplicationBootstrap();
    const response = await fetch(`http://127.0.0.1:${door.port}${path}`);
    return { status: response.status, body: await response.text() };
  }

  it('says that all is well when it is', async () => {
    expect(await ask('/readyz?from=probe')).toEqual({
      status: 200,
      body: '{"status":"ready","reasons":[]}',
    });
  });

  it.each<[string, Partial<HealthOptions>]>([
    [
      'workers_not_running',
      { workers: { healthy: false, status: () => ({ journeys: 'FAILED' }) } },
    ],
    [
      'temporal_unreachable',
      { link: { complaints: () => Promise.resolve(['temporal_unreachable']) } },
    ],
    ['lane_stopped:w1', { lanes: { ...WELL.lanes, stopped: ['w1'] } }],
    [
      'outbox_behind',
      { relay: { ...WELL.relay, backlog: () => Promise.resolve({ rows: 1, oldestMs: 31_000 }) } },
    ],
    [
      'database_unreachable',
      { relay: { ...WELL.relay, backlog: () => Promise.reject(new TypeError('away')) } },
    ],
  ])('says %s when that is so', async (reason, ill) => {
    const { status, body } = await ask('/readyz', ill);
    expect(status).toBe(503);
    expect(JSON.parse(body)).toEqual({ status: 'not_ready', reasons: [reason] });
  });

  it('says that it lives only while its workers run', async () => {
    const ill = {
      workers: { healthy: false, status: () => ({ journeys: 'FAILED' }) },
    } satisfies Partial<HealthOptions>;
    expect(await ask('/healthz', ill)).toMatchObject({
      status: 503,
      body: expect.stringContaining('FAILED'),
    });
  });

  it('gives numbers', async () => {
    const { body } = await ask('/metrics');
    expect(body).toContain('throughline_outbox_rows 2\n');
    expect(body).toContain('throughline_outbox_oldest_seconds 1.5\n');
    expect(body).toContain('throughline_relay_woken_total 4\n');
    expect(body).toContain('throughline_lane_events_total 50\n');
    expect(body).toContain('throughline_lane_duplicates_total 5\n');
    expect(body).toContain('throughline_lane_quarantined_total 2\n');
    expect(body).toContain('throughline_lane_traits_refused_total 1\n');
  });
});
