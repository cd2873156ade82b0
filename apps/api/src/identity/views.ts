import { z } from 'zod';
import type { AlertRow, ComparedRules, MergeRow } from '@throughline/store/identity';
import { iso } from '../common/params.js';

const Time = z.iso.datetime();
const Identifier = z.object({ type: z.string(), value: z.string() });

export const IdentityAlertView = z.object({
  kind: z
    .enum(['hub', 'identifiers', 'merges'])
    .describe('a value that too many profiles share, or a profile that has reached a cap'),
  subject: z.string().describe('the identifier as type:value, or the id of the customer'),
  count: z.int(),
  firstAt: Time,
  lastAt: Time,
});

export function alertView(row: AlertRow): z.infer<typeof IdentityAlertView> {
  const { kind, subject, count, firstAt, lastAt } = row;
  return { kind, subject, count, firstAt: iso(firstAt), lastAt: iso(lastAt) };
}

export const IdentityPreviewView = z.object({
  events: z.int().describe('events looked at'),
  complete: z.boolean().describe('false: there are more events than were looked at'),
  before: z.int().describe('customers by the rules that are live'),
  after: z.int().describe('customers by the other rules'),
  merges: z.int().describe('customers that would have become part of another'),
  splits: z.int().describe('customers that would have stayed apart'),
  refusedBefore: z.int().describe('events that nobody is found for'),
  refusedAfter: z.int(),
  samples: z.array(
    z.object({ kind: z.enum(['merge', 'split']), groups: z.array(z.array(Identifier)) }),
  ),
});

export function previewView(compared: ComparedRules): z.infer<typeof IdentityPreviewView> {
  return {
    ...compared,
    samples: compared.samples.map(({ kind, groups }) => ({
      kind,
      groups: groups.map((group) => group.map(({ type, value }) => ({ type, value }))),
    })),
  };
}

export const MergeView = z.object({
  survivorId: z.uuid(),
  absorbedId: z.uuid(),
  position: z.int(),
  at: Time,
  cause: z.enum(['event', 'operator']),
  undone: z.boolean(),
  undoable: z.boolean(),
});

export function mergeView(row: MergeRow): z.infer<typeof MergeView> {
  const { survivorId, absorbedId, position, at, cause, undonePosition, undoable } = row;
  const undone = undonePosition !== null;
  return { survivorId, absorbedId, position, at: iso(at), cause, undone, undoable };
}

/** The log position at which the lane will carry it out: done when `appliedPosition` of a profile has reached it. */
export const LaneInputView = z.object({ position: z.int() });
