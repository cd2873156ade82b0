import { pino, type DestinationStream, type Logger } from 'pino';

/** What may be logged of a request: patterns, never URLs (a query may name a person), and never a body, address or key. */
export interface RequestLine {
  readonly requestId: string;
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly ms: number;
  readonly keyId: string | undefined;
}

/**
 * Structured lines on standard output. Messages of failures come from libraries and may quote data, so only their kind, code
 * and place are kept.
 */
export class Log {
  private readonly logger: Logger;

  constructor(level: string, destination?: DestinationStream) {
    const options = {
      level,
      base: { app: 'api' },
      redact: {
        paths: ['authorization', '*.authorization', 'key', '*.key', 'body', '*.body'],
        censor: '[redacted]',
      },
    };
    this.logger = destination === undefined ? pino(options) : pino(options, destination);
  }

  request(line: RequestLine): void {
    this.logger.info(line, 'request');
  }

  info(fields: Readonly<Record<string, unknown>>, message: string): void {
    this.logger.info(fields, message);
  }

  warn(fields: Readonly<Record<string, unknown>>, message: string): void {
    this.logger.warn(fields, message);
  }

  debug(fields: Readonly<Record<string, unknown>>, message: string): void {
    this.logger.debug(fields, message);
  }

  failure(error: unknown, fields: Readonly<Record<string, unknown>> = {}): void {
    this.logger.error({ ...fields, failure: describeFailure(error) }, 'unexpected failure');
  }
}

interface FailureLine {
  readonly name: string;
  readonly code?: string;
  readonly stack?: string;
}

/** Name, code and stack frames; the message (the stack's first lines) stays out. */
export function describeFailure(error: unknown): FailureLine {
  if (typeof error !== 'object' || error === null) return { name: typeof error };
  const name = 'name' in error && typeof error.name === 'string' ? error.name : 'Error';
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  const frames =
    'stack' in error && typeof error.stack === 'string'
      ? error.stack.split('\n').filter((line) => /^\s+at /.test(line))
      : [];
  return { name, ...code, stack: frames.slice(0, 12).join('\n') };
}
