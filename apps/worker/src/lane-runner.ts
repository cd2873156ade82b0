import {
  runLanes,
  type LaneProblem,
  type LaneProgress,
  type LaneRunner as Lanes,
} from '@throughline/store/ingestion';
import type { Log } from './log.js';
import type { OutboxRelay } from './relay.js';

export interface LaneRunnerOptions {
  readonly databaseUrl: string;
  readonly relay: Pick<OutboxRelay, 'ring'>;
  readonly log: Log;
}

/** Works the lanes of this installation off, and tells the relay when one may have put something into the outbox. */
export class LaneRunner {
  private lanes: Lanes | null = null;
  /** since this process started */
  readonly counts = { events: 0, duplicates: 0, quarantined: 0, refusedTraits: 0 };

  constructor(private readonly options: LaneRunnerOptions) {}

  onApplicationBootstrap(): void {
    const { databaseUrl, relay } = this.options;
    this.lanes = runLanes({
      url: databaseUrl,
      onProgress: (_workspaceId, progress) => {
        this.count(progress);
        relay.ring();
      },
      onProblem: (problem) => {
        this.report(problem);
      },
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.lanes?.close();
  }

  /** Workspaces whose lane has stopped by our own fault. */
  get stopped(): readonly string[] {
    return [...(this.lanes?.stopped ?? [])];
  }

  private count({ events, duplicates, quarantined, refusedTraits }: LaneProgress): void {
    this.counts.events += events;
    this.counts.duplicates += duplicates;
    this.counts.quarantined += quarantined;
    this.counts.refusedTraits += refusedTraits;
  }

  private report({ workspaceId, kind, error }: LaneProblem): void {
    this.options.log.failure(
      error,
      { workspaceId, kind },
      kind === 'stopped' ? 'a lane has stopped' : 'a lane pauses',
    );
  }
}
