import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { keyInBody, keyInHeader } from './credentials.js';
import { BODY_LIMIT, inflate } from './inflate.js';

describe('a write key', () => {
  it('is the user of Basic, whatever the password', () => {
    const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
    expect(keyInHeader(basic('key:'))).toBe('key');
    expect(keyInHeader(basic('key:password'))).toBe('key');
    expect(keyInHeader(basic('key'))).toBe('key');
    expect(keyInHeader('bearer key')).toBe('key');
  });

  it('is asked of the body only where no header says anything', () => {
    expect(keyInHeader('')).toBe('');
    expect(keyInHeader('Digest x')).toBe('');
    expect(keyInBody('{"writeKey":"k"}')).toBe('k');
    expect(keyInBody('{"writeKey":7}')).toBeNull();
    expect(keyInBody('{"writeKey"')).toBeNull();
    expect(keyInBody('["writeKey"]')).toBeNull();
    expect(keyInBody('{}')).toBeNull();
  });

  it('of any header is text or nothing, never an exception', () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        expect(typeof keyInHeader(header)).toBe('string');
      }),
    );
  });
});

describe('inflating', () => {
  it('gives back what was packed, up to the limit', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), async (bytes) => {
        expect(await inflate(gzipSync(bytes), 'gzip')).toEqual(Buffer.from(bytes));
      }),
      { numRuns: 50 },
    );
    const exact = Buffer.alloc(BODY_LIMIT, 0x61);
    expect((await inflate(gzipSync(exact), 'gzip')).length).toBe(BODY_LIMIT);
    const over = gzipSync(Buffer.alloc(BODY_LIMIT + 1, 0x61));
    await expect(inflate(over, 'gzip')).rejects.toMatchObject({ code: 'body_too_large' });
  });

  it('of a body that is cut off is refused', async () => {
    const whole = gzipSync('x'.repeat(1_000));
    await expect(inflate(whole.subarray(0, -4), 'gzip')).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });

  it('without an encoding is the body itself', async () => {
    const raw = Buffer.from('{}');
    expect(await inflate(raw, undefined)).toBe(raw);
    expect(await inflate(raw, 'Identity')).toBe(raw);
    await expect(inflate(raw, 'zstd')).rejects.toMatchObject({ code: 'unsupported_media_type' });
  });
});
