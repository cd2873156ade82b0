/** Sorts the items of a batch into those that can be sent and those that cannot, so that a bad one never costs its neighbours anything. */
import type { z } from 'zod';
import { itemFault, ITEM_CODES, type DeliveryFault, type ItemCode } from './faults.js';
import type { DeliveryItem } from './results.js';

export interface ParsedItem<Input> {
  /** Place in the list that the caller gave. */
  readonly index: number;
  readonly item: DeliveryItem<Input>;
  readonly bytes: number;
}

export interface ParsedItems<Input> {
  readonly valid: readonly ParsedItem<Input>[];
  readonly faults: ReadonlyMap<number, DeliveryFault>;
}

export function parseItems<Input>(
  schema: z.ZodType<Input>,
  items: readonly DeliveryItem[],
  maxBytes: number,
): ParsedItems<Input> {
  const valid: ParsedItem<Input>[] = [];
  const faults = new Map<number, DeliveryFault>();
  items.forEach((item, index) => {
    const parsed = parseItem(schema, item, maxBytes);
    if (parsed.ok) valid.push({ index, item: parsed.item, bytes: parsed.bytes });
    else faults.set(index, parsed.fault);
  });
  return { valid, faults };
}

type ParseOutcome<Input> =
  | { readonly ok: true; readonly item: DeliveryItem<Input>; readonly bytes: number }
  | { readonly ok: false; readonly fault: DeliveryFault };

function parseItem<Input>(
  schema: z.ZodType<Input>,
  { key, input }: DeliveryItem,
  maxBytes: number,
): ParseOutcome<Input> {
  try {
    const parsed = schema.safeParse(input);
    if (!parsed.success) return { ok: false, fault: faultOfIssues(parsed.error.issues) };
    const bytes = sizeOf(parsed.data);
    return bytes > maxBytes
      ? { ok: false, fault: itemFault('item_too_large', `${bytes} bytes, allowed ${maxBytes}`) }
      : { ok: true, item: { key, input: parsed.data }, bytes };
  } catch {
    // Nested so deep that walking it overflows the stack, or circular: not JSON that could be sent.
    return { ok: false, fault: itemFault('item_invalid', 'input: cannot be read as JSON') };
  }
}

/**
 * Names the path and the rule, never the value: values are people's.
 * A schema can name a code of its own by `params: { faultCode }`.
 */
function faultOfIssues(issues: readonly z.core.$ZodIssue[]): DeliveryFault {
  const message = issues
    .slice(0, 5)
    .map((issue) => `${issue.path.map(String).join('.') || 'input'}: ${issue.message}`)
    .join('; ');
  return itemFault(
    issues.map(codeOfIssue).find((code) => code !== undefined) ?? 'item_invalid',
    message,
  );
}

function codeOfIssue(issue: z.core.$ZodIssue): ItemCode | undefined {
  if (issue.code !== 'custom') return undefined;
  const wanted: unknown = issue.params?.['faultCode'];
  return ITEM_CODES.find((code) => code === wanted);
}

function sizeOf(input: unknown): number {
  return Buffer.byteLength(JSON.stringify(input));
}
