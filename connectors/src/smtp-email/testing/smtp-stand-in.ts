/** Mail servers on loopback: a real one that keeps what it gets, and a scripted one that says whatever a test needs to hear. */
import { simpleParser, type ParsedMail } from 'mailparser';
import { createServer, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import { addressOf } from '../../kit/testing/capture-server.js';

export interface CaughtMail {
  readonly raw: string;
  readonly parsed: ParsedMail;
  readonly from: string;
  readonly to: readonly string[];
}

export interface MailCatcher {
  readonly baseUrl: string;
  readonly port: number;
  readonly mails: readonly CaughtMail[];
  /** Connections made so far, and how many are open. */
  readonly connections: { readonly made: number; readonly open: number };
  readonly close: () => Promise<void>;
}

export interface CatcherOptions {
  /** Takes every mail whole and never answers. */
  readonly swallow?: boolean;
  readonly login?: { readonly user: string; readonly pass: string };
}

export async function startMailCatcher(options: CatcherOptions = {}): Promise<MailCatcher> {
  const mails: CaughtMail[] = [];
  const connections = { made: 0, open: 0 };
  const server = new SMTPServer({
    authOptional: options.login === undefined,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    closeTimeout: 100,
    logger: false,
    onConnect: (_session, done) => {
      connections.made += 1;
      connections.open += 1;
      done();
    },
    onClose: () => {
      connections.open -= 1;
    },
    onAuth: ({ username, password }, _session, done) => {
      const { user, pass } = options.login ?? {};
      if (username === user && password === pass) done(null, { user: username });
      else done(Object.assign(new TypeError('no'), { responseCode: 535 }));
    },
    onData: (stream, session, done) => {
      void readMail(stream, session).then((mail) => {
        mails.push(mail);
        if (options.swallow !== true) done();
      });
    },
  });
  // A client that hangs up in the middle is what some tests are about.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = addressOf(server.server.address());
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => {
        resolve();
      });
    });
  return { baseUrl: `smtp://127.0.0.1:${port}`, port, mails, connections, close };
}

async function readMail(stream: Readable, session: SMTPServerSession): Promise<CaughtMail> {
  const raw = await text(stream);
  const { mailFrom, rcptTo } = session.envelope;
  return {
    raw,
    parsed: await simpleParser(raw),
    from: mailFrom === false ? '' : mailFrom.address,
    to: rcptTo.map((one) => one.address),
  };
}

/** What the scripted server does on a command: a reply, silence, or a broken connection. */
export type Line =
  | string
  | { readonly then: 'silence' }
  | { readonly then: 'reset' }
  /** Says it and hangs up in good order. */
  | { readonly then: 'hang up'; readonly say: string };

export interface Script {
  readonly greeting?: Line;
  readonly ehlo?: Line;
  readonly auth?: Line;
  /** Asked with the number of mails begun on this connection. */
  readonly mail?: Line | ((count: number) => Line);
  readonly rcpt?: Line;
  readonly data?: Line;
  /** After the final dot. */
  readonly body?: Line;
  /** As soon as the first bytes of the body have come. */
  readonly bodyStart?: Line;
}

export interface ScriptedServer {
  readonly port: number;
  readonly connections: () => number;
  readonly commands: readonly string[];
  readonly close: () => Promise<void>;
}

/** `script` may change between connections: it is asked for each. */
export async function startScriptedSmtp(
  script: (connection: number) => Script,
): Promise<ScriptedServer> {
  const sockets = new Set<Socket>();
  const commands: string[] = [];
  let made = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    made += 1;
    socket.on('error', () => undefined);
    converse(socket, script(made), commands);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: addressOf(server.address()).port,
    connections: () => made,
    commands,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => {
          resolve();
        });
      }),
  };
}

function converse(socket: Socket, script: Script, commands: string[]): void {
  let pending = '';
  let inBody = false;
  let begun = 0;
  say(socket, script.greeting ?? '220 scripted');
  socket.on('data', (chunk) => {
    pending += chunk.toString('latin1');
    if (inBody && script.bodyStart !== undefined) {
      say(socket, script.bodyStart);
      return;
    }
    if (inBody && pending.includes('\r\n.\r\n')) {
      pending = pending.slice(pending.indexOf('\r\n.\r\n') + 5);
      inBody = false;
      commands.push('.');
      say(socket, script.body ?? '250 taken');
    }
    while (!inBody && pending.includes('\r\n')) {
      const line = pending.slice(0, pending.indexOf('\r\n'));
      pending = pending.slice(line.length + 2);
      commands.push(line);
      if (line.toUpperCase().startsWith('MAIL')) begun += 1;
      const reply = replyTo(line.toUpperCase(), script, begun);
      inBody =
        line.toUpperCase() === 'DATA' && typeof reply === 'string' && reply.startsWith('354');
      say(socket, reply);
    }
  });
}

function replyTo(line: string, script: Script, begun: number): Line {
  if (line.startsWith('EHLO') || line.startsWith('HELO'))
    return script.ehlo ?? '250-hi\r\n250 AUTH PLAIN';
  if (line.startsWith('AUTH')) return script.auth ?? '235 welcome';
  if (line.startsWith('MAIL')) {
    return typeof script.mail === 'function' ? script.mail(begun) : (script.mail ?? '250 ok');
  }
  if (line.startsWith('RCPT')) return script.rcpt ?? '250 ok';
  if (line === 'DATA') return script.data ?? '354 go on';
  if (line === 'STARTTLS') return '502 no such thing here';
  if (line === 'QUIT') return '221 bye';
  return '250 ok';
}

function say(socket: Socket, line: Line): void {
  if (typeof line === 'string') socket.write(`${line}\r\n`);
  else if (line.then === 'reset') socket.resetAndDestroy();
  else if (line.then === 'hang up') socket.end(`${line.say}\r\n`);
}
