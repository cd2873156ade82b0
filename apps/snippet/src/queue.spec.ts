import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Queue } from './queue.js';
import { memoryStore, type Store } from './store.js';

function queueOver(store: Store = memoryStore(), most = 100, now: () => number = () => 1_000) {
  let made = 0;
  const random = (): string => {
    made += 1;
    return `r${made}`;
  };
  return new Queue(store, { most, now, random });
}

const texts = (queue: Queue): unknown[] =>
  queue.next().events.map((text): unknown => JSON.parse(text));

describe('the queue of a page', () => {
  it('gives events in the order in which they happened, across pages', () => {
    const store = memoryStore();
    let now = 1_000;
    const first = queueOver(store, 100, () => now);
    first.add({ n: 1 });
    first.add({ n: 2 });
    now = 9_999_999_999_999;
    queueOver(store, 100, () => now).add({ n: 3 });
    expect(texts(first)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  });

  it('keeps what is given out until it is taken away', () => {
    const queue = queueOver();
    queue.add({ n: 1 });
    const { keys, events } = queue.next();
    expect(queue.next().events).toEqual(events);
    queue.remove(keys);
    expect(queue.next().events).toEqual([]);
  });

  it('lets the oldest go where it is full', () => {
    const queue = queueOver(memoryStore(), 3);
    for (const n of [1, 2, 3, 4, 5]) queue.add({ n });
    expect(texts(queue)).toEqual([{ n: 3 }, { n: 4 }, { n: 5 }]);
  });

  it('lets the oldest go where the browser has no room, and bears having none at all', () => {
    const roomy = memoryStore();
    const small: Store = {
      ...roomy,
      set: (key, value) => roomy.keys().length < 2 && roomy.set(key, value),
    };
    const queue = queueOver(small);
    for (const n of [1, 2, 3]) queue.add({ n });
    expect(texts(queue)).toEqual([{ n: 2 }, { n: 3 }]);
    const none = queueOver({ ...memoryStore(), set: () => false });
    none.add({ n: 1 });
    expect(none.next().events).toEqual([]);
  });

  it('gives no more at a time than a browser sends from a page that goes away', () => {
    const queue = queueOver();
    for (let n = 0; n < 80; n += 1) queue.add({ n, text: 'x'.repeat(n < 10 ? 10 : 1_000) });
    const { events } = queue.next();
    expect(events.join('').length).toBeLessThanOrEqual(30_000);
    expect(events.length).toBeGreaterThan(20);
    expect(queue.next(1).events).toHaveLength(1);
  });

  it('gives a huge event alone', () => {
    const queue = queueOver();
    queue.add({ text: 'x'.repeat(40_000) });
    queue.add({ n: 2 });
    expect(queue.next().events).toHaveLength(1);
  });

  it('touches nothing of what else is stored', () => {
    const store = memoryStore();
    store.set('anonymous', 'a');
    const queue = queueOver(store);
    queue.add({ n: 1 });
    queue.clear();
    expect(store.keys()).toEqual(['anonymous']);
  });

  it('loses and doubles nothing between two tabs, whatever they do in which order', () => {
    const step = fc.record({ tab: fc.nat(1), send: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const store = memoryStore();
        let made = 0;
        const random = (): string => String((made += 1));
        const tabs = [0, 1].map(() => new Queue(store, { most: 1_000, now: () => 5, random }));
        const sent = new Set<string>();
        let added = 0;
        for (const { tab, send } of steps) {
          const queue = tabs[tab];
          if (send) {
            const { keys, events } = queue?.next(3) ?? { keys: [], events: [] };
            for (const event of events) sent.add(event);
            queue?.remove(keys);
          } else {
            added += 1;
            queue?.add({ n: added });
          }
        }
        const left = tabs[0]?.next(1_000).events ?? [];
        expect(sent.size + left.length).toBe(added);
        expect(left.filter((event) => sent.has(event))).toEqual([]);
      }),
    );
  });
});
