import { describe, expect, it } from '@jest/globals';
import { createReporter, formatBytes, formatSeconds, type Reporter } from './progress.js';

interface Recorded {
  readonly report: Reporter;
  readonly text: () => string;
  readonly advance: (milliseconds: number) => void;
}

function recorded(isTTY: boolean): Recorded {
  let text = '';
  let nowMs = 1_000;
  const report = createReporter({
    isTTY,
    write: (more) => {
      text += more;
    },
    nowMs: () => nowMs,
  });
  return {
    report,
    text: () => text,
    advance: (milliseconds) => {
      nowMs += milliseconds;
    },
  };
}

describe('progress on a terminal', () => {
  it('rewrites one line as the bytes grow and leaves the result standing', () => {
    const { report, text, advance } = recorded(true);
    report({ kind: 'begin', task: 'Download' });
    advance(500);
    report({ kind: 'bytes', task: 'Download', bytes: 1_500_000 });
    advance(500);
    report({ kind: 'bytes', task: 'Download', bytes: 3_000_000 });
    report({ kind: 'done', task: 'Download', detail: 'done' });
    expect(text()).toBe(
      'Download …\n' +
        '\r\u001b[2KDownload: 1.5 MB (0.5 s)' +
        '\r\u001b[2KDownload: 3.0 MB (1.0 s)\n' +
        'Download: done (1.0 s)\n',
    );
  });
});

describe('progress without a terminal', () => {
  it('writes a plain line every few seconds, not one for each byte', () => {
    const { report, text, advance } = recorded(false);
    report({ kind: 'begin', task: 'Build' });
    for (let second = 1; second <= 7; second += 1) {
      advance(1_000);
      report({ kind: 'working', task: 'Build', detail: `${second} packages` });
    }
    expect(text()).toBe('Build …\nBuild: 3 packages (3.0 s)\nBuild: 6 packages (6.0 s)\n');
  });

  it('passes notes on as they are', () => {
    const { report, text } = recorded(false);
    report({ kind: 'note', text: 'PostgreSQL is up' });
    expect(text()).toBe('PostgreSQL is up\n');
  });
});

describe('figures', () => {
  it.each([
    [999, '1 kB'],
    [40_404_078, '40.4 MB'],
  ])('say %p bytes as a person would', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it('say time in seconds with one decimal', () => {
    expect(formatSeconds(1_234)).toBe('1.2 s');
  });
});
