import { ERRORS } from '@throughline/domain/shared';

/** docs/api/errors.md, out of the one table of errors. */
export function errorsPage(): string {
  const rows = Object.entries(ERRORS)
    .sort(([, a], [, b]) => a.status - b.status)
    .map(([code, { status, retryable, sentence }]) => [
      `\`${code}\``,
      String(status),
      sentence,
      retryable ? 'yes' : 'no',
    ]);
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

${table(['code', 'status', 'meaning', 'may succeed later'], rows)}
`;
}

/** A table whose columns line up, as the formatter would have it. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = widths.map((width) => '-'.repeat(width));
  return [head, rule, ...rows].map(line).join('\n');
}
