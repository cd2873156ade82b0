/** How long requests waited, as percentiles. */
import { build, type Histogram } from 'hdr-histogram-js';

export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly count: number;
}

/** Waits in milliseconds with three digits that mean something. */
export class Latencies {
  private readonly histogram: Histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: 600_000_000,
    numberOfSignificantValueDigits: 3,
  });

  add(ms: number): void {
    this.histogram.recordValue(Math.max(0, Math.round(ms * 1_000)));
  }

  get percentiles(): Percentiles {
    const at = (percentile: number): number =>
      this.histogram.getValueAtPercentile(percentile) / 1_000;
    const { totalCount } = this.histogram;
    return { p50: at(50), p99: at(99), max: at(100), count: totalCount };
  }
}
