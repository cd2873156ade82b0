import { z } from 'zod';
import type { SizePoint, WhoAmI } from '@throughline/store/segments';
import { iso, isoOrNull } from '../common/params.js';

const Time = z.iso.datetime();
const Fresh = {
  asOf: Time.describe('windows were measured against this instant'),
  behind: z.int().describe('inputs that are received and not applied yet'),
};

export const SegmentPreviewView = z.object({
  ...Fresh,
  count: z.int(),
  sample: z.array(z.uuid()).describe('up to 20 of them, the same ones every time'),
  reach: z.object({
    purpose: z.string(),
    channel: z.string(),
    addressed: z.int().describe('have an address on the channel'),
    consented: z.int().describe('of these: granted the purpose'),
    suppressed: z.int().describe('of those who are addressed: must not be written to'),
    reachable: z.int().describe('addressed, consented and not suppressed'),
  }),
  changes: z
    .object({
      entering: z.int().describe('are not in the live segment and would be'),
      leaving: z.int().describe('are in the live segment and would not be'),
    })
    .nullable()
    .describe('against the present members; null for a condition that belongs to no segment'),
});

export const WhoAmIView = z.object({
  ...Fresh,
  customerId: z.uuid().describe('after a merge: the survivor, whichever id was asked for'),
  member: z.boolean(),
  nextChangeAt: Time.nullable().describe('when the answer may change by itself; never late'),
  tests: z.array(
    z.object({
      path: z.string().describe('where the test stands in the condition'),
      sentence: z.string(),
      holds: z.boolean(),
      because: z.string(),
      nextChangeAt: Time.nullable(),
      value: z.unknown().optional().describe('of a trait; null where it is not known'),
      events: z.array(
        z.object({
          position: z.int(),
          ordinal: z.int(),
          name: z.string(),
          at: Time,
          customerId: z.uuid().describe('who it was applied to; differs after a merge'),
        }),
      ),
    }),
  ),
});

export const SegmentHistoryView = z.object({
  asOf: Time,
  bucket: z.enum(['hour', 'day', 'week']),
  points: z.array(
    z.object({
      from: Time,
      entered: z.int(),
      left: z.int(),
      merged: z.int().describe('members who became one person with another member'),
      size: z.int().describe('at the end of the bucket'),
    }),
  ),
});

export const OverlapView = z.object({
  ...Fresh,
  segments: z.array(z.string()),
  matrix: z.array(z.array(z.int())).describe('people in both; the diagonal is the size of each'),
});

/** A test of the tree is a place in it; where the whole condition is one test, that place has no name. */
export function whoAmIView({ tests, nextChangeAt, ...answer }: WhoAmI) {
  return {
    ...answer,
    nextChangeAt: isoOrNull(nextChangeAt),
    tests: tests.map(({ events, ...test }) => ({
      ...test,
      nextChangeAt: isoOrNull(test.nextChangeAt),
      events: events.map((event) => ({ ...event, at: iso(event.at) })),
    })),
  };
}

export function pointView({ from, ...point }: SizePoint) {
  return { from: iso(from), ...point };
}
