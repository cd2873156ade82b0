import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  Injectable,
  SetMetadata,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { ThroughlineError } from '@throughline/domain/shared';
import {
  claimIdempotencyKey,
  keepIdempotentAnswer,
  releaseIdempotencyKey,
  type EarlierAnswer,
} from '@throughline/store/workspaces';
import { callerOf, type Caller } from './caller.js';
import { Database } from './database.js';

const SECRET_ANSWER = 'throughline:secret-answer';

/** The answer holds a secret that is shown once: a repeat is told so, and the secret is not kept for it. */
export const AnswersSecret = (): MethodDecorator => SetMetadata(SECRET_ANSWER, true);

/** POSTs with an Idempotency-Key happen once within 24 h; repeats get the first answer. */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    private readonly database: Database,
    private readonly reflector: Reflector,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const key = headerOf(request);
    const caller = callerOf(request);
    if (request.method !== 'POST' || key === null || caller === undefined) return next.handle();
    const secret =
      this.reflector.get<boolean | undefined>(SECRET_ANSWER, context.getHandler()) === true;
    const once = { key, caller, secret, request, reply: http.getResponse<FastifyReply>() };
    return from(this.once(once, next));
  }

  private async once(
    { key, caller, secret, request, reply }: Once,
    next: CallHandler,
  ): Promise<unknown> {
    const claim = { key, requestHash: hashOf(request) };
    const earlier = await this.database.read(caller, (client, id) =>
      claimIdempotencyKey(client, id, claim),
    );
    if (earlier.kind !== 'none') return replay(earlier, reply);
    try {
      const body: unknown = await lastValueFrom(next.handle(), { defaultValue: undefined });
      const kept = { key, status: reply.statusCode, body: secret ? undefined : body };
      await this.database.read(caller, (client, id) => keepIdempotentAnswer(client, id, kept));
      return body;
    } catch (error) {
      await this.release(caller, key);
      throw error;
    }
  }

  /** Best effort: an unreleased key frees itself after a minute. */
  private async release(caller: Caller, key: string): Promise<void> {
    await this.database
      .read(caller, (client, id) => releaseIdempotencyKey(client, id, key))
      .catch(() => undefined);
  }
}

interface Once {
  readonly key: string;
  readonly caller: Caller;
  readonly secret: boolean;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

function replay(earlier: Exclude<EarlierAnswer, { kind: 'none' }>, reply: FastifyReply): unknown {
  switch (earlier.kind) {
    case 'other_request':
      throw new ThroughlineError('idempotency_key_reused');
    case 'in_progress':
      throw new ThroughlineError(
        'conflict',
        'A request with this Idempotency-Key is being worked on.',
      );
    case 'answered':
      if (earlier.body === null) {
        throw new ThroughlineError('conflict', 'This was done already; its secret was shown once.');
      }
      void reply.code(earlier.status).header('idempotency-replayed', 'true');
      return earlier.body;
  }
}

function headerOf(request: FastifyRequest): string | null {
  const value = request.headers['idempotency-key'];
  if (value === undefined) return null;
  if (typeof value === 'string' && /^[\x21-\x7e]{1,255}$/.test(value)) return value;
  throw new ThroughlineError(
    'invalid_request',
    'Idempotency-Key is 1 to 255 visible ASCII characters.',
  );
}

/** A file is on its way still, and known again by its own content. */
function hashOf(request: FastifyRequest): Buffer {
  const body: unknown = request.body instanceof Readable ? null : (request.body ?? null);
  return createHash('sha256')
    .update(`${request.method} ${request.url}\n${JSON.stringify(body)}`)
    .digest();
}
