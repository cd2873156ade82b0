/**
 * `npm test`: the gates, the build, then every test on servers of its own. `npm run check` is the
 * gates alone, `npm run test:browser` what needs a browser. Each step says how long it took; what a step printed is shown only when it failed.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { findCycleFaults, readImportGraph } from './check-cycles.js';
import { findSizeFaults, listSizedFiles, summariseSizes } from './check-sizes.js';
import { isProgram, runCommand } from './main.js';
import { REPO_ROOT } from './paths.js';
import { faultIn, runToEnd } from './process.js';
import { formatSeconds } from './progress.js';

export interface Step {
  readonly name: string;
  /** Nothing when it held, else what to show. */
  readonly run: () => Promise<string | undefined>;
}

/** Typed rules hold the types of all they look at: everything at once is more than the heap that Node gives itself. */
const ROOMS = ['domain', 'store', 'connectors', 'workflows', 'activities'] as const;

const GATES: readonly Step[] = [
  lint('lint rooms', ROOMS),
  lint('lint rest', ['.', ...ROOMS.flatMap((room) => ['--ignore-pattern', `${room}/**`])]),
  tool('types', ['tsc', '-p', 'tsconfig.json', '--noEmit']),
  tool('browser types', ['tsc', '-p', 'apps/snippet', '--noEmit']),
  tool('format', ['prettier', '--check', '.', '--log-level', 'warn']),
  tool('dead code', ['knip', '--no-progress']),
  { name: 'sizes', run: () => Promise.resolve(checkSizes()) },
  { name: 'cycles', run: () => Promise.resolve(checkCycles()) },
];

const BUILD: Step = {
  name: 'build',
  run: () => runStep(process.execPath, ['scripts/bootstrap.mjs', 'build']),
};

async function main(args: readonly string[]): Promise<number> {
  const startedAt = performance.now();
  if (args.includes('--browser')) return runTests(['-c', 'jest.browser.config.js']);
  const gatesOnly = args.includes('--gates-only');
  const failed = [...(await runSteps(GATES)), ...(gatesOnly ? [] : await runSteps([BUILD]))];
  const steps = GATES.length + (gatesOnly ? 0 : 1);
  if (failed.length > 0 || gatesOnly) {
    say(`\n${steps - failed.length} passed, ${failed.length} failed`);
    return failed.length === 0 ? 0 : 1;
  }
  say(`gates and build: ${formatSeconds(performance.now() - startedAt)}\n`);
  return runTests(args);
}

/** Two at a time: most of them use one core, and the slowest comes first. Returns those that failed. */
export async function runSteps(steps: readonly Step[], tell = say): Promise<string[]> {
  const waiting = [...steps];
  const failed: string[] = [];
  const work = async (): Promise<void> => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const startedAt = performance.now();
      const fault = await step.run();
      const elapsed = formatSeconds(performance.now() - startedAt).padStart(8);
      tell(`${fault === undefined ? '✓' : '✗'} ${step.name.padEnd(12)}${elapsed}`);
      if (fault === undefined) continue;
      failed.push(step.name);
      tell(fault);
    }
  };
  await Promise.all([work(), work()]);
  return failed;
}

function lint(name: string, what: readonly string[]): Step {
  const cache = join('var', `eslintcache-${name.replace(' ', '-')}`);
  const args = [...what, '--max-warnings', '0', '--cache', '--cache-location', cache];
  return tool(name, ['eslint', ...args]);
}

function tool(name: string, [program = '', ...args]: readonly string[]): Step {
  return { name, run: () => runStep(join(REPO_ROOT, 'node_modules', '.bin', program), args) };
}

async function runStep(command: string, args: readonly string[]): Promise<string | undefined> {
  const result = await runToEnd({ command, args, cwd: REPO_ROOT, timeoutMs: 15 * 60_000 });
  const fault = faultIn(result);
  if (fault === undefined) return undefined;
  return result.kind === 'not_started'
    ? fault
    : `${result.stdout}${result.stderr}`.trimEnd() || fault;
}

function checkSizes(): string | undefined {
  const files = listSizedFiles();
  const faults = findSizeFaults(files);
  return faults.length === 0 ? undefined : [...faults, summariseSizes(files)].join('\n');
}

function checkCycles(): string | undefined {
  const faults = findCycleFaults(readImportGraph());
  return faults.length === 0 ? undefined : faults.join('\n');
}

/** Jest as a child: it needs a flag that only a new process can have. Its reporter has the last word. */
async function runTests(args: readonly string[]): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-run-'));
  const jest = [
    join(REPO_ROOT, 'node_modules', 'jest', 'bin', 'jest.js'),
    `--maxWorkers=${Math.max(2, Math.floor(availableParallelism() / 2))}`,
    '--reporters=<rootDir>/test/support/reporter.mjs',
    ...args,
  ];
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const child = spawn(process.execPath, [...flags, ...jest], {
    cwd: REPO_ROOT,
    stdio: 'inherit',
    env: {
      ...process.env,
      NODE_OPTIONS: [process.env['NODE_OPTIONS'] ?? '', ...flags].join(' ').trim(),
      TL_PROMISES_FILE: join(folder, 'promises.ndjson'),
    },
  });
  const forward = (signal: NodeJS.Signals): void => {
    child.kill(signal);
  };
  process.once('SIGTERM', forward);
  // The terminal interrupts the child as well; we stay to clean up behind it.
  process.once('SIGINT', () => undefined);
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (exitCode) => {
      resolve(exitCode ?? 1);
    });
  });
  await rm(folder, { recursive: true, force: true });
  return code;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

if (isProgram(import.meta.url)) await runCommand(() => main(process.argv.slice(2)));
