/** The load generator: the same program sends the same bodies to the product and to what it is compared with. */
import { field, numberIn, serveParent, textIn } from './lab/child.js';
import {
  PooledSource,
  ReadSource,
  StandardSource,
  type RequestSource,
} from './load/http-request.js';
import { closedLoop, Gate, openLoop, type LoadResult } from './load/loops.js';
import { StandardLoad } from './load/standard-load.js';

const POOLED_EVENTS = 6_400;

await serveParent(() => {
  let gate = new Gate();
  return Promise.resolve({
    answer: (question) => {
      gate = new Gate();
      return run(question, gate);
    },
    hear: (word) => {
      if (word === 'wait') gate.shut();
      else if (word === 'end') gate.end();
      else gate.release();
    },
  });
});

async function run(order: unknown, gate: Gate): Promise<LoadResult & { cpuSeconds: number }> {
  const options = {
    port: numberIn(order, 'port'),
    source: sourceOf(order),
    connections: numberIn(order, 'connections'),
    seconds: numberIn(order, 'seconds'),
    warmSeconds: numberIn(order, 'warmSeconds'),
  };
  const rate = field(order, 'rate');
  const before = process.cpuUsage();
  const result =
    typeof rate === 'number'
      ? await openLoop({ ...options, rate }, gate)
      : await closedLoop(options, gate);
  const { user, system } = process.cpuUsage(before);
  return { ...result, cpuSeconds: (user + system) / 1e6 };
}

function sourceOf(order: unknown): RequestSource {
  const nowMs = (): number => Date.now();
  const authorization = textIn(order, 'authorization');
  const seed = numberIn(order, 'seed');
  const batch = numberIn(order, 'batch');
  const paths = field(order, 'paths');
  if (Array.isArray(paths))
    return new ReadSource({ authorization, seed, paths: paths.map(String) });
  if (textIn(order, 'bodies') === 'pooled') {
    const bodies = Math.ceil(POOLED_EVENTS / batch);
    return new PooledSource({ authorization, seed, batch, bodies, nowMs });
  }
  const load = new StandardLoad({ seed, nowMs, triggersBefore: numberIn(order, 'triggersBefore') });
  return new StandardSource(load, { authorization, batch });
}
