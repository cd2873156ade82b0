/** Finds in the answer to a batch what became of each contact: a 200 or 207 may hold errors, or nothing at all. */
import { z } from 'zod';
import { refusedTogether } from '../kit/alone.js';
import type { HttpResponse } from '../kit/http-plan.js';
import { jsonOf, statusMessage } from '../kit/read-json.js';
import type { DeliveryItem, ItemResult } from '../kit/results.js';
import { groupContacts, matchOf, type ContactGroup, type ContactInput } from './contact-groups.js';

const Result = z.object({
  id: z.string(),
  objectWriteTraceId: z.string().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
});
const Failure = z.object({
  category: z.string().optional(),
  context: z.record(z.string(), z.unknown()).optional(),
});
const Answer = z.object({ results: z.array(Result), errors: z.array(Failure).optional() });
type Answer = z.infer<typeof Answer>;

/** Undefined for an answer that is none. */
export function readUpserted(
  response: HttpResponse,
  items: readonly DeliveryItem<ContactInput>[],
  idProperty: string,
): readonly ItemResult[] | undefined {
  const answer = jsonOf(response, Answer);
  if (answer === undefined) return undefined;
  const groups = groupContacts(items, idProperty);
  const found = new Map(
    groups.map((group) => [
      group.match,
      resultOf(group, { answer, response, idProperty, alone: groups.length === 1 }),
    ]),
  );
  return items.map(
    ({ input }) => found.get(matchOf(input.id, idProperty)) ?? refusedTogether(1, 'not planned'),
  );
}

interface Reading {
  readonly answer: Answer;
  readonly response: HttpResponse;
  readonly idProperty: string;
  readonly alone: boolean;
}

function resultOf(group: ContactGroup, reading: Reading): ItemResult {
  const { answer, response, alone } = reading;
  const errors = answer.errors ?? [];
  const written =
    answer.results.find((result) => isAbout(result, group, reading.idProperty)) ??
    (alone && errors.length === 0 ? answer.results[0] : undefined);
  if (written !== undefined) return { status: 'delivered', providerId: written.id };
  const named = errors.find(({ context }) => names(context, group));
  if (named !== undefined) {
    return refusedTogether(1, statusMessage(response, [named.category]));
  }
  // Neither written nor named: some error of the request is about it, or HubSpot did nothing. Alone it gets an answer of its own.
  const codes = errors.map(({ category }) => category).slice(0, 1);
  const message = `${statusMessage(response, codes)}: not among the results`;
  return refusedTogether(alone ? 1 : 2, message);
}

function isAbout(
  { objectWriteTraceId, properties }: z.infer<typeof Result>,
  group: ContactGroup,
  idProperty: string,
): boolean {
  if (objectWriteTraceId !== undefined) return objectWriteTraceId === group.traceId;
  const value = properties?.[idProperty];
  return typeof value === 'string' && matchOf(value, idProperty) === group.match;
}

/** A context lists values by name, such as `objectWriteTraceId: ["…"]` or `ids: ["…"]`. */
function names(context: z.infer<typeof Failure>['context'], group: ContactGroup): boolean {
  return Object.values(context ?? {})
    .flat()
    .some((value) => value === group.traceId || value === group.id);
}
