/** Builds dist/throughline.js, the file that pages load: `node apps/snippet/build.mjs`. */
import process from 'node:process';
import { fileURLToPath, URL } from 'node:url';
import { build } from 'esbuild';

/** Shared with the test of its size, so that what is measured is what is served. */
export const BUILD = {
  entryPoints: [fileURLToPath(new URL('./src/main.ts', import.meta.url))],
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2020',
  legalComments: 'none',
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const outfile = fileURLToPath(new URL('./dist/throughline.js', import.meta.url));
  await build({ ...BUILD, outfile });
}
