/** Sends one push message to one person or device. Batch knows no key of ours: what may have gone out is never sent again. */
import { resultOfFault } from '../kit/faults.js';
import type { HttpActionSpec } from '../kit/http-action.js';
import { filled } from '../kit/inputs.js';
import { PushMessage } from '../kit/push-message.js';
import { batchHeaders, batchUrl, readBatch } from './batch-api.js';
import type { BatchSettings } from './batch.settings.js';

const RECIPIENTS = { custom_id: 'custom_ids', token: 'tokens', install_id: 'install_ids' } as const;

export const sendSpec: HttpActionSpec<BatchSettings, PushMessage> = {
  title: 'Send a push message',
  input: PushMessage,
  build: (items, { settings }) =>
    items.map(({ input }, index) => ({
      method: 'POST',
      url: batchUrl(settings, '/transactional/send'),
      headers: batchHeaders(settings),
      body: { kind: 'json', value: messageOf(input, settings) },
      items: [index],
    })),
  read: (response, items, { nowMs, idempotency }) => {
    const reading = readBatch(response, nowMs);
    return items.map(() =>
      reading.ok
        ? { status: 'delivered', providerId: reading.token }
        : resultOfFault(reading.fault, idempotency),
    );
  },
};

function messageOf(message: PushMessage, { addressedBy, groupId }: BatchSettings): unknown {
  const { address, title, body, deeplink, data } = message;
  const payload = filled(data ?? {});
  return {
    group_id: groupId,
    recipients: { [RECIPIENTS[addressedBy]]: [address] },
    message: filled({ title, body }),
    ...filled({ deeplink }),
    // Batch takes the app's own data as JSON written into a text.
    ...(Object.keys(payload).length === 0 ? {} : { custom_payload: JSON.stringify(payload) }),
  };
}
