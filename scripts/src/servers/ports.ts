/** Chooses ports, and says in one sentence who sits on a port that a person asked for. */
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { codeOf, Failure } from '../failure.js';
import { commandLine } from '../process-tree.js';

export const HOST = '127.0.0.1';

export interface PortWish {
  /** The port that was asked for; 0 or nothing means any free one. */
  readonly port?: number;
  /** What it is for, as a person would say it: "the API". */
  readonly what: string;
  /** The option that changes it: "--api-port". */
  readonly flag: string;
}

/** A free port: the wished one, or a clear refusal; any one when there is no wish. */
export async function choosePort(wish: PortWish): Promise<number> {
  if (wish.port === undefined || wish.port === 0) return freePort();
  if (await isFree(wish.port)) return wish.port;
  const holder = portHolder(wish.port);
  const suffix = holder === undefined ? '' : ` (process ${holder.pid}: ${holder.command})`;
  throw new Failure({
    code: 'port_busy',
    sentence: `Port ${wish.port} for ${wish.what} is in use${suffix}.`,
    command: `npm start -- ${wish.flag} ${wish.port + 1}`,
  });
}

/** Several at once, all different: a port that was handed out stays taken until all are chosen. */
export async function freePorts(count: number): Promise<number[]> {
  const holds = await Promise.all(Array.from({ length: count }, () => hold(0)));
  const ports = holds.map((each) => each.port);
  await Promise.all(holds.map((each) => each.release()));
  return ports;
}

export async function freePort(): Promise<number> {
  const held = await hold(0);
  await held.release();
  return held.port;
}

export async function isFree(port: number): Promise<boolean> {
  try {
    const held = await hold(port);
    await held.release();
    return true;
  } catch (error) {
    if (codeOf(error) === 'EADDRINUSE') return false;
    throw error;
  }
}

export interface PortHolder {
  readonly pid: number;
  readonly command: string;
}

/** Who listens there, as far as the system's own tools tell; nothing when they do not. */
export function portHolder(port: number): PortHolder | undefined {
  const pid = pidFromLsof(port) ?? pidFromSs(port);
  if (pid === undefined) return undefined;
  const command = commandLine(pid) ?? 'its command line is hidden';
  return { pid, command: command.length > 80 ? `${command.slice(0, 79)}…` : command };
}

function pidFromLsof(port: number): number | undefined {
  const args = ['-nP', '-t', `-iTCP:${port}`, '-sTCP:LISTEN'];
  return firstNumber(
    /^(\d+)/,
    spawnSync('lsof', args, { encoding: 'utf8', timeout: 3_000 }).stdout,
  );
}

function pidFromSs(port: number): number | undefined {
  const args = ['-ltnpH', `sport = :${port}`];
  return firstNumber(
    /pid=(\d+)/,
    spawnSync('ss', args, { encoding: 'utf8', timeout: 3_000 }).stdout,
  );
}

/** The output is missing when the tool is. */
function firstNumber(pattern: RegExp, output: string | null): number | undefined {
  const match = pattern.exec(output ?? '');
  return match === null ? undefined : Number(match[1]);
}

interface Held {
  readonly port: number;
  readonly release: () => Promise<void>;
}

function hold(port: number): Promise<Held> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: HOST, exclusive: true }, () => {
      const address = server.address();
      const held = typeof address === 'object' && address !== null ? address.port : port;
      const release = (): Promise<void> =>
        new Promise((done) => {
          server.close(() => {
            done();
          });
        });
      resolve({ port: held, release });
    });
  });
}
