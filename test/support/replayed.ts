/**
 * Gives the virtual host the past of an engine: the same log with its clocks, where the lane stood at every step, and what came
 * of every delivery. What both hosts did can then be compared entry by entry.
 */
import type {
  CustomerHappening,
  DeliveryOutcome,
  JourneyDefinition,
  ScriptedOutcome,
  SkipReason,
  TrailEntry,
  VirtualResult,
} from '@throughline/domain/journeys';
import { runVirtually } from '@throughline/domain/journeys';
import { isJsonObject, type JsonObject } from '@throughline/domain/shared';
import type pg from 'pg';

type Rows = <T extends pg.QueryResultRow>(sql: string, values?: unknown[]) => Promise<T[]>;

/** What one enrolment came to, in words that both hosts have. */
export interface Story {
  readonly entryKey: string;
  readonly outcome: string | null;
  readonly trail: readonly TrailEntry[];
  readonly goals: readonly { readonly goalId: string; readonly position: number }[];
  readonly deliveries: readonly string[];
}

interface StepRead {
  readonly seq: number;
  readonly position: number;
  readonly clock: number;
}

/**
 * Notes where the lane stood when a step was made. The step holds its customer's lock, so that nothing of this customer can
 * have been applied between what it read and what it wrote.
 */
export const NOTE_STEPS = `
  create table step_read (enrolment_id uuid, seq int, position bigint, clock timestamptz, primary key (enrolment_id, seq));
  create function note_step() returns trigger language plpgsql security definer set search_path = public as $$
  begin
    insert into step_read
    select new.enrolment_id, s.seq, l.position, l.clock
      from lane l, generate_series(old.seq + 1, new.seq) as s(seq) where l.workspace_id = new.workspace_id
        on conflict do nothing;
    return null;
  end $$;
  create trigger note_step after update on enrolment for each row when (new.seq > old.seq) execute function note_step();
`;

export class Past {
  constructor(private readonly rows: Rows) {}

  /** What the engine left behind for a journey. */
  async stories(journey: string): Promise<Story[]> {
    const enrolments = await this.enrolments(journey);
    return Promise.all(enrolments.map((one) => this.story(one)));
  }

  /** The same through the virtual host. */
  async replayed(definition: JourneyDefinition, customer: string): Promise<Story[]> {
    const log = await this.log(customer);
    const enrolments = await this.enrolments(definition.key);
    const ids = enrolments.map(({ enrolment_id }) => enrolment_id);
    const [steps, outcomes] = [await this.steps(ids, log), await this.outcomes(ids)];
    const real = (virtual: string): string => ids[Number(virtual.slice(1)) - 1] ?? virtual;
    const result = runVirtually({
      definitions: [definition],
      log,
      until: Number.MAX_SAFE_INTEGER,
      recorded: { stepAt: (id, seq) => steps.get(`${real(id)}:${seq}`) ?? Infinity },
      outcomes: ({ enrolmentId, step, visit }) =>
        outcomes.get(`${real(enrolmentId)}:${step}:${visit}`) ?? { outcome: { kind: 'unknown' } },
    });
    return result.enrolments.map(storyOf);
  }

  private async enrolments(journey: string): Promise<EnrolmentRow[]> {
    return this.rows<EnrolmentRow>(
      `select enrolment_id, entry_key, outcome from enrolment where journey_key = $1 order by entered_position, entered_ordinal`,
      [journey],
    );
  }

  private async story({ enrolment_id: id, entry_key, outcome }: EnrolmentRow): Promise<Story> {
    const trail = await this.rows<{ [Key in keyof TrailEntry]: TrailEntry[Key] }>(
      'select kind, step_id as step, visit, at, detail from trail where enrolment_id = $1 order by seq, entry',
      [id],
    );
    const goals = await this.rows<{ goalId: string; position: number }>(
      'select goal_id as "goalId", position from goal_conversion where enrolment_id = $1 order by goal_id',
      [id],
    );
    const deliveries = await this.rows<{ name: string }>(
      `select step_id || '#' || visit as name from delivery where enrolment_id = $1 order by 1`,
      [id],
    );
    return {
      entryKey: entry_key,
      outcome,
      trail,
      goals,
      deliveries: deliveries.map((d) => d.name),
    };
  }

  /** Inputs of one customer as the lane took them: each event, and behind it the changes of membership that it brought about. */
  private async log(customer: string): Promise<CustomerHappening[]> {
    const inputs = await this.rows<InputRow>(
      `select position, ordinal, clock, 0 as rank, name, message_id, event_time, body, null as segment, null as change
         from event where customer_id = $1
       union all
       select position, ordinal, clock, 1, null, null, null, null, segment_key, change
         from segment_membership_change where customer_id = $1
       order by position, ordinal, rank, segment`,
      [customer],
    );
    return inputs.map((row) => itemOf(customer, row));
  }

