/** Push messages over Batch. */
import { defineConnector } from '../kit/define-connector.js';
import { httpAction } from '../kit/http-action.js';
import { getPlan, probe } from '../kit/probe.js';
import { batchHeaders, batchUrl, faultOfBatch } from './batch-api.js';
import { BatchSettings } from './batch.settings.js';
import { sendSpec } from './send.action.js';

export const batchPush = defineConnector({
  key: 'batch-push',
  name: 'Push (Batch)',
  category: 'message',
  channel: 'push',
  docsUrl: 'https://doc.batch.com/api/transactional/send',
  auth: 'apiKey',
  idempotency: 'none',
  limits: { maxItems: 50, maxBytes: 256 * 1024, concurrency: 8, timeoutMs: 15_000 },
  settings: BatchSettings,
  actions: { send: httpAction(sendSpec) },
  check: (settings, ctx) =>
    probe(
      getPlan(batchUrl(settings, '/campaigns/list?limit=1'), batchHeaders(settings)),
      ctx,
      faultOfBatch,
    ),
});
