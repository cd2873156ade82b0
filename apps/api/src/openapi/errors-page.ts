import { ERRORS } from '@throughline/domain/shared';

/** docs/api/errors.md, out of the one table of errors. */
export function errorsPage(): string {
  const rows = Object.entries(ERRORS)
    .sort(([, a], [, b]) => a.status - b.status)
    .map(
      ([code, { status, retryable, sentence }]) =>
        `| \`${code}\` | ${status} | ${sentence} | ${retryable ? 'yes' : 'no'} |`,
    );
  return `<!-- Generated from domain/src/shared/errors.ts by apps/api/src/write-openapi.ts; do not edit. -->

# Errors

Every refusal, from any door, is \`application/problem+json\` (RFC 9457):

\`\`\`json
{
  "type": "urn:throughline:error:conflict",
  "title": "The present state refuses this change.",
  "status": 409,
  "code": "conflict",
  "detail": "A journey that is stopped cannot pause.",
  "faults": [],
  "requestId": "0199a3c5e0b17d2c-4f"
}
\`\`\`

- \`code\` is one of the list below; programs decide by it, people read \`detail\`.
- \`faults\` names what is wrong inside a document, each with its \`path\`, \`code\` and \`message\`.
- A 4xx means that nothing happened. 429 and 503 carry \`Retry-After\`.
- \`requestId\` finds the request in the logs, which never hold its body.

| code | status | meaning | may succeed later |
|---|---|---|---|
${rows.join('\n')}
`;
}
