/**
 * The text part of a mail that was written in HTML only. A single pass over the input, without regular expressions that could be led to run in circles:
 * the HTML is as hostile as the templates and traits it came from.
 */
const SKIPPED = new Set(['style', 'script', 'head', 'title', 'template']);
const BREAKS = new Set(['br', 'tr', 'div', 'ul', 'ol', 'table', 'section', 'header', 'footer']);
const PARAGRAPHS = new Set(['p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote', 'hr']);
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  ndash: '–',
  mdash: '—',
  hellip: '…',
  euro: '€',
  pound: '£',
  copy: '©',
};

export function htmlToText(html: string): string {
  const lower = html.toLowerCase();
  const out: string[] = [];
  const links: string[] = [];
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf('<', at);
    if (open === -1) {
      out.push(textOf(html.slice(at)));
      break;
    }
    out.push(textOf(html.slice(at, open)));
    const tag = readTag(html, lower, open);
    out.push(markOf(tag, links));
    at = tag.next;
  }
  return tidy(out.join(''));
}

interface Tag {
  readonly name: string;
  readonly closing: boolean;
  readonly source: string;
  /** Where reading goes on: behind the tag, or behind all of an element that has no text for people. */
  readonly next: number;
}

function readTag(html: string, lower: string, open: number): Tag {
  if (html.startsWith('<!--', open)) return skipTo(html, html.indexOf('-->', open), 3);
  const end = html.indexOf('>', open);
  if (end === -1) return skipTo(html, -1, 0);
  const source = html.slice(open, end + 1);
  const name = (/^<\/?([a-z0-9]{1,20})/i.exec(source)?.[1] ?? '').toLowerCase();
  const closing = source.startsWith('</');
  if (!closing && SKIPPED.has(name)) {
    return skipTo(html, lower.indexOf(`</${name}`, end), 0);
  }
  return { name, closing, source, next: end + 1 };
}

/** Whatever is never closed swallows the rest, as it does in a browser. */
function skipTo(html: string, index: number, extra: number): Tag {
  return {
    name: '',
    closing: false,
    source: '',
    next: index === -1 ? html.length : index + extra,
  };
}

function markOf(tag: Tag, links: string[]): string {
  if (tag.name === 'a') return tag.closing ? linkEnd(links) : linkStart(tag.source, links);
  if (tag.name === 'li') return tag.closing ? '' : '\n- ';
  if (tag.name === 'td' || tag.name === 'th') return tag.closing ? ' ' : '';
  if (PARAGRAPHS.has(tag.name)) return '\n\n';
  return BREAKS.has(tag.name) ? '\n' : '';
}

function linkStart(source: string, links: string[]): string {
  const href = /\shref\s*=\s*(?:"([^"]*)"|'([^']*)')/i.exec(source.slice(0, 4_000));
  links.push(decode(href?.[1] ?? href?.[2] ?? ''));
  return '';
}

function linkEnd(links: string[]): string {
  const href = links.pop() ?? '';
  return /^(https?:|mailto:)/i.test(href) ? ` (${href})` : '';
}

function textOf(raw: string): string {
  return decode(raw.replace(/[\t\n\r\f ]+/g, ' '));
}

function decode(text: string): string {
  return text.replace(/&(#x[0-9a-f]{1,6}|#[0-9]{1,7}|[a-z]{2,8});/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return ENTITIES[name.toLowerCase()] ?? whole;
    const hex = name[1] === 'x' || name[1] === 'X';
    const code = hex ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
    const known = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
    return known ? String.fromCodePoint(code) : '';
  });
}

function tidy(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  const kept = lines.filter((line, index) => line !== '' || lines[index - 1] !== '');
  return kept.join('\n').trim();
}
