/**
 * The first thing that every command runs: installs and builds what is missing or out of date, then
 * hands over. Plain JavaScript and Node's own modules only, since nothing is installed yet.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
  closeSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { clearInterval, setInterval } from 'node:timers';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const OLDEST_NODE = [20, 19];
const INSTALL_MARKER = join(ROOT, 'node_modules', '.throughline-lock');
const BUILD_MARKER = join(ROOT, 'var', 'build.sha256');
const LOCK = join(ROOT, 'var', 'bootstrap.lock');

/** Where a command's program is, and whether it runs from the build or from its source. */
const COMMANDS = {
  start: { built: 'scripts/dist/start.js' },
  demo: { built: 'scripts/dist/demo.js' },
  faults: { built: 'scripts/dist/faults.js' },
  deep: { built: 'scripts/dist/deep.js' },
  bench: { built: 'bench/dist/main.js' },
  conformance: { built: 'scripts/dist/conformance.js' },
  cli: { built: 'apps/cli/dist/main.js' },
  'new-connector': { source: 'scripts/src/new-connector.ts' },
  test: { source: 'scripts/src/test.ts' },
  check: { source: 'scripts/src/test.ts', args: ['--gates-only'] },
  browser: { source: 'scripts/src/test.ts', args: ['--browser'] },
  build: {},
};

/** What has to be there after a build; a cleaned clone has the marker but not these. */
const BUILT_FILES = [
  'scripts/dist',
  'apps/api/dist',
  'apps/worker/dist',
  'workflows/dist/bundle.js',
];

class Stop extends Error {
  constructor(sentence, command, details = []) {
    super([...details, sentence, `Try: ${command}`].join('\n'));
  }
}

async function main([name = '', ...args]) {
  refuseOldNode();
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    throw new Stop(`There is no command "${name}".`, 'npm start', [
      `Commands: ${Object.keys(COMMANDS).join(', ')}.`,
    ]);
  }
  process.chdir(ROOT);
  await alone(async () => {
    await ensureInstalled();
    if (command.source === undefined) await ensureBuilt();
  });
  if (command.built !== undefined) return hand(command.built, args);
  if (command.source !== undefined)
    return runSource(command.source, [...(command.args ?? []), ...args]);
}

function refuseOldNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new Stop(
    `Throughline needs Node.js ${oldestMajor}.${oldestMinor} or newer, and this is ${process.versions.node} (tried: 20.20 and 24 on Linux x64).`,
    'nvm install 24 && npm start',
  );
}

/** Two commands in one clone must not install or build at the same moment. */
async function alone(work) {
  mkdirSync(dirname(LOCK), { recursive: true });
  for (let told = false; !takeLock(); told = true) {
    if (!told) say('Another command is installing or building here; waiting for it …');
    await delay(300);
  }
  const free = () => rmSync(LOCK, { force: true });
  process.once('exit', free);
  try {
    await work();
  } finally {
    free();
    process.off('exit', free);
  }
}

function takeLock() {
  try {
    const file = openSync(LOCK, 'wx');
    writeSync(file, String(process.pid));
    closeSync(file);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (isAlive(Number(readOr(LOCK, '0')))) return false;
    rmSync(LOCK, { force: true });
    return false;
  }
}

