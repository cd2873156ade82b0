/** Plays the planned shoppers: each goes step by step and goes on only when the last step is acknowledged. */
import { setTimeout as delay } from 'node:timers/promises';
import type { OutgoingEvent, ShopClient } from './client.js';
import type { PlannedShopper } from './plan.js';
import { EVENTS } from './workspace.js';

export interface Stage {
  readonly client: ShopClient;
  readonly openedAt: number;
  /** no repeats any more after this */
  readonly giveUp: AbortSignal;
}

export function userOf(shopperId: string): string {
  return `user-${shopperId}`;
}

export function cartOf(shopperId: string): string {
  return `cart-${shopperId}`;
}

export async function playAll(shoppers: readonly PlannedShopper[], stage: Stage): Promise<void> {
  await Promise.all(shoppers.map((shopper) => play(shopper, stage)));
}

/** Signed up, agreed to mail: in this order, or the mail would rightly be skipped. */
export async function signUp(stage: Omit<Stage, 'openedAt'>, shopperId: string): Promise<void> {
  const userId = userOf(shopperId);
  const { client, giveUp } = stage;
  await client.send({ userId, traits: { email: `${shopperId}@shop.example` } }, giveUp);
  await client.send(
    {
      userId,
      event: 'Consent Changed',
      properties: { purpose: 'marketing', channel: 'email', state: 'granted' },
    },
    giveUp,
  );
}

async function play(shopper: PlannedShopper, stage: Stage): Promise<void> {
  const { client, giveUp } = stage;
  await until(stage.openedAt + shopper.atMs, giveUp);
  const userId = userOf(shopper.id);
  const cart = cartOf(shopper.id);
  const send = (event: string, properties: OutgoingEvent['properties'] = {}): Promise<boolean> =>
    client.send({ userId, event, properties: { cart_id: cart, ...properties }, cart }, giveUp);
  await signUp(stage, shopper.id);
  if (shopper.sendsBroken) await send('Product Viewed', { note: 'a\u0000b' });
  await send(EVENTS.cart, { product: 'Wool hat' });
  const leftAt = performance.now();
  const later = async (afterMs: number, event: string): Promise<void> => {
    await until(leftAt + afterMs, giveUp);
    await send(event);
  };
  await Promise.all([
    ...shopper.viewsAfterMs.map((ms) => later(ms, 'Product Viewed')),
    ...(shopper.orderAfterMs === null ? [] : [later(shopper.orderAfterMs, EVENTS.order)]),
  ]);
}

async function until(moment: number, signal: AbortSignal): Promise<void> {
  const ahead = moment - performance.now();
  if (ahead > 0) await delay(ahead, undefined, { signal }).catch(() => undefined);
}
