/**
 * `npm run test:faults [-- --minutes N --kills N --seed N]`: kills worker, API, Temporal and PostgreSQL at random moments while
 * shoppers pass, takes runs away in Temporal, and counts. The last line is the count as JSON.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readFaultsOptions } from './faults/options.js';
import { promisesOf, recordPromises } from './faults/promises.js';
import {
  exitCodeOf,
  renderChecks,
  renderGoal,
  renderJson,
  renderKinds,
  renderTotals,
  type Outcome,
} from './faults/report.js';
import { runFaults } from './faults/run.js';
import { isProgram, runCommand } from './main.js';
import { VAR_DIR } from './paths.js';
import { terminalReporter } from './progress.js';

async function faults(args: readonly string[]): Promise<number> {
  const options = readFaultsOptions(args);
  const dataDir = join(VAR_DIR, `faults-${process.pid}`);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      stop.abort();
    });
  // Somebody's own servers must never be killed: this command starts its own.
  delete process.env['DATABASE_URL'];
  delete process.env['TEMPORAL_ADDRESS'];
  const { minutes, kills, shoppers, seed } = options;
  say(`seed ${seed}: ${shoppers} shoppers and ${kills} kills in ${minutes} minutes`);
  try {
    const outcome = await runFaults(options, {
      dataDir,
      report: terminalReporter(),
      say,
      signal: stop.signal,
    });
    tell(outcome, options.seed);
    recordPromises(process.env['TL_PROMISES_FILE'], promisesOf(outcome));
    const code = exitCodeOf(outcome);
    if (code === 0) await rm(dataDir, { recursive: true, force: true });
    else process.stderr.write(`The data and the logs are kept in ${dataDir}\n`);
    return code;
  } finally {
    if (stop.signal.aborted) await rm(dataDir, { recursive: true, force: true });
  }
}

function tell(outcome: Outcome, seed: number): void {
  const { killer, recoveries, interrupted, verdict } = outcome;
  say(`\n${renderKinds(outcome)}   (p50 / max)`);
  if (killer.gaveUp.length > 0) say(`gave up and were started again: ${killer.gaveUp.join(', ')}`);
  say(`unknown ${verdict.counts.unknown}, sends in flight at the kills ${verdict.counts.inFlight}`);
  say(`${renderGoal(recoveries, interrupted)}\n`);
  say(renderChecks(verdict.checks));
  say(`\nseed ${seed}`);
  say(renderTotals(verdict.checks));
  say(renderJson(outcome));
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

if (isProgram(import.meta.url)) await runCommand(() => faults(process.argv.slice(2)));
