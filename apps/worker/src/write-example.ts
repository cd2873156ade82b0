import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environmentExample } from './config.js';

/** Writes what is generated of the worker and committed. A test fails when the committed file differs. */
const root = join(fileURLToPath(import.meta.url), '..', '..', '..', '..');
await writeFile(join(root, '.env.worker.example'), environmentExample());
