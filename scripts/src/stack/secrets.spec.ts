import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { localSecrets } from './secrets.js';

describe('the secrets of a local installation', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'throughline-secrets-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('are made once and found again, so that what was sealed yesterday opens today', async () => {
    const file = join(folder, 'deep', 'secrets.json');
    const made = await localSecrets(file);
    expect(await localSecrets(file)).toEqual(made);
  });

  it('are 32 random bytes each, other ones in every installation', async () => {
    const [one, two] = [
      await localSecrets(join(folder, 'one.json')),
      await localSecrets(join(folder, 'two.json')),
    ];
    const all = [one, two].flatMap(({ TL_SECRET_KEY, TL_SIGNING_KEY, webhookSecret }) => [
      TL_SECRET_KEY,
      TL_SIGNING_KEY,
      webhookSecret.slice('whsec_'.length),
    ]);
    expect(all.map((text) => Buffer.from(text, 'base64').length)).toEqual(all.map(() => 32));
    expect(new Set(all).size).toBe(6);
  });

  it('can be read by their owner only', async () => {
    const file = join(folder, 'secrets.json');
    await localSecrets(file);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('are made anew where the file holds something else', async () => {
    const file = join(folder, 'secrets.json');
    await writeFile(file, '{"TL_SECRET_KEY":"only this"}');
    const made = await localSecrets(file);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(made);
  });

  it('that cannot be read are never replaced', async () => {
    const file = join(folder, 'secrets.json');
    await writeFile(file, '{"TL_SECRET_KEY":');
    await expect(localSecrets(file)).rejects.toThrow(SyntaxError);
    expect(await readFile(file, 'utf8')).toBe('{"TL_SECRET_KEY":');
  });
});