  /**
   * As instants of the log. Where the customer's next input has the very stamp that the lane had come to, but stands behind it,
   * the step was made a moment before that stamp.
   */
  private async steps(
    ids: readonly string[],
    log: readonly CustomerHappening[],
  ): Promise<Map<string, number>> {
    const reads = await this.rows<StepRead & { enrolment_id: string }>(
      'select enrolment_id, seq, position, clock from step_read where enrolment_id = any ($1::uuid[])',
      [ids],
    );
    return new Map(reads.map((read) => [`${read.enrolment_id}:${read.seq}`, instantOf(read, log)]));
  }

  private async outcomes(ids: readonly string[]): Promise<Map<string, ScriptedOutcome>> {
    const rows = await this.rows<DeliveryRow>(
      `select delivery_key, state, reason, settled_at from delivery where enrolment_id = any ($1::uuid[])`,
      [ids],
    );
    return new Map(
      rows.map((row) => [
        row.delivery_key,
        { outcome: outcomeOf(row), settledAt: row.settled_at ?? Infinity },
      ]),
    );
  }
}

interface EnrolmentRow {
  readonly enrolment_id: string;
  readonly entry_key: string;
  readonly outcome: string | null;
}

interface DeliveryRow {
  readonly delivery_key: string;
  readonly state: string;
  readonly reason: string | null;
  readonly settled_at: number | null;
}

interface InputRow {
  readonly position: number;
  readonly ordinal: number;
  readonly clock: number;
  readonly name: string | null;
  readonly message_id: string | null;
  readonly event_time: number | null;
  readonly body: JsonObject | null;
  readonly segment: string | null;
  readonly change: 'entered' | 'left' | null;
}

function itemOf(customer: string, row: InputRow): CustomerHappening {
  const { position, ordinal, clock, segment, change } = row;
  const ref = { position, ordinal, clock };
  if (segment !== null && change !== null)
    return { customer, happening: { kind: 'segment', segment, change, ref, imported: false } };
  const { properties, traits, imported } = row.body ?? {};
  return {
    customer,
    happening: {
      kind: 'event',
      name: row.name ?? '',
      properties: isJsonObject(properties) ? properties : {},
      eventTime: row.event_time ?? clock,
      messageId: row.message_id ?? '',
      ref,
      imported: imported === true,
    },
    ...(isJsonObject(traits) ? { traits } : {}),
  };
}

function instantOf({ position, clock }: StepRead, log: readonly CustomerHappening[]): number {
  const isTied = log.some(
    ({ happening: { ref } }) => ref.clock === clock && ref.position > position,
  );
  return isTied ? clock - 0.5 : clock;
}

/** The ledger's words in the machine's. */
function outcomeOf({ state, reason }: DeliveryRow): DeliveryOutcome {
  switch (state) {
    case 'accepted':
      return { kind: 'accepted' };
    case 'failed':
      return { kind: 'failed', code: reason ?? 'failed' };
    case 'skipped':
      return { kind: 'skipped', reason: skipReason(reason) };
    default:
      return { kind: 'unknown' };
  }
}

const SKIP_REASONS: readonly SkipReason[] = [
  'no_address',
  'no_consent',
  'consent_revoked',
  'suppressed',
  'exited',
  'expired',
  'missing_variable',
  'merged_duplicate',
  'journey_stopped',
  'capped',
];

function skipReason(text: string | null): SkipReason {
  const known = SKIP_REASONS.find((one) => one === text);
  if (known === undefined) throw new TypeError(`skipped for an unknown reason: ${String(text)}`);
  return known;
}

function storyOf(enrolment: VirtualResult['enrolments'][number]): Story {
  const { entryKey, outcome, trail, goals, deliveries } = enrolment;
  return {
    entryKey,
    outcome,
    trail,
    goals: goals
      .map(({ goalId, ref }) => ({ goalId, position: ref.position }))
      .sort((a, b) => (a.goalId < b.goalId ? -1 : 1)),
    deliveries: deliveries.map(({ delivery }) => `${delivery.step}#${delivery.visit}`).sort(),
  };
}

/** One line an entry, for a failure that a person can read. */
export function linesOf({ entryKey, outcome, trail, goals, deliveries }: Story): string[] {
  return [
    `run ${entryKey}: ${outcome ?? 'open'}`,
    ...trail.map(
      ({ kind, step, visit, at, detail }) =>
        `  ${at} ${kind} ${step ?? '-'}#${visit ?? 0} ${JSON.stringify(detail)}`,
    ),
    `  goals ${JSON.stringify(goals)} deliveries ${deliveries.join(' ')}`,
  ];
}
