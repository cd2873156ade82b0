import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import type { Deed } from './cast.js';
import { deedSentence, newSentences, renderCurl, renderTable } from './render.js';
import { cohortOf, personIn } from './testing/people.js';
import type { Fate } from './watch.js';

const cohort = cohortOf('r1');

function fate(overrides: Partial<Fate> = {}): Fate {
  return {
    shopper: personIn(cohort, 'Ada'),
    trail: [],
    ending: 'waiting',
    why: 'at wait',
    runUrl: null,
    mails: 0,
    mailUrl: null,
    merged: false,
    ...overrides,
  };
}

describe('a deed', () => {
  const DEEDS: readonly (readonly [Deed, string])[] = [
    [{ kind: 'signUp', consent: true }, 'Ada signs up and agrees to mail'],
    [{ kind: 'signUp', consent: false }, 'Ada signs up, without agreeing to mail'],
    [{ kind: 'addToCart' }, 'Ada puts something into the cart'],
    [{ kind: 'addToCart', anonymous: true }, 'Ada puts something into the cart, anonymously'],
    [
      { kind: 'addToCart', times: 3 },
      'Ada puts something into the cart (the event is sent 3 times)',
    ],
    [{ kind: 'order' }, 'Ada orders'],
    [{ kind: 'revoke' }, 'Ada unsubscribes'],
    [{ kind: 'logIn' }, 'Ada logs in on the same browser'],
    [{ kind: 'brokenEvent', fault: 'nul' }, "Ada's app sends a broken event"],
    [{ kind: 'priceAlert' }, 'Ada asks for a price alert'],
    [{ kind: 'browse' }, 'Ada looks at a coat'],
    [{ kind: 'signUpAgain' }, 'Ada signs up once more, under another account'],
  ];

  it.each(DEEDS)('%j is told in one sentence', (deed, sentence) => {
    expect(deedSentence(fate().shopper, deed)).toBe(sentence);
  });

  it('of everybody in the cohort has a sentence that begins with their name', () => {
    for (const shopper of cohort)
      for (const { does } of shopper.acts)
        expect(deedSentence(shopper, does).startsWith(shopper.name)).toBe(true);
  });
});

describe('what is new', () => {
  it('is the whole trail at the first look', () => {
    const seen = fate({ trail: ['entered', 'waiting wait'] });
    expect(newSentences(new Map(), [seen])).toEqual(['Ada: entered', 'Ada: waiting wait']);
  });

  it('is only what came since the last look', () => {
    const before = new Map([['Ada', fate({ trail: ['entered'] })]]);
    const now = fate({ trail: ['entered', 'sent mail'], mails: 1 });
    expect(newSentences(before, [now])).toEqual(['Ada: sent mail', 'Ada has mail']);
    expect(newSentences(new Map([['Ada', now]]), [now])).toEqual([]);
  });

  it('says once more that somebody has mail when a second one comes', () => {
    const before = new Map([['Ada', fate({ mails: 1 })]]);
    expect(newSentences(before, [fate({ mails: 2 })])).toEqual(['Ada has mail']);
  });
});

describe('the table', () => {
  const rows = [
    fate({ ending: 'mailed', why: 'waited', runUrl: 'http://ui/run', mailUrl: 'http://mail/1' }),
    fate({ shopper: personIn(cohort, 'Ben'), ending: 'skipped:no_consent' }),
  ];
  const lines = renderTable(rows).split('\n');

  it('has a head, a rule and a row for each shopper', () => {
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(/^shopper +outcome +why +Temporal run +mail$/);
    expect(lines[1]).toMatch(/^[─ ]+$/);
    expect(lines[2]).toContain('Ada leaves a cart behind');
    expect(lines[3]).toContain('Ben');
  });

  it('lines its columns up', () => {
    const column = lines[0]?.indexOf('outcome') ?? 0;
    expect(lines[2]?.slice(column)).toMatch(/^mailed /);
    expect(lines[3]?.slice(column)).toMatch(/^skipped:no_consent /);
    for (const line of lines) expect(line).toBe(line.trimEnd());
  });

  it('marks what there is none of', () => {
    expect(lines[3]).toMatch(/–\s+–$/);
    expect(lines[2]).toMatch(/http:\/\/ui\/run +http:\/\/mail\/1$/);
  });

  it('of nobody is a head', () => {
    expect(renderTable([]).split('\n')).toHaveLength(2);
  });
});

describe('the command to copy', () => {
  const command = renderCurl('http://127.0.0.1:4000', 'tl_write');

  /** What a shell makes of it: curl's arguments, one a line. */
  function argumentsIn(shell: string, now: string): string[] {
    const script = `curl() { printf '%s\\0' "$@"; }\ndate() { echo ${now}; }\n${command}`;
    const { stdout, status } = spawnSync(shell, ['-c', script], { encoding: 'utf8' });
    expect(status).toBe(0);
    return stdout.split('\0').slice(0, -1);
  }

  it('hands the API one batch with the key, whichever shell runs it', () => {
    for (const shell of ['sh', 'bash']) {
      const args = argumentsIn(shell, '1767323045');
      expect(args.slice(0, 5)).toEqual([
        '-s',
        '-u',
        'tl_write:',
        '-H',
        'content-type: application/json',
      ]);
      expect(args[5]).toBe('http://127.0.0.1:4000/v1/batch');
      const body: unknown = JSON.parse(args[7] ?? '');
      expect(body).toMatchObject({
        batch: [
          { type: 'identify', userId: 'you' },
          { event: 'Consent Changed', properties: { state: 'granted' } },
          { event: 'Product Added', properties: { cart_id: 'cart-1767323045' } },
        ],
      });
    }
  });

  it('is another cart with every paste', () => {
    expect(argumentsIn('sh', '1')[7]).not.toBe(argumentsIn('sh', '2')[7]);
  });
});
