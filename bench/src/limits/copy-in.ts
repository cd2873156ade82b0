/**
 * COPY from a text that is already there: the fastest way into a table that one connection has. The driver has no door for it,
 * but it lets whoever brings a `submit` method speak the protocol.
 */
import type pg from 'pg';

/** What the driver's connection can do and its type declaration does not say. */
interface CopyConnection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

export function copyIn(client: pg.ClientBase, statement: string, rows: string): Promise<void> {
  return new Promise((resolve, reject) => {
    client.query(new CopyIn({ statement, rows, resolve, reject }));
  });
}

interface CopyParts {
  readonly statement: string;
  readonly rows: string;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

class CopyIn implements pg.Submittable {
  private error: Error | null = null;

  constructor(private readonly parts: CopyParts) {}

  submit(connection: object): void {
    if (canCopy(connection)) connection.query(this.parts.statement);
    else this.parts.reject(new TypeError('this connection cannot copy'));
  }

  handleCopyInResponse(connection: object): void {
    if (!canCopy(connection)) return;
    connection.sendCopyFromChunk(Buffer.from(this.parts.rows));
    connection.endCopyFrom();
  }

  handleError(error: Error): void {
    this.error ??= error;
    this.parts.reject(error);
  }

  handleReadyForQuery(): void {
    if (this.error === null) this.parts.resolve();
  }

  handleCommandComplete(): void {
    // Ready-for-query follows, and only then may the connection be used again.
  }
}

function canCopy(connection: object): connection is CopyConnection {
  return 'sendCopyFromChunk' in connection && 'endCopyFrom' in connection;
}

/** A value as COPY's text format wants it. */
export function copyText(value: string): string {
  return ESCAPED.test(value) ? value.replace(ESCAPED_ALL, escapeOf) : value;
}

const ESCAPED = /[\\\t\n\r]/;
const ESCAPED_ALL = /[\\\t\n\r]/g;

function escapeOf(character: string): string {
  switch (character) {
    case '\t':
      return '\\t';
    case '\n':
      return '\\n';
    case '\r':
      return '\\r';
    default:
      return '\\\\';
  }
}
