/** A small HTTP door for whoever runs this process: alive, ready, and in numbers. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { LaneRunner } from './lane-runner.js';
import type { Log } from './log.js';
import type { Reconciler } from './reconciler.js';
import type { OutboxRelay } from './relay.js';
import type { TemporalLink } from './temporal-link.js';
import type { TemporalWorkers } from './temporal-workers.js';

export interface HealthOptions {
  readonly host: string;
  readonly port: number;
  readonly lagLimitMs: number;
  readonly link: Pick<TemporalLink, 'complaints'>;
  readonly workers: Pick<TemporalWorkers, 'healthy' | 'status'>;
  readonly relay: Pick<OutboxRelay, 'backlog' | 'counts'>;
  readonly lanes: Pick<LaneRunner, 'stopped' | 'counts'>;
  readonly reconciler: Pick<Reconciler, 'last'>;
  readonly log: Log;
}

export class HealthDoor {
  private server: Server | null = null;

  constructor(private readonly options: HealthOptions) {}

  async onApplicationBootstrap(): Promise<void> {
    const server = createServer((request, response) => {
      this.answer(request.url ?? '/', response).catch((error: unknown) => {
        this.options.log.failure(error);
        reply(response, 500, { status: 'error' });
      });
    });
    this.server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.options.port, this.options.host, resolve);
    });
    this.options.log.info({ host: this.options.host, port: this.port }, 'worker is up');
  }

  /** Last to go: while the process winds down it still says that it lives. */
  async onApplicationShutdown(): Promise<void> {
    const { server } = this;
    if (server === null) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  get port(): number {
    const address = this.server?.address();
    return typeof address === 'object' && address !== null ? address.port : this.options.port;
  }

  private async answer(url: string, response: ServerResponse): Promise<void> {
    switch (new URL(url, 'http://worker').pathname) {
      case '/healthz': {
        const { healthy } = this.options.workers;
        reply(response, healthy ? 200 : 503, {
          status: healthy ? 'ok' : 'failing',
          workers: this.options.workers.status(),
        });
        return;
      }
      case '/readyz': {
        const reasons = await this.complaints();
        reply(response, reasons.length === 0 ? 200 : 503, {
          status: reasons.length === 0 ? 'ready' : 'not_ready',
          reasons,
        });
        return;
      }
      case '/metrics':
        response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
        response.end(await this.metrics());
        return;
      default:
        reply(response, 404, { status: 'not_found' });
    }
  }

  private async complaints(): Promise<string[]> {
    const { workers, link, lanes, relay, lagLimitMs } = this.options;
    const backlog = await relay.backlog().catch(() => null);
    return [
      ...(workers.healthy ? [] : ['workers_not_running']),
      ...(await link.complaints()),
      ...lanes.stopped.map((workspaceId) => `lane_stopped:${workspaceId}`),
      ...(backlog === null ? ['database_unreachable'] : []),
      ...(backlog !== null && backlog.oldestMs > lagLimitMs ? ['outbox_behind'] : []),
    ];
  }

  private async metrics(): Promise<string> {
    const { relay, workers, lanes, reconciler } = this.options;
    const backlog = await relay.backlog().catch(() => null);
    const { rss, heapUsed } = process.memoryUsage();
    const found = reconciler.last;
    const gauges: [string, number][] = [
      ['throughline_workers_running', workers.healthy ? 1 : 0],
      ['throughline_lanes_stopped', lanes.stopped.length],
      ...(backlog === null
        ? []
        : ([
            ['throughline_outbox_rows', backlog.rows],
            ['throughline_outbox_oldest_seconds', backlog.oldestMs / 1_000],
          ] satisfies [string, number][])),
      ['throughline_reconciler_restarted', found?.restarted ?? 0],
      ['throughline_reconciler_held', found?.held ?? 0],
      ['process_resident_memory_bytes', rss],
      ['nodejs_heap_used_bytes', heapUsed],
    ];
    const counters: [string, number][] = [
      ['throughline_relay_started_total', relay.counts.started],
      ['throughline_relay_woken_total', relay.counts.woken],
      ['throughline_relay_failed_total', relay.counts.failed],
      ['throughline_lane_events_total', lanes.counts.events],
      ['throughline_lane_duplicates_total', lanes.counts.duplicates],
      ['throughline_lane_quarantined_total', lanes.counts.quarantined],
      ['throughline_lane_traits_refused_total', lanes.counts.refusedTraits],
    ];
    return [...series('gauge', gauges), ...series('counter', counters), ''].join('\n');
  }
}

function series(type: string, values: readonly [string, number][]): string[] {
  return values.flatMap(([name, value]) => [`# TYPE ${name} ${type}`, `${name} ${value}`]);
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}
