import { describe, expect, it } from '@jest/globals';
import { isFree } from '@throughline/scripts/servers/ports';
import { lowPorts, renderDynamicConfig, serverEnvironment } from './temporal-on-postgres.js';

describe("the server's environment", () => {
  const ports = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => 20_000 + n);

  it('is taken from the database address, with what a password may hold', () => {
    const env = serverEnvironment('postgres://us%40er:p%2Fw@10.0.0.1:5499/postgres', ports);
    expect(env).toMatchObject({
      DB: 'postgres12',
      POSTGRES_SEEDS: '10.0.0.1',
      DB_PORT: '5499',
      POSTGRES_USER: 'us@er',
      POSTGRES_PWD: 'p/w',
    });
  });

  it('gives each service a port of its own and listens on this machine only', () => {
    const env = serverEnvironment('postgres://u:p@127.0.0.1/postgres', ports);
    const given = Object.entries(env).flatMap(([name, value]) =>
      /_(GRPC|HTTP|MEMBERSHIP)_PORT$/.test(name) ? [value] : [],
    );
    expect(new Set(given).size).toBe(9);
    expect(env).toMatchObject({ BIND_ON_IP: '127.0.0.1', DB_PORT: '5432' });
  });
});

describe('ports for the server', () => {
  it('are free, different, and small enough for its table of members', async () => {
    const ports = await lowPorts(9);
    expect(new Set(ports).size).toBe(9);
    expect(Math.max(...ports)).toBeLessThan(32_768);
    const [first = 0] = ports;
    expect(await isFree(first)).toBe(true);
  });
});

describe('dynamic config', () => {
  it('is YAML of one value for each key', () => {
    expect(renderDynamicConfig({ 'frontend.rps': 5_000, 'a.b': true, c: '1s' })).toBe(
      'frontend.rps:\n  - value: 5000\na.b:\n  - value: true\nc:\n  - value: "1s"\n',
    );
    expect(renderDynamicConfig()).toContain('history.persistenceMaxQPS');
  });
});
