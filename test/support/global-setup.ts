/**
 * Starts PostgreSQL and Temporal once for the whole run. Jest loads this file as CommonJS, which
 * cannot read the rooms' sources; so the work is done by a child (`servers.ts`) that can.
 * A server that cannot be had fails the run: no test is skipped for want of one.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

export default async function globalSetup(config: { readonly rootDir: string }): Promise<void> {
  const child = spawn(
    process.execPath,
    [
      '--conditions=throughline-source',
      ...['--import', '@swc-node/register/esm-register', 'test/support/servers.ts'],
    ],
    {
      cwd: config.rootDir,
      stdio: ['pipe', 'pipe', 'inherit'],
      env: withoutJestOptions(process.env),
    },
  );
  const answer: unknown = JSON.parse(await firstLine(child));
  // The teardown is loaded separately and shares nothing with this file but the environment.
  const pid = { TL_TEST_SERVERS_PID: String(child.pid) };
  Object.assign(process.env, environmentIn(answer), pid);
}

/** The child is no test: Jest's own flags would reach it through NODE_OPTIONS. */
function withoutJestOptions(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => name !== 'NODE_OPTIONS'));
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      reject(new Error(`the test servers' process ended with ${String(code)} and said nothing`));
    });
    if (child.stdout !== null) createInterface(child.stdout).once('line', resolve);
  });
}

function environmentIn(answer: unknown): Record<string, unknown> {
  if (typeof answer === 'object' && answer !== null) {
    if ('env' in answer && typeof answer.env === 'object' && answer.env !== null) {
      return { ...answer.env };
    }
    if ('reason' in answer) throw new Error(`The tests need servers.\n${String(answer.reason)}`);
  }
  throw new Error("the test servers' process said something that was not expected");
}
