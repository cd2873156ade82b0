import { z } from 'zod';
import { COLUMN_KINDS } from '@throughline/domain/identity/linkage';
import {
  SUGGESTION_STATES,
  type Group as Proposed,
  type ReconcileRun,
  type Schedule,
  type Suggestion,
} from '@throughline/store/identity';
import { iso, isoOrNull } from '../common/params.js';

const Time = z.iso.datetime();
const Probability = z.number().min(0).max(1);

const Evidence = z.object({
  left: z.uuid(),
  right: z.uuid(),
  probability: Probability,
  weight: z.number().describe('log2 of the odds'),
  levels: z
    .record(z.string(), z.string())
    .describe('how each column agrees: exact, edit_1, jaro_winkler_92, …, else; never a value'),
});

const Group = z.object({
  members: z.array(z.uuid()),
  weakest: Probability.describe('of the least likely pair among them'),
  strongest: Probability,
  evidence: z.array(Evidence).describe('the heaviest pairs'),
});

export const SuggestionView = Group.extend({
  id: z.uuid(),
  runId: z.uuid(),
  state: z.enum(SUGGESTION_STATES),
  decidedBy: z.string().nullable(),
  decidedAt: Time.nullable(),
  groups: z.array(z.array(z.uuid())).nullable().describe('of a split: who belongs together'),
  createdAt: Time,
});

export function suggestionView(row: Suggestion): z.infer<typeof SuggestionView> {
  const { suggestionId: id, runId, state, decidedBy, groups } = row;
  return {
    ...groupView(row),
    id,
    runId,
    state,
    decidedBy,
    decidedAt: isoOrNull(row.decidedAt),
    groups: groups === null ? null : groups.map((group) => [...group]),
    createdAt: iso(row.createdAt),
  };
}

export const ReconcileRunView = z.object({
  id: z.uuid(),
  state: z.enum(['asked', 'running', 'done', 'cancelled']),
  dryRun: z.boolean(),
  suggestAt: Probability,
  autoAt: Probability.nullable(),
  requestedBy: z.string(),
  requestedAt: Time,
  startedAt: Time.nullable(),
  finishedAt: Time.nullable(),
  customers: z.int().nullable(),
  candidates: z.int().nullable().describe('pairs that were compared'),
  proposed: z.int().nullable().describe('groups of customers found'),
  suggested: z.int(),
  merged: z.int().describe('groups merged because they are surer than autoAt'),
  skipped: z.int().describe('groups decided before, or whose customers have moved on'),
  compared: z.record(z.string(), z.string()).describe('columns and what they were taken for'),
  preview: z.array(Group).describe('of a dry run: the first groups'),
  run: z.string().describe('the run in the Temporal UI'),
});

export function runView(row: ReconcileRun, link: string): z.infer<typeof ReconcileRunView> {
  const { state, dryRun, suggestAt, autoAt, requestedBy } = row;
  const { customers, candidates, proposed, suggested, merged, skipped } = row;
  return {
    id: row.runId,
    state,
    dryRun,
    suggestAt,
    autoAt,
    requestedBy,
    requestedAt: iso(row.requestedAt),
    startedAt: isoOrNull(row.startedAt),
    finishedAt: isoOrNull(row.finishedAt),
    customers,
    candidates,
    proposed,
    suggested,
    merged,
    skipped,
    compared: { ...row.compared },
    preview: row.preview.map(groupView),
    run: link,
  };
}

function groupView({ members, weakest, strongest, evidence }: Proposed): z.infer<typeof Group> {
  return {
    members: [...members],
    weakest,
    strongest,
    evidence: evidence.map((pair) => ({ ...pair, levels: { ...pair.levels } })),
  };
}

const Settings = {
  suggestAt: Probability.gt(0)
    .lt(1)
    .default(0.95)
    .describe('probability from which customers are suggested'),
  autoAt: Probability.lt(1)
    .gt(0.5)
    .nullable()
    .default(null)
    .describe('probability from which a whole group is merged without asking; null: never'),
  columns: z
    .record(z.string().max(200), z.enum([...COLUMN_KINDS, 'ignore']))
    .default({})
    .describe('traits (parts by path: address.city) and what they hold, over what their names say'),
};

/** Asking for a run. */
export const ReconcileSchema = z.strictObject({
  dryRun: z.boolean().default(false).describe('count and show, suggest nothing'),
  ...Settings,
});

/** When runs begin by themselves. */
export const ReconcileScheduleSchema = z.strictObject({
  everyHours: z.int().min(1).max(720).nullable().describe('null: only when somebody asks'),
  ...Settings,
});

export const ReconcileScheduleView = z.object({
  everyHours: z.int().nullable(),
  suggestAt: Probability,
  autoAt: Probability.nullable(),
  columns: z.record(z.string(), z.string()),
});

export function scheduleView(row: Schedule | null): z.infer<typeof ReconcileScheduleView> {
  if (row === null) return { everyHours: null, suggestAt: 0.95, autoAt: null, columns: {} };
  return { ...row, columns: { ...row.columns } };
}

export const SplitSchema = z.strictObject({
  groups: z
    .array(z.array(z.uuid().toLowerCase()).min(1))
    .min(1)
    .describe('who belongs together; members that no group names are people of their own'),
});
