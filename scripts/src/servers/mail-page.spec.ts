import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  escapeHtml,
  renderList,
  renderMail,
  renderMessageBody,
  renderNotFound,
} from './mail-page.js';
import type { CaughtMail } from './mail-store.js';

function mail(overrides: Partial<CaughtMail> = {}): CaughtMail {
  return {
    id: 'm-1',
    receivedAt: '2026-01-02T03:04:05.678Z',
    to: ['ada@example.com'],
    from: 'Shop <shop@example.com>',
    subject: 'Your cart',
    messageId: '<1@shop.example>',
    headers: [
      { name: 'Subject', value: 'Your cart' },
      { name: 'list-unsubscribe', value: '<https://shop.example/u/abc>' },
    ],
    text: 'It waits.',
    html: '<p>It waits.</p>',
    ...overrides,
  };
}

/** Tags of a page, without what our own frame of it holds. */
function tagsIn(page: string): string[] {
  return [...page.matchAll(/<([a-z!/][^\s>]*)/gi)].map(([, name]) => name ?? '');
}

describe('text in a page', () => {
  it('can end no attribute and begin no tag', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', 'a', '/') }),
        (text) => {
          expect(escapeHtml(text)).not.toMatch(/[<>"']/);
        },
      ),
    );
  });

  it('is read again as what it was', () => {
    const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
    fc.assert(
      fc.property(fc.string(), (text) => {
        const read = escapeHtml(text).replaceAll(
          /&(amp|lt|gt|quot|#39);/g,
          (_, name: string) => entities[name] ?? '',
        );
        expect(read).toBe(text);
      }),
    );
  });

  it.each(['&amp;', '&lt;script&gt;'])(
    'that looks escaped already is escaped once more: %s',
    (text) => {
      expect(escapeHtml(text)).toContain('&amp;');
    },
  );
});

describe('the list', () => {
  it('has a row for each mail, linked by its id', () => {
    const page = renderList(
      [mail(), mail({ id: 'a/b?c', to: ['a@x.example', 'b@x.example'] })],
      undefined,
    );
    expect(page).toContain('2 caught');
    expect(page).toContain('href="/messages/m-1"');
    expect(page).toContain('href="/messages/a%2Fb%3Fc"');
    expect(page).toContain('a@x.example, b@x.example');
  });

  it('says whose mail it shows, and how to see all of it', () => {
    const page = renderList([], 'ada@example.com');
    expect(page).toContain('to ada@example.com · <a href="/">all</a>');
    expect(page).toContain('No mail yet.');
  });

  it('has the same tags whatever strangers write', () => {
    const hostile = fc.string({
      unit: fc.constantFrom('<', '>', '"', "'", '&', '/', 'b', ' ', '='),
    });
    const plain = tagsIn(renderList([mail({ subject: 'x', to: ['x'] })], 'x'));
    fc.assert(
      fc.property(hostile, hostile, hostile, (subject, to, filter) => {
        expect(tagsIn(renderList([mail({ subject: `x${subject}`, to: [to] })], filter))).toEqual(
          plain,
        );
      }),
    );
  });
});

describe('a mail', () => {
  it('is shown with what a person needs to know of it', () => {
    const page = renderMail(mail());
    for (const text of [
      'ada@example.com',
      'Shop &lt;shop@example.com&gt;',
      'It waits.',
      'Your cart',
    ])
      expect(page).toContain(text);
    expect(page).toContain('&lt;https://shop.example/u/abc&gt;');
  });

  it('is never part of our page: its markup stands in a frame of its own', () => {
    const page = renderMail(mail({ html: '<script>steal()</script>' }));
    expect(page).not.toContain('steal()');
    expect(page).toMatch(/<iframe sandbox="[^"]*"[^>]* src="\/messages\/m-1\/body"/);
    expect(/sandbox="([^"]*)"/.exec(page)?.[1]).not.toMatch(/allow-scripts|allow-same-origin/);
  });

  it('without markup has no frame, without text says so, without a subject is named all the same', () => {
    expect(renderMail(mail({ html: null }))).not.toContain('<iframe');
    expect(renderMail(mail({ text: null }))).toContain('There is none.');
    expect(renderMail(mail({ subject: '' }))).toContain('<h1>(no subject)</h1>');
  });

  it('has the same tags whatever strangers write', () => {
    const hostile = fc.string({
      unit: fc.constantFrom('<', '>', '"', "'", '&', '/', 'b', ' ', '='),
    });
    const of = (value: string): string[] =>
      tagsIn(
        renderMail(
          mail({
            id: value,
            subject: `x${value}`,
            from: value,
            text: value,
            headers: [{ name: value, value }],
          }),
        ),
      );
    const plain = of('x');
    fc.assert(
      fc.property(hostile, (value) => {
        expect(of(value)).toEqual(plain);
      }),
    );
  });

  it('inside its frame is what the sender wrote, with links that open outside of it', () => {
    expect(renderMessageBody(mail())).toBe(
      '<!doctype html><meta charset="utf-8"><base target="_blank"><p>It waits.</p>',
    );
    expect(renderMessageBody(mail({ html: null }))).toContain('<base target="_blank">');
  });

  it('that is not there leads back to the others', () => {
    expect(renderNotFound()).toContain('<a href="/">All mail</a>');
  });
});
