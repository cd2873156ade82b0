import { describe, expect, it } from '@jest/globals';
import { Metrics } from './metrics.js';

describe('metrics', () => {
  it('are text that Prometheus reads: one type line a name, cumulative buckets', () => {
    const metrics = new Metrics(() => 3);
    metrics.ingested('track', { events: 1, bytes: 10, ms: 0.4 });
    metrics.ingested('batch', { events: 100, bytes: 5_000, ms: 30 });
    metrics.ingested('batch', { events: 5, bytes: 500, ms: 60_000 });
    metrics.refused('track', 'malformed_json');
    metrics.answered('GET', '/api/v1/keys', 200);
    metrics.unsubscribed();
    metrics.rateLimited('ingest', 'key');
    const text = metrics.text(1_500);
    expect(text).toContain('throughline_ingest_events_total{endpoint="batch"} 105\n');
    expect(text).toContain(
      'throughline_ingest_requests_total{endpoint="track",outcome="malformed_json"} 1\n',
    );
    expect(text).toContain('throughline_ingest_duration_seconds_bucket{le="0.001"} 1\n');
    expect(text).toContain('throughline_ingest_duration_seconds_bucket{le="0.05"} 2\n');
    expect(text).toContain('throughline_ingest_duration_seconds_bucket{le="5"} 2\n');
    expect(text).toContain('throughline_ingest_duration_seconds_bucket{le="+Inf"} 3\n');
    expect(text).toContain('throughline_ingest_queue_depth 3\n');
    expect(text).toContain('throughline_rate_limited_total{door="ingest",by="key"} 1\n');
    expect(text).toContain('throughline_lane_lag_seconds 1.5\n');
    expect(text).toContain(
      'throughline_http_requests_total{method="GET",route="/api/v1/keys",status="200"} 1\n',
    );
    const names = text.split('\n').filter((line) => line.startsWith('# TYPE'));
    expect(new Set(names).size).toBe(names.length);
    for (const line of text.trim().split('\n'))
      expect(line).toMatch(/^(# (TYPE|HELP) .+|[a-z_]+(\{[^}]*\})? [\d.e+]+)$/);
  });

  it('say nothing of a lag that cannot be read', () => {
    expect(new Metrics(() => 0).text(undefined)).not.toContain('lag');
  });

  it('let no label break out of its quotes', () => {
    const metrics = new Metrics(() => 0);
    metrics.refused('a"b\n}', 'x');
    expect(metrics.text(0)).toContain('{endpoint="a_b_}",outcome="x"}');
  });
});
