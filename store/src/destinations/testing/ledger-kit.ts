/** Persons who may be mailed, at the step that sends: what every test of the ledger begins with. */
import { HOOK, MAIL_ONLY } from '../../journeys/testing/definitions.js';
import { JourneyWorld, type Enrolled } from '../../journeys/testing/journey-world.js';
import { newId } from '../../shared/index.js';
import { reserveDelivery } from '../deliveries.js';
import type { DeliveryRequest, Reservation, Ticket } from '../types.js';

export interface Sending {
  readonly run: Enrolled;
  readonly request: DeliveryRequest;
}

export interface LoggedEvent {
  readonly name: string;
  readonly properties: Record<string, unknown>;
  readonly hop: number;
}

export class LedgerKit {
  private constructor(readonly world: JourneyWorld) {}

  static async open(): Promise<LedgerKit> {
    const kit = new LedgerKit(await JourneyWorld.create());
    await kit.world.journey(MAIL_ONLY);
    await kit.world.journey(HOOK);
    const mail = { connector: 'smtp-email', settings: { host: 'localhost' } };
    await kit.define('connection', 'mail', mail);
    await kit.define('connection', 'hook', {
      connector: 'webhook',
      settings: { url: 'http://localhost' },
    });
    await kit.define('template', 'cart', { subject: 'Your cart', text: 'Hello {{ traits.name }}' });
    return kit;
  }

  close(): Promise<void> {
    return this.world.close();
  }

  async letGo(): Promise<void> {
    await this.world.sql('delete from sending_stop where workspace_id = $1');
    await this.world.journeyState('mail-only', 'live');
  }

  async define(kind: string, key: string, body: object): Promise<void> {
    await this.world.sql(
      `insert into definition (workspace_id, kind, key, body, live_version, state) values ($1, $2, $3, $4, 1, 'live')`,
      kind,
      key,
      JSON.stringify(body),
    );
  }

  async atStep(
    options: {
      journey?: string;
      consent?: string | null;
      ageMs?: number;
      entryKey?: string;
      /** default: a person of their own */
      customerId?: string;
    } = {},
  ): Promise<Sending> {
    const { journey = 'mail-only', consent = 'granted', ageMs = 0, entryKey } = options;
    const customerId =
      options.customerId ?? (await this.world.customer({ email: `${newId()}@example.com` }));
    if (consent !== null) await this.consentTo(customerId, consent);
    const run = await this.world.enrol({
      journey,
      customerId,
      clock: Date.now() - ageMs,
      properties: { cart_id: 'c1' },
      ...(entryKey === undefined ? {} : { entryKey }),
    });
    const command = await this.world.step(run, 1);
    if (command.kind !== 'deliver')
      throw new TypeError('the journey does not begin with a delivery');
    const { seq, step, visit } = command;
    const { workspaceId } = this.world;
    const key = `${run.enrolmentId}:${step}:${visit}`;
    return {
      run,
      request: { workspaceId, enrolmentId: run.enrolmentId, generation: 1, seq, step, visit, key },
    };
  }

  async consentTo(customerId: string, state: string, channel = 'email'): Promise<void> {
    await this.world.sql(
      `insert into consent (workspace_id, customer_id, purpose, channel, state, event_time, position, ordinal)
       values ($1, $2, 'marketing', $3, $4, now(), 1, 0)
       on conflict (workspace_id, customer_id, purpose, channel) do update set state = excluded.state`,
      customerId,
      channel,
      state,
    );
  }

  reserve(sending: Sending): Promise<Reservation> {
    return reserveDelivery(this.world.engine, sending.request, idempotencyOf);
  }

  async ticketFor(sending: Sending): Promise<Ticket> {
    const reservation = await this.reserve(sending);
    if (reservation.kind !== 'ready') throw new TypeError(`not ready but ${reservation.kind}`);
    return reservation.ticket;
  }

  async row(sending: Sending): Promise<Record<string, unknown> | undefined> {
    const rows = await this.world.sql(
      'select * from delivery where workspace_id = $1 and delivery_key = $2',
      sending.request.key,
    );
    return rows[0];
  }

  /** What the log was told of it. */
  events(sending: Sending): Promise<LoggedEvent[]> {
    return this.world.sql<LoggedEvent>(
      `select e.name, e.properties, e.hop, e."messageId", e."customerId"
         from event_log l,
              jsonb_to_recordset(l.body::jsonb) as e(name text, properties jsonb, hop int, "messageId" text, "customerId" text)
        where l.workspace_id = $1 and l.kind = 'internal' and l.body like '%' || $2 || '%' order by l.position`,
      sending.request.key,
    );
  }
}

/** As the two connectors of this part declare it. */
function idempotencyOf(connector: string): 'key' | 'none' | undefined {
  if (connector === 'webhook') return 'key';
  return connector === 'smtp-email' ? 'none' : undefined;
}
