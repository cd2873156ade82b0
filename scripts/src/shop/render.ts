/** The cohort on a terminal: a line for each thing that happens, a table at the end, and how to put in a cart of your own. */
import type { Deed, Shopper } from './cast.js';
import type { Fate } from './watch.js';

export function deedSentence(shopper: Shopper, deed: Deed): string {
  const { name } = shopper;
  switch (deed.kind) {
    case 'signUp':
      return deed.consent
        ? `${name} signs up and agrees to mail`
        : `${name} signs up, without agreeing to mail`;
    case 'addToCart':
      return `${name} puts something into the cart${deed.anonymous === true ? ', anonymously' : ''}${deed.times === undefined ? '' : ` (the event is sent ${deed.times} times)`}`;
    case 'order':
      return `${name} orders`;
    case 'revoke':
      return `${name} unsubscribes`;
    case 'logIn':
      return `${name} logs in on the same browser`;
    case 'brokenEvent':
      return `${name}'s app sends a broken event`;
    case 'priceAlert':
      return `${name} asks for a price alert`;
    case 'browse':
      return `${name} looks at a coat`;
    case 'signUpAgain':
      return `${name} signs up once more, under another account`;
  }
}

/** What is new on each trail since the last look. */
export function newSentences(before: ReadonlyMap<string, Fate>, fates: readonly Fate[]): string[] {
  return fates.flatMap((fate) => {
    const known = before.get(fate.shopper.name);
    const steps = fate.trail
      .slice(known?.trail.length ?? 0)
      .map((step) => `${fate.shopper.name}: ${step}`);
    const mailed = fate.mails > (known?.mails ?? 0) ? [`${fate.shopper.name} has mail`] : [];
    return [...steps, ...mailed];
  });
}

export function renderTable(fates: readonly Fate[]): string {
  const header = ['shopper', 'outcome', 'why', 'Temporal run', 'mail'];
  const rows = fates.map(({ shopper, ending, why, runUrl, mailUrl }) => [
    `${shopper.name} ${shopper.story}`,
    ending,
    why,
    runUrl ?? '–',
    mailUrl ?? '–',
  ]);
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [
    line(header),
    widths.map((width) => '─'.repeat(width)).join('  '),
    ...rows.map(line),
  ].join('\n');
}

/** One command that a person can copy: a cart of their own, and a mail ten seconds later. */
export function renderCurl(apiUrl: string, writeKey: string): string {
  const body = {
    batch: [
      { type: 'identify', userId: 'you', traits: { email: 'you@example.com', name: 'You' } },
      {
        type: 'track',
        userId: 'you',
        event: 'Consent Changed',
        properties: { purpose: 'marketing', channel: 'email', state: 'granted' },
      },
      {
        type: 'track',
        userId: 'you',
        event: 'Product Added',
        properties: { cart_id: 'cart-CART', product: 'Wool hat', price: 24.95, quantity: 1 },
      },
    ],
  };
  // Each paste is a new cart: the shell fills the number in.
  const json = JSON.stringify(body).replace('CART', `'"$(date +%s)"'`);
  return `curl -s -u ${writeKey}: -H 'content-type: application/json' ${apiUrl}/v1/batch \\\n  -d '${json}'`;
}
