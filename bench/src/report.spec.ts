import { describe, expect, it } from '@jest/globals';
import { makeFigure, type Figure } from './figures.js';
import { exitCodeOf, renderTable, type BenchReport } from './report.js';

function figure(parts: Partial<Parameters<typeof makeFigure>[0]> = {}): Figure {
  return makeFigure({
    name: 'ingest.single',
    unit: 'events/s',
    rounds: [{ product: 9_100, limit: 13_000 }],
    limitIs: 'bare node + COPY',
    goal: { ratioMin: 0.6 },
    oracle: { held: true, says: 'rows 500000 = 500000' },
    ...parts,
  });
}

function reportOf(...figures: Figure[]): BenchReport {
  return {
    commit: 'abc',
    machine: { cores: 2, node: '20.20.2', postgres: '18.4', temporal: '1.31.2', load: 0.3 },
    figures,
  };
}

const MISSED = figure({ rounds: [{ product: 1, limit: 13_000 }] });
const WRONG = figure({ oracle: { held: false, says: 'rows 1 ≠ 2' } });

describe('the table', () => {
  it('shows what was done beside the limit, the ratio and the goal', () => {
    const [heading, row] = renderTable([figure()]).split('\n');
    expect(heading).toMatch(/^figure +product +limit +ratio +± +goal +ok$/);
    expect(row).toMatch(/^ingest\.single +9100 events\/s +13000 +0\.7 +0 % +ratio ≥ 0\.6 +yes$/);
  });

  it('keeps columns under their headings', () => {
    const lines = renderTable([figure(), figure({ name: 'a.much.longer.name' })]).split('\n');
    const [heading = '', ...rows] = lines.slice(0, 3);
    for (const row of rows) expect(row.slice(heading.indexOf('product'))).toMatch(/^9100/);
  });

  it('tells a missed goal from a wrong result', () => {
    expect(renderTable([MISSED])).toMatch(/ no$/m);
    expect(renderTable([WRONG])).toMatch(/ WRONG$/m);
  });

  it('marks figures of the development server', () => {
    expect(renderTable([figure({ dev: true })])).toContain('ingest.single (dev)');
  });

  it('says each proof once, for all that it proves', () => {
    const text = renderTable([figure(), figure({ name: 'ingest.batch100' }), WRONG]);
    expect(text).toContain('ingest.single, ingest.batch100:\n  rows 500000 = 500000');
    expect(text).toContain('ingest.single:\n  rows 1 ≠ 2');
  });

  it('has a dash where nothing is compared', () => {
    const [, row] = renderTable([
      figure({ rounds: [{ product: 1, limit: null }], goal: {} }),
    ]).split('\n');
    expect(row).toMatch(/ – +– +0 % +– +yes$/);
  });
});

describe('the exit code', () => {
  it('is 0 although goals were missed, and 1 when an oracle failed', () => {
    expect(exitCodeOf(reportOf(figure(), MISSED))).toBe(0);
    expect(exitCodeOf(reportOf(figure(), WRONG))).toBe(1);
  });
});
