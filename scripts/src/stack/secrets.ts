/** The secrets of a local installation: made once, kept beside its data, readable by nobody else. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from '../failure.js';

export interface LocalSecrets {
  readonly TL_SECRET_KEY: string;
  readonly TL_SIGNING_KEY: string;
  /** signs the demo's webhook, in the form of the Standard Webhooks specification */
  readonly webhookSecret: string;
}

export async function localSecrets(file: string): Promise<LocalSecrets> {
  const kept = await read(file);
  if (kept !== undefined) return kept;
  const made: LocalSecrets = {
    TL_SECRET_KEY: randomBytes(32).toString('base64'),
    TL_SIGNING_KEY: randomBytes(32).toString('base64'),
    webhookSecret: `whsec_${randomBytes(32).toString('base64')}`,
  };
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(made), { mode: 0o600 });
  return made;
}

async function read(file: string): Promise<LocalSecrets | undefined> {
  try {
    const parsed: unknown = JSON.parse(await readFile(file, 'utf8'));
    return isSecrets(parsed) ? parsed : undefined;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function isSecrets(value: unknown): value is LocalSecrets {
  return (
    typeof value === 'object' &&
    value !== null &&
    'TL_SECRET_KEY' in value &&
    'TL_SIGNING_KEY' in value &&
    'webhookSecret' in value
  );
}
