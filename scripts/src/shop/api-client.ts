/** The few calls of the management API that the demo needs; it asks as any user would, with a key. */
import { Failure } from '../failure.js';

export interface ApiClient {
  get(path: string): Promise<Record<string, unknown>>;
  /** all pages of a list, up to a bound */
  list(path: string): Promise<Record<string, unknown>[]>;
  put(path: string, body: unknown): Promise<Record<string, unknown>>;
  post(path: string, body?: unknown): Promise<Record<string, unknown>>;
  /** a file, as it is */
  upload(path: string, text: string, contentType: string): Promise<Record<string, unknown>>;
}

const MAX_PAGES = 50;

export function createApiClient(baseUrl: string, key: string): ApiClient {
  const call = (method: string, path: string, body?: unknown): Promise<Record<string, unknown>> =>
    send(
      method,
      path,
      body === undefined ? undefined : { text: JSON.stringify(body), type: 'application/json' },
    );
  const send = async (
    method: string,
    path: string,
    body?: { readonly text: string; readonly type: string },
  ): Promise<Record<string, unknown>> => {
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': body.type }),
      },
      ...(body === undefined ? {} : { body: body.text }),
      signal: AbortSignal.timeout(10_000),
    });
    const answer: unknown = await response.json().catch(() => ({}));
    if (response.ok) return asRecord(answer);
    throw new Failure({
      code: 'command_failed',
      sentence: `${method} ${path} answered ${response.status}.`,
      command: 'npm start -- --reset',
      details: [JSON.stringify(answer)],
    });
  };
  return {
    get: (path) => call('GET', path),
    put: (path, body) => call('PUT', path, body),
    post: (path, body) => call('POST', path, body),
    upload: (path, text, type) => send('POST', path, { text, type }),
    async list(path) {
      const items: Record<string, unknown>[] = [];
      let after: unknown = null;
      for (let page = 0; page < MAX_PAGES; page += 1) {
        const query = `limit=200${typeof after === 'string' ? `&after=${encodeURIComponent(after)}` : ''}`;
        const answer = await call('GET', `${path}${path.includes('?') ? '&' : '?'}${query}`);
        items.push(...asRecords(answer['items']));
        after = answer['next'];
        if (after === null || after === undefined) break;
      }
      return items;
    },
  };
}

export function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

export function asRecords(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(asRecord) : [];
}

export function asText(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
