/**
 * The shop's side: the official client, unmodified but for its host. It writes down every message id that it sent and every one
 * that was acknowledged, and sends what was not acknowledged again under the same id.
 */
import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Analytics } from '@segment/analytics-node';

export interface SentEvent {
  readonly messageId: string;
  readonly name: string;
  readonly cart: string | null;
}

export interface ClientLog {
  readonly sent: readonly SentEvent[];
  readonly acknowledged: ReadonlySet<string>;
  /** sends that had to be repeated */
  readonly repeats: number;
}

export interface OutgoingEvent {
  readonly userId: string;
  /** absent: an identify with traits */
  readonly event?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly traits?: Readonly<Record<string, unknown>>;
  readonly cart?: string;
}

const AGAIN_MS = 250;

// The official client forgets to stop listening after each of its pauses: harmless here, and it would warn of a leak.
setMaxListeners(0);

export class ShopClient {
  private readonly client: Analytics;
  private readonly sent: SentEvent[] = [];
  private readonly acknowledged = new Set<string>();
  private repeats = 0;

  constructor(host: string, writeKey: string) {
    this.client = new Analytics({
      host,
      writeKey,
      flushAt: 5,
      flushInterval: 40,
      maxRetries: 1,
      httpRequestTimeout: 5_000,
    });
    this.client.on('error', () => undefined);
  }

  get log(): ClientLog {
    return { sent: this.sent, acknowledged: this.acknowledged, repeats: this.repeats };
  }

  /** True when the API has acknowledged it; false when the time was over first. */
  async send(event: OutgoingEvent, giveUp: AbortSignal): Promise<boolean> {
    const messageId = randomUUID();
    const timestamp = new Date();
    this.sent.push({ messageId, name: event.event ?? 'identify', cart: event.cart ?? null });
    while (!giveUp.aborted) {
      if (await this.attempt({ ...event, messageId, timestamp })) {
        this.acknowledged.add(messageId);
        return true;
      }
      this.repeats += 1;
      await delay(AGAIN_MS);
    }
    return false;
  }

  close(): Promise<void> {
    return this.client.closeAndFlush({ timeout: 2_000 });
  }

  private attempt(
    call: OutgoingEvent & { readonly messageId: string; readonly timestamp: Date },
  ): Promise<boolean> {
    const { userId, event, messageId, timestamp } = call;
    return new Promise((resolve) => {
      const done = (error: unknown): void => {
        resolve(error === undefined || error === null);
      };
      if (event === undefined)
        this.client.identify({ userId, traits: { ...call.traits }, messageId, timestamp }, done);
      else
        this.client.track(
          { userId, event, properties: { ...call.properties }, messageId, timestamp },
          done,
        );
    });
  }
}
