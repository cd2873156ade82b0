/** Sends one push message to one person or device. Airship knows no key of ours: what may have gone out is never sent again. */
import { resultOfFault } from '../kit/faults.js';
import type { HttpActionSpec } from '../kit/http-action.js';
import { filled } from '../kit/inputs.js';
import { PushMessage } from '../kit/push-message.js';
import { airshipPost, readAirship } from './airship-api.js';
import type { AirshipSettings } from './airship.settings.js';

export const sendSpec: HttpActionSpec<AirshipSettings, PushMessage> = {
  title: 'Send a push message',
  input: PushMessage,
  build: (items, { settings }) =>
    items.map(({ input }, index) =>
      airshipPost(settings, '/api/push', { value: pushOf(input, settings), items: [index] }),
    ),
  read: (response, items, { nowMs, idempotency }) => {
    const reading = readAirship(response, nowMs);
    if (!reading.ok) return items.map(() => resultOfFault(reading.fault, idempotency));
    const { pushId } = reading;
    return items.map(() => ({
      status: 'delivered',
      ...(pushId === undefined ? {} : { providerId: pushId }),
    }));
  },
};

export function pushOf(message: PushMessage, settings: AirshipSettings): unknown {
  const { address, title, body, deeplink, data } = message;
  const { addressedBy, deviceTypes } = settings;
  // Title and data exist for each kind of device only.
  const each = filled({ title, extra: filled(data ?? {}) });
  const open = deeplink === undefined || deeplink === '' ? undefined : deeplink;
  return {
    audience: { [addressedBy]: address },
    device_types: deviceTypes,
    notification: {
      alert: body,
      ...(open === undefined ? {} : { actions: { open: { type: 'deep_link', content: open } } }),
      ...filled(Object.fromEntries(deviceTypes.map((type) => [type, each]))),
    },
  };
}
