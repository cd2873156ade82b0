import type { Fault, JsonObject } from '@throughline/domain/shared';
import type { ExitCode } from './exit-codes.js';

/** How a command ended: lines for people, data for programs, both saying the same. */
export interface Outcome {
  readonly exit: ExitCode;
  readonly lines: readonly string[];
  readonly data: JsonObject;
}

/** A fault with the file that it stands in. */
export interface FileFault extends Fault {
  readonly file: string;
  readonly severity: 'error' | 'warning';
}

export function faultLines(faults: readonly FileFault[]): string[] {
  return faults.map(
    ({ file, path, code, message, severity }) =>
      `${file}: ${severity} ${code}${path === '' ? '' : ` at ${path}`}: ${message}`,
  );
}

export function faultsData(faults: readonly FileFault[]): JsonObject[] {
  return faults.map(({ file, path, code, message, severity }) => ({
    file,
    path,
    code,
    message,
    severity,
  }));
}

export interface Output {
  write(text: string): void;
}

export function print(outcome: Outcome, { json, output }: { json: boolean; output: Output }): void {
  const text = json ? JSON.stringify(outcome.data) : outcome.lines.join('\n');
  if (text !== '') output.write(`${text}\n`);
}
