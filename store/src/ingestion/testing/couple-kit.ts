/** Two people in one journey on a real lane, with their runs driven by hand: what tests of merges in mid-journey begin with. */
import type { RunState } from '@throughline/domain/journeys';
import { beginSending, reserveDelivery, settleDelivery } from '../../destinations/index.js';
import { openEnginePool, stepEnrolment, type EnginePool } from '../../journeys/index.js';
import type { DriverCommand } from '../../journeys/types.js';
import { newId } from '../../shared/index.js';
import { identify, openLaneKit, track, type LaneKit, type TestEvent } from './lane-kit.js';

export interface Person {
  readonly name: 'ada' | 'bob';
  readonly who: { readonly userId: string };
  readonly customerId: string;
  readonly enrolmentId: string;
}

export interface Standing {
  readonly state: string;
  readonly outcome: string | null;
  readonly place: RunState['place'];
  readonly visits: RunState['visits'];
}

interface RunRow {
  readonly seq: number;
  readonly generation: number;
  readonly state: string;
  readonly outcome: string | null;
  readonly run_state: RunState;
}

export class CoupleKit {
  private constructor(
    readonly lane: LaneKit,
    private readonly engine: EnginePool,
  ) {}

  static async open(): Promise<CoupleKit> {
    const lane = await openLaneKit();
    const engine = openEnginePool({ url: lane.url, max: 2 });
    const kit = new CoupleKit(lane, engine);
    const mail = { connector: 'smtp-email', settings: { host: 'localhost' } };
    await kit.define('connection', 'mail', mail);
    await kit.define('template', 'cart', { subject: 'Your cart', text: 'Hello' });
    await lane.rows('select ensure_partitions(40)');
    return kit;
  }

  async close(): Promise<void> {
    await this.engine.end();
    await this.lane.close();
  }

  /** Both may be mailed, and both enter the journey by the same kind of event. */
  async enter(journey: string): Promise<readonly [Person, Person]> {
    const people = [{ name: 'ada' } as const, { name: 'bob' } as const].map(({ name }) => ({
      name,
      who: { userId: `${name}-${newId()}` },
    }));
    for (const { who } of people) {
      await this.lane.send(identify(who, { email: `${who.userId}@example.com` }));
      await this.lane.send(track('Consent Changed', who, { properties: CONSENT }));
      await this.lane.send(track(`Enter ${journey}`, who, { properties: { cart_id: 'c1' } }));
    }
    await this.lane.drain();
    const [ada, bob] = await Promise.all(people.map((person) => this.found(person)));
    if (!ada || !bob) throw new TypeError('there are two of them');
    return [ada, bob];
  }

  async happen(event: TestEvent): Promise<void> {
    await this.lane.send(event);
    await this.lane.drain();
  }

  async merge(a: Person, b: Person): Promise<void> {
    await this.lane.command({ kind: 'merge', customerIds: [a.customerId, b.customerId] });
    await this.lane.drain();
  }

  async unmerge(absorbed: Person): Promise<void> {
    const { customerId: absorbedId } = absorbed;
    await this.lane.command({ kind: 'unmerge', absorbedId, position: null });
    await this.lane.drain();
  }

  /** The lane's clock goes on; everything appended later is stamped after it. */
  async pass(ms: number): Promise<void> {
    await this.lane.rows(
      `update lane_append set clock = greatest(clock, clock_timestamp()) + make_interval(secs => $1::float8 / 1000)`,
      [ms],
    );
    await this.lane.command({ kind: 'none' });
    await this.lane.drain();
  }

  /** Back to the wall's clock, which deliveries are stamped by. */
  async comeBack(): Promise<void> {
    await this.lane.rows(
      'with a as (update lane_append set clock = clock_timestamp()) update lane set clock = clock_timestamp()',
    );
  }

  /**
   * As the workflow asks: the command that it has once more, and the next one when that is carried out. Until the run waits, or has a
   * message to send.
   */
  async drive({ enrolmentId }: Person): Promise<DriverCommand> {
    for (;;) {
      const { seq, generation } = await this.row(enrolmentId);
      const current = await this.step(enrolmentId, { seq, generation });
      if (current.kind === 'deliver' && !(await this.isSettled(enrolmentId, current)))
        return current;
      const command = await this.step(enrolmentId, { seq: seq + 1, generation });
      if (command.kind === 'end' || command.seq === seq) return command;
    }
  }

