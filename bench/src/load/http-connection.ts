/**
 * One keep-alive connection, one request at a time, parsing no more of an answer than its status and its end. A general client
 * costs several times what a server needs for such a request, and on two cores that would be measured instead of it.
 */
import { connect, type Socket } from 'node:net';

const END_OF_HEAD = '\r\n\r\n';

interface Pending {
  readonly resolve: (status: number) => void;
  readonly reject: (error: Error) => void;
}

export class HttpConnection {
  private pending: Pending | null = null;
  private received: Buffer | null = null;
  private broken: Error | null = null;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.take(chunk);
    });
    socket.on('error', (error) => {
      this.fail(error);
    });
    socket.on('close', () => {
      this.fail(new Error('the server closed the connection'));
    });
  }

  static open(port: number, host = '127.0.0.1'): Promise<HttpConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new HttpConnection(socket));
      });
    });
  }

  /** False once either side has closed it. */
  get isOpen(): boolean {
    return this.broken === null;
  }

  /** The status of the answer, once the whole answer is there. */
  send(bytes: Buffer): Promise<number> {
    if (this.broken !== null) return Promise.reject(this.broken);
    return new Promise((resolve, reject) => {
      this.pending = { resolve, reject };
      this.socket.write(bytes);
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    const received = this.received === null ? chunk : Buffer.concat([this.received, chunk]);
    const answer = readAnswer(received);
    if (answer === 'more') {
      this.received = received;
      return;
    }
    this.received = null;
    if (answer === 'unreadable') this.fail(new Error('the answer has no length'));
    else this.settle(answer);
  }

  private settle(status: number): void {
    const { pending } = this;
    this.pending = null;
    pending?.resolve(status);
  }

  private fail(error: Error): void {
    this.broken ??= error;
    const { pending } = this;
    this.pending = null;
    pending?.reject(error);
  }
}

/** The status of a complete answer. */
export function readAnswer(received: Buffer): number | 'more' | 'unreadable' {
  const headEnd = received.indexOf(END_OF_HEAD);
  if (headEnd === -1) return 'more';
  const head = received.toString('latin1', 0, headEnd);
  const status = Number(head.slice(9, 12));
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length === undefined) return status === 204 ? status : 'unreadable';
  return received.length >= headEnd + END_OF_HEAD.length + Number(length) ? status : 'more';
}
