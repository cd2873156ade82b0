import { describe, expect, it } from '@jest/globals';
import { GROUPS, readBenchOptions } from './options.js';

describe('the options of the bench', () => {
  it('run every group five times when nothing is said', () => {
    const options = readBenchOptions([]);
    expect(options.groups).toEqual(GROUPS);
    expect(options).toMatchObject({ json: null, dev: false, quick: false, profile: false });
    expect(options.plan).toMatchObject({ rounds: 5, soakSeconds: 600, cohort: true });
  });

  it('run the groups that are named, each once, in the order of the bench', () => {
    expect(readBenchOptions(['pipeline', 'stack', 'pipeline']).groups).toEqual([
      'stack',
      'pipeline',
    ]);
  });

  it('take rounds, lengths and a file', () => {
    const { plan, json } = readBenchOptions([
      'ingest',
      '--rounds',
      '7',
      '--seconds',
      '10',
      '--json',
      'out.json',
    ]);
    expect(json).toBe('out.json');
    expect(plan).toMatchObject({ rounds: 7, pipelineSeconds: 10, soakSeconds: 150 });
  });

  it('--quick is one short round on the development server, and no round is longer than seconds', () => {
    const { plan, dev, quick } = readBenchOptions(['--quick', '--rounds', '9']);
    expect({ dev, quick, rounds: plan.rounds }).toEqual({ dev: true, quick: true, rounds: 1 });
    const { ingestSeconds, pipelineSeconds, soakSeconds, actionSeconds, settleSeconds } = plan;
    const all = 3 * 2 * ingestSeconds + 2 * pipelineSeconds + soakSeconds + 4 * actionSeconds;
    expect(all + 2 * settleSeconds).toBeLessThan(60);
  });

  it('--long has a million where the usual length has a hundred thousand, and --quick has a few', () => {
    const sizesOf = (...args: string[]): unknown => readBenchOptions(args).plan.sizes;
    expect(sizesOf('--long')).toMatchObject({ customers: 1_000_000, importRows: 1_000_000 });
    expect(sizesOf()).toMatchObject({ customers: 100_000, reconcileRows: 50_000 });
    expect(sizesOf('--quick', '--long')).toMatchObject({ customers: 2_000, storm: 20 });
  });

  it('--dev asks for the development server and full length', () => {
    expect(readBenchOptions(['--dev'])).toMatchObject({ dev: true, quick: false });
  });

  it.each([
    [['ingets'], /no group "ingets"/],
    [['--rounds', '0'], /--rounds takes a whole number/],
    [['--rounds', 'many'], /--rounds takes a whole number/],
    [['--seconds', '1.5'], /--seconds takes a whole number/],
    [['--fast'], /--fast/],
  ])('refuse %j in a sentence, with a command that works', (args, sentence) => {
    expect(() => readBenchOptions(args)).toThrow(sentence);
    expect(() => readBenchOptions(args)).toThrow(/Try: npm run bench/);
  });
});
