/** Why somebody is, or is not, in a journey: what is stored about both, put before the same decisions that the lane makes. */
import {
  dateTriggerDue,
  explainEntry,
  type EntryCandidate,
  type EntryVerdict,
  type Happening,
  type JourneyDefinition,
  type PriorEnrolment,
} from '@throughline/domain/journeys';
import { isJsonObject, type JsonObject, type StampedRef } from '@throughline/domain/shared';
import { readCustomer, type CustomerRow } from '../profiles/index.js';
import type { Queryable } from '../shared/index.js';
import { parsedVersion } from './definition-cache.js';
import { readEnrolmentChains, type EnrolmentChain } from './explain-chain.js';
import { timestampText } from './timestamp.js';

export interface ExplanationWanted {
  readonly customerId: string;
  readonly journey: string;
  /** ms since epoch */
  readonly at: number;
}

export interface Explanation {
  /** the survivor, whichever id was asked for */
  readonly customerId: string;
  readonly journey: string;
  readonly at: number;
  readonly version: number | null;
  /** newest first */
  readonly enrolments: readonly EnrolmentChain[];
  /** what came after the last entry, or at all, and why it led nobody in; newest first */
  readonly verdicts: readonly EntryVerdict[];
  /** where nothing ever met the trigger's name */
  readonly neverTriggered: NeverTriggered | null;
}

export interface NeverTriggered {
  readonly kind: 'no_version' | 'no_event' | 'no_change' | 'no_date' | 'date_ahead';
  readonly sentence: string;
  /** of a segment trigger: whose condition says more */
  readonly segment: string | null;
}

const CANDIDATES = 5;
/** Farther back than this is not looked for the one that led in. */
const MOST_ENROLMENTS = 20;

/** Null where there is no such person. */
export async function explainJourney(
  client: Queryable,
  workspaceId: string,
  { customerId, journey, at }: ExplanationWanted,
): Promise<Explanation | null> {
  const customer = await readCustomer(client, workspaceId, customerId);
  if (customer === null) return null;
  const scope: Scope = { client, workspaceId, customer, journey, at };
  const times = await readTimes(scope);
  const enrolments = await readEnrolmentChains(client, workspaceId, {
    subjectId: customer.customerId,
    journey,
    at,
    limit: MOST_ENROLMENTS,
  });
  const version = times.versionAt(at);
  const candidates = version === null ? [] : await readCandidates(scope, version.definition);
  const verdicts = candidates
    .filter(({ ref }) => !enrolments.some((one) => one.trigger.ref.position === ref.position))
    .filter(({ ref }) => ref.clock >= (enrolments[0]?.enteredAt ?? -Infinity))
    .map((happening) => explainEntry(candidateOf(happening, times, enrolments)));
  const isUnmet = enrolments.length === 0 && candidates.length === 0;
  return {
    customerId: customer.customerId,
    journey,
    at,
    version: version?.version ?? null,
    enrolments,
    verdicts,
    neverTriggered: isUnmet ? neverTriggered(scope, version?.definition ?? null) : null,
  };
}

interface Scope {
  readonly client: Queryable;
  readonly workspaceId: string;
  readonly customer: CustomerRow;
  readonly journey: string;
  readonly at: number;
}

interface LiveVersion {
  readonly version: number;
  readonly definition: JourneyDefinition;
}

/** Which version took people in at an instant. */
interface Times {
  /** the version that was the newest, whether the journey was stopped or not */
  versionAt(at: number): LiveVersion | null;
  isStopped(at: number): boolean;
}

async function readTimes({ client, workspaceId, journey }: Scope): Promise<Times> {
  const versions = await client.query<{ version: number; body: unknown; publishedAt: number }>(
    `select version, body, published_at as "publishedAt" from definition_version
      where workspace_id = $1 and kind = 'journey' and key = $2 order by version desc`,
    [workspaceId, journey],
  );
  const stops = await client.query<{ at: number }>(
    `select at from audit_log where workspace_id = $1 and action = 'journey.stop' and subject = $2 order by at`,
    [workspaceId, journey],
  );
  const rowAt = (at: number) => versions.rows.find(({ publishedAt }) => publishedAt <= at);
  return {
    versionAt: (at) => {
      const row = rowAt(at);
      if (row === undefined) return null;
      const ref = { workspaceId, key: journey, version: row.version };
      return { version: row.version, definition: parsedVersion(ref, row.body) };
    },
    isStopped: (at) => {
      const publishedAt = rowAt(at)?.publishedAt ?? Infinity;
      return stops.rows.some((stop) => stop.at > publishedAt && stop.at <= at);
    },
  };
}

