/** Plays the cohort's acts through the official client, unmodified but for its host. */
import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Analytics } from '@segment/analytics-node';
import { againOf, type Deed, type Shopper } from './cast.js';

export interface Performance {
  /** ids of all events that the API has acknowledged */
  readonly accepted: readonly string[];
  /** events that the client gave up on; none, unless the API was away for long */
  readonly refused: readonly string[];
  /** when the first cart was sent, ms since epoch */
  readonly firstCartAt: number;
}

export interface Stage {
  readonly host: string;
  readonly writeKey: string;
  readonly onDeed?: (shopper: Shopper, deed: Deed) => void;
}

/** Resolves when everything has been sent and acknowledged. */
export async function perform(shoppers: readonly Shopper[], stage: Stage): Promise<Performance> {
  const accepted: string[] = [];
  const refused: string[] = [];
  const client = new Analytics({
    writeKey: stage.writeKey,
    host: stage.host,
    flushAt: 5,
    flushInterval: 100,
  });
  client.on('error', () => undefined);
  const openedAt = performance.now();
  let firstCartAt = 0;
  const acts = shoppers
    .flatMap((shopper) => shopper.acts.map((act) => ({ shopper, ...act })))
    .sort((a, b) => a.atMs - b.atMs);
  for (const { shopper, atMs, does } of acts) {
    const aheadMs = atMs - (performance.now() - openedAt);
    if (aheadMs > 0) await delay(aheadMs);
    if (firstCartAt === 0 && does.kind === 'addToCart') firstCartAt = Date.now();
    stage.onDeed?.(shopper, does);
    for (const call of callsOf(shopper, does)) {
      call(client, (messageId, error) => {
        (error === undefined ? accepted : refused).push(messageId);
      });
    }
  }
  await client.closeAndFlush({ timeout: 15_000 });
  return { accepted, refused, firstCartAt };
}

type Acknowledge = (messageId: string, error?: unknown) => void;
type Call = (client: Analytics, done: Acknowledge) => void;

function callsOf(shopper: Shopper, deed: Deed): Call[] {
  const { userId, anonymousId, email, name, cartId } = shopper;
  switch (deed.kind) {
    case 'signUp':
      return [
        identify({ userId, traits: { email, name, ...profileOf(shopper), ...deed.traits } }),
        ...(deed.consent ? [track({ userId }, 'Consent Changed', consent('granted'))] : []),
      ];
    case 'addToCart': {
      const messageId = randomUUID();
      const call = track(
        deed.anonymous === true ? { anonymousId } : { userId },
        'Product Added',
        cart(cartId),
        messageId,
      );
      return Array.from({ length: deed.times ?? 1 }, () => call);
    }
    case 'order':
      return [
        track({ userId }, 'Order Completed', {
          ...cart(cartId),
          order_id: `order-${cartId}`,
          total: 49.9,
        }),
      ];
    case 'revoke':
      return [track({ userId }, 'Consent Changed', consent('revoked'))];
    case 'logIn':
      return [identify({ userId, anonymousId, traits: { name } })];
    case 'brokenEvent':
      return [
        track(
          { userId },
          'Product Viewed',
          deed.fault === 'nul' ? { note: 'a\u0000b' } : { nested: nested(40) },
        ),
      ];
    case 'browse':
      return [track({ userId }, 'Product Viewed', { product: 'Winter coat', price: 189 })];
    case 'signUpAgain':
      return [signUpAgain(shopper)];
    case 'priceAlert':
      return [track({ userId }, 'Price Alert Requested', { product: 'Wool hat', price: 25 })];
  }
}

/** The same person with another address, and a slip of the pen in the name. */
function signUpAgain(shopper: Shopper): Call {
  const { userId, email, name } = shopper;
  return identify({
    userId: againOf(userId),
    traits: { ...profileOf(shopper), email: `again.${email}`, name, last_name: 'Andersen' },
  });
}

/** What a shop asks of everybody; nobody else of the cohort shares it. */
function profileOf({ name, cartId }: Shopper): Record<string, string> {
  const number = Number.parseInt(hashOf(cartId), 16);
  const year = 1960 + (number % 40);
  const month = String(1 + (number % 12)).padStart(2, '0');
  const day = String(1 + (number % 28)).padStart(2, '0');
  return {
    first_name: name,
    last_name: 'Anderson',
    birth_date: `${year}-${month}-${day}`,
    phone: `+4930${String(10_000_000 + (number % 80_000_000))}`,
    postcode: String(10_000 + (number % 80_000)),
    city: 'Berlin',
  };
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

type Identity = { readonly userId: string } | { readonly anonymousId: string };

function track(
  who: Identity,
  event: string,
  properties: Record<string, unknown>,
  messageId: string = randomUUID(),
): Call {
  const timestamp = new Date();
  return (client, done) => {
    client.track({ ...who, event, properties, messageId, timestamp }, (error) => {
      done(messageId, error);
    });
  };
}

function identify(call: {
  readonly userId: string;
  readonly anonymousId?: string;
  readonly traits: Record<string, unknown>;
}): Call {
  const messageId = randomUUID();
  return (client, done) => {
    client.identify({ ...call, messageId }, (error) => {
      done(messageId, error);
    });
  };
}

function consent(state: 'granted' | 'revoked'): Record<string, unknown> {
  return { purpose: 'marketing', channel: 'email', state };
}

function cart(cartId: string): Record<string, unknown> {
  return {
    cart_id: cartId,
    product: 'Wool hat',
    price: 24.95,
    quantity: 2,
    url: `https://shop.example/carts/${cartId}`,
  };
}

function nested(levels: number): unknown {
  return levels === 0 ? 'deep' : { in: nested(levels - 1) };
}
