/** `npm start`: everything on this machine, a cohort of shoppers, and then it stays until Ctrl-C. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand, isProgram } from './main.js';
import { VAR_DIR } from './paths.js';
import { terminalReporter } from './progress.js';
import { holdLock } from './single.js';
import { renderCurl } from './shop/render.js';
import { runCohort } from './shop/run-cohort.js';
import { openShop, type Shop } from './shop/shop.js';
import { postgresDataDirs } from './servers/postgres-place.js';
import { readStartOptions } from './start-options.js';

const DATA_DIR = join(VAR_DIR, 'start');

export async function start(args: readonly string[]): Promise<number> {
  const { reset, ports } = readStartOptions(args);
  const release = await holdLock(join(VAR_DIR, 'start.lock'), 'npm start');
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => {
      stop.abort();
    });
  try {
    if (reset) await forget();
    const shop = await openShop({ dataDir: DATA_DIR, report: terminalReporter(), ports });
    try {
      await serve(shop, stop.signal);
    } finally {
      say('Stopping what was started …');
      await shop.stop();
    }
    return 0;
  } finally {
    await release();
  }
}

/** Databases may lie elsewhere: PostgreSQL refuses a folder that its user cannot reach. */
async function forget(): Promise<void> {
  for (const folder of [DATA_DIR, ...postgresDataDirs(join(DATA_DIR, 'postgres'))]) {
    await rm(folder, { recursive: true, force: true });
  }
}

async function serve(shop: Shop, signal: AbortSignal): Promise<void> {
  const { stack, catcher, keys, api, hour } = shop;
  say('');
  say(addresses(shop));
  say(
    `READY api=${stack.api.url} mail=${catcher.url} temporal-ui=${stack.temporal.uiUrl ?? 'yours'} temporal=${stack.temporal.address}`,
  );
  say('');
  if (signal.aborted) return;
  const account = await runCohort({
    api,
    apiUrl: stack.api.url,
    writeKey: keys.writeKey,
    catcher,
    hour,
    say,
    signal,
  });
  say('');
  say(JSON.stringify(account));
  say(
    '\nNow you: this puts a cart in, and ten seconds later there is a mail for you@example.com.\n',
  );
  say(renderCurl(stack.api.url, keys.writeKey));
  say(`\nThe management API takes this key: ${keys.apiKey}`);
  say(
    `${addresses(shop)}\nCtrl-C stops everything that was started here; waits go on at the next start.`,
  );
  await aborted(signal);
}

function addresses({ stack, catcher }: Shop): string {
  return [
    `  API           ${stack.api.url}`,
    `  mail          ${catcher.url}`,
    `  Temporal UI   ${stack.temporal.uiUrl === null ? 'your own server' : `${stack.temporal.uiUrl}/namespaces/${stack.temporal.namespace}/workflows`}`,
    `  logs          ${join(DATA_DIR, 'logs')}`,
  ].join('\n');
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Keeps the process up: nothing else here holds the event loop for certain. */
function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const beat = setInterval(() => undefined, 60_000);
    signal.addEventListener('abort', () => {
      clearInterval(beat);
      resolve();
    });
  });
}

if (isProgram(import.meta.url)) await runCommand(() => start(process.argv.slice(2)));