function candidateOf(
  happening: Happening,
  times: Times,
  enrolments: readonly EnrolmentChain[],
): EntryCandidate {
  const { clock } = happening.ref;
  const definition = times.isStopped(clock) ? null : (times.versionAt(clock)?.definition ?? null);
  return { happening, definition, prior: priorAt(enrolments, happening.ref) };
}

/** An exit that was asked for has left already, as in the lane. */
function priorAt(enrolments: readonly EnrolmentChain[], { clock }: StampedRef): PriorEnrolment[] {
  return enrolments
    .filter(({ enteredAt, superseded }) => enteredAt <= clock && !superseded)
    .map(({ enrolmentId, entryKey, endedAt, exitAskedAt }) => {
      const leftAt = Math.min(endedAt ?? Infinity, exitAskedAt ?? Infinity);
      const open = leftAt > clock;
      return { enrolmentId, entryKey, open, endedAt: open ? null : leftAt };
    });
}

/** What bore the name that the trigger asks for, newest first. */
function readCandidates(scope: Scope, { trigger }: JourneyDefinition): Promise<Happening[]> {
  switch (trigger.kind) {
    case 'event':
      return readEvents(scope, trigger.event);
    case 'segment':
      return readChanges(scope, trigger.segment);
    case 'date':
      return Promise.resolve([]);
  }
}

interface EventRow {
  readonly position: number;
  readonly ordinal: number;
  readonly clock: number;
  readonly name: string;
  readonly messageId: string;
  readonly eventTime: number;
  readonly body: JsonObject;
}

async function readEvents(
  { client, workspaceId, customer, at }: Scope,
  name: string,
): Promise<Happening[]> {
  const { rows } = await client.query<EventRow>(
    `select position, ordinal, clock, name, message_id as "messageId", event_time as "eventTime", body from event
      where workspace_id = $1 and customer_id = any ($2::uuid[]) and name = $3 and clock <= $4
      order by position desc, ordinal desc limit $5`,
    [workspaceId, everyId(customer), name, timestampText(at), CANDIDATES],
  );
  return rows.map(({ position, ordinal, clock, body, ...event }) => ({
    kind: 'event',
    ...event,
    properties: isJsonObject(body['properties']) ? body['properties'] : {},
    imported: body['imported'] === true,
    ref: { position, ordinal, clock },
  }));
}

async function readChanges(
  { client, workspaceId, customer, at }: Scope,
  segment: string,
): Promise<Happening[]> {
  const { rows } = await client.query<
    StampedRef & { change: 'entered' | 'left'; imported: boolean }
  >(
    `select s.position, s.ordinal, s.clock, s.change,
            exists (select from event e where e.workspace_id = $1 and e.position = s.position and e.ordinal = s.ordinal
                       and e.clock = s.clock and e.body -> 'imported' = 'true') as imported
       from segment_membership_change s
      where s.workspace_id = $1 and s.customer_id = any ($2::uuid[]) and s.segment_key = $3 and s.clock <= $4
      order by s.position desc, s.ordinal desc limit $5`,
    [workspaceId, everyId(customer), segment, timestampText(at), CANDIDATES],
  );
  return rows.map(({ change, imported, ...ref }) => ({
    kind: 'segment',
    segment,
    change,
    imported,
    ref,
  }));
}

function everyId({ customerId, absorbed }: CustomerRow): readonly string[] {
  return [customerId, ...absorbed];
}

function neverTriggered(
  { customer, at }: Scope,
  definition: JourneyDefinition | null,
): NeverTriggered {
  const say = (kind: NeverTriggered['kind'], sentence: string, segment: string | null = null) => ({
    kind,
    sentence,
    segment,
  });
  if (definition === null) return say('no_version', 'The journey had not been published by then.');
  const { trigger } = definition;
  switch (trigger.kind) {
    case 'event':
      return say('no_event', `The person had done no ${trigger.event} by then.`);
    case 'segment':
      return say(
        'no_change',
        `The person had never ${trigger.on} the segment ${trigger.segment} by then.`,
        trigger.segment,
      );
    case 'date': {
      const due = dateTriggerDue(definition, customer.traits, 'UTC', at);
      return due === null
        ? say('no_date', `The trait ${trigger.trait} holds no date, or one that is over.`)
        : say(
            'date_ahead',
            `The date in ${trigger.trait} comes at ${new Date(due).toISOString()}.`,
          );
    }
  }
}
