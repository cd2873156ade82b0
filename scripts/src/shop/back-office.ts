/** What the shop's people do: bring in the till's file, and look for customers who are there twice. */
import { setTimeout as delay } from 'node:timers/promises';
import { asRecord, asText, type ApiClient } from './api-client.js';
import type { Shopper } from './cast.js';

const LOOK_MS = 500;
const DEADLINE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Yesterday's purchases in the store, by the addresses on the receipts. */
export async function uploadTill(
  api: ApiClient,
  shoppers: readonly Shopper[],
  say: (line: string) => void,
): Promise<void> {
  const file = tillFile(shoppers, new Date(Date.now() - DAY_MS));
  const path = '/api/v1/imports?kind=orders&mapping=till-orders';
  const taken = await api.upload(path, file, 'text/csv');
  say(`The till's file is uploaded: ${shoppers.length + 1} receipts of yesterday`);
  const done = await settled(api, `/api/v1/imports/${asText(taken['id']) ?? ''}`);
  const rows = asRecord(done['rows']);
  const events = asRecord(done['events']);
  say(
    `The till's file is imported: ${Number(rows['read'])} rows, ${Number(rows['rejected'])} rejected, ${Number(events['accepted'])} events accepted; run ${asText(done['runUrl']) ?? ''}`,
  );
}

/** One receipt a shopper, as tills write them, and one that nobody can read. */
export function tillFile(shoppers: readonly Shopper[], at: Date): string {
  const time = at.toISOString();
  const receipts = shoppers.map(
    ({ cartId, email }) => `receipt-${cartId};${email.toUpperCase()};"1.189,00";${time}`,
  );
  const [first] = shoppers;
  const unreadable = `receipt-${first?.cartId ?? 'none'}-x;;12,50;${time}`;
  return ['receipt;mail;sum;time', ...receipts, unreadable, ''].join('\n');
}

/** Compares everybody with everybody; answers who was found twice, and where to decide. */
export async function findDuplicates(
  api: ApiClient,
  say: (line: string) => void,
): Promise<ReadonlyMap<string, string>> {
  const run = await api.post('/api/v1/identity/reconcile', {});
  const done = await settled(api, `/api/v1/identity/reconcile/${asText(run['id']) ?? ''}`);
  say(
    `Customers compared: ${Number(done['candidates'] ?? 0)} pairs, ${Number(done['suggested'] ?? 0)} suggested as one person; run ${asText(done['run']) ?? ''}`,
  );
  const suggested = new Map<string, string>();
  for (const item of await api.list('/api/v1/identity/suggestions?state=open')) {
    const place = `/api/v1/identity/suggestions/${asText(item['id']) ?? ''}`;
    const members: unknown[] = Array.isArray(item['members']) ? item['members'] : [];
    for (const member of members) if (typeof member === 'string') suggested.set(member, place);
  }
  return suggested;
}

async function settled(api: ApiClient, path: string): Promise<Record<string, unknown>> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const row = await api.get(path);
    const state = asText(row['state']);
    if (state === 'done' || state === 'failed' || performance.now() > deadline) return row;
    await delay(LOOK_MS);
  }
}
