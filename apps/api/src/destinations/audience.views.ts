/** Audiences from outside: how far one is, its runs, and what a run is asked for. People are named by their ids alone. */
import { z } from 'zod';
import type { AudienceRun, AudienceState } from '@throughline/store/destinations';
import { iso, isoOrNull } from '../common/params.js';

const Time = z.iso.datetime();

/** Asking for a run. */
export const AudienceRunSchema = z.strictObject({
  kind: z
    .enum(['delta', 'full'])
    .default('delta')
    .describe('full: looks at everybody, not only at what has changed'),
  dryRun: z.boolean().default(false).describe('counts and samples; nothing is sent'),
});

export const AudienceRunView = z.object({
  id: z.uuid(),
  audience: z.string(),
  kind: z.enum(['full', 'delta']),
  dryRun: z.boolean(),
  state: z.enum(['asked', 'running', 'done', 'stopped', 'failed']),
  version: z.int().nullable(),
  fromPosition: z.int().nullable(),
  toPosition: z.int().nullable().describe('what the log says up to here is in the audience'),
  counts: z
    .record(z.string(), z.int())
    .describe(
      'people: looked, added, removed, noted, failed, no_consent, nothing_to_match, would_…',
    ),
  failures: z
    .record(z.string(), z.object({ count: z.int(), customers: z.array(z.uuid()) }))
    .describe('by code, with some of the customers'),
  samples: z.array(
    z.object({
      customerId: z.uuid(),
      would: z.enum(['add', 'remove', 'note']),
      why: z.string(),
    }),
  ),
  error: z.string().nullable().describe('a code: why the run could not go on'),
  requestedBy: z.string(),
  requestedAt: Time,
  startedAt: Time.nullable(),
  finishedAt: Time.nullable(),
  run: z.string().describe('the run in the Temporal UI'),
});

export function audienceRunView(row: AudienceRun, link: string): z.infer<typeof AudienceRunView> {
  const { runId, audienceKey, requestedAt, startedAt, finishedAt, ...rest } = row;
  return {
    id: runId,
    audience: audienceKey,
    ...rest,
    counts: { ...row.counts },
    failures: Object.fromEntries(
      Object.entries(row.failures).map(([code, { count, customers }]) => [
        code,
        { count, customers: [...customers] },
      ]),
    ),
    samples: [...row.samples],
    requestedAt: iso(requestedAt),
    startedAt: isoOrNull(startedAt),
    finishedAt: isoOrNull(finishedAt),
    run: link,
  };
}

export const AudienceStateView = z.object({
  position: z.int().describe('changes up to it have been looked at'),
  lanePosition: z.int().describe('how far the log is applied'),
  members: z.int().describe('people whom the destination knows of'),
  due: z.int().describe('people whom it is still to be told of'),
  failed: z.int().describe('people whom it has refused'),
  error: z.string().nullable(),
});

export function audienceStateView(state: AudienceState): z.infer<typeof AudienceStateView> {
  return { ...state };
}

export const AudienceRedriveView = z.object({
  people: z.int().describe('who will be tried again'),
});
