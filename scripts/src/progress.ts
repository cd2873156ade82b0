/** Tells a person that a slow step is alive: a rewritten line on a terminal, a plain line now and then elsewhere. */

export type Progress =
  | { readonly kind: 'begin'; readonly task: string }
  | { readonly kind: 'working'; readonly task: string; readonly detail: string }
  | { readonly kind: 'bytes'; readonly task: string; readonly bytes: number }
  | { readonly kind: 'done'; readonly task: string; readonly detail: string }
  | { readonly kind: 'note'; readonly text: string };

export type Reporter = (progress: Progress) => void;

export const silentReporter: Reporter = () => undefined;

export interface ReporterOutput {
  readonly isTTY: boolean;
  readonly write: (text: string) => void;
  readonly nowMs: () => number;
}

/** Without a terminal a line every few seconds is enough; a log file should stay readable. */
const PLAIN_INTERVAL_MS = 3_000;

export function createReporter(output: ReporterOutput): Reporter {
  let beganAt = output.nowMs();
  let lastPlainAt = 0;
  let rewriting = false;
  const settle = (): void => {
    if (rewriting) output.write('\n');
    rewriting = false;
  };
  const update = (text: string): void => {
    const now = output.nowMs();
    const line = `${text} (${formatSeconds(now - beganAt)})`;
    if (output.isTTY) {
      output.write(`\r\u001b[2K${line}`);
      rewriting = true;
    } else if (now - lastPlainAt >= PLAIN_INTERVAL_MS) {
      lastPlainAt = now;
      output.write(`${line}\n`);
    }
  };
  return (progress) => {
    switch (progress.kind) {
      case 'begin':
        settle();
        beganAt = output.nowMs();
        lastPlainAt = beganAt;
        output.write(`${progress.task} …\n`);
        return;
      case 'working':
        update(`${progress.task}: ${progress.detail}`);
        return;
      case 'bytes':
        update(`${progress.task}: ${formatBytes(progress.bytes)}`);
        return;
      case 'done':
        settle();
        output.write(
          `${progress.task}: ${progress.detail} (${formatSeconds(output.nowMs() - beganAt)})\n`,
        );
        return;
      case 'note':
        settle();
        output.write(`${progress.text}\n`);
        return;
      default:
        assertNever(progress);
    }
  };
}

/** The reporter that commands use: progress is for people, so it goes to standard error. */
export function terminalReporter(): Reporter {
  return createReporter({
    isTTY: process.stderr.isTTY,
    write: (text) => {
      process.stderr.write(text);
    },
    nowMs: () => performance.now(),
  });
}

export function formatBytes(bytes: number): string {
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(0)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

export function formatSeconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}

function assertNever(value: never): never {
  throw new TypeError(`unknown progress: ${JSON.stringify(value)}`);
}
