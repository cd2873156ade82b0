/** Requests as bytes, made before they are needed or cheaply on the way: the generator must not be what is measured. */
import { seededChance } from '@throughline/domain/shared';
import { createZipf } from './random.js';
import { StandardLoad } from './standard-load.js';

export interface PreparedRequest {
  readonly bytes: Buffer;
  readonly events: number;
}

export interface RequestSource {
  next(): PreparedRequest;
}

export interface RequestHead {
  readonly path: string;
  readonly authorization: string;
}

export function httpRequest(head: RequestHead, body: string): Buffer {
  return Buffer.from(
    `POST ${head.path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: ${head.authorization}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function getRequest({ path, authorization }: RequestHead): Buffer {
  return Buffer.from(
    `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: ${authorization}\r\n\r\n`,
  );
}

/** Reads of some paths, the first of them by far the most often. Each counts as one event. */
export class ReadSource implements RequestSource {
  private readonly requests: readonly PreparedRequest[];
  private readonly rank: () => number;

  constructor(options: {
    readonly authorization: string;
    readonly paths: readonly string[];
    readonly seed: number;
  }) {
    const { authorization, paths, seed } = options;
    this.requests = paths.map((path) => ({
      bytes: getRequest({ path, authorization }),
      events: 1,
    }));
    this.rank = createZipf(paths.length, seededChance(seed));
  }

  next(): PreparedRequest {
    const request = this.requests[this.rank()];
    if (request === undefined) throw new RangeError('nothing to read');
    return request;
  }
}

/** Bodies of the standard load in batches, each sent once. */
export class StandardSource implements RequestSource {
  constructor(
    private readonly load: StandardLoad,
    private readonly options: { readonly authorization: string; readonly batch: number },
  ) {}

  next(): PreparedRequest {
    const { authorization, batch } = this.options;
    const events = Array.from({ length: batch }, () => this.load.next().text);
    const body = `{"batch":[${events.join(',')}]}`;
    return { bytes: httpRequest({ path: '/v1/batch', authorization }, body), events: batch };
  }
}

const ID_DIGITS = 12;
const PLACEHOLDER = '~'.repeat(ID_DIGITS);

export interface PooledOptions {
  readonly authorization: string;
  readonly seed: number;
  /** events in a request; one goes to /v1/track by itself */
  readonly batch: number;
  /** different bodies before the first comes again, with new message ids */
  readonly bodies: number;
  readonly nowMs: () => number;
}

/** A pool of varied track bodies; what is sent is a copy with message ids that were never sent before. */
export class PooledSource implements RequestSource {
  private readonly pool: readonly { readonly bytes: Buffer; readonly idsAt: readonly number[] }[];
  private readonly batch: number;
  private sent = 0;
  private ids = 0;

  constructor(options: PooledOptions) {
    this.batch = options.batch;
    const load = new StandardLoad({ seed: options.seed, nowMs: options.nowMs });
    this.pool = Array.from({ length: options.bodies }, () => pooled(options, load));
  }

  next(): PreparedRequest {
    const template = this.pool[this.sent % this.pool.length];
    if (template === undefined) throw new RangeError('a pool needs a body');
    this.sent += 1;
    const bytes = Buffer.from(template.bytes);
    for (const at of template.idsAt) {
      this.ids += 1;
      bytes.write(String(this.ids).padStart(ID_DIGITS, '0'), at, 'latin1');
    }
    return { bytes, events: this.batch };
  }
}

function pooled(options: PooledOptions, load: StandardLoad): { bytes: Buffer; idsAt: number[] } {
  const { authorization, batch, seed } = options;
  const events = Array.from({ length: batch }, () =>
    nextTrack(load).replace(/"messageId":"[^"]+"/, `"messageId":"p${seed}-${PLACEHOLDER}"`),
  );
  const bytes =
    batch === 1
      ? httpRequest({ path: '/v1/track', authorization }, events[0] ?? '')
      : httpRequest({ path: '/v1/batch', authorization }, `{"batch":[${events.join(',')}]}`);
  return { bytes, idsAt: placesOf(bytes) };
}

function nextTrack(load: StandardLoad): string {
  for (;;) {
    const event = load.next();
    if (event.kind === 'track') return event.text;
  }
}

function placesOf(bytes: Buffer): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(PLACEHOLDER); at !== -1; at = bytes.indexOf(PLACEHOLDER, at + 1))
    places.push(at);
  return places;
}

/** Basic authentication as Segment's libraries do it: the write key is the user. */
export function basicAuthorization(writeKey: string): string {
  return `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}`;
}
