import type { Transform } from 'node:stream';
import { createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { ThroughlineError } from '@throughline/domain/shared';

/** Bytes of a body, as sent and inflated. */
export const BODY_LIMIT = 500 * 1024;

/** The body without its encoding. Counted while it comes out: a bomb is left after its first half megabyte. */
export async function inflate(raw: Buffer, encoding: string | undefined): Promise<Buffer> {
  switch ((encoding ?? 'identity').trim().toLowerCase()) {
    case 'identity':
    case '':
      return raw;
    case 'gzip':
    case 'x-gzip':
      return drain(createGunzip(), raw);
    case 'deflate':
      return drain(isZlib(raw) ? createInflate() : createInflateRaw(), raw);
    default:
      throw new ThroughlineError(
        'unsupported_media_type',
        'Content-Encoding may be gzip, deflate or identity.',
      );
  }
}

const DEFLATE_METHOD = 8;

/** Half the world's "deflate" is raw, without the header that the standard asks for. */
function isZlib(raw: Buffer): boolean {
  return (
    raw.length >= 2 && ((raw[0] ?? 0) & 0x0f) === DEFLATE_METHOD && raw.readUInt16BE(0) % 31 === 0
  );
}

function drain(stream: Transform, raw: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size <= BODY_LIMIT) return;
      stream.destroy();
      reject(
        new ThroughlineError(
          'body_too_large',
          `Inflated, the body is larger than ${BODY_LIMIT} bytes.`,
        ),
      );
    });
    stream.on('end', () => {
      resolve(Buffer.concat(chunks, size));
    });
    stream.on('error', () => {
      reject(
        new ThroughlineError('invalid_request', 'The body is not what its Content-Encoding says.'),
      );
    });
    stream.end(raw);
  });
}
