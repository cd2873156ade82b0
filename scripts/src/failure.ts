/** How a command of ours gives up: one sentence that a person understands and one command to copy. */

export type FailureCode =
  | 'temporal_not_found'
  | 'temporal_unreachable'
  | 'postgres_unusable'
  | 'port_busy'
  | 'already_running'
  | 'not_ready'
  | 'command_failed'
  | 'bundle_warning';

interface FailureParts {
  readonly code: FailureCode;
  /** What went wrong, as one sentence. */
  readonly sentence: string;
  /** What to type next. */
  readonly command: string;
  /** Lines that help whoever wants to know more. */
  readonly details?: readonly string[];
  readonly cause?: unknown;
}

export class Failure extends Error {
  readonly code: FailureCode;
  readonly sentence: string;
  readonly command: string;
  readonly details: readonly string[];

  constructor(parts: FailureParts) {
    super(renderFailure(parts), { cause: parts.cause });
    this.name = 'Failure';
    this.code = parts.code;
    this.sentence = parts.sentence;
    this.command = parts.command;
    this.details = parts.details ?? [];
  }
}

function renderFailure(parts: FailureParts): string {
  const details = (parts.details ?? []).map((line) => `  ${line}`);
  return [parts.sentence, ...details, `Try: ${parts.command}`].join('\n');
}

/** The message of anything that was thrown: Core errors are not `instanceof Error` across realms. */
export function messageOf(thrown: unknown): string {
  if (typeof thrown === 'object' && thrown !== null && 'message' in thrown) {
    return String(thrown.message);
  }
  return String(thrown);
}

/** The `code` of a system error, whatever realm it came from. */
export function codeOf(thrown: unknown): string | number | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return undefined;
  const { code } = thrown;
  return typeof code === 'string' || typeof code === 'number' ? code : undefined;
}
