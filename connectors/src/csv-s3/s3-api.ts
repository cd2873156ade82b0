/** How a bucket is spoken to (path or host, signature version 4), and what its refusals mean. */
import { AwsV4Signer } from 'aws4fetch';
import { createHash } from 'node:crypto';
import { urlOn } from '../kit/base-url.js';
import type { BuildContext } from '../kit/context.js';
import type { RateLimit } from '../kit/define-connector.js';
import { configFault, itemFault, retryable, type DeliveryFault } from '../kit/faults.js';
import { faultOfResponse } from '../kit/http-fault.js';
import { encodeBody, type HttpPlan, type HttpResponse } from '../kit/http-plan.js';
import { statusMessage } from '../kit/read-json.js';
import { parseRetryAfter } from '../kit/retry-after.js';
import type { CsvS3Settings } from './csv-s3.settings.js';

/** Amazon's own host has the bucket in its name; stand-ins and other vendors have it in the path. */
export function bucketUrl({ baseUrl, bucket, region }: CsvS3Settings, path: string): string {
  return baseUrl === undefined
    ? `https://${bucket}.s3.${region}.amazonaws.com/${path}`
    : urlOn(baseUrl, `/${bucket}/${path}`);
}

type Credentials = Pick<CsvS3Settings, 'accessKeyId' | 'secretAccessKey' | 'region'>;

export async function signS3(
  plan: HttpPlan,
  { settings, nowMs }: BuildContext<Credentials>,
): Promise<HttpPlan> {
  const { accessKeyId, secretAccessKey, region } = settings;
  const bytes = encodeBody(plan.body).bytes ?? Buffer.alloc(0);
  const signer = new AwsV4Signer({
    method: plan.method,
    url: plan.url,
    headers: {
      ...plan.headers,
      'x-amz-content-sha256': createHash('sha256').update(bytes).digest('hex'),
    },
    accessKeyId,
    secretAccessKey,
    region,
    service: 's3',
    datetime: new Date(nowMs).toISOString().replace(/[:-]|\.\d{3}/g, ''),
  });
  const { headers } = await signer.sign();
  return { ...plan, headers: Object.fromEntries(headers) };
}

const BUSY = new Set(['InternalError', 'OperationAborted', 'RequestTimeout', 'ServiceUnavailable']);
/** The bytes that arrived were not those that left, or a clock is wrong. Nothing was written, and our keys are not at fault. */
const NOT_TAKEN = new Set(['BadDigest', 'RequestTimeTooSkewed', 'XAmzContentSHA256Mismatch']);
const KEYS = new Set([
  'AccessDenied',
  'ExpiredToken',
  'InvalidAccessKeyId',
  'InvalidToken',
  'SignatureDoesNotMatch',
]);
const WRONG_REGION = new Set([
  'AuthorizationHeaderMalformed',
  'IllegalLocationConstraintException',
  'PermanentRedirect',
  'TemporaryRedirect',
]);

export function faultOfS3(response: HttpResponse, nowMs: number): DeliveryFault | undefined {
  const fault = faultOfResponse(response, nowMs);
  if (fault === undefined) return undefined;
  const code = element(response, 'Code') ?? '';
  const region = response.headers['x-amz-bucket-region'] ?? element(response, 'Region');
  const message = statusMessage(response, [code, region]);
  if (BUSY.has(code)) return retryable('provider_unavailable', message);
  if (NOT_TAKEN.has(code)) return retryable('temporarily_refused', message);
  if (KEYS.has(code)) return { class: 'authInvalid', code: 'auth_invalid', message };
  if (WRONG_REGION.has(code)) return configFault('redirect_refused', message);
  if (code === 'NoSuchBucket') return configFault('endpoint_not_found', message);
  if (code === 'QuotaExceeded') return configFault('provider_refused_connection', message);
  if (code === 'EntityTooLarge') return itemFault('item_too_large', message);
  return { ...fault, message };
}

/** SlowDown is a 503 that names no time. */
export function rateLimitOfS3(response: HttpResponse, nowMs: number): RateLimit | undefined {
  if (response.status !== 503 || element(response, 'Code') !== 'SlowDown') return undefined;
  const afterMs = parseRetryAfter(response.headers['retry-after'], nowMs);
  return afterMs === undefined ? {} : { afterMs };
}

/** One word of an error body, which is flat; a parser of XML would bring more to attack than to read. */
function element({ body, complete }: HttpResponse, name: string): string | undefined {
  if (!complete) return undefined;
  return new RegExp(`<${name}>([\\w.-]{1,80})</${name}>`).exec(body)?.[1];
}
