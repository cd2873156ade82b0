import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { environmentExample, readConfig, readDatabaseUrl } from './config.js';

const GOOD = {
  DATABASE_URL: 'postgres://user:pass@127.0.0.1:5432/throughline',
  TEMPORAL_ADDRESS: '127.0.0.1:7233',
  TL_SECRET_KEY: Buffer.alloc(32, 1).toString('base64'),
  TL_SIGNING_KEY: Buffer.alloc(48, 2).toString('base64'),
};

function mistakes(environment: Record<string, string | undefined>): readonly string[] {
  const read = readConfig(environment);
  return read.ok ? [] : read.mistakes;
}

describe('the configuration of the API', () => {
  it('needs four settings and has a default for every other', () => {
    const read = readConfig(GOOD);
    expect(read).toMatchObject({
      ok: true,
      config: {
        host: '127.0.0.1',
        port: 8080,
        temporalNamespace: 'throughline',
        lagLimitMs: 30_000,
        privateHosts: [],
      },
    });
  });

  it('says all that is wrong at once, by name', () => {
    const said = mistakes({ PORT: 'eighty', LOG_LEVEL: 'loud', PUBLIC_URL: 'shop' }).join('\n');
    for (const name of [...Object.keys(GOOD), 'PORT', 'LOG_LEVEL', 'PUBLIC_URL'])
      expect(said).toContain(name);
    expect(said).toContain('openssl rand -base64 32');
  });

  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['a word', 'secret'],
    ['too short', Buffer.alloc(31).toString('base64')],
    ['too long', Buffer.alloc(33).toString('base64')],
    ['not base64', '*'.repeat(44)],
  ])('does not start with a secret key that is %s', (_what, key) => {
    expect(mistakes({ ...GOOD, TL_SECRET_KEY: key }).join()).toContain('TL_SECRET_KEY');
  });

  it('never repeats the value of a secret in what it says', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^canary[a-z0-9]{4,20}$/), (secret) => {
        const said = mistakes({
          ...GOOD,
          TL_SECRET_KEY: secret,
          TL_SIGNING_KEY: secret,
          DATABASE_URL: secret,
        });
        expect(said).toHaveLength(3);
        expect(said.join()).not.toContain(secret);
      }),
      { numRuns: 50 },
    );
  });

  it('reads keys of before a rotation, which only open', () => {
    const old = [Buffer.alloc(32, 8), Buffer.alloc(32, 9)];
    const read = readConfig({
      ...GOOD,
      TL_SECRET_KEYS_OLD: old.map((key) => key.toString('base64')).join(' , '),
    });
    expect(read.ok && read.config.secretKeys).toEqual([Buffer.alloc(32, 1), ...old]);
  });

  it('takes a slash off the end of addresses, since paths are put behind them', () => {
    const read = readConfig({ ...GOOD, PUBLIC_URL: 'https://shop.example/' });
    expect(read.ok && read.config.publicUrl).toBe('https://shop.example');
  });

  it('has an example that names every setting and holds no secret', () => {
    const example = environmentExample();
    for (const name of Object.keys(GOOD)) expect(example).toMatch(new RegExp(`^${name}=$`, 'm'));
    expect(example).toContain('#PORT=8080');
  });

  it('lets the admin command do with the database alone', () => {
    expect(readDatabaseUrl(GOOD)).toEqual({ ok: true, value: GOOD.DATABASE_URL });
    expect(readDatabaseUrl({})).toMatchObject({ ok: false });
  });
});
