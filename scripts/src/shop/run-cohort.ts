/** Sends a cohort of shoppers through the shop and follows each of them to an end. */
import { setTimeout as delay } from 'node:timers/promises';
import type { MailCatcher } from '../servers/mail-catcher.js';
import { takeAccount, type Account } from './account.js';
import type { ApiClient } from './api-client.js';
import { castCohort, type Shopper } from './cast.js';
import { perform } from './perform.js';
import { deedSentence, newSentences, renderTable } from './render.js';
import { isSettled, readFate, type CaughtMails, type Fate } from './watch.js';

export interface CohortOptions {
  readonly api: ApiClient;
  readonly apiUrl: string;
  readonly writeKey: string;
  readonly catcher: MailCatcher;
  readonly say: (line: string) => void;
  readonly signal?: AbortSignal;
  readonly deadlineMs?: number;
}

export async function runCohort(options: CohortOptions): Promise<Account> {
  const { api, say, catcher } = options;
  const shoppers = castCohort();
  const mails = caughtBy(catcher);
  const performing = perform(shoppers, {
    host: options.apiUrl,
    writeKey: options.writeKey,
    onDeed: (shopper, deed) => {
      say(deedSentence(shopper, deed));
    },
  });
  const fates = await follow(options, shoppers, mails);
  const performance = await performing;
  say('');
  say(renderTable(fates));
  const arrivals = shoppers
    .flatMap(({ email }) => mails.to(email))
    .map((mail) => Date.parse(mail.receivedAt));
  return takeAccount(api, {
    performance,
    fates,
    firstMailAt: arrivals.length === 0 ? null : Math.min(...arrivals),
  });
}

/** Looks every half second, says what is new, and stops when everybody has come to an end. */
async function follow(
  options: CohortOptions,
  shoppers: readonly Shopper[],
  mails: CaughtMails,
): Promise<Fate[]> {
  const deadline = performance.now() + (options.deadlineMs ?? 120_000);
  const known = new Map<string, Fate>();
  for (;;) {
    for (const shopper of shoppers) {
      const before = known.get(shopper.name);
      if (before !== undefined && isSettled(before)) continue;
      const fate = await readFate(options.api, mails, shopper);
      for (const sentence of newSentences(known, [fate])) options.say(sentence);
      known.set(shopper.name, fate);
    }
    const fates = [...known.values()];
    if (fates.every(isSettled) || performance.now() > deadline || options.signal?.aborted === true)
      return fates;
    await delay(500);
  }
}

function caughtBy(catcher: MailCatcher): CaughtMails {
  return {
    to: (address) => catcher.store.list(address),
    urlOf: (id) => catcher.urlOf(id),
  };
}
