/** The bytes of an upload on their way in: inflated, counted, hashed and known to be UTF-8; never whole in memory. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { TextDecoder } from 'node:util';
import { createGunzip } from 'node:zlib';
import { ThroughlineError } from '@throughline/domain/shared';

export interface StreamLimits {
  /** bytes, inflated */
  readonly bytes: number;
  /** inflated to packed: text packs to a twentieth, a bomb to a thousandth */
  readonly ratio: number;
}

const IMPORT_LIMITS: StreamLimits = { bytes: 2 * 1024 ** 3, ratio: 200 };

/** A ratio says something only about more than a few bytes. */
const RATIO_COUNTS_FROM = 4 * 1024 * 1024;
const GZIP_MAGIC = [0x1f, 0x8b];

export class ImportStream {
  bytes = 0;
  private packed = 0;
  private readonly hash = createHash('sha256');

  constructor(
    private readonly source: AsyncIterable<Buffer>,
    private readonly encoding: string | undefined,
    private readonly limits: StreamLimits = IMPORT_LIMITS,
  ) {}

  /** Of everything that was read; once, at the end. */
  digest(): Buffer {
    return this.hash.digest();
  }

  async *read(): AsyncGenerator<Buffer> {
    const utf8 = new TextDecoder('utf-8', { fatal: true });
    for await (const bytes of await this.inflated()) {
      if (this.bytes === 0) refuseUtf16(bytes);
      this.bytes += bytes.length;
      this.refuseTooLarge();
      decode(utf8, bytes, true);
      this.hash.update(bytes);
      yield bytes;
    }
    decode(utf8, new Uint8Array(), false);
  }

  /** A file that is packed says so by its first bytes, whatever the headers say of it. */
  private async inflated(): Promise<AsyncIterable<Buffer>> {
    const encoding = (this.encoding ?? 'identity').trim().toLowerCase();
    if (!['identity', '', 'gzip', 'x-gzip'].includes(encoding))
      throw new ThroughlineError(
        'unsupported_media_type',
        'Content-Encoding may be gzip or identity.',
      );
    const counted = this.counted();
    const first = await counted.next();
    if (first.done === true) return nothing();
    const whole = prepend(first.value, counted);
    const isPacked = GZIP_MAGIC.every((byte, index) => first.value[index] === byte);
    if (!isPacked && encoding.endsWith('gzip')) throw notGzip();
    return isPacked ? gunzipped(whole) : whole;
  }

  private async *counted(): AsyncGenerator<Buffer> {
    for await (const bytes of this.source) {
      if (bytes.length === 0) continue;
      this.packed += bytes.length;
      yield bytes;
    }
  }

  private refuseTooLarge(): void {
    const { bytes, limits, packed } = this;
    const isBomb = bytes > RATIO_COUNTS_FROM && bytes > packed * limits.ratio;
    if (bytes > limits.bytes || isBomb)
      throw new ThroughlineError(
        'body_too_large',
        `Inflated, a file may have ${limits.bytes} bytes, and ${limits.ratio} times its packed size.`,
      );
  }
}

async function* nothing(): AsyncGenerator<Buffer> {
  // An empty file is a file; whoever reads it says what it lacks.
}

async function* prepend(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}

/** Node's stream tells of broken packing by an error like any other. */
async function* gunzipped(packed: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const source = Readable.from(packed, { objectMode: false });
  const gunzip = createGunzip();
  source.once('error', (error) => gunzip.destroy(error));
  source.pipe(gunzip);
  try {
    for await (const bytes of gunzip) if (Buffer.isBuffer(bytes)) yield bytes;
  } catch (error) {
    throw isPackingFault(error) ? notGzip() : error;
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}

function isPackingFault(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    typeof error.code === 'string' &&
    error.code.startsWith('Z_')
  );
}

function notGzip(): ThroughlineError {
  return new ThroughlineError(
    'invalid_request',
    'The file is not what its Content-Encoding says, or is cut off.',
  );
}

function refuseUtf16(bytes: Buffer): void {
  const [first, second] = bytes;
  const isMarked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  if (isMarked || second === 0 || first === 0)
    throw new ThroughlineError(
      'invalid_request',
      'The file is UTF-16. Save it as UTF-8 and upload it again.',
    );
}

function decode(utf8: TextDecoder, bytes: Uint8Array, stream: boolean): void {
  try {
    utf8.decode(bytes, { stream });
  } catch {
    throw new ThroughlineError(
      'invalid_request',
      'The file is not UTF-8; it looks like Latin-1 or Windows-1252. Save it as UTF-8 and upload it again.',
    );
  }
}
