/** Watches a fetch from outside, by the files that it writes: shows bytes and notices silence. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Reporter } from '../progress.js';

export interface FetchWatch {
  readonly task: string;
  readonly folder: string;
  readonly report: Reporter;
  /** No byte for this long at the start means that nobody answers. */
  readonly firstByteMs: number;
  /** No byte for this long later means that the line is dead. */
  readonly stallMs: number;
}

/** For `runToEnd`'s `watch`: a reason to give up, or nothing. */
export function watchFolder(watch: FetchWatch): () => string | undefined {
  let bytes = 0;
  let changedAt = performance.now();
  return () => {
    const now = performance.now();
    const current = folderBytes(watch.folder);
    if (current !== bytes) {
      bytes = current;
      changedAt = now;
      watch.report({ kind: 'bytes', task: watch.task, bytes });
      return undefined;
    }
    const limitMs = bytes === 0 ? watch.firstByteMs : watch.stallMs;
    if (now - changedAt <= limitMs) return undefined;
    return bytes === 0
      ? `no answer within ${limitMs / 1_000} s`
      : `no further byte for ${limitMs / 1_000} s`;
  };
}

export function folderBytes(folder: string): number {
  try {
    const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
    return entries.reduce(
      (sum, entry) => (entry.isFile() ? sum + fileBytes(join(entry.parentPath, entry.name)) : sum),
      0,
    );
  } catch {
    return 0;
  }
}

/** A file that was renamed between listing and looking counts as nothing this time. */
function fileBytes(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
