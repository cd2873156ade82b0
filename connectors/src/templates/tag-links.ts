/**
 * Campaign parameters on every link of a rendered message. After rendering, because only then is it known what an address holds: a
 * question mark, a fragment, parameters of its own. A link that says `utm_` itself is left as it is. In HTML, what is no address on
 * the web (`javascript:` out of somebody's data) leads nowhere.
 */
export interface LinkTags {
  readonly source: string;
  readonly medium: string;
  readonly campaign: string;
}

const ANCHOR = /<a\b[^<>]{0,8000}>/gi;
const HREF = /(\shref\s*=\s*)(?:"([^"]*)"|'([^']*)')/i;
const SCHEME = /^\s*([a-z][a-z0-9+.-]*):/i;
const WITHOUT_TAGS = ['mailto', 'tel', 'sms'];

export function tagHtml(html: string, tags: LinkTags): string {
  const query = queryOf(tags).replaceAll('&', '&amp;');
  return html.replace(ANCHOR, (anchor) =>
    anchor.replace(HREF, (_whole, lead: string, double?: string, single?: string) => {
      const value = double ?? single ?? '';
      const quote = double === undefined ? "'" : '"';
      return `${lead}${quote}${tagged(value, query, '&amp;')}${quote}`;
    }),
  );
}

export function tagText(text: string, tags: LinkTags): string {
  const query = queryOf(tags);
  return text.replace(/https?:\/\/[^\s<>"']+/gi, (found) => {
    const tail = /[).,;:!?\]]+$/.exec(found)?.[0] ?? '';
    return tagged(found.slice(0, found.length - tail.length), query, '&') + tail;
  });
}

function tagged(address: string, query: string, and: string): string {
  const scheme = SCHEME.exec(address.replaceAll(/&#\w+;|&\w+;|\p{Cc}/gu, ''))?.[1]?.toLowerCase();
  if (scheme !== undefined && WITHOUT_TAGS.includes(scheme)) return address;
  if (scheme !== 'http' && scheme !== 'https') return address.startsWith('#') ? address : '#';
  if (/[?&;]utm_[a-z]+=/i.test(address)) return address;
  // `&#39;` is a character and no fragment.
  const at = address.search(/(?<!&)#/);
  const [page, fragment] = at < 0 ? [address, ''] : [address.slice(0, at), address.slice(at)];
  const join = page.includes('?') ? (/(?:\?|&|&amp;)$/.test(page) ? '' : and) : '?';
  return `${page}${join}${query}${fragment}`;
}

function queryOf({ source, medium, campaign }: LinkTags): string {
  return Object.entries({ utm_source: source, utm_medium: medium, utm_campaign: campaign })
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
}
