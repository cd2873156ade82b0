/** E-mail over SMTP, to any provider or relay. */
import { defineConnector } from '../kit/define-connector.js';
import { directAction } from '../kit/direct-action.js';
import { sendSpec, tryConnection } from './send.action.js';
import { SmtpPools } from './smtp-pools.js';
import { SmtpSettings } from './smtp.settings.js';

const pools = new SmtpPools();

export const smtpEmail = defineConnector({
  key: 'smtp-email',
  name: 'E-mail (SMTP)',
  category: 'message',
  channel: 'email',
  docsUrl: 'https://www.rfc-editor.org/rfc/rfc5321',
  auth: 'basic',
  // Nothing in SMTP tells a repeat from a second mail: an attempt with an unknown end is never repeated.
  idempotency: 'none',
  limits: { maxItems: 50, maxBytes: 2 * 1024 * 1024, concurrency: 5, timeoutMs: 30_000 },
  settings: SmtpSettings,
  actions: { send: directAction(sendSpec(pools)) },
  check: async (settings, ctx) => {
    const fault = await tryConnection(pools, { ...ctx, settings });
    return fault === undefined ? { ok: true } : { ok: false, fault };
  },
  close: () => {
    pools.close();
    return Promise.resolve();
  },
});
