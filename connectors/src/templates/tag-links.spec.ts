import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { tagHtml, tagText, type LinkTags } from './tag-links.js';

const TAGS: LinkTags = { source: 'shop', medium: 'email', campaign: 'cart' };
const QUERY = 'utm_source=shop&amp;utm_medium=email&amp;utm_campaign=cart';
const a = (href: string): string => `<a href="${href}">x</a>`;

describe('links of a rendered mail', () => {
  it.each([
    ['https://a.example/p', `https://a.example/p?${QUERY}`],
    ['https://a.example/p?x=1', `https://a.example/p?x=1&amp;${QUERY}`],
    ['https://a.example/p?', `https://a.example/p?${QUERY}`],
    ['https://a.example/p#top', `https://a.example/p?${QUERY}#top`],
    ['https://a.example/p?x=1#top', `https://a.example/p?x=1&amp;${QUERY}#top`],
    ['https://a.example/p?q=it&#39;s', `https://a.example/p?q=it&#39;s&amp;${QUERY}`],
    ['HTTP://A.EXAMPLE/', `HTTP://A.EXAMPLE/?${QUERY}`],
  ])('%s is tagged', (from, to) => {
    expect(tagHtml(a(from), TAGS)).toBe(a(to));
  });

  it.each([
    'https://a.example/?utm_source=own',
    'https://a.example/?x=1&amp;utm_campaign=own',
    'mailto:help@shop.example',
    'tel:+49301234',
    '#top',
  ])('%s stays as it is', (href) => {
    expect(tagHtml(a(href), TAGS)).toBe(a(href));
  });

  it.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    ' javascript:alert(1)',
    'java&#9;script:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    '//other.example/x',
    '/relative',
    '',
  ])('%s, which is no address on the web, leads nowhere', (href) => {
    expect(tagHtml(a(href), TAGS)).toBe(a('#'));
  });

  it('are tagged in either quotes, among other attributes, and nothing else is touched', () => {
    const html = `<a class="b" href='https://a.example' target="_blank">x</a><img src="https://a.example/i.png">`;
    expect(tagHtml(html, TAGS)).toBe(
      `<a class="b" href='https://a.example?${QUERY}' target="_blank">x</a><img src="https://a.example/i.png">`,
    );
  });

  it('are encoded, whatever the campaign is called', () => {
    expect(tagHtml(a('https://a.example'), { ...TAGS, campaign: '"><b>' })).toBe(
      a('https://a.example?utm_source=shop&amp;utm_medium=email&amp;utm_campaign=%22%3E%3Cb%3E'),
    );
  });

  it('are tagged once, however often it is done', () => {
    const once = (text: string): string => tagHtml(text, TAGS);
    fc.assert(
      fc.property(fc.webUrl({ withFragments: true, withQueryParameters: true }), (url) => {
        const html = a(url.replaceAll('&', '&amp;').replaceAll('"', '&quot;'));
        expect(once(once(html))).toBe(once(html));
        expect(once(html)).toContain('utm_campaign=');
      }),
    );
  });
});

describe('links of the text part', () => {
  it('are tagged without the stop that ends the sentence', () => {
    expect(tagText('See https://a.example/p?x=1. Or (https://b.example)!', TAGS)).toBe(
      'See https://a.example/p?x=1&utm_source=shop&utm_medium=email&utm_campaign=cart. Or (https://b.example?utm_source=shop&utm_medium=email&utm_campaign=cart)!',
    );
  });

  it('are left alone where they have tags of their own', () => {
    const text = 'https://a.example/?utm_source=own';
    expect(tagText(text, TAGS)).toBe(text);
  });
});
