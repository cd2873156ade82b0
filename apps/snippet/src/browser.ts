/** The browser's side of the snippet's parts: stores, ids, the way out. */
import type { Queue } from './queue.js';
import { Sender, type Answer } from './sender.js';
import { cookieStore, localStore, memoryStore, type Store } from './store.js';
import { browser } from './window.js';

export interface Stores {
  /** ids and the word of the visitor */
  readonly kept: Store;
  readonly queued: Store;
}

export function openStores(): Stores {
  const local = localStore(() => browser().localStorage);
  return { kept: local ?? cookieStore(browser().document), queued: local ?? memoryStore() };
}

/** Not `randomUUID`, which is there on secure pages only. */
export function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

export function browserSender(
  queue: Queue,
  { key, host }: { readonly key: string; readonly host: string },
): Sender {
  return new Sender({
    queue,
    url: `${host}/v1/batch`,
    writeKey: key,
    now: Date.now,
    chance: Math.random,
    post,
    beacon: (url, body) => browser().navigator.sendBeacon(url, body),
    later: (work, ms) => {
      const timer = setTimeout(work, ms);
      return () => {
        clearTimeout(timer);
      };
    },
  });
}

/** As text, with the key in the body: the browser sends it without asking the server first whether it may. */
async function post(url: string, body: string): Promise<Answer> {
  try {
    const { status, headers } = await fetch(url, { method: 'POST', body, keepalive: true });
    return { status, retryAfterMs: 1_000 * (Number(headers.get('retry-after')) || 0) };
  } catch {
    return { status: 0, retryAfterMs: 0 };
  }
}
