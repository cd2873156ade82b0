/** Whether a template asks for recommendations: reading them costs queries, and most templates do not. */
import type { EmailTemplate } from './types.js';

/** The word anywhere: where it stands in a sentence and in no tag, it costs the queries and changes nothing. */
const NAMED = /\brecommendations\b/;

export function namesRecommendations({ subject, html, text }: EmailTemplate): boolean {
  return [subject, html, text].some((part) => part !== undefined && NAMED.test(part));
}
