import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startSink, type Sink } from './sink.js';

let sink: Sink;
beforeEach(async () => {
  sink = await startSink();
});
afterEach(() => sink.stop());

async function post(body: string): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${sink.port}/hook`, { method: 'POST', body });
  await response.arrayBuffer();
  return response.status;
}

describe('a sink', () => {
  it('stamps the first arrival of an id and counts the others', async () => {
    const before = performance.now();
    expect(await post('{"data":{"id":"a"}}')).toBe(200);
    const first = sink.arrivals.get('a')?.at ?? 0;
    await post('{"type":"x","data":{"id":"a"}}');
    await post('{"data":{"id":"b"}}');
    expect(first).toBeGreaterThanOrEqual(before);
    expect(sink.arrivals.get('a')).toEqual({ at: first, times: 2 });
    expect([...sink.arrivals.keys()]).toEqual(['a', 'b']);
  });
});
