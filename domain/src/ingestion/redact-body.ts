import { isJsonList, parseJson } from '../shared/index.js';
import { batchSpans, type Span } from './split-batch.js';
import type { LogRow } from './types.js';

/** Whether this event of a body is to go; its text as it was sent, and its place. */
export type IsGone = (text: string, ordinal: number) => boolean;

export interface Redacted {
  /** null where nothing is left */
  readonly body: string | null;
  readonly removed: number;
}

/**
 * A body of the log without some of its events. `null` stands where one was, so that the places of the others stay; their bytes are
 * not touched. What a batch says for all of its events stays while somebody else is left in it and it names nobody who goes.
 */
export function redactBody(
  { kind, endpoint, body }: Pick<LogRow, 'kind' | 'endpoint' | 'body'>,
  isGone: IsGone,
): Redacted {
  if (body === null) return { body, removed: 0 };
  switch (kind) {
    case 'http':
    case 'import':
      return endpoint === 'batch' || endpoint === null
        ? redactBatch(body, isGone)
        : redactWhole(body, isGone);
    case 'internal':
      return redactList(body, isGone);
    case 'command':
      return isGone(body, 0) ? { body: NO_COMMAND, removed: 1 } : { body, removed: 0 };
    case 'definitions':
    case 'tick':
    case 'backfill':
      return { body, removed: 0 };
  }
}

/** A command without effect, should it ever be read again. */
const NO_COMMAND = '{"kind":"none"}';

function redactWhole(body: string, isGone: IsGone): Redacted {
  return isGone(body, 0) ? { body: null, removed: 1 } : { body, removed: 0 };
}

function redactBatch(body: string, isGone: IsGone): Redacted {
  const spans = batchSpans(body);
  if (spans === null) return redactWhole(body, isGone);
  const { list, elements } = spans;
  const gone = elements.map(([start, end], ordinal) => isGone(body.slice(start, end), ordinal));
  const removed = gone.filter(Boolean).length;
  const envelope = `${body.slice(0, list[0])}null${body.slice(list[1])}`;
  const envelopeGoes = isGone(envelope, -1);
  if (removed === 0 && !envelopeGoes) return { body, removed };
  if (removed === elements.length) return { body: null, removed: Math.max(removed, 1) };
  const texts = elements.map(([start, end], ordinal) =>
    gone[ordinal] === true ? 'null' : body.slice(start, end),
  );
  return {
    body: envelopeGoes ? `{"batch":[${texts.join(',')}]}` : withTexts(body, list, texts),
    removed: Math.max(removed, 1),
  };
}

function withTexts(body: string, list: Span, texts: readonly string[]): string {
  return `${body.slice(0, list[0])}[${texts.join(',')}]${body.slice(list[1])}`;
}

/** Our own events: we printed them, and may print them again. */
function redactList(body: string, isGone: IsGone): Redacted {
  const values = parseJson(body);
  if (!isJsonList(values)) return redactWhole(body, isGone);
  const texts = values.map((value, ordinal) => {
    const text = JSON.stringify(value);
    return isGone(text, ordinal) ? null : text;
  });
  const removed = texts.filter((text) => text === null).length;
  if (removed === 0) return { body, removed };
  if (removed === texts.length) return { body: null, removed };
  return { body: `[${texts.map((text) => text ?? 'null').join(',')}]`, removed };
}
