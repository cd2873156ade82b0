import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import type { HttpResponse } from './http-plan.js';
import { jsonOf, statusMessage, vendorCode } from './read-json.js';

const Shape = z.object({ ok: z.boolean() });

function response(over: Partial<HttpResponse>): HttpResponse {
  return { status: 200, headers: {}, body: '{"ok":true}', complete: true, ...over };
}

describe('reading a body', () => {
  it('gives what has the expected shape', () => {
    expect(jsonOf(response({}), Shape)).toEqual({ ok: true });
  });

  it.each<[string, Partial<HttpResponse>]>([
    ['nothing', { body: '' }],
    ['HTML', { body: '<html>ok</html>' }],
    ['truncated JSON', { body: '{"ok":' }],
    ['another shape', { body: '{"ok":"yes"}' }],
    ['JSON that is whole by chance of a body that was cut', { complete: false }],
  ])('gives nothing for %s', (_name, over) => {
    expect(jsonOf(response(over), Shape)).toBeUndefined();
  });
});

describe('machine words of a vendor', () => {
  it.each(['invalid', 'VALIDATION_ERROR', '/data/attributes/email', 'audience.channel', 80003])(
    'keep %s',
    (code) => {
      expect(vendorCode(code)).toBe(String(code));
    },
  );

  it.each(['ada@person.example', 'Ada is unknown', '', 'x'.repeat(81), null, undefined, {}])(
    'drop %j',
    (code) => {
      expect(vendorCode(code)).toBeUndefined();
    },
  );

  it('stand behind the status in a message', () => {
    expect(statusMessage(response({ status: 400 }), ['invalid', undefined, 'not a code', 7])).toBe(
      'HTTP 400, invalid, 7',
    );
    expect(statusMessage(response({ status: 500 }), [])).toBe('HTTP 500');
  });
});
