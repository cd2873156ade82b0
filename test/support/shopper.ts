/** People of a test: who they are, what they do, and what has become of them. */
import { expect } from '@jest/globals';
import type { Engine, EnrolmentState } from './engine.js';
import { eventually } from './eventually.js';
import { identify, track, type TestEvent } from '../../store/src/ingestion/testing/lane-kit.js';

let people = 0;

/** Somebody with an address of their own, known by a user id or only by a browser. */
export class Shopper {
  readonly name: string;
  readonly email: string;

  constructor(
    private readonly engine: Engine,
    private readonly as: 'user' | 'visitor' = 'user',
  ) {
    people += 1;
    this.name = `${as}-${people}`;
    this.email = `${this.name}@example.com`;
  }

  get id(): Readonly<Record<string, string>> {
    return this.as === 'user' ? { userId: this.name } : { anonymousId: this.name };
  }

  /** Address and consent; what most people have said before a journey begins. */
  introduced(): TestEvent[] {
    return [
      identify(this.id, { email: this.email }),
      track('Consent Changed', this.id, {
        properties: { purpose: 'marketing', state: 'granted' },
      }),
    ];
  }

  did(event: string, cart = 'c1'): TestEvent {
    return track(event, this.id, { properties: { cart_id: cart } });
  }

  /** The step after which two people are one: a visitor says who they are. */
  saysToBe(user: Shopper): TestEvent {
    return identify({ ...this.id, ...user.id }, {});
  }

  /** Their enrolment, as soon as the lane has made it. */
  async enrolment(journey: string): Promise<EnrolmentState> {
    return eventually(async () => {
      const [row] = await this.engine.rows<EnrolmentState>(
        `select e.* from enrolment e join identifier i on i.customer_id = e.customer_id or i.customer_id = e.subject_id
          where e.journey_key = $1 and i.type = $2 and i.value = $3 order by e.entered_position limit 1`,
        [journey, this.as === 'user' ? 'user_id' : 'anonymous_id', this.name],
      );
      if (row === undefined) throw new TypeError(`${this.name} has not entered ${journey}`);
      return row;
    });
  }

  /** The deadline of the wait at which their run stands, once it has been written. */
  async waiting(journey: string): Promise<{ enrolment: EnrolmentState; deadline: number }> {
    const { enrolment_id } = await this.enrolment(journey);
    const deadline = await eventually(async () => {
      const [wait] = await this.engine.rows<{ deadline: number }>(
        'select deadline from wait where enrolment_id = $1 and closed_at is null',
        [enrolment_id],
      );
      if (wait === undefined) throw new TypeError(`${this.name} is not waiting`);
      return wait.deadline;
    });
    return { enrolment: await this.enrolment(journey), deadline };
  }

  /** How their run ended, by the workflow's own result. */
  async outcome(journey: string): Promise<unknown> {
    const enrolment = await this.enrolment(journey);
    const result: unknown = await eventually(() => this.engine.handle(enrolment).result(), {
      deadlineMs: 20_000,
    });
    const [row] = await this.engine.rows<{ outcome: string | null }>(
      'select outcome from enrolment where enrolment_id = $1',
      [enrolment.enrolment_id],
    );
    expect(row?.outcome).toBe(result);
    return result;
  }

  async trail(journey: string): Promise<string[]> {
    const { enrolment_id } = await this.enrolment(journey);
    const rows = await this.engine.rows<{ text: string }>(
      `select kind || coalesce(' ' || step_id, '') as text from trail where enrolment_id = $1 order by seq, entry`,
      [enrolment_id],
    );
    return rows.map(({ text }) => text);
  }

  get mails(): number {
    return this.engine.mailsTo(this.email);
  }
}
