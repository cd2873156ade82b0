import { describe, expect, it } from '@jest/globals';
import { promisesOf } from './promises.js';
import {
  exitCodeOf,
  recoverySpread,
  renderChecks,
  renderGoal,
  renderJson,
  renderKinds,
  renderTotals,
  spread,
  type Outcome,
} from './report.js';

const OUTCOME: Outcome = {
  killer: {
    kills: [
      { victim: 'worker', from: 0, to: 5, awayMs: 2_000 },
      { victim: 'worker', from: 0, to: 5, awayMs: 4_000 },
      { victim: 'postgres', from: 0, to: 5, awayMs: 1_000 },
    ],
    gaveUp: [],
  },
  recoveries: [
    { victims: ['worker'], laneMs: 100, relayMs: 900 },
    { victims: ['postgres'], laneMs: 300, relayMs: null },
    { victims: ['worker', 'postgres'], laneMs: 200, relayMs: 4_999 },
  ],
  interrupted: 1,
  verdict: {
    counts: { accepted: 9, lost: 0, stuck: 0, duplicates: 0, unknown: 1, inFlight: 2 },
    checks: [
      { name: 'nothing is lost', weight: '9 events', faults: [] },
      { name: 'nothing is doubled', weight: '4 mails', faults: [] },
    ],
  },
};

const FAILED: Outcome = {
  ...OUTCOME,
  recoveries: [{ victims: ['api'], laneMs: 20, relayMs: 5_001 }],
  verdict: {
    counts: { ...OUTCOME.verdict.counts, duplicates: 30 },
    checks: [
      { name: 'nothing is lost', weight: '9 events', faults: [] },
      {
        name: 'nothing is doubled',
        weight: '4 mails',
        faults: Array.from({ length: 30 }, (_, n) => `second mail ${n}`),
      },
    ],
  },
};

describe('the report of a run', () => {
  it('ends with exactly one line for programs', () => {
    expect(renderJson(OUTCOME)).toBe(
      '{"kills":3,"accepted":9,"lost":0,"stuck":0,"duplicates":0,"unknown":1,"recoveryMs":{"p50":900,"max":4999}}',
    );
  });

  it('has a row for each kind of process, those that fell together apart', () => {
    const rows = renderKinds(OUTCOME).split('\n');
    expect(rows.map((row) => row.trim().split(/\s{2,}/))).toEqual([
      ['killed', 'kills', 'away ms', 'lane goes on', 'relay goes on', 'measured'],
      ['worker', '2', '2000 / 4000', '100 / 100', '900 / 900', '1'],
      ['api', '0', '–', '–', '–', '0'],
      ['temporal', '0', '–', '–', '–', '0'],
      ['postgres', '1', '1000 / 1000', '300 / 300', '–', '1'],
      ['several at once', '–', '200 / 200', '4999 / 4999', '1'],
    ]);
  });

  it('counts the checks and fails by them alone', () => {
    expect(renderTotals(OUTCOME.verdict.checks)).toBe('2 passed, 0 failed');
    expect(exitCodeOf(OUTCOME)).toBe(0);
    expect(renderTotals(FAILED.verdict.checks)).toBe('1 passed, 1 failed');
    expect(exitCodeOf(FAILED)).toBe(1);
  });

  it('shows the first offences with their ids and says how many more there are', () => {
    const text = renderChecks(FAILED.verdict.checks);
    expect(text).toContain('✓ nothing is lost (9 events)');
    expect(text).toContain('✗ nothing is doubled (4 mails)\n    second mail 0\n');
    expect(text).toContain('    and 10 more');
    expect(text).not.toContain('second mail 20');
  });

  it('says whether the goal for recovery was reached', () => {
    expect(renderGoal(OUTCOME.recoveries, 1)).toContain('reached (lane p50 200, max 300;');
    expect(renderGoal(OUTCOME.recoveries, 1)).toContain('3 measured, 1 interrupted');
    expect(renderGoal(FAILED.recoveries, 0)).toContain('missed 1 times');
  });

  it('takes the later of lane and relay for a recovery, and copes with none', () => {
    expect(recoverySpread(OUTCOME.recoveries)).toEqual({ p50: 900, max: 4_999 });
    expect(recoverySpread([])).toEqual({ p50: 0, max: 0 });
    expect(spread([3, 1, 2, 10])).toEqual({ p50: 2, max: 10 });
  });

  it('makes a promise of each check and one of the recovery', () => {
    expect(promisesOf(OUTCOME).map(({ held }) => held)).toEqual([true, true, true]);
    expect(promisesOf(FAILED)).toEqual([
      { promise: 'nothing is lost', held: true, detail: '9 events, 3 kills' },
      { promise: 'nothing is doubled', held: false, detail: '4 mails, 3 kills' },
      {
        promise: 'lane and relay go on within 5 s once their process is back',
        held: false,
        detail: '1 restarts, p50 5001 ms, max 5001 ms',
      },
    ]);
  });
});
