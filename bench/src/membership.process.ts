/**
 * Sends what changes memberships, at a steady rate, and sees them change from a connection of its own: one process, so that one
 * clock times both ends. It looks every few milliseconds; what it sees late counts against whoever is looked at.
 */
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { numberIn, serveParent, textIn } from './lab/child.js';
import { openEventSender, PERSON } from './load/event-sender.js';
import { sendAtRate, type ActionReport, type Arrival } from './load/send-at-rate.js';

const LOOK_MS = 2;

await serveParent(async () => {
  const [, , url = ''] = process.argv;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return {
    answer: (order) => answer(order, client),
    end: () => client.end(),
  };
});

async function answer(order: unknown, client: pg.Client): Promise<ActionReport> {
  const run = textIn(order, 'run');
  const sender = await openEventSender({
    port: numberIn(order, 'port'),
    authorization: textIn(order, 'authorization'),
    event: textIn(order, 'event'),
    dueAt: null,
  });
  const watch = await startWatch(client, lookOf(order), run);
  try {
    const ids = Array.from({ length: numberIn(order, 'count') }, (_, i) => `${run}-${i}`);
    const { send } = sender;
    const { arrivals } = watch;
    return await sendAtRate(ids, { send, arrivals, rate: numberIn(order, 'rate'), waits: true });
  } finally {
    await watch.stop();
    sender.close();
  }
}

interface Look {
  /** answers `place` and `who`, from the place $1 on, lowest first */
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Changes are committed in the order of their positions; members of one position may be of several transactions. */
function lookOf(order: unknown): Look {
  if (textIn(order, 'of') === 'bare')
    return {
      text: 'select n::float8 as place, customer_key as who from bare_member where n >= $1 order by n',
      values: [],
    };
  return {
    text: `select c.position::float8 as place, i.value as who
             from segment_membership_change c
             join identifier i on i.workspace_id = c.workspace_id and i.customer_id = c.customer_id and i.type = 'user_id'
            where c.position >= $1 and c.workspace_id = $2 and c.segment_key = $3 and c.change = $4
            order by c.position, c.ordinal`,
    values: [textIn(order, 'workspaceId'), textIn(order, 'segment'), textIn(order, 'change')],
  };
}

interface Watch {
  readonly arrivals: ReadonlyMap<string, Arrival>;
  stop(): Promise<void>;
}

/** Only people of this run: those of earlier ones may be seen again. */
async function startWatch(client: pg.Client, { text, values }: Look, run: string): Promise<Watch> {
  const arrivals = new Map<string, Arrival>();
  const abort = new AbortController();
  const head = `${PERSON}${run}-`;
  let place = 0;
  let seen = new Set<string>();
  const look = async (): Promise<void> => {
    const { rows } = await client.query<{ place: number; who: string }>({
      text,
      values: [place, ...values],
      name: text.slice(0, 40),
    });
    const at = performance.now();
    for (const row of rows) {
      if (row.place > place) seen = new Set();
      place = row.place;
      if (seen.has(row.who)) continue;
      seen.add(row.who);
      if (!row.who.startsWith(head)) continue;
      const id = row.who.slice(PERSON.length);
      const before = arrivals.get(id);
      arrivals.set(id, { at: before?.at ?? at, times: (before?.times ?? 0) + 1 });
    }
  };
  await look();
  const running = (async () => {
    while (!abort.signal.aborted) {
      await look();
      await delay(LOOK_MS);
    }
  })();
  return {
    arrivals,
    stop: async () => {
      abort.abort();
      await running;
    },
  };
}
