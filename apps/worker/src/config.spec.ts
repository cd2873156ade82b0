import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { environmentExample, readConfig } from './config.js';

const KEY = Buffer.alloc(32, 1).toString('base64');
const ENOUGH = {
  DATABASE_URL: 'postgres://me@127.0.0.1/throughline',
  TEMPORAL_ADDRESS: '127.0.0.1:7233',
  TL_SECRET_KEY: KEY,
  TL_SIGNING_KEY: KEY,
};

describe('the configuration of the worker', () => {
  it('needs four settings and has a sane value for the rest', () => {
    const read = readConfig(ENOUGH);
    expect(read).toMatchObject({
      ok: true,
      config: {
        temporalNamespace: 'throughline',
        queuePrefix: '',
        host: '127.0.0.1',
        port: 8_081,
        afterRestore: false,
        temporalMetrics: null,
        privateHosts: [],
      },
    });
  });

  it('lists every mistake at once', () => {
    const read = readConfig({
      DATABASE_URL: 'mysql://x',
      TL_SECRET_KEY: 'short',
      WORKER_PORT: '99999',
      TL_QUEUE_PREFIX: 'Not Good',
    });
    expect(read.ok).toBe(false);
    if (read.ok) return;
    expect(read.mistakes.map((line) => line.split(':')[0]).sort()).toEqual([
      'DATABASE_URL',
      'TEMPORAL_ADDRESS',
      'TL_QUEUE_PREFIX',
      'TL_SECRET_KEY',
      'TL_SIGNING_KEY',
      'WORKER_PORT',
    ]);
  });

  it('never repeats the value of a secret that it refuses', () => {
    const read = readConfig({ ...ENOUGH, TL_SECRET_KEY: 'hunter2' });
    expect(JSON.stringify(read)).not.toContain('hunter2');
    expect(JSON.stringify(read)).toContain('openssl rand -base64 32');
  });

  it('takes an empty setting for one that is not there', () => {
    expect(readConfig({ ...ENOUGH, WORKER_PORT: '', LOG_LEVEL: '' })).toMatchObject({
      ok: true,
      config: { port: 8_081, logLevel: 'info' },
    });
  });

  it('keeps the keys of before a rotation behind the present one', () => {
    const old = Buffer.alloc(32, 2).toString('base64');
    const read = readConfig({ ...ENOUGH, TL_SECRET_KEYS_OLD: `${old}, ${KEY}` });
    expect(read.ok && read.config.secretKeys).toEqual([
      Buffer.alloc(32, 1),
      Buffer.alloc(32, 2),
      Buffer.alloc(32, 1),
    ]);
  });

  it('can be written down as an example that sets nothing', () => {
    const example = environmentExample();
    expect(example).toContain('DATABASE_URL=\n');
    expect(example).toContain('#WORKER_PORT=');
    expect(example.split('\n').filter((line) => /^[A-Z_]+=./.test(line))).toEqual([]);
  });

  it('has the example that is committed: run apps/worker/dist/write-example.js', () => {
    const committed = new URL('../../../.env.worker.example', import.meta.url);
    expect(readFileSync(committed, 'utf8')).toBe(environmentExample());
  });
});
