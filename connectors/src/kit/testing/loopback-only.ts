/** Notices every socket that a test run opens to anything but this machine. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Socket } from 'node:net';
import { z } from 'zod';

const CHANNEL = 'net.client.socket';
const Message = z.object({ socket: z.instanceof(Socket) });

export interface SocketWatch {
  /** How many sockets connected at all: a watch that saw none would prove nothing. */
  readonly seen: () => number;
  readonly foreign: () => readonly string[];
  stop(): void;
}

export function watchSockets(): SocketWatch {
  const addresses: string[] = [];
  const onSocket = (message: unknown): void => {
    const { socket } = Message.parse(message);
    socket.once('connect', () => addresses.push(socket.remoteAddress ?? 'unknown'));
  };
  subscribe(CHANNEL, onSocket);
  return {
    seen: () => addresses.length,
    foreign: () => addresses.filter((one) => !/^(127\.|::1$|::ffff:127\.)/.test(one)),
    stop: () => {
      unsubscribe(CHANNEL, onSocket);
    },
  };
}
