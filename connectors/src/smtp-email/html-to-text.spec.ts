import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { htmlToText } from './html-to-text.js';

describe('htmlToText', () => {
  it.each([
    ['plain', 'plain'],
    ['<p>One</p><p>Two</p>', 'One\n\nTwo'],
    ['a<br>b<br/>c', 'a\nb\nc'],
    ['<div>a</div><div>b</div>', 'a\n\nb'],
    ['<ul><li>one</li><li>two</li></ul>', '- one\n- two'],
    [
      '<a href="https://shop.example/c?a=1&amp;b=2">Your cart</a>',
      'Your cart (https://shop.example/c?a=1&b=2)',
    ],
    ["<a class='x' href='mailto:help@shop.example'>Help</a>", 'Help (mailto:help@shop.example)'],
    ['<a href="javascript:alert(1)">x</a><a name="top">y</a>', 'xy'],
    ['<style>p{color:red}</style><script>alert(1)</script>Hi', 'Hi'],
    ['<HEAD><TITLE>t</TITLE></HEAD><BODY>Hi</BODY>', 'Hi'],
    ['a<!-- secret --><!-- <p>b</p> -->c', 'ac'],
    ['Tom &amp; J&#233;r&#xF4;me &lt;3 &nbsp;&euro;5 &unknown;', 'Tom & Jérôme <3  €5 &unknown;'],
    ['&#0;&#xD800;&#x110000;x', 'x'],
    ['  lots \n\t of   space  ', 'lots of space'],
    ['<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>', 'a b\n\nc'],
    ['<img alt="x"><unknown>kept</unknown>', 'kept'],
    ['1 < 2', '1'],
    ['text <b', 'text'],
    ['<style>never closed', ''],
    ['<!-- never closed', ''],
    ['', ''],
  ])('%j becomes %j', (html, text) => {
    expect(htmlToText(html)).toBe(text);
  });

  it('takes any text without tags and entities as it is, but for white space', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!/[<&]/.test(text));
        expect(htmlToText(text).replace(/\s+/g, ' ')).toBe(text.trim().replace(/\s+/g, ' '));
      }),
    );
  });

  it.each([
    ['open tags', '<style'],
    ['skipped elements', '<style>'],
    ['comments', '<!--'],
    ['brackets', '<'],
    ['links', '<a href="'],
    ['entities', '&#'],
    ['hrefs in one tag', '<a  href  href'],
    ['line breaks', '<br>'],
    ['spaces', '       '],
  ])('stays quick on many %s', (_name, piece) => {
    const html = piece.repeat(Math.ceil(256_000 / piece.length));
    const startedAt = performance.now();
    htmlToText(html);
    expect(performance.now() - startedAt).toBeLessThan(4_000);
  });
});
