/** The listener's half of the limit of an event that changes a segment: a batch of inputs becomes customers and members. */
import type pg from 'pg';
import { saidIn, UPSERT_CUSTOMERS } from './bare-customers.js';

const BODIES_A_BATCH = 1_000;

const UPSERT_MEMBERS = `
  insert into bare_member (customer_key) select distinct key from json_array_elements_text($1::json) as r(key)
  on conflict do nothing`;

export const BARE_MEMBERS = `
  create table bare_input (id bigint generated always as identity primary key, body text not null);
  create table bare_member (customer_key text primary key, n bigint generated always as identity);
  create index bare_member_n on bare_member (n);`;

/** Works off `bare_input` whenever its channel rings; rings that come meanwhile are one. */
export class BareFollower {
  idle: Promise<void> = Promise.resolve();
  private cursor = 0;
  private rung = false;

  constructor(
    private readonly client: pg.Client,
    private readonly options: {
      readonly channel: string;
      /** the event that makes a member */
      readonly probe: string;
    },
  ) {}

  async listen(): Promise<void> {
    this.client.on('notification', () => {
      if (this.rung) return;
      this.rung = true;
      this.idle = this.idle.then(() => this.drain());
    });
    await this.client.query(`listen ${this.options.channel}`);
  }

  private async drain(): Promise<void> {
    this.rung = false;
    while ((await this.applyNext()) > 0);
  }

  private async applyNext(): Promise<number> {
    const { rows } = await this.client.query<{ id: string; body: string }>({
      name: 'next',
      text: `select id, body from bare_input where id > $1 order by id limit ${BODIES_A_BATCH}`,
      values: [this.cursor],
    });
    const last = rows.at(-1);
    if (last === undefined) return 0;
    const { customers, events } = saidIn(rows.map(({ body }) => body));
    const members = events.flatMap(([key, name]) => (name === this.options.probe ? [key] : []));
    await this.client.query('begin');
    await this.client.query({
      name: 'customers',
      text: UPSERT_CUSTOMERS,
      values: [JSON.stringify(customers)],
    });
    await this.client.query({
      name: 'members',
      text: UPSERT_MEMBERS,
      values: [JSON.stringify(members)],
    });
    await this.client.query('commit');
    this.cursor = Number(last.id);
    return rows.length;
  }
}
