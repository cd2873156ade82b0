import { describe, expect, it } from '@jest/globals';
import { BaseUrl, urlOn } from './base-url.js';

describe('a base URL', () => {
  it.each([undefined, 'https://eu.vendor.example', 'http://127.0.0.1:4010', 'https://a.example/x'])(
    'may be %s',
    (url) => {
      expect(BaseUrl.safeParse(url).success).toBe(true);
    },
  );

  it.each([
    '',
    'vendor.example',
    'ftp://vendor.example',
    'https://user:pass@vendor.example',
    'https://vendor.example/?key=1',
    'https://vendor.example/#part',
  ])('may not be %j', (url) => {
    expect(BaseUrl.safeParse(url).success).toBe(false);
  });

  it('keeps its own path and takes exactly one slash', () => {
    expect(urlOn('https://a.example', '/api/push')).toBe('https://a.example/api/push');
    expect(urlOn('https://a.example/', '/api/push')).toBe('https://a.example/api/push');
    expect(urlOn('https://a.example/x//', '/api/push')).toBe('https://a.example/x/api/push');
  });
});
