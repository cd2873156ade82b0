import { describe, expect, it } from '@jest/globals';
import {
  basicAuthorization,
  httpRequest,
  PooledSource,
  ReadSource,
  StandardSource,
} from './http-request.js';
import { StandardLoad } from './standard-load.js';

const nowMs = (): number => Date.UTC(2025, 10, 24);

function partsOf(bytes: Buffer): { head: string; body: string } {
  const text = bytes.toString('utf8');
  const end = text.indexOf('\r\n\r\n');
  return { head: text.slice(0, end), body: text.slice(end + 4) };
}

function messageIds(body: string): string[] {
  return [...body.matchAll(/"messageId":"([^"]+)"/g)].map(([, id]) => id ?? '');
}

describe('a request', () => {
  it('says its length in bytes, not in characters', () => {
    const { head, body } = partsOf(
      httpRequest({ path: '/v1/track', authorization: 'x' }, '{"a":"é"}'),
    );
    expect(head).toMatch(/^POST \/v1\/track HTTP\/1\.1\r\n/);
    expect(head).toContain('content-length: 10');
    expect(body).toBe('{"a":"é"}');
  });

  it('carries the write key as the user of Basic authentication', () => {
    const encoded = basicAuthorization('key').replace('Basic ', '');
    expect(Buffer.from(encoded, 'base64').toString()).toBe('key:');
  });
});

describe('a pool of bodies', () => {
  const source = (batch: number): PooledSource =>
    new PooledSource({ authorization: 'Basic eDo=', seed: 3, batch, bodies: 4, nowMs });

  it('sends single track events, all with ids of their own, although bodies come again', () => {
    const single = source(1);
    const sent = Array.from({ length: 12 }, () => single.next());
    const bodies = sent.map(({ bytes }) => partsOf(bytes).body);
    expect(new Set(bodies.flatMap(messageIds)).size).toBe(12);
    for (const body of bodies) expect(JSON.parse(body)).toMatchObject({ type: 'track' });
    const notes = new Set(bodies.map((body) => body.replace(/"messageId":"[^"]+"/, '')));
    expect(notes.size).toBe(4);
  });

  it('sends batches of as many events as it says', () => {
    const { bytes, events } = source(100).next();
    const { head, body } = partsOf(bytes);
    expect(events).toBe(100);
    expect(head).toContain('POST /v1/batch');
    expect(() => void JSON.parse(body)).not.toThrow();
    expect(new Set(messageIds(body)).size).toBe(100);
  });

  it('does not change bytes that may still be on their way', () => {
    const single = source(1);
    const first = single.next().bytes;
    const before = Buffer.from(first);
    for (let i = 0; i < 8; i += 1) single.next();
    expect(first.equals(before)).toBe(true);
  });
});

describe('the standard load as requests', () => {
  it('puts its events into batches, in their order', () => {
    const authorization = 'Basic eDo=';
    const source = new StandardSource(new StandardLoad({ seed: 9, nowMs }), {
      authorization,
      batch: 20,
    });
    const load = new StandardLoad({ seed: 9, nowMs });
    const expected = Array.from({ length: 40 }, () => load.next().text);
    const sent = [source.next(), source.next()].map(({ bytes }) => partsOf(bytes).body);
    expect(sent).toEqual([
      `{"batch":[${expected.slice(0, 20).join(',')}]}`,
      `{"batch":[${expected.slice(20).join(',')}]}`,
    ]);
  });
});

describe('reads', () => {
  it('ask without a body, and for the first path most often', () => {
    const source = new ReadSource({
      authorization: 'Bearer k',
      paths: ['/a', '/b', '/c'],
      seed: 1,
    });
    const asked = Array.from({ length: 600 }, () => partsOf(source.next().bytes));
    for (const { head, body } of asked) {
      expect(head).toMatch(/^GET \/[abc] HTTP\/1\.1\r\n/);
      expect(head).toContain('authorization: Bearer k');
      expect(body).toBe('');
    }
    const often = (path: string): number =>
      asked.filter(({ head }) => head.startsWith(`GET ${path} `)).length;
    expect(often('/a')).toBeGreaterThan(often('/b'));
    expect(often('/b')).toBeGreaterThan(often('/c'));
    expect(often('/c')).toBeGreaterThan(0);
  });

  it('cannot be made of nothing', () => {
    expect(() => new ReadSource({ authorization: 'x', paths: [], seed: 1 }).next()).toThrow(
      RangeError,
    );
  });
});
