/** A rendered message with campaign parameters on its links, where its template asks for them; the campaign is the journey, unless it says otherwise. */
import { isJsonObject, type Json } from '@throughline/domain/shared';
import { tagHtml, tagText, type LinkTags } from './tag-links.js';
import type { RenderResult } from './types.js';

export function tagMessage(
  rendered: RenderResult,
  utm: Json | undefined,
  journey: { readonly key: string },
): RenderResult {
  if (rendered.status !== 'rendered' || utm === undefined || !isJsonObject(utm)) return rendered;
  const { source, medium, campaign } = utm;
  const tags: LinkTags = {
    source: textOr(source, 'throughline'),
    medium: textOr(medium, 'email'),
    campaign: textOr(campaign, journey.key),
  };
  const { html, text } = rendered;
  return {
    ...rendered,
    ...(html === undefined ? {} : { html: tagHtml(html, tags) }),
    ...(text === undefined ? {} : { text: tagText(text, tags) }),
  };
}

function textOr(value: Json | undefined, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}
