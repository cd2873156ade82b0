/**
 * A past that was really lived: rows of the log at clocks that the test chooses, applied by the lane, and every run driven by
 * `step` as soon as the lane has come to something. Deliveries come out at once, by a rule of the test.
 */
import type { DeliveryOutcome } from '@throughline/domain/journeys';
import { isIdle, LaneProcessor } from '../../ingestion/lane-processor.js';
import { openLaneKit, type LaneKit, type TestEvent } from '../../ingestion/testing/lane-kit.js';
import { openPool } from '../../shared/index.js';
import { openEnginePool } from '../customer-lock.js';
import { stepEnrolment } from '../step.js';
import { timestampText } from '../timestamp.js';
import type { DriverCommand, EnginePool } from '../types.js';

/** A segment or a journey, as far as it matters here. */
interface Definition {
  readonly key: string;
  readonly name?: unknown;
  readonly condition?: unknown;
}

type Outcomes = (command: DriverCommand & { kind: 'deliver' }, journey: string) => DeliveryOutcome;

interface OpenRun {
  readonly enrolment_id: string;
  readonly journey_key: string;
  readonly seq: number;
  readonly at: number;
}

export class PastKit {
  private position = 0;
  private clock = 0;

  /** what the API works with */
  readonly app: ReturnType<typeof openPool>;

  private constructor(
    readonly kit: LaneKit,
    readonly engine: EnginePool,
    private readonly lane: LaneProcessor,
    private readonly outcomes: Outcomes,
  ) {
    this.app = openPool({ url: kit.url, role: 'tl_app', max: 2 });
  }

  static async open(outcomes: Outcomes = () => ({ kind: 'accepted' })): Promise<PastKit> {
    const kit = await openLaneKit();
    const { workspaceId } = kit;
    const lane = await LaneProcessor.take(await kit.laneClient(), {
      workspaceId,
      maxEvents: 1_000,
    });
    if (lane === null) throw new TypeError('the lane of this test has another holder');
    return new PastKit(kit, openEnginePool({ url: kit.url, max: 4 }), lane, outcomes);
  }

  get workspaceId(): string {
    return this.kit.workspaceId;
  }

  async close(): Promise<void> {
    await this.app.end();
    await this.engine.end();
    await this.kit.close();
  }

  async publish(kind: 'segment' | 'journey', body: Definition, clock: number): Promise<void> {
    const values = [this.workspaceId, kind, body.key, JSON.stringify(body)];
    await this.kit.rows(
      `insert into definition (workspace_id, kind, key, body, live_version, state) values ($1, $2, $3, $4, 1, 'live')`,
      values,
    );
    await this.kit.rows(
      `insert into definition_version (workspace_id, kind, key, version, body, published_by, published_at, live_position)
       values ($1, $2, $3, 1, $4, 'test', $5, $6)`,
      [...values, timestampText(clock), this.position + 1],
    );
    await this.input('definitions', clock, null);
  }

  /** Events of one request: one stamp. What was due before has come before. */
  async happen(clock: number, events: readonly TestEvent[]): Promise<void> {
    if (clock - 1 > this.clock) await this.pass(clock - 1);
    const timestamp = timestampText(clock);
    const batch = events.map((event) => ({ ...event, timestamp }));
    await this.input('http', clock, JSON.stringify({ batch }));
  }

  /** Time goes by without an input. */
  async pass(clock: number): Promise<void> {
    await this.input('tick', clock, null);
  }

  private async input(kind: string, clock: number, body: string | null): Promise<void> {
    this.position += 1;
    this.clock = clock;
    const at = timestampText(clock);
    await this.kit.rows(
      `insert into event_log (workspace_id, position, clock, kind, endpoint, source_key, events, body)
       values ($1, $2, $3, $4, 'batch', 'web', 1, $5)`,
      [this.workspaceId, this.position, at, kind, body],
    );
    await this.kit.rows(
      'update lane_append set position = $2, clock = $3 where workspace_id = $1',
      [this.workspaceId, this.position, at],
    );
    while (!isIdle(await this.lane.processOnce())) await this.drive();
    // Pages of a backfill are inputs as well.
    const [append] = await this.kit.rows<{ position: number; clock: number }>(
      'select position, clock from lane_append where workspace_id = $1',
      [this.workspaceId],
    );
    this.position = append?.position ?? this.position;
  }

  private async drive(): Promise<void> {
    const open = await this.kit.rows<OpenRun>(
      `select enrolment_id, journey_key, seq, entered_at as at from enrolment where state = 'active' order by entered_position`,
    );
    for (const run of open) await this.driveRun(run);
  }

  private async driveRun({ enrolment_id: enrolmentId, journey_key: journey, seq }: OpenRun) {
    const { workspaceId } = this;
    for (let next = seq + 1; ;) {
      const request = { workspaceId, enrolmentId, generation: 1, seq: next };
      const command = await stepEnrolment(this.engine, request);
      if (command.kind === 'deliver') await this.deliver(enrolmentId, command, journey);
      if (command.kind === 'end' || command.seq < next) return;
      next = command.seq + 1;
    }
  }

  /** Settled at the instant at which the run came to it. */
  private async deliver(
    enrolmentId: string,
    command: DriverCommand & { kind: 'deliver' },
    journey: string,
  ): Promise<void> {
    const outcome = this.outcomes(command, journey);
    const reason = outcome.kind === 'skipped' ? outcome.reason : null;
    await this.kit.rows(
      `insert into delivery (workspace_id, delivery_key, enrolment_id, journey_key, version, step_id, visit, subject_id,
         connection_key, connector_key, action, state, reason, expires_at, reserved_at, settled_at)
       select $1, $2::text || ':' || $3 || ':' || $4, $2::uuid, $5, 1, $3, $4::int, e.subject_id, 'c', 'c', 'send', $6, $7, now(), t.at, t.at
         from enrolment e cross join lateral (select at from trail where workspace_id = $1 and enrolment_id = $2::uuid order by seq desc, entry desc limit 1) t
        where e.workspace_id = $1 and e.enrolment_id = $2::uuid on conflict do nothing`,
      [this.workspaceId, enrolmentId, command.step, command.visit, journey, outcome.kind, reason],
    );
  }
}