/** An empty lock file is one that its maker is just writing. */
function isAlive(pid) {
  if (pid === 0) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

async function ensureInstalled() {
  const wanted = sha256(readFileSync(join(ROOT, 'package-lock.json')));
  if (readOr(INSTALL_MARKER, '') === wanted) return;
  const install = new Npm(['ci', '--include=dev', '--loglevel=http', '--fetch-retries=1']);
  const fetched = new Set();
  const result = await install.run({
    task: 'Installing packages',
    detail: (line) => {
      const url = /^npm http fetch GET 200 (\S+)/.exec(line)?.[1];
      if (url !== undefined) fetched.add(url);
      return `${fetched.size} fetched`;
    },
    // A first answer may take ten seconds; npm itself needs a few to get there.
    firstSignMs: 20_000,
    sign: () => fetched.size > 0 || entriesIn('node_modules') > 3,
  });
  if (result.reason !== undefined) {
    throw new Stop(`The packages could not be installed: ${result.reason}.`, 'npm ci', result.said);
  }
  mkdirSync(dirname(INSTALL_MARKER), { recursive: true });
  writeFileSync(INSTALL_MARKER, wanted);
}

async function ensureBuilt() {
  const wanted = sourcesHash();
  const isThere = BUILT_FILES.every((path) => existsSync(join(ROOT, path)));
  if (isThere && readOr(BUILD_MARKER, '') === wanted) return;
  rmSync(BUILD_MARKER, { force: true });
  const build = new Npm(['run', 'build']);
  const result = await build.run({
    task: 'Building',
    detail: () => '',
    firstSignMs: Infinity,
    sign: () => true,
  });
  if (result.reason !== undefined) {
    throw new Stop(`The build failed: ${result.reason}.`, 'npm run build', result.said);
  }
  writeFileSync(BUILD_MARKER, wanted);
}

/** Every file that a build reads: sources, manifests, compiler settings. Tests are not among them. */
function sourcesHash() {
  const hash = createHash('sha256');
  const rooms = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).workspaces;
  const roots = rooms.map((room) => join(ROOT, room));
  const settings = [ROOT, ...roots].flatMap((folder) =>
    readdirSync(folder)
      .filter((file) => /^(package(-lock)?|tsconfig.*|nest-cli)\.json$/.test(file))
      .map((file) => join(folder, file)),
  );
  const sources = roots.flatMap((folder) => filesBelow(join(folder, 'src')));
  for (const file of [...settings, ...sources].sort()) {
    hash
      .update(`${relative(ROOT, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  return hash.digest('hex');
}

function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(path);
    return entry.name.endsWith('.spec.ts') ? [] : [path];
  });
}

/** npm as a child whose words are kept: shown as one moving line, and in full only when it fails. */
class Npm {
  constructor(args) {
    this.args = args;
    this.lines = [];
  }

  run({ task, detail, firstSignMs, sign }) {
    const startedAt = performance.now();
    const program = process.env.npm_execpath;
    const isScript = program !== undefined && /\.c?js$/.test(program);
    const child = isScript
      ? spawn(process.execPath, [program, ...this.args], {
          cwd: ROOT,
          stdio: ['ignore', 'pipe', 'pipe'],
        })
      : spawn('npm', this.args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    let latest = '';
    const line = new MovingLine(task);
    const listen = (text) => {
      this.lines.push(text);
      latest = detail(text);
    };
    forEachLine(child.stdout, listen);
    forEachLine(child.stderr, listen);
    let cut;
    const tick = setInterval(() => {
      line.show(latest);
      if (sign() || performance.now() - startedAt < firstSignMs) return;
      cut = `nobody answered within ${firstSignMs / 1000} s`;
      child.kill();
    }, 250);
    return new Promise((resolve) => {
      const finish = (reason) => {
        clearInterval(tick);
        line.end(reason === undefined ? 'done' : 'failed');
        resolve({ reason: cut ?? reason, said: this.said() });
      };
      child.once('error', (error) => finish(error.message));
      child.once('close', (code) => finish(code === 0 ? undefined : `npm ended with ${code}`));
    });
  }

  /** npm says what is wrong first and how to use it at length; a compiler says the last word last. */
  said() {
    const lines = this.lines.filter((line) => line.trim() !== '' && !/^npm (http|warn)/.test(line));
    return this.args[0] === 'ci' ? lines.slice(0, 10) : lines.slice(-25);
  }
}

/** One line that moves on a terminal; elsewhere a plain line every five seconds. */
class MovingLine {
  constructor(task) {
    this.task = task;
    this.startedAt = performance.now();
    this.plainAt = this.startedAt;
    say(`${task} …`);
  }

  show(detail) {
    const now = performance.now();
    const text = `${this.task} … ${detail === '' ? '' : `${detail}, `}${seconds(now - this.startedAt)}`;
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${text}`);
    else if (now - this.plainAt >= 5_000) {
      this.plainAt = now;
      say(text);
    }
  }

  end(outcome) {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[2K');
    say(`${this.task}: ${outcome} (${seconds(performance.now() - this.startedAt)})`);
  }
}

function forEachLine(stream, listen) {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk) => {
    const lines = (rest + chunk).split(/\r?\n/);
    rest = lines.pop();
    lines.forEach(listen);
  });
  stream.on('end', () => {
    if (rest !== '') listen(rest);
  });
}

/** In this very process: signals and the exit code need no passing on. */
async function hand(built, args) {
  const path = join(ROOT, built);
  if (!existsSync(path)) throw new Stop(`${built} is not there.`, 'npm run build && npm start');
  process.argv = [process.execPath, path, ...args];
  await import(pathToFileURL(path).href);
}

/** From the source, for what must work although the build does not. */
function runSource(source, args) {
  const flags = ['--conditions=throughline-source', '--import', '@swc-node/register/esm-register'];
  const child = spawn(process.execPath, [...flags, join(ROOT, source), ...args], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  // The terminal tells the child too; going first would leave it without its parent.
  process.on('SIGINT', () => undefined);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 143);
      resolve();
    });
  });
}

function readOr(path, otherwise) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}

function entriesIn(folder) {
  try {
    return readdirSync(join(ROOT, folder)).length;
  } catch {
    return 0;
  }
}

function sha256(content) {
  return createHash('sha256').update(content).digest('hex');
}

function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(0)} s`;
}

function say(text) {
  process.stderr.write(`${text}\n`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  say(error instanceof Stop ? error.message : String(error.stack));
  process.exitCode = 1;
}
