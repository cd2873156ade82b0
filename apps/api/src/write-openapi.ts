import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Log } from './common/log.js';
import { documentationConfig, environmentExample } from './config.js';
import { createApi } from './create-api.js';
import { openApiDocument } from './openapi/document.js';
import { errorsPage } from './openapi/errors-page.js';

/**
 * Writes what is generated and committed: docs/api/openapi.json, docs/api/errors.md and .env.example. Needs no server: the
 * application is built and described, never listened to. A test fails when a committed file differs.
 */
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const api = await createApi(documentationConfig(), new Log('silent'));
const files = {
  'docs/api/openapi.json': `${JSON.stringify(openApiDocument(api), null, 2)}\n`,
  'docs/api/errors.md': errorsPage(),
  '.env.example': environmentExample(),
};
await api.close();
await mkdir(join(root, 'docs/api'), { recursive: true });
for (const [path, text] of Object.entries(files)) await writeFile(join(root, path), text);
