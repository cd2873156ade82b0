import { sentIn, type Simulation } from './simulate.js';

/** What publishing would set going, judged by what the last days would have brought. */
export interface BlastRadius {
  /** are in the segment of the trigger already; publishing takes none of them in */
  readonly insideNow: number;
  readonly enters: Rate;
  readonly messages: Rate;
}

export interface Rate {
  readonly perDay: number;
  /** of the days that were looked at */
  readonly busiestDay: number;
}

export interface Measured {
  readonly simulation: Simulation;
  /** the part of all people that was simulated: the numbers are of all */
  readonly share: number;
  readonly days: number;
  readonly insideNow: number;
}

export function blastRadiusOf({ simulation, share, days, insideNow }: Measured): BlastRadius {
  const of = (total: number, byDay: readonly number[]): Rate => ({
    perDay: grown(total / days, share),
    busiestDay: grown(Math.max(0, ...byDay), share),
  });
  return {
    insideNow,
    enters: of(simulation.entered, simulation.enteredByDay),
    messages: of(sentIn(simulation), simulation.sentByDay),
  };
}

function grown(number: number, share: number): number {
  return share <= 0 ? 0 : Math.ceil(number / share);
}
