/**
 * Rung: the download that Temporal's own SDK performs for its tests. It has no time limit of its
 * own, so it runs in a process that can be ended, and the growing file shows whether it lives.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { REPO_ROOT } from '../paths.js';
import { runToEnd } from '../process.js';
import { storeInCache, withWorkFolder } from './cache.js';
import { notFound, type LadderContext, type RungOutcome } from './ladder.js';
import { watchFolder } from './watch.js';

const TASK = 'Downloading Temporal through its SDK';

/** Starts the downloaded server once and stops it: the SDK offers no bare download. */
const SCRIPT = `
  import { TestWorkflowEnvironment } from '@temporalio/testing';
  import { Runtime, DefaultLogger } from '@temporalio/worker';
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  try {
    const environment = await TestWorkflowEnvironment.createLocal({
      server: { executable: { type: 'cached-download', downloadDir: process.argv[1], ttl: '365d' } },
    });
    await environment.teardown();
  } catch (error) {
    console.error('REASON ' + String(error?.message ?? error).split('\\n')[0]);
    process.exit(1);
  }
`;

export function downloadThroughSdk(context: LadderContext): Promise<RungOutcome> {
  return withWorkFolder(context, TASK, async (folder) => {
    const result = await runToEnd({
      command: process.execPath,
      args: ['--input-type=module', '--eval', SCRIPT, folder],
      cwd: REPO_ROOT,
      env: context.env,
      timeoutMs: 15 * 60_000,
      watch: watchFolder({
        task: TASK,
        folder,
        report: context.report,
        firstByteMs: context.connectLimitMs + SDK_LOAD_MS,
        stallMs: 60_000,
      }),
    });
    const downloaded = await findDownload(folder);
    if (downloaded !== undefined)
      return storeInCache(context, { path: downloaded, how: 'downloaded by the SDK' });
    return notFound(result.kind === 'ended' ? reasonIn(result.stderr) : result.reason);
  });
}

/** Loading the SDK in a new process takes a moment before it can connect at all. */
const SDK_LOAD_MS = 3_000;

/** A finished download carries no `.downloading` ending. */
async function findDownload(folder: string): Promise<string | undefined> {
  const names = await readdir(folder);
  const name = names.find((each) => each.startsWith('temporal-') && !each.endsWith('.downloading'));
  return name === undefined ? undefined : join(folder, name);
}

function reasonIn(stderr: string): string {
  const line = stderr.split('\n').find((each) => each.startsWith('REASON '));
  const reason = line?.slice('REASON '.length).replaceAll(/ for url \([^)]*\)/g, '');
  return reason ?? (stderr.trim().split('\n').at(-1) || 'no reason was given');
}
