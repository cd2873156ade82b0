import { describe, expect, it } from '@jest/globals';
import { RecoveryClock, type LaneView } from './recovery.js';

const view = (at: number, position: number, more: Partial<LaneView> = {}): LaneView => ({
  at,
  position,
  appended: position,
  firstRow: null,
  lastRow: null,
  ...more,
});

describe('the clock of recoveries', () => {
  it('measures from the moment the process is back until the lane has applied what was waiting', () => {
    const clock = new RecoveryClock();
    clock.down('worker');
    clock.back('worker', 1_000);
    clock.see(view(1_050, 10, { appended: 14 }));
    clock.see(view(1_200, 12, { appended: 20 }));
    clock.see(view(1_340, 14, { appended: 21 }));
    expect(clock.samples).toEqual([{ victims: ['worker'], laneMs: 340, relayMs: null }]);
  });

  it('waits for the next event where nothing was waiting', () => {
    const clock = new RecoveryClock();
    clock.down('api');
    clock.back('api', 1_000);
    clock.see(view(1_050, 10));
    expect(clock.samples).toEqual([]);
    clock.see(view(1_500, 11));
    expect(clock.samples).toEqual([{ victims: ['api'], laneMs: 500, relayMs: null }]);
  });

  it('waits on until the relay has carried what was in the outbox by then', () => {
    const clock = new RecoveryClock();
    clock.down('temporal');
    clock.back('temporal', 0);
    clock.see(view(50, 10, { firstRow: 3, lastRow: 5 }));
    clock.see(view(100, 11, { firstRow: 3, lastRow: 6 }));
    clock.see(view(200, 12, { firstRow: 6, lastRow: 9 }));
    expect(clock.samples).toEqual([]);
    clock.see(view(300, 13, { firstRow: 7, lastRow: 9 }));
    expect(clock.samples).toEqual([{ victims: ['temporal'], laneMs: 100, relayMs: 300 }]);
  });

  it('begins only when everybody is back', () => {
    const clock = new RecoveryClock();
    clock.down('worker');
    clock.down('postgres');
    clock.back('worker', 100);
    clock.see(view(150, 99));
    expect(clock.isMeasuring).toBe(false);
    clock.back('postgres', 200);
    clock.see(view(250, 1));
    clock.see(view(400, 2));
    expect(clock.samples).toEqual([
      { victims: ['worker', 'postgres'], laneMs: 200, relayMs: null },
    ]);
  });

  it('drops a measurement that another kill interrupts, and says so', () => {
    const clock = new RecoveryClock();
    clock.down('worker');
    clock.back('worker', 100);
    clock.see(view(150, 1));
    clock.down('api');
    clock.see(view(200, 2));
    clock.back('api', 300);
    clock.see(view(350, 2));
    clock.see(view(400, 3));
    expect(clock.interrupted).toBe(1);
    expect(clock.samples).toEqual([{ victims: ['api'], laneMs: 100, relayMs: null }]);
  });

  it('takes no look from before the return for one after it', () => {
    const clock = new RecoveryClock();
    clock.down('worker');
    clock.back('worker', 1_000);
    clock.see(view(990, 5, { appended: 9 }));
    clock.see(view(1_010, 5, { appended: 12 }));
    clock.see(view(1_100, 9, { appended: 12 }));
    expect(clock.samples).toEqual([]);
    clock.see(view(1_200, 12));
    expect(clock.samples[0]?.laneMs).toBe(200);
  });

  it('gives up on what is still open at the end', () => {
    const clock = new RecoveryClock();
    clock.stop();
    expect(clock.interrupted).toBe(0);
    clock.down('worker');
    clock.back('worker', 0);
    clock.stop();
    expect(clock.interrupted).toBe(1);
    clock.see(view(10, 1));
    clock.see(view(20, 2));
    expect(clock.samples).toEqual([]);
  });
});
