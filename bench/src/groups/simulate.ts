/** A journey run over thirty days of everybody's history, from the request to the last page; counted by hand in SQL as well. */
import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '@throughline/scripts/failure';
import { allOf, equal, makeFigure, type Figure, type Oracle } from '../figures.js';
import { numberIn, textIn } from '../lab/child.js';
import { count, openWorkspace, type Workspace } from '../lab/lab.js';
import { levelled } from '../lab/lane-watch.js';
import { FORECAST_JOURNEY, putSink } from '../load/journey-definitions.js';
import { putLane, putPeople } from '../load/people.js';
import { roundTeller, type GroupContext } from './group.js';

const DAYS = 30;
const DONE_LIMIT_MS = 1_200_000;
const LOOK_MS = 50;
/** Nothing is sent: the address is never called. */
const NO_PORT = 9;

export async function simulate(context: GroupContext): Promise<Figure[]> {
  const { lab, plan, report } = context;
  const people = plan.sizes.simulated;
  const workspace = await openWorkspace(lab, 'simulate');
  const { workspaceId } = workspace;
  await putSink(workspace, NO_PORT);
  await workspace.api.put(`/api/v1/journeys/${FORECAST_JOURNEY.key}`, FORECAST_JOURNEY);
  await levelled(lab, workspaceId);
  const client = await lab.admin.connect();
  try {
    const order = { workspaceId, people, now: Date.now(), days: DAYS, lived: true };
    await putPeople(client, order);
    await putLane(client, order);
  } finally {
    client.release();
  }
  const tell = roundTeller(report, 'simulate', plan.rounds);
  const runs: Run[] = [];
  for (let round = 0; round < plan.rounds; round += 1) {
    tell(round);
    runs.push(await run(workspace, people));
  }
  return [
    makeFigure({
      name: 'simulate.rate',
      unit: 's',
      rounds: runs.map(({ seconds }) => ({ product: seconds, limit: null })),
      goal: { max: 30 },
      oracle: allOf(...(await oraclesOf(context, workspaceId, runs))),
      dev: lab.dev,
    }),
  ];
}

interface Run {
  readonly seconds: number;
  readonly state: string;
  readonly looked: number;
  readonly entered: number;
  readonly sent: number;
}

async function run({ api }: Workspace, people: number): Promise<Run> {
  const path = `/api/v1/journeys/${FORECAST_JOURNEY.key}`;
  const begin = performance.now();
  const { id } = await api.post(`${path}/simulate`, { days: DAYS, maxCustomers: people });
  for (;;) {
    const answer = await api.get(`${path}/simulations/${String(id)}`);
    const state = textIn(answer, 'state');
    const seconds = (performance.now() - begin) / 1_000;
    if (state === 'done' || state === 'failed')
      return {
        seconds,
        state,
        looked: numberIn(answer['people'], 'done'),
        entered: numberIn(answer, 'entered'),
        sent: numberIn(answer, 'sent'),
      };
    if (seconds * 1_000 > DONE_LIMIT_MS) throw notDone(state);
    await delay(LOOK_MS);
  }
}

function notDone(state: string): Failure {
  return new Failure({
    code: 'not_ready',
    sentence: `The simulation is still ${state}.`,
    command: 'npm run bench -- simulate --quick',
  });
}

/** Whoever views enters, once; whoever then orders within two days is sent nothing. */
const FIRST_VIEWS = `
  select customer_id, min(clock) as at from event where workspace_id = $1 and name = 'Viewed' group by 1`;

async function oraclesOf(
  { lab, plan }: GroupContext,
  workspaceId: string,
  runs: readonly Run[],
): Promise<Oracle[]> {
  const entered = await count(lab, `select count(*) as n from (${FIRST_VIEWS}) v`, [workspaceId]);
  const sent = await count(
    lab,
    `select count(*) as n from (${FIRST_VIEWS}) v, lane l
      where l.workspace_id = $1 and v.at + interval '2 days' <= l.clock
        and not exists (select from event o where o.workspace_id = $1 and o.customer_id = v.customer_id
                           and o.name = 'Ordered' and o.clock > v.at and o.clock <= v.at + interval '2 days')`,
    [workspaceId],
  );
  return runs.flatMap((each) => [
    { held: each.state === 'done', says: each.state },
    equal('people', each.looked, plan.sizes.simulated),
    equal('entered', each.entered, entered),
    equal('sent', each.sent, sent),
  ]);
}
