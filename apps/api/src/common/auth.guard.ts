import { Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { ThroughlineError } from '@throughline/domain/shared';
import type { Scope } from '@throughline/store/workspaces';
import { rememberCaller } from './caller.js';
import { KeyDirectory } from './key-directory.js';
import { RateLimits } from './rate-limit.js';

const SCOPE = 'throughline:scope';

/** The scope that a route asks for. Scopes do not contain each other: a key lists all that it may do. */
export const NeedsScope = (scope: Scope): MethodDecorator & ClassDecorator =>
  SetMetadata(SCOPE, scope);

/** Stands before every route of Nest; one that names no scope is open to nobody. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly keys: KeyDirectory,
    private readonly limits: RateLimits,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { authorization } = request.headers;
    const holder =
      authorization === undefined ? null : await this.keys.findIn(authorization, bearerOf);
    if (holder === null) throw new ThroughlineError('unauthenticated');
    this.limits.admit(holder);
    const scope = neededScope(this.reflector, context);
    if (scope === undefined || !holder.scopes.includes(scope)) {
      throw new ThroughlineError(
        'forbidden',
        `This call needs a key with the scope ${scope ?? 'none has'}.`,
      );
    }
    rememberCaller(request, {
      workspaceId: holder.workspaceId,
      keyId: holder.keyId,
      scopes: holder.scopes,
      actor: `key:${holder.keyId}`,
    });
    return true;
  }
}

function neededScope(reflector: Reflector, context: ExecutionContext): Scope | undefined {
  return reflector.getAllAndOverride<Scope | undefined>(SCOPE, [
    context.getHandler(),
    context.getClass(),
  ]);
}

/** The empty key, where the header is none of ours, is nobody's. */
function bearerOf(header: string): string {
  const [, token] = /^Bearer +(\S+) *$/i.exec(header) ?? [];
  return token ?? '';
}
