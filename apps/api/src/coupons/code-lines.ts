/** Codes as they are uploaded: CSV with a column `code` (or only one column), or NDJSON with `code`. */
import { isJsonList, isJsonObject, parseJson, type Json } from '@throughline/domain/shared';

export interface BadLine {
  readonly line: number;
  readonly detail: string;
}

/** `text` is a row of the reader: `[number, values]`, or `[number, text, code, detail]` where it is none. */
export function codeOf(
  text: string,
  columns: readonly string[] | null,
): { readonly code: string } | BadLine {
  const parsed = parseJson(text);
  const [number, values, , detail] = isJsonList(parsed) ? parsed : [];
  const line = typeof number === 'number' ? number : 0;
  if (typeof detail === 'string') return { line, detail };
  const code = fieldOf(values, columns);
  if (typeof code !== 'string' || code.trim() === '') return { line, detail: 'there is no code' };
  // Whatever a till takes; but a code is shown in mails, so it is one line without room for markup.
  if (!/^[\x21-\x7e]{1,100}$/.test(code.trim()) || /[<>"'&{}]/.test(code))
    return { line, detail: 'a code has up to 100 visible characters, without < > " \' & { }' };
  return { code: code.trim() };
}

function fieldOf(values: Json | undefined, columns: readonly string[] | null): Json | undefined {
  if (isJsonObject(values)) return values['code'];
  if (columns === null || !isJsonList(values)) return undefined;
  const at = columns.findIndex((column) => column.trim().toLowerCase() === 'code');
  return values[at < 0 && columns.length === 1 ? 0 : at];
}
