/** Epoch milliseconds as PostgreSQL reads them: as text, so that no float division comes between. */
export function timestampText(ms: number): string {
  if (ms === Number.NEGATIVE_INFINITY) return '-infinity';
  if (ms === Number.POSITIVE_INFINITY) return 'infinity';
  return new Date(ms).toISOString();
}
