import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyHttpOptions } from 'fastify';
import { newId } from '@throughline/store/shared';
import { PROBLEM_TYPE } from './common/problem.js';

/** Definitions and templates; the ingest door has its own, smaller limit. */
const MANAGEMENT_BODY_LIMIT = 1_024 * 1_024;

/** A file over a slow line; every other body has `BODY_TIMEOUT_MS`, which common/body-deadline.ts watches over. */
const FILE_TIMEOUT_MS = 3_600_000;
export const BODY_TIMEOUT_MS = 20_000;

/**
 * How patient the server is. A client that sends its headers or body a byte at a time is let go after seconds, so that slow
 * connections cannot be piled up.
 */
export function serverOptions(): FastifyHttpOptions<Server> {
  return {
    logger: false,
    bodyLimit: MANAGEMENT_BODY_LIMIT,
    requestTimeout: FILE_TIMEOUT_MS,
    keepAliveTimeout: 65_000,
    forceCloseConnections: 'idle',
    genReqId: requestIds(),
    requestIdHeader: false,
    routerOptions: { maxParamLength: 700 },
    http: { headersTimeout: 10_000, connectionsCheckingInterval: 1_000, maxHeaderSize: 16 * 1_024 },
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    clientErrorHandler: answerBrokenRequest,
  };
}

/** Unique across processes by the prefix, cheap by the counter. */
function requestIds(): () => string {
  const prefix = newId().replaceAll('-', '').slice(0, 16);
  let count = 0;
  return () => {
    count += 1;
    return `${prefix}-${count.toString(36)}`;
  };
}

/** Hangs up on who is too slow, with the answer that the server itself would give. */
export function hangUp(socket: Socket): void {
  answerBrokenRequest(
    Object.assign(new Error('too slow'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }),
    socket,
  );
}

/** What is not HTTP, or too slow, or has headers without end: answered in the same shape, then hung up on. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = STATUS[error.code ?? ''] ?? '400 Bad Request';
  const body = JSON.stringify({
    type: 'urn:throughline:error:invalid_request',
    title: 'The request does not have the expected shape.',
    status: Number(status.slice(0, 3)),
    code: 'invalid_request',
    detail: 'The request is not well-formed HTTP, or took too long to arrive.',
    faults: [],
    requestId: '',
  });
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: ${PROBLEM_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

const STATUS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};
