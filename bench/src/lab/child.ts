/**
 * Processes of the bench's own: load generators, bare servers, bare workers. Each answers one question at a time over the
 * channel that Node gives it, and ends when its parent does.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Failure, messageOf } from '@throughline/scripts/failure';

export interface Child {
  readonly pid: number;
  /** what it said when it was ready */
  readonly ready: unknown;
  /** one question, one answer */
  ask(question: object): Promise<unknown>;
  /** a word that needs no answer */
  tell(word: string): void;
  stop(): Promise<void>;
}

/** `name` as in `src/<name>.process.ts`. */
export async function startChild(name: string, args: readonly string[] = []): Promise<Child> {
  const file = fileURLToPath(new URL(`../${name}.process.js`, import.meta.url));
  // Its words on standard output would be taken for ours, whose last line is a document.
  const child = fork(file, [...args], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ready = await answerOf(child, name);
  const { pid } = child;
  if (pid === undefined) throw childFailure(name, 'it was not started');
  let turn: Promise<unknown> = Promise.resolve();
  return {
    pid,
    ready,
    ask: (question) => {
      const answer = turn.then(() => {
        const answered = answerOf(child, name);
        child.send({ question });
        return answered;
      });
      turn = answer.catch(() => undefined);
      return answer;
    },
    tell: (word) => {
      if (child.connected) child.send({ word });
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const hard = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(hard);
    },
  };
}

async function answerOf(child: ChildProcess, name: string): Promise<unknown> {
  const abort = new AbortController();
  try {
    const [first]: unknown[] = await Promise.race([
      once(child, 'message', { signal: abort.signal }),
      once(child, 'exit', { signal: abort.signal }).then(([code]) => [
        { failure: `it ended with ${String(code)}` },
      ]),
    ]);
    const failure = field(first, 'failure');
    if (failure !== undefined)
      throw childFailure(name, typeof failure === 'string' ? failure : 'it did not say why');
    return field(first, 'answer');
  } finally {
    abort.abort();
  }
}

function childFailure(name: string, reason: string): Failure {
  return new Failure({
    code: 'command_failed',
    sentence: `The bench's process ${name} failed: ${reason}.`,
    command: 'npm run bench -- --quick',
  });
}

export interface ChildRole {
  /** said once, when it is ready for questions */
  readonly ready?: unknown;
  answer?(question: unknown): Promise<unknown>;
  hear?(word: string): void;
  /** before it ends */
  end?(): Promise<void>;
}

/** The child's side: does not return before the parent is gone or says so. */
export async function serveParent(begin: () => Promise<ChildRole>): Promise<void> {
  const gone = new Promise<void>((resolve) => {
    process.once('disconnect', resolve);
    process.once('SIGTERM', resolve);
    // Ctrl-C in the terminal reaches the whole group; the parent decides who stops when.
    process.on('SIGINT', () => undefined);
  });
  try {
    const role = await begin();
    process.on('message', (message: unknown) => {
      const word = field(message, 'word');
      if (typeof word === 'string') role.hear?.(word);
      else void reply(role, field(message, 'question'));
    });
    send({ answer: role.ready ?? null });
    await gone;
    await role.end?.();
  } catch (error) {
    send({ failure: messageOf(error) });
  }
  process.exit();
}

async function reply(role: ChildRole, question: unknown): Promise<void> {
  try {
    send({ answer: (await role.answer?.(question)) ?? null });
  } catch (error) {
    send({ failure: messageOf(error) });
  }
}

function send(message: object): void {
  if (process.connected) process.send?.(message);
}

/** A property of something that came from another process. */
export function field(value: unknown, name: string): unknown {
  return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

export function numberIn(value: unknown, name: string): number {
  const found = field(value, name);
  if (typeof found === 'number') return found;
  throw new TypeError(`${name} is no number`);
}

export function textIn(value: unknown, name: string): string {
  const found = field(value, name);
  if (typeof found === 'string') return found;
  throw new TypeError(`${name} is no text`);
}
