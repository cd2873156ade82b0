import type { Output } from './outcome.js';

/** A line that is written over: for people who wait, never for programs. */
export interface Progress {
  show(line: string): void;
  end(): void;
}

const WIDTH = 30;

export function progressBar(what: string, done: number, total: number): string {
  const share = total <= 0 ? 0 : Math.min(1, done / total);
  const filled = Math.round(share * WIDTH);
  const bar = '#'.repeat(filled) + '-'.repeat(WIDTH - filled);
  return `${what} [${bar}] ${Math.floor(share * 100)}% ${done}/${total}`;
}

/** Says nothing twice: a pipe of megabytes would otherwise write as many lines. */
export function progressTo(output: Output | null): Progress {
  let shown = '';
  return {
    show: (line) => {
      if (output === null || line === shown) return;
      output.write(`\r${line.padEnd(shown.length)}`);
      shown = line;
    },
    end: () => {
      if (output !== null && shown !== '') output.write('\n');
      shown = '';
    },
  };
}
