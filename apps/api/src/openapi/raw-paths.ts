import { ENDPOINTS } from '../ingestion/endpoints.js';
import { DOOR_LIMITS } from '../ingestion/ingest.route.js';
import type { JsonSchema } from './components.js';
import { receiptPaths } from './receipt-paths.js';

/** What Nest does not know of: the raw routes, described by hand and held against the router by a test. */
export function rawPaths(): Record<string, JsonSchema> {
  return {
    ...ingestPaths(),
    ...hookPaths(),
    ...personalizePaths(),
    ...receiptPaths(),
    ...healthPaths(),
    ...unsubscribePaths(),
    ...preferencePaths(),
  };
}

const PROBLEM = {
  description: 'Refused; nothing was stored',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

const EXAMPLES: Readonly<Record<(typeof ENDPOINTS)[number], JsonSchema>> = {
  identify: { userId: 'u-1', traits: { email: 'ada@example.com', name: 'Ada' } },
  track: {
    userId: 'u-1',
    event: 'Product Added',
    properties: { cart_id: 'c-1', product: 'Kettle' },
  },
  page: { anonymousId: 'a-1', name: 'Home', properties: { path: '/' } },
  screen: { anonymousId: 'a-1', name: 'Basket' },
  group: { userId: 'u-1', groupId: 'g-1', traits: { name: 'Analysts' } },
  alias: { previousId: 'a-1', userId: 'u-1' },
  batch: {
    batch: [
      { type: 'track', userId: 'u-1', event: 'Order Completed', properties: { cart_id: 'c-1' } },
    ],
  },
};

function ingestPaths(): Record<string, JsonSchema> {
  return Object.fromEntries(
    ENDPOINTS.map((endpoint) => [
      `/v1/${endpoint}`,
      {
        post: {
          operationId: `ingest_${endpoint}`,
          tags: ['ingest'],
          summary: endpoint === 'batch' ? 'Many events in one body' : `Segment's ${endpoint} call`,
          description: `200 says that the body is committed. At most ${DOOR_LIMITS.bytes} bytes, also inflated, and ${DOOR_LIMITS.events} events. An event that cannot be applied goes to quarantine; its neighbours are applied.`,
          security: [{ writeKey: [] }, { bearer: [] }],
          requestBody: {
            required: true,
            content: {
              'application/json': { schema: { type: 'object' }, example: EXAMPLES[endpoint] },
            },
          },
          responses: {
            200: {
              description: 'Committed',
              content: {
                'application/json': {
                  schema: {
                    type: 'object',
                    required: ['success'],
                    properties: { success: { const: true } },
                  },
                },
              },
            },
            default: PROBLEM,
          },
        },
      },
    ]),
  );
}

function hookPaths(): Record<string, JsonSchema> {
  const counts = { events: { type: 'integer' }, rejected: { type: 'integer' } };
  const answer = { type: 'object', properties: { success: { const: true }, ...counts } };
  return {
    '/v1/hooks/{hookId}': {
      parameters: [
        { name: 'hookId', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
      ],
      post: {
        operationId: 'hook',
        tags: ['ingest'],
        summary: 'What another service sends, signed as its source says',
        description:
          '200 says that it is committed; what the mapping rejects stands in quarantine then.',
        security: [],
        requestBody: { required: true, content: { 'application/json': { schema: {} } } },
        responses: {
          200: { description: 'Committed', content: { 'application/json': { schema: answer } } },
          default: PROBLEM,
        },
      },
    },
  };
}

function personalizePaths(): Record<string, JsonSchema> {
  const id = { in: 'query', required: false, schema: { type: 'string', maxLength: 255 } };
  const names = { type: 'object', additionalProperties: true };
  const told = {
    type: 'object',
    required: ['personalised', 'reason', 'traits', 'predictions', 'segments', 'recommendations'],
    properties: {
      personalised: { type: 'boolean' },
      reason: { enum: ['granted', 'not_granted'] },
      traits: names,
      predictions: names,
      segments: { type: 'array', items: { type: 'string' } },
      recommendations: { type: 'array', items: { type: 'object' } },
    },
  };
  return {
    '/v1/personalize': {
      get: {
        operationId: 'personalize',
        tags: ['personalisation'],
        summary: 'What a page may be told of its visitor',
        description:
          'Fields on the list of the source, of a visitor who has agreed; for everybody else, and for whoever is not there, always the same. Needs a key with the scope personalise.',
        security: [{ bearer: [] }],
        parameters: [
          { name: 'anonymousId', ...id },
          { name: 'userId', ...id },
          { name: 'If-None-Match', in: 'header', required: false, schema: { type: 'string' } },
        ],
        responses: {
          200: { description: 'Told', content: { 'application/json': { schema: told } } },
          304: { description: 'As before' },
          default: PROBLEM,
        },
      },
    },
  };
}

function healthPaths(): Record<string, JsonSchema> {
  const operation = (operationId: string, summary: string, responses: JsonSchema): JsonSchema => ({
    get: { operationId, tags: ['health'], summary, security: [], responses },
  });
  const text = { 'text/plain': { schema: { type: 'string' } } };
  return {
    '/healthz': operation('healthz', 'The process is alive', { 200: { description: 'Alive' } }),
    '/readyz': operation('readyz', 'Database, migrations, lanes and Temporal are as they must be', {
      200: { description: 'Ready' },
      503: { description: 'Not ready; `reasons` says why' },
    }),
    '/metrics': operation('metrics', 'Prometheus text', {
      200: { description: 'Series', content: text },
    }),
  };
}

function unsubscribePaths(): Record<string, JsonSchema> {
  const html = { 'text/html': { schema: { type: 'string' } } };
  const responses = {
    200: { description: 'A page', content: html },
    404: { description: 'Not a link that we signed', content: html },
  };
  const form = {
    'application/x-www-form-urlencoded': {
      schema: { type: 'object', properties: { 'List-Unsubscribe': { const: 'One-Click' } } },
    },
  };
  return {
    '/u/{token}': {
      parameters: [{ name: 'token', in: 'path', required: true, schema: { type: 'string' } }],
      get: {
        operationId: 'unsubscribe_page',
        tags: ['public pages'],
        summary: 'Ask; changes nothing',
        security: [],
        responses,
      },
      post: {
        operationId: 'unsubscribe',
        tags: ['public pages'],
        summary: 'Unsubscribe (RFC 8058)',
        security: [],
        requestBody: { content: form },
        responses,
      },
    },
  };
}

function preferencePaths(): Record<string, JsonSchema> {
  const html = { 'text/html': { schema: { type: 'string' } } };
  const responses = {
    200: { description: 'A page', content: html },
    404: { description: 'Not a link that we signed, or of somebody who is gone', content: html },
  };
  const values = { type: 'array', items: { type: 'string' } };
  const form = {
    'application/x-www-form-urlencoded': {
      schema: { type: 'object', properties: { shown: values, allow: values } },
    },
  };
  return {
    '/p/{token}': {
      parameters: [{ name: 'token', in: 'path', required: true, schema: { type: 'string' } }],
      get: {
        operationId: 'preference_page',
        tags: ['public pages'],
        summary: 'What a person allows, by purpose and channel',
        security: [],
        responses,
      },
      post: {
        operationId: 'save_preferences',
        tags: ['public pages'],
        summary: 'Change it',
        security: [],
        requestBody: { content: form },
        responses,
      },
    },
  };
}
