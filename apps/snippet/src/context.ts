/** What a page says of itself with every event: where it is, where its visitor came from, which campaign brought them. */
import type { Browser } from './window.js';

export interface PageFacts {
  readonly path: string;
  readonly url: string;
  readonly search: string;
  readonly title: string;
  readonly referrer: string;
}

/** Without what stands behind `#`: it never reaches a server by itself, and sites keep tokens there. */
export function pageFacts({
  location,
  document,
}: Pick<Browser, 'location' | 'document'>): PageFacts {
  const { href, pathname, search } = location;
  const { title, referrer } = document;
  const [url = ''] = href.split('#', 1);
  return { path: pathname, url, search, title, referrer };
}

export type Campaign = Readonly<Record<string, string>>;

const LONGEST = 200;

/** `utm_source`, … as Segment's libraries name them: `campaign` is called name. Undefined where the address has none. */
export function campaignOf(search: string): Campaign | undefined {
  const campaign: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(search)) {
    if (!/^utm_[a-z_]{1,30}$/.test(name) || value === '') continue;
    const part = name.slice(4);
    campaign[part === 'campaign' ? 'name' : part] = value.slice(0, LONGEST);
  }
  return Object.keys(campaign).length === 0 ? undefined : campaign;
}
