/** What a verified call says, as a batch of events; what the mapping rejects stands in it too, to go to quarantine with its text. */
import { createHash } from 'node:crypto';
import {
  isShopifyTopic,
  mapPayload,
  mapShopify,
  type MappedRow,
} from '@throughline/domain/catalogue';
import { UNMAPPED } from '@throughline/domain/ingestion';
import {
  isJsonObject,
  parseJson,
  ThroughlineError,
  type Json,
  type JsonObject,
} from '@throughline/domain/shared';
import type { Queryable } from '@throughline/store/shared';
import { liveMapping } from '../catalogue/live-mapping.js';
import type { HookSettings } from './hook.schema.js';

export interface HookCall {
  readonly payload: Json;
  /** names the call: it may come again */
  readonly rowId: string;
  /** of Shopify: what happened */
  readonly topic: string | null;
  readonly receivedAt: number;
}

export interface HookPlace {
  readonly client: Queryable;
  readonly workspaceId: string;
  readonly sourceKey: string;
  readonly settings: HookSettings;
}

export interface HookBatch {
  /** of a batch call; null where the call says nothing to us */
  readonly body: string | null;
  readonly events: number;
  readonly rejected: number;
}

export async function hookBatch(place: HookPlace, call: HookCall): Promise<HookBatch> {
  const rows = await mappedRows(place, call);
  const events = rows.flatMap(({ events: made }) => made);
  const rejections = rows.flatMap(({ rejection }) => (rejection === null ? [] : [rejection]));
  const [first] = rejections;
  const unmapped = first === undefined ? [] : [asUnmapped(call, first)];
  const batch = [...events, ...unmapped];
  return {
    body: batch.length === 0 ? null : JSON.stringify({ batch }),
    events: events.length,
    rejected: rejections.length,
  };
}

async function mappedRows(place: HookPlace, call: HookCall): Promise<readonly MappedRow[]> {
  const { client, workspaceId, sourceKey, settings } = place;
  const { payload, rowId, topic, receivedAt: importedAt } = call;
  const constant = { importKey: sourceKey, rowId, importedAt };
  if (settings.scheme === 'shopify') {
    // Other topics may be subscribed to for other reasons: they are none of ours, and no fault of the shop's.
    return topic !== null && isShopifyTopic(topic) ? mapShopify(topic, payload, constant) : [];
  }
  const { mapping, catalogue } = await liveMapping(client, workspaceId, settings.mapping);
  return mapPayload(mapping, payload, { ...constant, catalogue });
}

/** Whole, although only one of its elements may be at fault: the others are told apart by their message ids. */
function asUnmapped(
  { payload, rowId, topic }: HookCall,
  { code, field, detail }: NonNullable<MappedRow['rejection']>,
): JsonObject {
  const where = field === null ? '' : `${field}: `;
  return {
    type: UNMAPPED,
    messageId: `unmapped-${createHash('sha256').update(rowId).digest('hex').slice(0, 40)}`,
    detail: `${where}${code}: ${detail}`,
    rowId,
    topic,
    payload,
  };
}

/** The call that an item of the quarantine keeps; null where it keeps something else. */
export function unmappedCall(text: string, receivedAt: number): HookCall | null {
  const item = parseJson(text);
  if (!isJsonObject(item) || item['type'] !== UNMAPPED) return null;
  const { rowId, topic, payload } = item;
  if (typeof rowId !== 'string' || payload === undefined) return null;
  return { payload, rowId, topic: typeof topic === 'string' ? topic : null, receivedAt };
}

/** The bytes of a call as JSON. */
export function payloadOf(body: Buffer): Json {
  const payload = parseJson(body.toString('utf8'));
  if (payload === undefined) throw new ThroughlineError('malformed_json');
  return payload;
}
