/** `npm run demo`: one cohort on ports and data of its own, then everything stops; the last line is the account as JSON. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isProgram, runCommand } from './main.js';
import { VAR_DIR } from './paths.js';
import { terminalReporter } from './progress.js';
import { runCohort } from './shop/run-cohort.js';
import { postgresDataDirs } from './servers/postgres-place.js';
import { openShop } from './shop/shop.js';

export async function demo(): Promise<number> {
  const dataDir = join(VAR_DIR, `demo-${process.pid}`);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      stop.abort();
    });
  const say = (line: string): void => {
    process.stdout.write(`${line}\n`);
  };
  try {
    const shop = await openShop({ dataDir, report: terminalReporter() });
    try {
      const { api, stack, keys, catcher, hour } = shop;
      const account = await runCohort({
        api,
        apiUrl: stack.api.url,
        writeKey: keys.writeKey,
        catcher,
        hour,
        say,
        signal: stop.signal,
      });
      await shop.stop();
      say(JSON.stringify(account));
      return account.lost === 0 && account.duplicates === 0 && !stop.signal.aborted ? 0 : 1;
    } finally {
      await shop.stop();
    }
  } finally {
    for (const folder of [dataDir, ...postgresDataDirs(join(dataDir, 'postgres'))]) {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

if (isProgram(import.meta.url)) await runCommand(() => demo());
