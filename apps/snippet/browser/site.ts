/** A shop's site on loopback, a real browser that visits it, and the real API on another origin. */
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { build } from 'esbuild';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { BUILD } from '../build.mjs';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Nothing that a browser does by itself belongs into a test. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export async function openBrowser(): Promise<Browser> {
  const executablePath = CHROMIUM.find((path) => existsSync(path));
  if (executablePath === undefined)
    throw new TypeError(
      `These tests need a Chromium, and there is none at ${CHROMIUM.join(', ')}. Try: apt-get install chromium`,
    );
  return chromium.launch({ executablePath, args: FLAGS });
}

export class Site {
  private constructor(
    private readonly server: Server,
    readonly origin: string,
  ) {}

  static async open(): Promise<Site> {
    const { outputFiles } = await build({ ...BUILD, write: false });
    const script = outputFiles[0]?.text ?? '';
    const server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
      if (pathname === '/throughline.js') {
        response.setHeader('content-type', 'text/javascript').end(script);
        return;
      }
      const tag = searchParams.get('tag') ?? '';
      response
        .setHeader('content-type', 'text/html')
        .end(`<!doctype html><title>Shop ${pathname}</title>${tag}<h1>Shop</h1>`);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return new Site(server, `http://127.0.0.1:${port}`);
  }

  /** The address of a page that loads the script with these attributes, after what the page has called before. */
  page(path: string, attributes: Readonly<Record<string, string>>, earlier = ''): string {
    const written = Object.entries(attributes).map(([name, value]) => `data-${name}="${value}"`);
    const tag = `<script>window.throughline=[${earlier}]</script><script src="/throughline.js" ${written.join(' ')}></script>`;
    const separator = path.includes('?') ? '&' : '?';
    return `${this.origin}${path}${separator}tag=${encodeURIComponent(tag)}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** A visitor with a browser profile of their own, and a record of all that left it for the API. */
export class Visitor {
  readonly requests: string[] = [];

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
  ) {}

  static async arrive(browser: Browser, api: string): Promise<Visitor> {
    const context = await browser.newContext();
    const visitor = new Visitor(context, await context.newPage());
    context.on('request', (request) => {
      if (request.url().startsWith(api)) visitor.requests.push(request.url());
    });
    return visitor;
  }

  /** `throughline.<name>(…)` in the page; answers what it answered. */
  async call(name: string, ...args: readonly unknown[]): Promise<unknown> {
    const answer: unknown = await this.page.evaluate(
      `throughline[${JSON.stringify(name)}](...${JSON.stringify(args)})`,
    );
    return answer;
  }

  /** Keys of localStorage, and cookies. */
  async stored(): Promise<readonly string[]> {
    const keys: unknown = await this.page.evaluate('Object.keys(localStorage)');
    const cookies = await this.context.cookies();
    const names = cookies.map(({ name }) => name);
    return Array.isArray(keys) ? [...keys.map(String), ...names] : names;
  }
}
