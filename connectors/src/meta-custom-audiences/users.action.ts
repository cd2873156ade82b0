/** Adds people to a custom audience or takes them out: the same rows, by POST or by DELETE. */
import { z } from 'zod';
import { AudienceMember } from '../kit/audience.js';
import { urlOn } from '../kit/base-url.js';
import type { BuildContext } from '../kit/context.js';
import { retryable, resultOfFault, itemFault, ambiguous } from '../kit/faults.js';
import { groupPlaces } from '../kit/group-places.js';
import type { HttpActionSpec } from '../kit/http-action.js';
import type { HttpPlan, HttpResponse } from '../kit/http-plan.js';
import { jsonOf } from '../kit/read-json.js';
import type { DeliveryItem, ItemResult } from '../kit/results.js';
import { faultOfGraph } from '../meta-graph/graph-fault.js';
import { GRAPH_HOST } from '../meta-graph/graph.settings.js';
import { canMatch, COLUMN_NAMES, memberRow, type MemberRow } from './member-row.js';
import type { MetaAudienceSettings } from './meta.settings.js';

type Spec = HttpActionSpec<MetaAudienceSettings, AudienceMember>;
type Item = DeliveryItem<AudienceMember>;

export function usersSpec(method: 'POST' | 'DELETE', title: string): Spec {
  return {
    title,
    input: AudienceMember,
    skip: ({ input }) =>
      canMatch(memberRow(input)) ? undefined : { status: 'skipped', reason: 'no_address' },
    build: (items, ctx) =>
      [...groupPlaces(items, ({ input }) => input.audienceId)].map(([audienceId, places]) =>
        planOf({ method, audienceId, places, rows: rowsAt(items, places) }, ctx),
      ),
    read,
  };
}

interface Page {
  readonly method: 'POST' | 'DELETE';
  readonly audienceId: string;
  readonly places: readonly number[];
  readonly rows: readonly MemberRow[];
}

function planOf(
  { method, audienceId, places, rows }: Page,
  { settings }: BuildContext<MetaAudienceSettings>,
): HttpPlan {
  const schema = COLUMN_NAMES.filter((name) => rows.some((row) => row.has(name)));
  const data = rows.map((row) => schema.map((name) => row.get(name) ?? ''));
  const path = `/${settings.apiVersion}/${encodeURIComponent(audienceId)}/users`;
  return {
    method,
    url: urlOn(settings.baseUrl ?? GRAPH_HOST, path),
    headers: { authorization: `Bearer ${settings.accessToken}` },
    body: { kind: 'json', value: { payload: { schema, data } } },
    items: places,
  };
}

function rowsAt(items: readonly Item[], places: readonly number[]): readonly MemberRow[] {
  return places.flatMap((place) => {
    const item = items[place];
    return item === undefined ? [] : [memberRow(item.input)];
  });
}

const Taken = z.object({
  session_id: z.unknown().optional(),
  num_received: z.number(),
  num_invalid_entries: z.number().optional(),
  invalid_entry_samples: z.unknown().optional(),
});

const read: Spec['read'] = (response, items, ctx) => {
  const fault = faultOfGraph(response, ctx.nowMs);
  if (fault !== undefined) return items.map(() => resultOfFault(fault, ctx.idempotency));
  const taken = jsonOf(response, Taken);
  if (taken === undefined) {
    const unreadable = response.complete
      ? retryable('provider_unavailable', 'not an answer of this API')
      : ambiguous('response_unreadable', 'the answer was cut');
    return items.map(() => resultOfFault(unreadable, ctx.idempotency));
  }
  return items.map((item) => resultOf(item, taken, response));
};

/** Meta counts the rows it could not use and shows some of them; a row is blamed when a sample shows its values. */
function resultOf(
  { input }: Item,
  { num_received: received, num_invalid_entries: invalid = 0, ...taken }: z.infer<typeof Taken>,
  { status }: HttpResponse,
): ItemResult {
  if (invalid === 0) return { status: 'delivered' };
  const samples = JSON.stringify(taken.invalid_entry_samples ?? null);
  const shown = [...memberRow(input).values()].some(
    (value) => value.length >= 16 && samples.includes(value),
  );
  if (!shown && invalid < received) return { status: 'delivered' };
  return resultOfFault(itemFault('item_rejected', `HTTP ${status}, invalid entry`), 'key');
}
