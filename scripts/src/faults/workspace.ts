/** The workspace under fire: three small journeys over one cart, and the connections to the receivers. */
import { asRecord, createApiClient, type ApiClient } from '../shop/api-client.js';

export const JOURNEYS = { hook: 'faults-hook', mail: 'faults-mail', care: 'faults-care' } as const;
export const EVENTS = { cart: 'Cart Left', care: 'Care Wanted', order: 'Order Completed' } as const;
/** The steps that reach the outside. */
export const STEPS = { hook: 'tell', mail: 'remind', careMail: 'greet', careHook: 'tell' } as const;

export interface Fittings {
  readonly smtpPort: number;
  readonly hookUrl: string;
  readonly webhookSecret: string;
}

export async function furnish(
  apiUrl: string,
  apiKey: string,
  fittings: Fittings,
): Promise<ApiClient> {
  const api = createApiClient(apiUrl, apiKey);
  await api.put('/api/v1/connections/faults-mail', {
    key: 'faults-mail',
    name: 'Mail under fire',
    connector: 'smtp-email',
    settings: { host: '127.0.0.1', port: fittings.smtpPort, from: 'Shop <shop@shop.example>' },
  });
  await api.put('/api/v1/connections/faults-hook', {
    key: 'faults-hook',
    name: 'Webhook under fire',
    connector: 'webhook',
    settings: { url: fittings.hookUrl, secret: fittings.webhookSecret },
  });
  await api.put('/api/v1/templates/faults-mail', {
    key: 'faults-mail',
    name: 'Reminder',
    channel: 'email',
    subject: 'Your cart is waiting',
    text: 'Cart {{ trigger.properties.cart_id }} is waiting. No more of these? {{ unsubscribeUrl }}',
    html: '<p>Your cart is waiting. <a href="{{ unsubscribeUrl }}">Unsubscribe</a></p>',
    missing: 'default',
  });
  for (const journey of [hookJourney(), mailJourney(), careJourney()]) {
    const path = `/api/v1/journeys/${String(asRecord(journey)['key'])}`;
    await api.put(path, journey);
    await api.post(`${path}/publish`);
  }
  return api;
}

const entry = { reentry: 'perKey', path: 'cart_id', maxConcurrent: 10 };
const exit = (reason: string) => ({ kind: 'exit', reason });

function waitForOrder(timeoutMs: number, next: { ordered: string; timeout: string }): object {
  return {
    kind: 'waitFor',
    branches: [
      {
        id: 'ordered',
        on: { kind: 'event', event: EVENTS.order, same: 'cart_id' },
        next: next.ordered,
      },
    ],
    timeout: { after: { milliseconds: timeoutMs }, next: next.timeout },
  };
}

function tell(next: string): object {
  return {
    kind: 'sendToDestination',
    connection: 'faults-hook',
    action: 'post',
    input: {
      event: 'cart.left',
      body: { cart: { $path: 'trigger.properties.cart_id' }, step: STEPS.hook },
    },
    next,
  };
}

function mail(next: string): object {
  return {
    kind: 'message',
    channel: 'email',
    connection: 'faults-mail',
    template: 'faults-mail',
    next,
  };
}

function hookJourney(): object {
  return {
    key: JOURNEYS.hook,
    name: 'Cart left, webhook',
    trigger: { kind: 'event', event: EVENTS.cart },
    entry,
    start: 'wait',
    steps: {
      wait: waitForOrder(2_000, { ordered: 'bought', timeout: STEPS.hook }),
      [STEPS.hook]: tell('told'),
      bought: exit('bought'),
      told: exit('told'),
    },
    purpose: null,
    messageExpiry: { hours: 6 },
  };
}

function mailJourney(): object {
  return {
    key: JOURNEYS.mail,
    name: 'Cart left, mail',
    trigger: { kind: 'event', event: EVENTS.cart },
    entry,
    start: 'wait',
    steps: {
      wait: waitForOrder(3_000, { ordered: 'bought', timeout: STEPS.mail }),
      [STEPS.mail]: mail('reminded'),
      bought: exit('bought'),
      reminded: exit('reminded'),
    },
    purpose: 'marketing',
    messageExpiry: { hours: 6 },
  };
}

/** Mail, wait, webhook: whoever takes the run away in the middle must not bring a second mail. */
function careJourney(): object {
  return {
    key: JOURNEYS.care,
    name: 'Care, for the operations in Temporal',
    trigger: { kind: 'event', event: EVENTS.care },
    entry,
    start: STEPS.careMail,
    steps: {
      [STEPS.careMail]: mail('wait'),
      wait: waitForOrder(3_600_000, { ordered: STEPS.careHook, timeout: STEPS.careHook }),
      [STEPS.careHook]: tell('told'),
      told: exit('told'),
    },
    purpose: 'marketing',
    messageExpiry: { hours: 6 },
  };
}
