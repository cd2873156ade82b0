import { pino, type DestinationStream, type Logger } from 'pino';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Structured lines on standard output. Messages of failures come from libraries and may quote data, so only their kind, code
 * and place are kept.
 */
export class Log {
  private readonly logger: Logger;

  constructor(level: string, destination?: DestinationStream) {
    const options = {
      level,
      base: { app: 'worker' },
      redact: { paths: REDACTED, censor: '[redacted]' },
    };
    this.logger = destination === undefined ? pino(options) : pino(options, destination);
  }

  debug(fields: Fields, message: string): void {
    this.logger.debug(fields, message);
  }

  info(fields: Fields, message: string): void {
    this.logger.info(fields, message);
  }

  warn(fields: Fields, message: string): void {
    this.logger.warn(fields, message);
  }

  failure(error: unknown, fields: Fields = {}, message = 'unexpected failure'): void {
    this.logger.error({ ...fields, failure: describeFailure(error) }, message);
  }
}

/** A second fence: nobody should log these, and if somebody does, they do not come out. */
const NAMES = [
  'address',
  'authorization',
  'body',
  'email',
  'input',
  'key',
  'properties',
  'secret',
  'settings',
  'to',
  'traits',
  'url',
];
const REDACTED = NAMES.flatMap((name) => [name, `*.${name}`]);

interface FailureLine {
  readonly name: string;
  readonly code?: string | number;
  readonly stack?: string;
}

/** Name, code and stack frames; the message (the stack's first lines) stays out. */
export function describeFailure(error: unknown): FailureLine {
  if (!(error instanceof Error)) return { name: typeof error };
  const code =
    'code' in error && (typeof error.code === 'string' || typeof error.code === 'number')
      ? { code: error.code }
      : {};
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return { name: error.name, ...code, stack: frames.slice(0, 12).join('\n') };
}
