/** What a command does around its work: run only when it is the program, end with a sentence and a code. */
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Failure, messageOf } from './failure.js';

/** True when that module is the program and not an import of another. */
export function isProgram(moduleUrl: string): boolean {
  const [, program] = process.argv;
  return program !== undefined && realpathSync(program) === realpathSync(fileURLToPath(moduleUrl));
}

/** Runs a command to its exit code; a failure is told without a stack, a bug of ours with one. */
export async function runCommand(work: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await work();
  } catch (error) {
    process.stderr.write(`\n${describeFailure(error)}\n`);
    process.exitCode = 1;
  }
}

export function describeFailure(error: unknown): string {
  if (error instanceof Failure) return error.message;
  const stack = error instanceof Error ? error.stack : undefined;
  return `Something unexpected went wrong: ${stack ?? messageOf(error)}\nTry: npm start -- --reset`;
}
