/**
 * An ad platform on loopback: audiences of hashed members, told in batches, that can refuse, be slow, and break connections, before
 * or after they have taken what they got. With it the connector that speaks to it.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { z } from 'zod';
import {
  AudienceMember,
  defineConnector,
  httpAction,
  resultOfFault,
  type ConnectorDefinition,
  type ItemResult,
} from '@throughline/connectors/kit';
import { faultOfResponse } from '../../connectors/src/kit/http-fault.js';

export interface ToldPage {
  readonly op: 'add' | 'remove';
  readonly members: readonly string[];
  /** whether it was taken */
  readonly taken: boolean;
}

export type Mood =
  | { readonly kind: 'takes' }
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: number }
  /** breaks the connection before, or after, it has taken the page */
  | { readonly kind: 'breaks'; readonly taken: boolean }
  | { readonly kind: 'refuses'; readonly members: readonly string[]; readonly code: number };

const Body = z.object({
  op: z.enum(['add', 'remove']),
  audience: z.string(),
  members: z.array(z.string()),
});
type Body = z.infer<typeof Body>;

export class AdPlatform {
  readonly pages: ToldPage[] = [];
  /** what it does with the next request; it takes everything where nothing is said */
  mood: (page: Pick<ToldPage, 'op' | 'members'>) => Mood = () => ({ kind: 'takes' });
  /** when it has a page and has not answered: where a test kills whoever waits for the answer */
  beforeAnswer: () => Promise<void> = () => Promise.resolve();
  private readonly audiences = new Map<string, Set<string>>();

  private constructor(private readonly server: Server) {}

  static async open(): Promise<AdPlatform> {
    const server = createServer();
    const platform = new AdPlatform(server);
    server.on('request', (request, response) => {
      void readAll(request).then(async (text) => {
        const body = Body.parse(JSON.parse(text));
        const mood = platform.mood(body);
        const refused = mood.kind === 'refuses' ? mood.members : [];
        platform.take(body, mood, refused);
        await platform.beforeAnswer();
        if (mood.kind === 'breaks') request.socket.destroy();
        else {
          const headers =
            mood.kind === 'status' && mood.retryAfter !== undefined
              ? { 'retry-after': String(mood.retryAfter) }
              : {};
          response.writeHead(mood.kind === 'status' ? mood.status : 200, headers);
          const code = mood.kind === 'refuses' ? mood.code : 0;
          response.end(JSON.stringify({ refused, code }));
        }
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return platform;
  }

  get url(): string {
    const address = this.server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`;
  }

  /** Hashes of the members, sorted. */
  members(audience: string): readonly string[] {
    return [...(this.audiences.get(audience) ?? [])].sort();
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private take({ op, audience, members }: Body, mood: Mood, refused: readonly string[]): void {
    const taken =
      mood.kind === 'takes' || mood.kind === 'refuses' || (mood.kind === 'breaks' && mood.taken);
    this.pages.push({ op, members, taken });
    if (!taken) return;
    const list = this.audiences.get(audience) ?? new Set<string>();
    this.audiences.set(audience, list);
    for (const member of members) {
      if (refused.includes(member)) continue;
      if (op === 'add') list.add(member);
      else list.delete(member);
    }
  }
}

/** How the platform knows an address. */
export function hashOf(email: string): string {
  return createHash('sha256').update(email.trim().toLowerCase()).digest('hex');
}

const Settings = z.object({ url: z.url() });

/** One request a page; who is refused is named in the answer. */
export function adConnector(maxItems: number): ConnectorDefinition {
  return defineConnector({
    key: 'test-ads',
    name: 'Ads of the tests',
    category: 'audience',
    docsUrl: 'https://example.com',
    auth: 'none',
    settings: Settings,
    limits: { maxItems, maxBytes: 1_000_000, concurrency: 1, timeoutMs: 5_000 },
    idempotency: 'none',
    audience: { add: 'add', remove: 'remove' },
    actions: { add: telling('add'), remove: telling('remove') },
    check: () => Promise.resolve({ ok: true }),
  });
}

const Answer = z.object({ refused: z.array(z.string()), code: z.number() });

function telling(op: 'add' | 'remove') {
  return httpAction<z.infer<typeof Settings>, AudienceMember>({
    title: op,
    input: AudienceMember,
    build: (items, { settings }) => [
      {
        method: 'POST',
        url: settings.url,
        headers: {},
        body: {
          kind: 'json',
          value: {
            op,
            audience: items[0]?.input.audienceId,
            members: items.map(({ input }) => hashOf(input.email ?? '')),
          },
        },
        items: items.map((_item, index) => index),
      },
    ],
    read: (response, items, { nowMs, idempotency }) => {
      const fault = faultOfResponse(response, nowMs);
      if (fault !== undefined) return items.map(() => resultOfFault(fault, idempotency));
      const { refused, code } = Answer.parse(JSON.parse(response.body));
      return items.map(({ input }): ItemResult => {
        if (!refused.includes(hashOf(input.email ?? ''))) return { status: 'delivered' };
        return code === 503
          ? { status: 'retry', code: 'provider_unavailable' }
          : { status: 'failed', code: 'item_rejected', message: 'refused' };
      });
    },
  });
}

async function readAll(request: IncomingMessage): Promise<string> {
  let text = '';
  request.setEncoding('utf8');
  for await (const chunk of request) text += String(chunk);
  return text;
}
