import { afterEach, describe, expect, it } from '@jest/globals';
import { startBareServer } from '../limits/bare-server.js';
import { httpRequest, type RequestSource } from './http-request.js';
import { Latencies } from './latencies.js';
import { closedLoop, Gate, openLoop } from './loops.js';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function serve(take: (body: string) => Promise<void>): Promise<number> {
  const server = await startBareServer(take);
  stops.push(() => server.stop());
  return server.port;
}

/** Numbered bodies, three events each. */
function numbered(): RequestSource {
  let sent = 0;
  return {
    next: () => {
      sent += 1;
      return { bytes: httpRequest({ path: '/', authorization: 'x' }, String(sent)), events: 3 };
    },
  };
}

const SHORT = { connections: 4, seconds: 0.2, warmSeconds: 0.1 };

describe('a closed loop', () => {
  it('counts exactly what was answered, the warm-up too, and measures less than that', async () => {
    const seen: string[] = [];
    const port = await serve((body) => Promise.resolve(void seen.push(body)));
    const result = await closedLoop({ ...SHORT, port, source: numbered() });
    expect(new Set(seen).size).toBe(result.requests);
    expect(result.events).toBe(3 * result.requests);
    expect(result.failures).toBe(0);
    expect(result.measured.seconds).toBe(0.2);
    expect(result.measured.events).toBeGreaterThan(0);
    expect(result.measured.events).toBeLessThan(result.events);
    expect(result.latencyMs.count).toBe(result.measured.events / 3);
  });

  it('has no more requests under way than connections', async () => {
    let now = 0;
    let most = 0;
    const port = await serve(async () => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setTimeout(resolve, 2));
      now -= 1;
    });
    await closedLoop({ ...SHORT, port, source: numbered() });
    expect(most).toBe(4);
  });

  it('counts refusals apart and ends although the server refuses everything', async () => {
    const port = await serve(() => Promise.reject(new Error('full')));
    const result = await closedLoop({ ...SHORT, port, source: numbered() });
    expect(result).toMatchObject({ requests: 0, events: 0, measured: { events: 0 } });
    expect(result.failures).toBeGreaterThan(0);
  });

  it('sends nothing while the gate is shut, and ends in time although it stays shut', async () => {
    const gate = new Gate();
    gate.shut();
    let requests = 0;
    const port = await serve(() => Promise.resolve(void (requests += 1)));
    const result = await closedLoop({ ...SHORT, port, source: numbered() }, gate);
    expect(requests).toBe(0);
    expect(result.requests).toBe(0);
  });

  it('goes on when the gate is opened', async () => {
    const gate = new Gate();
    gate.shut();
    gate.shut();
    const port = await serve(() => Promise.resolve());
    const running = closedLoop({ ...SHORT, port, source: numbered() }, gate);
    gate.release();
    expect((await running).requests).toBeGreaterThan(0);
    expect(gate.closed).toBeNull();
  });
});

describe('a loop that is ended', () => {
  it('sends nothing more, and counts what it has sent', async () => {
    for (const loop of [closedLoop, openLoop]) {
      const gate = new Gate();
      let requests = 0;
      const port = await serve(() => {
        requests += 1;
        if (requests === 5) gate.end();
        return Promise.resolve();
      });
      const options = { ...SHORT, seconds: 60, rate: 200, port, source: numbered() };
      const result = await loop(options, gate);
      expect(result.requests).toBe(requests);
      expect(requests).toBeLessThan(50);
    }
  });

  it('ends although it was held back', async () => {
    const gate = new Gate();
    gate.shut();
    const port = await serve(() => Promise.resolve());
    const running = closedLoop({ ...SHORT, seconds: 60, port, source: numbered() }, gate);
    gate.end();
    expect((await running).requests).toBeLessThan(5);
  });
});

describe('an open loop', () => {
  it('sends as many as its rate says, whatever the server does', async () => {
    const port = await serve(() => Promise.resolve());
    const result = await openLoop({ ...SHORT, port, source: numbered(), rate: 100 });
    expect(result).toMatchObject({ requests: 30, events: 90, failures: 0 });
    expect(result.latencyMs.count).toBe(20);
  });

  it('lets every request that a stall held up count from when it was meant to go', async () => {
    const stallMs = 150;
    let stall: Promise<void> | null = null;
    const port = await serve(() => {
      stall ??= new Promise((resolve) => setTimeout(resolve, stallMs));
      return stall;
    });
    const options = { connections: 1, seconds: 0.15, warmSeconds: 0 };
    const { latencyMs } = await openLoop({ ...options, port, source: numbered(), rate: 200 });
    expect(latencyMs.count).toBe(30);
    expect(latencyMs.max).toBeGreaterThanOrEqual(stallMs * 0.9);
    // A closed loop would have sent one request into the stall and seen one long wait among many short ones.
    expect(latencyMs.p50).toBeGreaterThan(stallMs / 4);
  });
});

describe('latencies', () => {
  it('are told in milliseconds with three digits that mean something', () => {
    const latencies = new Latencies();
    for (let ms = 1; ms <= 100; ms += 1) latencies.add(ms);
    const { p50, p99, max, count } = latencies.percentiles;
    expect(p50).toBeCloseTo(50, 0);
    expect(p99).toBeCloseTo(99, 0);
    expect(max).toBeCloseTo(100, 0);
    expect(count).toBe(100);
  });

  it('of nothing are nothing, and a clock that steps back is no wait', () => {
    const latencies = new Latencies();
    expect(latencies.percentiles).toMatchObject({ p50: 0, count: 0 });
    latencies.add(-5);
    expect(latencies.percentiles).toMatchObject({ max: 0, count: 1 });
  });
});
