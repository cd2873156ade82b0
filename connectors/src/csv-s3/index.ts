/** CSV files in a bucket of Amazon S3 or of anything that speaks like it. */
import { defineConnector } from '../kit/define-connector.js';
import { httpAction } from '../kit/http-action.js';
import { getPlan, probe } from '../kit/probe.js';
import { CsvS3Settings } from './csv-s3.settings.js';
import { bucketUrl, faultOfS3, rateLimitOfS3, signS3 } from './s3-api.js';
import { writeSpec } from './write.action.js';

export const csvS3 = defineConnector({
  key: 'csv-s3',
  name: 'CSV files (S3)',
  category: 'storage',
  docsUrl: 'https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html',
  auth: 'signature',
  // The same batch has the same name and the same bytes.
  idempotency: 'key',
  limits: { maxItems: 1_000, maxBytes: 4 * 1024 * 1024, concurrency: 4, timeoutMs: 30_000 },
  rateLimitOf: rateLimitOfS3,
  settings: CsvS3Settings,
  actions: { write: httpAction(writeSpec) },
  check: async (settings, ctx) => {
    const plan = getPlan(bucketUrl(settings, '?list-type=2&max-keys=0'), {});
    return probe(await signS3(plan, { settings, nowMs: ctx.now() }), ctx, faultOfS3);
  },
});
