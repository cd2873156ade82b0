import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  appendUnsubscribe,
  type UnsubscribeClaim,
  type UnsubscribeSigner,
} from '@throughline/store/consent';
import { readWorkspace } from '@throughline/store/workspaces';
import type { Pool } from '../common/database.js';
import type { Log } from '../common/log.js';
import { sendRefusal } from '../common/reply.js';
import type { Metrics } from '../health/metrics.js';
import { invalidPage, sendPage } from './public-page.js';
import { donePage, questionPage } from './unsubscribe-page.js';

export interface UnsubscribeDoor {
  readonly signer: UnsubscribeSigner;
  readonly door: Pool;
  readonly metrics: Metrics;
  readonly log: Log;
}

interface TokenRoute {
  Params: { token: string };
}

/**
 * `/u/<token>`: GET asks, because mail scanners open every link; POST unsubscribes, whether it comes from the page's button or
 * from a mail program that obeys RFC 8058. There is no key: the signed token is the permission, and all it can do is revoke.
 */
export function registerUnsubscribe(fastify: FastifyInstance, options: UnsubscribeDoor): void {
  void fastify.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    // RFC 8058's body says List-Unsubscribe=One-Click and the page's says nothing of use: neither is read.
    scope.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: 4_096 },
      (_request, _body, parsed) => {
        parsed(null, undefined);
      },
    );
    scope.setErrorHandler((error, _request, reply) => {
      const { unexpected, problem } = sendRefusal(reply, error);
      if (unexpected !== undefined)
        options.log.failure(unexpected, { requestId: problem.requestId });
    });
    scope.get<TokenRoute>('/u/:token', (request, reply) => ask(options, request, reply));
    scope.post<TokenRoute>('/u/:token', (request, reply) => unsubscribe(options, request, reply));
    done();
  });
}

async function ask(
  options: UnsubscribeDoor,
  request: FastifyRequest<TokenRoute>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const claim = options.signer.verify(request.params.token);
  const workspace = claim === null ? null : await readWorkspace(options.door, claim.workspaceId);
  if (claim === null || workspace === null) return sendPage(reply, 404, invalidPage());
  return sendPage(reply, 200, questionPage({ workspace: workspace.name, purpose: claim.purpose }));
}

async function unsubscribe(
  options: UnsubscribeDoor,
  request: FastifyRequest<TokenRoute>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const claim: UnsubscribeClaim | null = options.signer.verify(request.params.token);
  const workspace = claim === null ? null : await readWorkspace(options.door, claim.workspaceId);
  if (claim === null || workspace === null) return sendPage(reply, 404, invalidPage());
  await appendUnsubscribe(options.door, claim, Date.now());
  options.metrics.unsubscribed();
  return sendPage(reply, 200, donePage({ workspace: workspace.name, purpose: claim.purpose }));
}
