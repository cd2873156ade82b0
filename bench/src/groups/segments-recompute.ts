/**
 * Everybody who meets a condition, out of the database as the product asks for them and as one would by hand: the same cursor,
 * the same pages, the same settings. What is compared is the statement that was made of the condition.
 */
import type pg from 'pg';
import { asReader, recomputeMembers } from '@throughline/store/segments';
import { allOf, makeFigure, type Figure, type Oracle } from '../figures.js';
import { openWorkspace } from '../lab/lab.js';
import { putMembers, putPeople } from '../load/people.js';
import { SHAPES, VIP, type Shape } from '../load/recompute-shapes.js';
import { inTurns, roundTeller, type GroupContext } from './group.js';

const DAYS = 120;
const PAGE = 10_000;
const PATIENCE_MS = 600_000;

interface Population {
  readonly client: pg.PoolClient;
  readonly workspaceId: string;
  readonly now: number;
}

export async function segmentsRecompute(context: GroupContext): Promise<Figure[]> {
  const { lab, plan, report } = context;
  const people = plan.sizes.customers;
  const { workspaceId } = await openWorkspace(lab, 'recompute');
  const task = `${people} customers with their events`;
  report({ kind: 'begin', task });
  const client = await lab.admin.connect();
  try {
    const now = Date.now();
    await putPeople(client, { workspaceId, people, now, days: DAYS });
    await putMembers(client, { workspaceId, people }, VIP);
    report({ kind: 'done', task, detail: 'laid out' });
    const figures: Figure[] = [];
    for (const shape of SHAPES)
      figures.push(await measure(context, { client, workspaceId, now }, shape));
    return figures;
  } finally {
    client.release();
  }
}

interface Answer {
  readonly seconds: number;
  readonly members: ReadonlySet<string>;
}

async function measure(
  { plan, report, lab }: GroupContext,
  population: Population,
  shape: Shape,
): Promise<Figure> {
  const name = `segments.recompute.${shape.name}`;
  // Once each for nothing: the first to read the pages pays for both.
  await compiled(population, shape);
  await byHand(population, shape);
  const results = await inTurns(plan.rounds, {
    product: () => compiled(population, shape),
    limit: () => byHand(population, shape),
    onRound: roundTeller(report, name, plan.rounds),
  });
  return makeFigure({
    name,
    unit: 's',
    rounds: results.map(({ product, limit }) => ({
      product: product.seconds,
      limit: limit.seconds,
    })),
    limitIs: `SQL by hand over ${plan.sizes.customers} customers`,
    goal: { ratioMax: 1.3, max: 15 },
    oracle: allOf(
      ...results.map(({ product, limit }) => sameMembers(product, limit, plan.sizes.customers)),
    ),
    dev: lab.dev,
  });
}

/** Neither nobody nor everybody: such a shape would prove nothing. */
function sameMembers(product: Answer, limit: Answer, people: number): Oracle {
  const { size } = product.members;
  const missing = [...limit.members].filter((id) => !product.members.has(id)).length;
  const held = missing === 0 && size === limit.members.size && size > 0 && size < people;
  return {
    held,
    says: `${size} members, by hand ${limit.members.size}, ${missing} of them missing`,
  };
}

function compiled(population: Population, { condition }: Shape): Promise<Answer> {
  const { workspaceId, now } = population;
  return timed(population, (client) => recomputeMembers(client, condition, { workspaceId, now }));
}

function byHand(population: Population, { byHand: text }: Shape): Promise<Answer> {
  const { workspaceId, now } = population;
  const values = text.includes('$2') ? [workspaceId, new Date(now)] : [workspaceId];
  return timed(population, async function* (client) {
    await client.query(`declare by_hand no scroll cursor for ${text}`, values);
    for (;;) {
      const { rows } = await client.query<{ customer_id: string }>(`fetch ${PAGE} from by_hand`);
      if (rows.length > 0) yield rows.map((row) => row.customer_id);
      if (rows.length < PAGE) return;
    }
  });
}

async function timed(
  { client }: Population,
  ask: (client: pg.PoolClient) => AsyncGenerator<readonly string[]>,
): Promise<Answer> {
  await client.query('begin');
  try {
    await asReader(client, { timeoutMs: PATIENCE_MS });
    const members = new Set<string>();
    const begin = performance.now();
    for await (const page of ask(client)) for (const id of page) members.add(id);
    return { seconds: (performance.now() - begin) / 1_000, members };
  } finally {
    await client.query('rollback');
  }
}
