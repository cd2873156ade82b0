/** Writes `.env` for docker-compose.yml with secrets of its own making. It never touches one that is there. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const target = process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..', '.env');

/** URL-safe, since these stand inside connection strings. */
const password = () => randomBytes(32).toString('base64url');

const key = () => randomBytes(32).toString('base64');

const content = `# Made by scripts/write-env.mjs; read by docker-compose.yml. Keep it out of version control.
POSTGRES_PASSWORD=${password()}
TEMPORAL_POSTGRES_PASSWORD=${password()}
# Of the login that API and worker use; the one above owns the schema.
SERVICE_POSTGRES_PASSWORD=${password()}
# Seals the secrets of connections: whoever loses it must enter them again.
TL_SECRET_KEY=${key()}
# Signs unsubscribe links: after a change, links in mails that were sent work no more.
TL_SIGNING_KEY=${key()}
`;

try {
  writeFileSync(target, content, { flag: 'wx', mode: 0o600 });
  process.stdout.write(`${target} is written. Next: docker compose up --build\n`);
} catch (error) {
  if (error.code !== 'EEXIST') throw error;
  process.stderr.write(
    `${target} is there already and was left as it is.\nTry: mv ${target} ${target}.old && node scripts/write-env.mjs\n`,
  );
  process.exitCode = 1;
}
