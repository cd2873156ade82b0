/** The mail catcher's pages and its small API, on the loopback address. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { renderList, renderMail, renderMessageBody, renderNotFound } from './mail-page.js';
import type { CaughtMail, MailStore } from './mail-store.js';

interface Answer {
  readonly status: number;
  readonly type: 'text/html' | 'application/json';
  readonly body: string;
  readonly policy?: string;
}

/** Our own pages: no script at all, our style, and frames of our own making. */
const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** A mail's markup: pictures and inline style as mail programs show them, and nothing else. */
const MESSAGE_POLICY =
  "default-src 'none'; img-src data: http: https:; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox";

export function createMailHttp(store: MailStore): Server {
  return createServer((request, response) => {
    answer(store, request)
      .catch((): Answer => json(500, { error: 'the mail catcher failed' }))
      .then((result) => {
        send(response, result);
      })
      .catch(() => {
        response.destroy();
      });
  });
}

async function answer(store: MailStore, request: IncomingMessage): Promise<Answer> {
  // A page elsewhere that points its own name at this address must not read mail through a browser.
  if (!isLoopbackName(request.headers.host))
    return json(421, { error: 'ask for 127.0.0.1 or localhost' });
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const method = request.method ?? 'GET';
  if (method === 'DELETE' && url.pathname === '/api/messages') {
    await store.clear();
    return json(200, { messages: [] });
  }
  if (method !== 'GET' && method !== 'HEAD')
    return json(405, { error: 'only GET, or DELETE /api/messages' });
  return read(store, url);
}

function read(store: MailStore, url: URL): Answer {
  const to = url.searchParams.get('to') ?? undefined;
  if (url.pathname === '/') return html(200, renderList(store.list(to), to));
  if (url.pathname === '/api/messages') return json(200, { messages: store.list(to) });
  const [, area, id, part] =
    /^\/(api\/messages|messages)\/([^/]+)(\/body)?$/.exec(url.pathname) ?? [];
  const mail = id === undefined ? undefined : store.find(id);
  if (area === 'api/messages' && part === undefined) {
    return mail === undefined ? json(404, { error: 'no such mail' }) : json(200, mail);
  }
  if (mail === undefined || area !== 'messages') return html(404, renderNotFound());
  return part === undefined ? html(200, renderMail(mail)) : message(mail);
}

function message(mail: CaughtMail): Answer {
  return { status: 200, type: 'text/html', body: renderMessageBody(mail), policy: MESSAGE_POLICY };
}

function html(status: number, body: string): Answer {
  return { status, type: 'text/html', body };
}

function json(status: number, value: unknown): Answer {
  return { status, type: 'application/json', body: JSON.stringify(value) };
}

function send(response: ServerResponse, result: Answer): void {
  response.writeHead(result.status, {
    'content-type': `${result.type}; charset=utf-8`,
    'content-security-policy': result.policy ?? PAGE_POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  });
  response.end(result.body);
}

function isLoopbackName(host: string | undefined): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host ?? '');
}
