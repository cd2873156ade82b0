/** Starts programs: long-lived ones with a log file of their own, short ones run to their end. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf } from './failure.js';
import { killTree, stopTree } from './process-tree.js';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Set when the program could not be started at all. */
  readonly error?: string;
}

export interface RunningProcess {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** The exit, once there is one. */
  readonly exit: () => Exit | undefined;
  readonly stop: (signal?: NodeJS.Signals, graceMs?: number) => Promise<void>;
  readonly kill: () => Promise<void>;
}

export interface StartOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly logFile: string;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly runAs?: { readonly uid: number; readonly gid: number };
}

/**
 * Starts a long-lived program in a session of its own, so that Ctrl-C in the terminal reaches only
 * us and we decide who stops when. Output goes straight to the file: no pipe of ours can break it.
 */
export async function startProcess(options: StartOptions): Promise<RunningProcess> {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, 'a', 0o600);
  try {
    const child = spawn(options.command, [...options.args], {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['ignore', log, log],
      detached: true,
      ...options.runAs,
    });
    return await running(child);
  } finally {
    closeSync(log);
  }
}

async function running(child: ChildProcess): Promise<RunningProcess> {
  let exit: Exit | undefined;
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => {
      exit = { code, signal };
      resolve(exit);
    });
    child.once('error', (error) => {
      exit = { code: null, signal: null, error: messageOf(error) };
      resolve(exit);
    });
  });
  if (child.pid === undefined) {
    const { error } = await exited;
    throw new Error(`could not start ${child.spawnfile}: ${error ?? 'no reason was given'}`);
  }
  const { pid } = child;
  child.unref();
  return {
    pid,
    exited,
    exit: () => exit,
    stop: async (signal = 'SIGTERM', graceMs = 10_000) => {
      if (exit === undefined) await stopTree(pid, signal, graceMs);
    },
    kill: async () => {
      if (exit === undefined) await killTree(pid);
    },
  };
}

export interface RunOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly runAs?: { readonly uid: number; readonly gid: number };
  /** The longest that the whole program may take. */
  readonly timeoutMs: number;
  readonly onLine?: (line: string) => void;
  /** Asked every 250 ms; a reason ends the program early. */
  readonly watch?: () => string | undefined;
}

export type RunResult =
  | {
      readonly kind: 'ended';
      readonly code: number | null;
      readonly stdout: string;
      readonly stderr: string;
    }
  | { readonly kind: 'not_started'; readonly reason: string }
  | {
      readonly kind: 'cut';
      readonly reason: string;
      readonly stdout: string;
      readonly stderr: string;
    };

/** Runs a program to its end, but never for longer than it was given. */
export function runToEnd(options: RunOptions): Promise<RunResult> {
  return new Promise((resolve) => {
    const child = spawn(options.command, [...options.args], {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...options.runAs,
    });
    const stdout = collect(child.stdout, options.onLine);
    const stderr = collect(child.stderr, options.onLine);
    let cut: string | undefined;
    const end = (reason: string): void => {
      if (cut !== undefined || child.pid === undefined) return;
      cut = reason;
      void killTree(child.pid);
    };
    const timeout = setTimeout(() => {
      end(`no end after ${options.timeoutMs / 1_000} s`);
    }, options.timeoutMs);
    const watch = setInterval(() => {
      const reason = options.watch?.();
      if (reason !== undefined) end(reason);
    }, 250);
    const finish = (result: RunResult): void => {
      clearTimeout(timeout);
      clearInterval(watch);
      resolve(result);
    };
    child.once('error', (error) => {
      finish({ kind: 'not_started', reason: messageOf(error) });
    });
    child.once('close', (code) => {
      const output = { stdout: stdout(), stderr: stderr() };
      finish(
        cut === undefined
          ? { kind: 'ended', code, ...output }
          : { kind: 'cut', reason: cut, ...output },
      );
    });
  });
}

/** Why a program did not do its work, in its own last words; nothing when it did. */
export function faultIn(result: RunResult): string | undefined {
  if (result.kind !== 'ended') return result.reason;
  if (result.code === 0) return undefined;
  const line = result.stderr.trim().split('\n').at(-1) ?? '';
  return line === '' ? `it ended with ${result.code ?? 'a signal'}` : line.slice(0, 300);
}

/** Keeps the end of what a program says; some builds say megabytes. */
const KEEP_CHARACTERS = 200_000;

function collect(stream: NodeJS.ReadableStream, onLine?: (line: string) => void): () => string {
  let all = '';
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    all = (all + chunk).slice(-KEEP_CHARACTERS);
    if (onLine === undefined) return;
    const lines = (rest + chunk).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
  return () => all;
}

/** The last words of a log file: what a person needs when a server did not come up. */
export function lastLines(file: string, count: number): string[] {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count);
  } catch {
    return [];
  }
}
