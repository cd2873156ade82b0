import { describe, expect, it } from '@jest/globals';
import { cpuSeconds, parsePss, parseTicks, pssMib, treeOf } from './usage.js';

describe('memory', () => {
  it('is the proportional size of the roll-up, not the resident one', () => {
    const text = '00400000-7fff [rollup]\nRss:    9000 kB\nPss:    1234 kB\nPss_Dirty: 99 kB\n';
    expect(parsePss(text)).toBe(1_234);
    expect(parsePss('Rss: 9000 kB\n')).toBeNull();
  });

  it('of this process is more than nothing, and of a process that never was is unknown', () => {
    const own = pssMib([process.pid]);
    const isLinux = process.platform === 'linux';
    expect(own === null).toBe(!isLinux);
    if (own !== null) expect(own).toBeGreaterThan(5);
    expect(pssMib([2 ** 30])).toBeNull();
  });

  it('of nothing is nothing', () => {
    expect(pssMib([])).toBe(0);
  });
});

describe('processor time', () => {
  it('is user and system time, of ended children too, whatever the name of the program', () => {
    const stat = `12 (odd) name (x)) S 1 12 12 0 -1 4194304 100 0 0 0 11 7 30 2 20 0 1 0 5 6 7`;
    expect(parseTicks(stat)).toBe(11 + 7 + 30 + 2);
  });

  it('grows while this process works', () => {
    const before = cpuSeconds([process.pid]);
    const until = performance.now() + 80;
    let sum = 0;
    while (performance.now() < until) sum += Math.sqrt(sum + 1);
    if (process.platform === 'linux') expect(cpuSeconds([process.pid])).toBeGreaterThan(before);
    expect(sum).toBeGreaterThan(0);
  });

  it('of a process that is gone is nothing', () => {
    expect(cpuSeconds([2 ** 30])).toBe(0);
  });
});

describe('a tree', () => {
  it('begins with the process itself', () => {
    expect(treeOf(process.pid)[0]).toBe(process.pid);
  });
});
