import { describe, expect, it } from '@jest/globals';
import { Queue } from './queue.js';
import { retryAfter, Sender, type Answer } from './sender.js';
import { memoryStore } from './store.js';

/** The numbers of the events in a body; NaN for what is none. */
function numbersIn(text: string): number[] {
  const { batch } = bodyOf(text);
  return Array.isArray(batch)
    ? batch.map((event: unknown) => {
        const isEvent = typeof event === 'object' && event !== null && 'n' in event;
        return isEvent ? Number(event.n) : Number.NaN;
      })
    : [];
}

/** A server that answers as it is told to, and a clock that stands until somebody winds it. */
function outside(answers: readonly (number | Answer)[]) {
  const queue = new Queue(memoryStore(), { most: 500, now: () => 1, random: () => '' });
  const bodies: string[] = [];
  const beacons: string[] = [];
  const waits: number[] = [];
  let due: (() => void) | undefined;
  const sender = new Sender({
    queue,
    url: 'http://api.example/v1/batch',
    writeKey: 'tl_ingest_x',
    now: () => Date.UTC(2026, 0, 2),
    chance: () => 1,
    post: (_url, body) => {
      const answer = answers[bodies.length] ?? 200;
      bodies.push(body);
      return Promise.resolve(
        typeof answer === 'number' ? { status: answer, retryAfterMs: 0 } : answer,
      );
    },
    beacon: (_url, body) => {
      beacons.push(body);
      return true;
    },
    later: (work, ms) => {
      waits.push(ms);
      due = work;
      return () => {
        due = undefined;
      };
    },
  });
  const add = (...numbers: readonly number[]): void => {
    for (const n of numbers) queue.add({ n });
  };
  const sent = (): number[][] => bodies.map(numbersIn);
  return { queue, sender, bodies, beacons, waits, add, sent, isDue: () => due !== undefined };
}

function bodyOf(text: string): Record<string, unknown> {
  const body: unknown = JSON.parse(text);
  return typeof body === 'object' && body !== null ? { ...body } : {};
}

describe('the sender', () => {
  it('sends what there is in one body, with the key inside', async () => {
    const { sender, add, bodies, queue } = outside([200]);
    add(1, 2);
    await sender.flush();
    expect(bodies.map(bodyOf)).toEqual([
      {
        writeKey: 'tl_ingest_x',
        sentAt: '2026-01-02T00:00:00.000Z',
        batch: [{ n: 1 }, { n: 2 }],
      },
    ]);
    expect(queue.next().events).toEqual([]);
  });

  it('says nothing where there is nothing', async () => {
    const { sender, bodies, waits } = outside([]);
    await sender.flush();
    sender.leave();
    expect([bodies, waits]).toEqual([[], []]);
  });

  it.each([0, 401, 403, 409, 429, 500, 503])('tries again later after %i', async (status) => {
    const { sender, add, sent, waits, queue } = outside([status, status, 200]);
    add(1);
    await sender.flush();
    expect(queue.next().events).toHaveLength(1);
    await sender.flush();
    await sender.flush();
    expect(sent()).toEqual([[1], [1], [1]]);
    expect(waits).toEqual([1_000, 2_000]);
    expect(queue.next().events).toEqual([]);
  });

  it('waits as long as the server says', async () => {
    const { sender, add, waits } = outside([{ status: 429, retryAfterMs: 17_000 }]);
    add(1);
    await sender.flush();
    expect(waits).toEqual([17_000]);
  });

  it.each([400, 413, 422])('lets only the event at fault go after %i', async (status) => {
    const { sender, add, sent, queue } = outside([status, 200, status, 200]);
    add(1);
    add(2);
    // Together refused; 1 alone is taken; 2 alone is refused and let go; 3 comes after.
    await sender.flush();
    expect(sent()).toEqual([[1, 2], [1], [2]]);
    expect(queue.next().events).toEqual([]);
    add(3);
    await sender.flush();
    expect(sent().at(-1)).toEqual([3]);
  });

  it('gathers what happens within a moment', () => {
    const { sender, add, waits, isDue } = outside([]);
    add(1);
    sender.wake();
    sender.wake();
    expect(waits).toEqual([250]);
    sender.rest();
    expect(isDue()).toBe(false);
  });

  it('sends one body at a time', async () => {
    const { sender, add, sent } = outside([200]);
    add(1);
    await Promise.all([sender.flush(), sender.flush()]);
    expect(sent()).toEqual([[1]]);
  });

  it('hands over what is left when the page goes, and keeps it for the next page to be sure', () => {
    const { sender, add, beacons, queue } = outside([]);
    add(1, 2);
    sender.leave();
    expect(beacons.map(numbersIn)).toEqual([[1, 2]]);
    expect(queue.next().events).toHaveLength(2);
  });

  it('waits longer after every failure, up to a minute, and not all pages equally long', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 20].map((failures) => retryAfter(failures, 1));
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    expect(retryAfter(3, 0)).toBe(2_000);
  });
});
