/** `npm run test:deep [-- --quick]`: the properties with many more runs than `npm test` gives them, on servers of their own. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { isProgram, runCommand } from './main.js';
import { REPO_ROOT } from './paths.js';

/** Random logs and journeys on real servers cost a second each; pure ones are free. */
const DEPTHS = {
  quick: { TL_PROPERTY_RUNS: '30', TL_FAST_CHECK_RUNS: '300' },
  full: { TL_PROPERTY_RUNS: '300', TL_FAST_CHECK_RUNS: '5000' },
} as const;

const SUITES = ['lane-properties', 'hosts-agree', 'propert', 'domain/src'];

export async function deep(args: readonly string[]): Promise<number> {
  const depth = DEPTHS[args.includes('--quick') ? 'quick' : 'full'];
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const child = spawn(
    process.execPath,
    [
      ...flags,
      join(REPO_ROOT, 'node_modules', 'jest', 'bin', 'jest.js'),
      '--maxWorkers=2',
      '--reporters=<rootDir>/test/support/reporter.mjs',
      '--testTimeout=3600000',
      ...SUITES,
    ],
    {
      cwd: REPO_ROOT,
      stdio: 'inherit',
      env: { ...process.env, ...depth, NODE_OPTIONS: flags.join(' ') },
    },
  );
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      resolve(code ?? 1);
    });
  });
}

if (isProgram(import.meta.url)) await runCommand(() => deep(process.argv.slice(2)));
