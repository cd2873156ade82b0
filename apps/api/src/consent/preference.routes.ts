import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  appendConsents,
  readPreferences,
  type Preference,
  type PreferenceSigner,
} from '@throughline/store/consent';
import { readCustomer } from '@throughline/store/profiles';
import { inWorkspace } from '@throughline/store/shared';
import { readWorkspace } from '@throughline/store/workspaces';
import type { Database } from '../common/database.js';
import type { Log } from '../common/log.js';
import { sendRefusal } from '../common/reply.js';
import { preferencePage, wordsOf } from './preference-page.js';
import { invalidPage, sendPage } from './public-page.js';

export interface PreferenceDoor {
  readonly preferenceSigner: PreferenceSigner;
  readonly database: Database;
  readonly log: Log;
}

interface TokenRoute {
  Params: { token: string };
}

const MOST_BYTES = 32 * 1024;

/** `/p/<token>`: GET shows what the person allows, POST changes it. The signed token is the permission. */
export function registerPreferences(fastify: FastifyInstance, options: PreferenceDoor): void {
  void fastify.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: MOST_BYTES },
      (_request, body, parsed) => {
        parsed(null, body);
      },
    );
    scope.setErrorHandler((error, _request, reply) => {
      const { unexpected, problem } = sendRefusal(reply, error);
      if (unexpected !== undefined)
        options.log.failure(unexpected, { requestId: problem.requestId });
    });
    scope.get<TokenRoute>('/p/:token', (request, reply) => show(options, request, reply));
    scope.post<TokenRoute>('/p/:token', (request, reply) => save(options, request, reply));
    done();
  });
}

interface Visitor {
  readonly workspaceId: string;
  readonly workspace: string;
  readonly customerId: string;
  readonly preferences: readonly Preference[];
}

/** Null for a link that we did not sign, or of somebody who is gone. */
async function visitorOf(
  { preferenceSigner, database }: PreferenceDoor,
  token: string,
): Promise<Visitor | null> {
  const claim = preferenceSigner.verify(token);
  if (claim === null) return null;
  const { workspaceId } = claim;
  const workspace = await readWorkspace(database.door, workspaceId);
  if (workspace === null) return null;
  return inWorkspace(database.app, workspaceId, async (client) => {
    const customer = await readCustomer(client, workspaceId, claim.customerId);
    if (customer === null) return null;
    const { customerId } = customer;
    const preferences = await readPreferences(client, workspaceId, customerId);
    return { workspaceId, workspace: workspace.name, customerId, preferences };
  });
}

async function show(
  options: PreferenceDoor,
  request: FastifyRequest<TokenRoute>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const visitor = await visitorOf(options, request.params.token);
  if (visitor === null) return sendPage(reply, 404, invalidPage());
  return sendPage(reply, 200, preferencePage({ ...visitor, saved: false }));
}

async function save(
  options: PreferenceDoor,
  request: FastifyRequest<TokenRoute>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const visitor = await visitorOf(options, request.params.token);
  if (visitor === null) return sendPage(reply, 404, invalidPage());
  const { workspaceId, customerId, preferences } = visitor;
  const words = wordsOf(preferences, typeof request.body === 'string' ? request.body : '');
  if (words.length > 0)
    await appendConsents(options.database.door, { workspaceId, customerId, words }, Date.now());
  // The lane comes to it in a moment; what was said is what is shown.
  const after = preferences.map((one) => {
    const word = words.find(
      ({ purpose, channel }) => purpose === one.purpose && channel === one.channel,
    );
    return word === undefined ? one : { ...one, state: word.state };
  });
  return sendPage(reply, 200, preferencePage({ ...visitor, preferences: after, saved: true }));
}
