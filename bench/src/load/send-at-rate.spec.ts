import { describe, expect, it } from '@jest/globals';
import { sendAtRate, type Arrival } from './send-at-rate.js';

/** Sees everything arrive the moment that it is sent, under the marks that it is told. */
function echo(marks: readonly string[] = ['']) {
  const arrivals = new Map<string, Arrival>();
  const send = (id: string): Promise<void> => {
    for (const mark of marks) {
      const times = (arrivals.get(id + mark)?.times ?? 0) + 1;
      arrivals.set(id + mark, { at: performance.now(), times });
    }
    return Promise.resolve();
  };
  return { arrivals, send };
}

describe('sending at a rate', () => {
  it('takes as long as the rate says and counts what arrived, once each', async () => {
    const { arrivals, send } = echo();
    const report = await sendAtRate(['a', 'b', 'c'], { send, rate: 50, arrivals, waits: true });
    expect(report).toMatchObject({ sent: 3, refused: 0, arrived: 3, doubled: 0 });
    expect(report.latencyMs.count).toBe(3);
    expect(report.endedAt - report.beganAt).toBeGreaterThanOrEqual(39);
  });

  it('tells each sender when it was meant to go, on the clock of the day', async () => {
    const times: number[] = [];
    const { arrivals } = echo();
    const send = (_id: string, atMs: number): Promise<void> => {
      times.push(atMs);
      return Promise.resolve();
    };
    await sendAtRate(['a', 'b'], { send, rate: 100, arrivals, waits: false });
    const [first = 0, second = 0] = times;
    expect(second - first).toBe(10);
    expect(Math.abs(Date.now() - first)).toBeLessThan(10_000);
  });

  it('has an id arrived when everything has arrived that it is to bring', async () => {
    const one = echo(['/1']);
    const half = await sendAtRate(['a'], {
      ...one,
      rate: 100,
      waits: true,
      marks: ['/1', '/2'],
      patienceMs: 60,
    });
    expect(half).toMatchObject({ sent: 1, arrived: 0 });
    expect(half.endedAt).toBe(half.beganAt);
    const both = await sendAtRate(['a'], {
      ...echo(['/1', '/2']),
      rate: 100,
      waits: true,
      marks: ['/1', '/2'],
    });
    expect(both).toMatchObject({ arrived: 1, doubled: 0 });
  });

  it('counts refusals and waits for the others only, and what came twice', async () => {
    const { arrivals, send } = echo();
    const choosy = async (id: string): Promise<void> => {
      if (id === 'b') throw new TypeError('no');
      await send(id);
      if (id === 'c') await send(id);
    };
    const report = await sendAtRate(['a', 'b', 'c'], {
      send: choosy,
      rate: 100,
      arrivals,
      waits: true,
    });
    expect(report).toMatchObject({ sent: 3, refused: 1, arrived: 2, doubled: 1 });
  });

  it('waits for nothing where nothing is to arrive yet', async () => {
    const nobody = (): Promise<void> => Promise.resolve();
    const report = await sendAtRate(['a'], {
      send: nobody,
      rate: 100,
      arrivals: new Map(),
      waits: false,
    });
    expect(report).toMatchObject({ sent: 1, arrived: 0, refused: 0 });
  });
});
