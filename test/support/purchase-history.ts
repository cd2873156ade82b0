/** People with a past, put there directly: what tests of predictions begin with. As if imported, unless a test says otherwise. */
import { newId } from '../../store/src/shared/index.js';

export type Rows = (sql: string, values: unknown[]) => Promise<unknown>;

export interface PlantedEvent {
  readonly customerId: string;
  readonly name: string;
  /** ms since epoch */
  readonly at: number;
  readonly properties?: Readonly<Record<string, unknown>>;
  /** false: it came when it was received, today */
  readonly imported?: boolean;
}

const DAY_MS = 86_400_000;

export class PurchaseHistory {
  private ordinal = 0;

  constructor(
    private readonly rows: Rows,
    private readonly workspaceId: string,
  ) {}

  async people(count: number): Promise<string[]> {
    const ids = Array.from({ length: count }, () => newId());
    await this.rows(
      `insert into customer (workspace_id, customer_id, created_at, first_position, first_ordinal, applied_position)
       select $1, id, now(), 0, n, 0 from unnest($2::uuid[]) with ordinality as p(id, n)`,
      [this.workspaceId, ids],
    );
    return ids;
  }

  async events(events: readonly PlantedEvent[]): Promise<void> {
    const rows = events.map(({ customerId, name, at, properties = {}, imported = true }) => ({
      customer_id: customerId,
      ordinal: ++this.ordinal,
      event_time: new Date(at).toISOString(),
      message_id: newId(),
      name,
      body: { properties, imported },
    }));
    await this.rows(
      `insert into event (workspace_id, customer_id, position, ordinal, clock, event_time, message_id, type, name, source_key, body)
       select $1, r.customer_id, 0, r.ordinal, now(), r.event_time, r.message_id, 'track', r.name, 'shop', r.body
         from json_to_recordset($2::json) as r(customer_id uuid, ordinal int, event_time timestamptz, message_id text, name text,
           body jsonb)`,
      [this.workspaceId, JSON.stringify(rows)],
    );
  }

  /**
   * Customers who come back every week or two; from a day of their own on, most of the second half do not any more. What they last
   * looked at says a little about it as well.
   */
  async shop({ count, now }: { readonly count: number; readonly now: number }): Promise<Shoppers> {
    const ids = await this.people(count);
    const random = generator(7);
    const events: PlantedEvent[] = [];
    const staying: string[] = [];
    const leaving: string[] = [];
    for (const [index, customerId] of ids.entries()) {
      const leaves = index % 2 === 1;
      (leaves ? leaving : staying).push(customerId);
      const gap = 5 + random() * 9;
      const last = leaves ? 5 + random() * 200 : random() * gap;
      for (let age = 230 + random() * 30; age > last; age -= gap * (0.5 + random())) {
        const at = now - age * DAY_MS;
        events.push({ customerId, name: 'Product Viewed', at: at - 3_600_000 });
        const total = Math.round((20 + random() * 60) * 100) / 100;
        events.push({ customerId, name: 'Order Completed', at, properties: { total } });
        if (random() < 0.2) events.push({ customerId, name: 'Cart Viewed', at: at - 1_800_000 });
        if (random() < 0.1) events.push({ customerId, name: 'Search Made', at: at - 7_200_000 });
        if (random() < 0.1) events.push({ customerId, name: 'Review Written', at: at + 7_200_000 });
      }
    }
    await this.events(events);
    return { ids, staying, leaving };
  }
}

export interface Shoppers {
  readonly ids: readonly string[];
  readonly staying: readonly string[];
  readonly leaving: readonly string[];
}

/** The same numbers every time. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}
