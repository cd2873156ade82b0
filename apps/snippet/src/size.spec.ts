import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';
import { BUILD } from '../build.mjs';

const MOST_BYTES = 6 * 1_024;

describe('the script that pages load', () => {
  it('has at most 6 KiB on its way', async () => {
    const { outputFiles } = await build({ ...BUILD, write: false });
    const [file] = outputFiles;
    expect(gzipSync(file?.contents ?? '', { level: 9 }).length).toBeLessThanOrEqual(MOST_BYTES);
    expect(file?.text.length).toBeGreaterThan(1_000);
  });

  it('leaves one name behind, and evaluates no text', async () => {
    const { outputFiles } = await build({ ...BUILD, write: false });
    const text = outputFiles[0]?.text ?? '';
    expect(text).toMatch(/^"use strict";\(\(\)=>\{[^]*\}\)\(\);\n$/);
    expect(text).not.toMatch(/\beval\(|new Function|document\.write/);
  });
});