  /** Drives a run to the end of what it can do now, sending its messages; answers the keys of those that went out. */
  async go(person: Person): Promise<string[]> {
    const sent: string[] = [];
    for (let turn = 0; turn < 20; turn += 1) {
      const command = await this.drive(person);
      if (command.kind !== 'deliver') return sent;
      const key = await this.deliver(person, command);
      if (key !== null) sent.push(key);
      await this.lane.drain();
    }
    throw new TypeError('the run does not come to rest');
  }

  async standing({ enrolmentId }: Person): Promise<Standing> {
    const { state, outcome, run_state: run } = await this.row(enrolmentId);
    return { state, outcome, place: run.place, visits: run.visits };
  }

  async subjectOf({ enrolmentId }: Person): Promise<string> {
    const [row] = await this.lane.rows<{ subject_id: string }>(
      'select subject_id from enrolment where enrolment_id = $1',
      [enrolmentId],
    );
    return row?.subject_id ?? '';
  }

  /** Why a message of the run did not go out. */
  async skips({ enrolmentId }: Person): Promise<(string | null)[]> {
    const rows = await this.lane.rows<{ reason: string | null }>(
      `select reason from delivery where enrolment_id = $1 and state = 'skipped' order by reserved_at`,
      [enrolmentId],
    );
    return rows.map(({ reason }) => reason);
  }

  async hold({ enrolmentId }: Person): Promise<void> {
    await this.lane.rows(
      `insert into operator_request (workspace_id, enrolment_id, request_id, kind, args, actor) values ($1, $2, $3, 'hold', '{}', 'ops')`,
      [this.lane.workspaceId, enrolmentId, newId()],
    );
  }

  async outbox({ enrolmentId }: Person): Promise<string[]> {
    const rows = await this.lane.rows<{ kind: string }>(
      'select kind from outbox where enrolment_id = $1 order by outbox_id',
      [enrolmentId],
    );
    return rows.map(({ kind }) => kind);
  }

  private async deliver(
    { enrolmentId }: Person,
    { seq, step, visit }: Extract<DriverCommand, { kind: 'deliver' }>,
  ): Promise<string | null> {
    const { generation } = await this.row(enrolmentId);
    const { workspaceId } = this.lane;
    const key = `${enrolmentId}:${step}:${visit}`;
    const request = { workspaceId, enrolmentId, generation, seq, step, visit, key };
    const reserved = await reserveDelivery(this.engine, request, () => 'none');
    if (reserved.kind !== 'ready') return null;
    const { ticket } = reserved;
    const go = await beginSending(this.engine, ticket);
    if (go.kind !== 'go') return null;
    await settleDelivery(this.engine, ticket, { state: 'accepted' });
    return key;
  }

  private async isSettled(
    enrolmentId: string,
    { step, visit }: Extract<DriverCommand, { kind: 'deliver' }>,
  ): Promise<boolean> {
    const rows = await this.lane.rows(
      `select 1 from delivery where enrolment_id = $1 and step_id = $2 and visit = $3 and state not in ('reserved', 'sending')`,
      [enrolmentId, step, visit],
    );
    return rows.length > 0;
  }

  private step(
    enrolmentId: string,
    asked: { readonly seq: number; readonly generation: number },
  ): Promise<DriverCommand> {
    const { workspaceId } = this.lane;
    return stepEnrolment(this.engine, { workspaceId, enrolmentId, ...asked });
  }

  private async row(enrolmentId: string): Promise<RunRow> {
    const [row] = await this.lane.rows<RunRow>(
      'select seq, generation, state, outcome, run_state from enrolment where enrolment_id = $1',
      [enrolmentId],
    );
    if (row === undefined) throw new TypeError('there is no such run');
    return row;
  }

  private async found({ name, who }: Pick<Person, 'name' | 'who'>): Promise<Person> {
    const [row] = await this.lane.rows<{ customer_id: string; enrolment_id: string }>(
      `select e.customer_id, e.enrolment_id from enrolment e join identifier i on i.customer_id = e.customer_id
        where i.type = 'user_id' and i.value = $1`,
      [who.userId],
    );
    if (row === undefined) throw new TypeError('nobody has entered');
    return { name, who, customerId: row.customer_id, enrolmentId: row.enrolment_id };
  }

  private async define(kind: string, key: string, body: object): Promise<void> {
    await this.lane.rows(
      `insert into definition (workspace_id, kind, key, body, live_version, state) values ($1, $2, $3, $4, 1, 'live')`,
      [this.lane.workspaceId, kind, key, JSON.stringify(body)],
    );
  }
}

const CONSENT = { purpose: 'marketing', channel: 'email', state: 'granted' } as const;
