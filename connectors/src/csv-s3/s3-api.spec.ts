import { describe, expect, it } from '@jest/globals';
import type { DeliveryFault } from '../kit/faults.js';
import type { HttpPlan } from '../kit/http-plan.js';
import { responseOf } from '../kit/testing/status-rows.js';
import { NOW_MS } from '../kit/testing/test-context.js';
import { CsvS3Settings } from './csv-s3.settings.js';
import { bucketUrl, faultOfS3, rateLimitOfS3, signS3 } from './s3-api.js';

const settings = CsvS3Settings.parse({
  bucket: 'shop-exports',
  accessKeyId: 'a',
  secretAccessKey: 's',
  columns: ['email'],
});

describe('where a bucket is', () => {
  it('has it in the name of Amazon’s host, and in the path of every other', () => {
    expect(bucketUrl({ ...settings, region: 'eu-west-3' }, 'a/b.csv')).toBe(
      'https://shop-exports.s3.eu-west-3.amazonaws.com/a/b.csv',
    );
    expect(bucketUrl({ ...settings, baseUrl: 'https://minio.example/' }, 'a/b.csv')).toBe(
      'https://minio.example/shop-exports/a/b.csv',
    );
  });
});

/** The worked examples of "Signature Calculations for the Authorization Header" in the reference of Amazon S3. */
describe('a signature', () => {
  const credentials = {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    region: 'us-east-1',
  };
  const host = 'https://examplebucket.s3.amazonaws.com';
  const authorization = async (plan: Omit<HttpPlan, 'items'>, nowMs: number): Promise<string> => {
    const signed = await signS3({ ...plan, items: [] }, { settings: credentials, nowMs });
    return signed.headers['authorization'] ?? '';
  };
  const MAY = Date.UTC(2013, 4, 24);
  const put = {
    method: 'PUT',
    url: `${host}/test%24file.text`,
    headers: { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
    body: { kind: 'text', text: 'Welcome to Amazon S3.', contentType: 'text/plain' },
  } as const;

  it('is that of the published example of a PUT', async () => {
    expect(await authorization(put, MAY)).toBe(
      'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class, Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    );
  });

  it('is that of the published example of a list', async () => {
    const list = { method: 'GET', headers: {}, body: { kind: 'none' } } as const;
    const url = `${host}/?max-keys=2&prefix=J`;
    expect(await authorization({ ...list, url }, MAY)).toMatch(
      /Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7$/,
    );
  });

  it('changes with every byte and with the second', async () => {
    const other = { ...put, body: { ...put.body, text: 'Welcome to Amazon S3!' } };
    const all = [
      authorization(put, MAY),
      authorization(other, MAY),
      authorization(put, MAY + 1_000),
    ];
    expect(new Set(await Promise.all(all)).size).toBe(3);
  });
});

function error(code: string, more = ''): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>For person@shop.example</Message>${more}<RequestId>4442587FB7D0A2F9</RequestId></Error>`;
}

describe('what a bucket refuses', () => {
  type Expected = readonly [DeliveryFault['class'], DeliveryFault['code']];
  it.each<[number, string, Expected]>([
    [400, 'RequestTimeout', ['retryable', 'provider_unavailable']],
    [409, 'OperationAborted', ['retryable', 'provider_unavailable']],
    [500, 'InternalError', ['retryable', 'provider_unavailable']],
    [503, 'ServiceUnavailable', ['retryable', 'provider_unavailable']],
    [400, 'BadDigest', ['retryable', 'temporarily_refused']],
    [403, 'RequestTimeTooSkewed', ['retryable', 'temporarily_refused']],
    [403, 'AccessDenied', ['authInvalid', 'auth_invalid']],
    [403, 'SignatureDoesNotMatch', ['authInvalid', 'auth_invalid']],
    [400, 'ExpiredToken', ['authInvalid', 'auth_invalid']],
    [404, 'NoSuchBucket', ['config', 'endpoint_not_found']],
    [301, 'PermanentRedirect', ['config', 'redirect_refused']],
    [307, 'TemporaryRedirect', ['config', 'redirect_refused']],
    [403, 'QuotaExceeded', ['config', 'provider_refused_connection']],
    [400, 'EntityTooLarge', ['invalidItem', 'item_too_large']],
    [400, 'InvalidArgument', ['invalidItem', 'item_rejected']],
  ])('%i %s', (status, code, [kind, fault]) => {
    expect(faultOfS3(responseOf({ status, body: error(code) }), NOW_MS)).toEqual({
      class: kind,
      code: fault,
      message: `HTTP ${status}, ${code}`,
    });
  });

  it('names the region that a bucket really is in', () => {
    const body = error('AuthorizationHeaderMalformed', '<Region>eu-west-3</Region>');
    const headers = { 'x-amz-bucket-region': 'eu-north-1' };
    expect(faultOfS3(responseOf({ status: 400, body }), NOW_MS)).toEqual({
      class: 'config',
      code: 'redirect_refused',
      message: 'HTTP 400, AuthorizationHeaderMalformed, eu-west-3',
    });
    expect(
      faultOfS3(responseOf({ status: 301, headers, body: error('PermanentRedirect') }), NOW_MS),
    ).toMatchObject({ message: 'HTTP 301, PermanentRedirect, eu-north-1' });
  });

  it.each(['', '<html>', '<Error><Code>two words</Code></Error>', '<Code>'.repeat(9_999)])(
    'is judged by its status alone when the body says nothing: %#',
    (body) => {
      expect(faultOfS3(responseOf({ status: 404, body }), NOW_MS)).toEqual({
        class: 'config',
        code: 'endpoint_not_found',
        message: 'HTTP 404',
      });
    },
  );

  it('is to go slower only with a 503 that says so', () => {
    const slow = { status: 503, body: error('SlowDown') };
    expect(rateLimitOfS3(responseOf(slow), NOW_MS)).toEqual({});
    expect(rateLimitOfS3(responseOf({ ...slow, status: 200 }), NOW_MS)).toBeUndefined();
    expect(rateLimitOfS3(responseOf({ ...slow, complete: false }), NOW_MS)).toBeUndefined();
    expect(rateLimitOfS3(responseOf({ status: 503 }), NOW_MS)).toBeUndefined();
  });
});
