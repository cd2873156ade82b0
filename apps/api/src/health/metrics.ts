/**
 * Prometheus text, written by hand: a dozen series do not need a library. Labels are names of endpoints, routes and codes, all
 * from closed lists, so no label can ever hold something personal or grow without bound.
 */
const BUCKETS_MS = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000] as const;

type Labels = Readonly<Record<string, string>>;

export class Metrics {
  private readonly counters = new Map<string, number>();
  private readonly buckets = BUCKETS_MS.map(() => 0);
  private latencySumMs = 0;
  private latencyCount = 0;

  constructor(private readonly queueDepth: () => number) {}

  ingested(
    endpoint: string,
    { events, bytes, ms }: { events: number; bytes: number; ms: number },
  ): void {
    this.add('throughline_ingest_requests_total', { endpoint, outcome: 'accepted' }, 1);
    this.add('throughline_ingest_events_total', { endpoint }, events);
    this.add('throughline_ingest_body_characters_total', {}, bytes);
    this.latencyCount += 1;
    this.latencySumMs += ms;
    const index = BUCKETS_MS.findIndex((bound) => ms <= bound);
    if (index >= 0) this.buckets[index] = (this.buckets[index] ?? 0) + 1;
  }

  refused(endpoint: string, code: string): void {
    this.add('throughline_ingest_requests_total', { endpoint, outcome: code }, 1);
  }

  answered(method: string, route: string, status: number): void {
    this.add('throughline_http_requests_total', { method, route, status: String(status) }, 1);
  }

  rateLimited(door: string, by: string): void {
    this.add('throughline_rate_limited_total', { door, by }, 1);
  }

  /** what providers report of messages, by what became of the report */
  receipt(verdict: 'recorded' | 'repeated' | 'unknown' | 'ignored'): void {
    this.add('throughline_receipts_total', { verdict }, 1);
  }

  unsubscribed(): void {
    this.add('throughline_unsubscribes_total', {}, 1);
  }

  /** `lag`: ms of the lane that is furthest behind; undefined when it cannot be read. */
  text(lagMs: number | undefined): string {
    const lines = [...this.counterLines(), ...this.histogramLines()];
    lines.push(
      '# TYPE throughline_ingest_queue_depth gauge',
      `throughline_ingest_queue_depth ${this.queueDepth()}`,
    );
    if (lagMs !== undefined) {
      lines.push(
        '# TYPE throughline_lane_lag_seconds gauge',
        `throughline_lane_lag_seconds ${lagMs / 1_000}`,
      );
    }
    const { rss, heapUsed } = process.memoryUsage();
    lines.push(
      '# TYPE process_resident_memory_bytes gauge',
      `process_resident_memory_bytes ${rss}`,
    );
    lines.push('# TYPE nodejs_heap_used_bytes gauge', `nodejs_heap_used_bytes ${heapUsed}`);
    return `${lines.join('\n')}\n`;
  }

  private add(name: string, labels: Labels, amount: number): void {
    const series = name + labelText(labels);
    this.counters.set(series, (this.counters.get(series) ?? 0) + amount);
  }

  private counterLines(): string[] {
    const lines: string[] = [];
    let previous = '';
    for (const [series, value] of [...this.counters].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const name = series.split('{', 1)[0] ?? series;
      if (name !== previous) lines.push(`# TYPE ${name} counter`);
      previous = name;
      lines.push(`${series} ${value}`);
    }
    return lines;
  }

  private histogramLines(): string[] {
    const name = 'throughline_ingest_duration_seconds';
    let below = 0;
    const bounds = BUCKETS_MS.map((bound, index) => {
      below += this.buckets[index] ?? 0;
      return `${name}_bucket{le="${bound / 1_000}"} ${below}`;
    });
    return [
      `# HELP ${name} from the first byte of an accepted request to its commit`,
      `# TYPE ${name} histogram`,
      ...bounds,
      `${name}_bucket{le="+Inf"} ${this.latencyCount}`,
      `${name}_sum ${this.latencySumMs / 1_000}`,
      `${name}_count ${this.latencyCount}`,
    ];
  }
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replace(/["\\\n]/g, '_')}"`,
  );
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}
