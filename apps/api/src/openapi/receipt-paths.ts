import type { JsonSchema } from './components.js';

/** Where providers report what became of messages. */
export function receiptPaths(): Record<string, JsonSchema> {
  const type = { enum: ['bounce', 'complaint', 'delivered'] };
  const text = { type: 'string', minLength: 1, maxLength: 512 };
  const report = {
    type: 'object',
    required: ['type'],
    properties: { type, providerId: text, address: text, permanent: { type: 'boolean' } },
  };
  return {
    '/v1/receipts/{connectionId}': operation({
      operationId: 'receipt',
      summary: 'A bounce, a complaint or a delivery, signed as Standard Webhooks has it',
      content: { 'application/json': { schema: report } },
    }),
    '/v1/receipts/{connectionId}/twilio': operation({
      operationId: 'twilio_receipt',
      summary: 'A status callback of Twilio, with its signature',
      content: { 'application/x-www-form-urlencoded': { schema: { type: 'object' } } },
    }),
  };
}

interface Described {
  readonly operationId: string;
  readonly summary: string;
  readonly content: JsonSchema;
}

function operation({ operationId, summary, content }: Described): JsonSchema {
  const name = 'connectionId';
  const description = 'id of the workspace, a dot, key of the connection';
  return {
    parameters: [{ name, in: 'path', required: true, schema: { type: 'string' }, description }],
    post: {
      operationId,
      tags: ['receipts'],
      summary,
      security: [],
      requestBody: { required: true, content },
      responses: {
        200: answer('Recorded, now or when it came before'),
        202: answer('Taken, and about no message of this connection'),
        default: {
          description: 'Refused; nothing was stored',
          content: {
            'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
          },
        },
      },
    },
  };
}

function answer(description: string): JsonSchema {
  const verdict = { enum: ['recorded', 'repeated', 'unknown', 'ignored'] };
  const schema = { type: 'object', required: ['verdict'], properties: { verdict } };
  return { description, content: { 'application/json': { schema } } };
}
