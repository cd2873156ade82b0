/** What `npm start` runs, on ports and data of its own; or, to compare with, its two servers alone. */
import { join } from 'node:path';
import { findTemporal } from '@throughline/scripts/find-temporal';
import { silentReporter } from '@throughline/scripts/progress';
import { startEmbeddedPostgres } from '@throughline/scripts/servers/postgres';
import { startTemporal } from '@throughline/scripts/servers/temporal';
import { runCohort } from '@throughline/scripts/shop/run-cohort';
import { openShop } from '@throughline/scripts/shop/shop';
import { serveParent, type ChildRole } from './lab/child.js';
import { basicAuthorization } from './load/http-request.js';

const [, , what = '', dataDir = ''] = process.argv;
// A server that the person has elsewhere is not what is measured.
for (const name of ['DATABASE_URL', 'TEMPORAL_ADDRESS']) Reflect.deleteProperty(process.env, name);

await serveParent(() => (what === 'shop' ? shop() : servers()));

async function shop(): Promise<ChildRole> {
  const opened = await openShop({ dataDir, report: silentReporter });
  const { stack, keys, catcher, api, hour } = opened;
  const status = await firstEvent(stack.api.url, keys.writeKey);
  const { postgres, temporalServer } = stack;
  return {
    ready: {
      status,
      pids: [
        postgres.kind === 'embedded' ? postgres.pid() : 0,
        temporalServer?.pid() ?? 0,
        stack.api.pid(),
        stack.worker.pid(),
      ].filter((pid) => pid > 0),
    },
    answer: () =>
      runCohort({
        api,
        apiUrl: stack.api.url,
        writeKey: keys.writeKey,
        catcher,
        hour,
        say: () => undefined,
      }),
    end: async () => {
      await opened.stop();
      if (postgres.kind === 'embedded') await postgres.destroy();
    },
  };
}

async function firstEvent(apiUrl: string, writeKey: string): Promise<number> {
  const response = await fetch(`${apiUrl}/v1/track`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: basicAuthorization(writeKey) },
    body: JSON.stringify({ userId: 'first', event: 'First Event' }),
    signal: AbortSignal.timeout(10_000),
  });
  await response.arrayBuffer();
  return response.status;
}

async function servers(): Promise<ChildRole> {
  const postgres = await startEmbeddedPostgres({
    dataDir: join(dataDir, 'postgres'),
    logFile: join(dataDir, 'logs', 'postgres.log'),
  });
  const found = await findTemporal({ report: silentReporter });
  if (found.kind !== 'binary') throw new TypeError('a server elsewhere cannot be measured');
  const temporal = await startTemporal({
    binary: found.path,
    dataDir: join(dataDir, 'temporal'),
    logFile: join(dataDir, 'logs', 'temporal.log'),
  });
  return {
    ready: { status: 200, pids: [postgres.pid(), temporal.pid()] },
    end: async () => {
      await temporal.stop();
      await postgres.destroy();
    },
  };
}
