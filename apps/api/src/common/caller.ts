import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ThroughlineError } from '@throughline/domain/shared';
import type { Scope } from '@throughline/store/workspaces';

/** Who is asking, as their key says. */
export interface Caller {
  readonly workspaceId: string;
  readonly keyId: string;
  readonly scopes: readonly Scope[];
  /** for audit and for `stopped_by` */
  readonly actor: string;
}

/** Beside the request rather than on it: nothing that a client sends can end up here. */
const callers = new WeakMap<object, Caller>();

export function rememberCaller(request: FastifyRequest, caller: Caller): void {
  callers.set(request.raw, caller);
}

export function callerOf(request: FastifyRequest): Caller | undefined {
  return callers.get(request.raw);
}

/** The caller of the request; a route without the guard has none and fails closed. */
export const FromKey = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const caller = callerOf(context.switchToHttp().getRequest<FastifyRequest>());
  if (caller === undefined) throw new ThroughlineError('unauthenticated');
  return caller;
});
