/** Sends a cohort of shoppers through the shop and follows each of them to an end. */
import { setTimeout as delay } from 'node:timers/promises';
import type { MailCatcher } from '../servers/mail-catcher.js';
import { takeAccount, type Account } from './account.js';
import type { ApiClient } from './api-client.js';
import { castCohort, type Hour, type Shopper } from './cast.js';
import { findDuplicates, uploadTill } from './back-office.js';
import { perform } from './perform.js';
import { deedSentence, newSentences, renderTable } from './render.js';
import { isSettled, readFate, type CaughtMails, type Fate } from './watch.js';

export interface CohortOptions {
  readonly api: ApiClient;
  readonly apiUrl: string;
  readonly writeKey: string;
  readonly catcher: MailCatcher;
  readonly hour: Hour;
  readonly say: (line: string) => void;
  readonly signal?: AbortSignal;
  readonly deadlineMs?: number;
}

export async function runCohort(options: CohortOptions): Promise<Account> {
  const { api, say, catcher } = options;
  const shoppers = castCohort(options.hour);
  const mails = caughtBy(catcher);
  const performing = perform(shoppers, {
    host: options.apiUrl,
    writeKey: options.writeKey,
    onDeed: (shopper, deed) => {
      say(deedSentence(shopper, deed));
    },
  });
  const office = backOffice(options, shoppers);
  const fates = await follow(options, shoppers, { mails, office });
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

interface Office {
  /** null until the comparison of people has run */
  suggested: ReadonlyMap<string, string> | null;
  readonly closed: Promise<void>;
}

/** What happens behind the shop while its customers are about: the till's file comes in, and duplicates are looked for. */
function backOffice({ api, say, signal }: CohortOptions, shoppers: readonly Shopper[]): Office {
  const inStore = shoppers.filter(({ acts }) => acts.some(({ does }) => does.kind === 'browse'));
  const work = async (): Promise<void> => {
    await delay(4_000, undefined, { signal });
    await uploadTill(api, inStore, say);
    office.suggested = await findDuplicates(api, say);
  };
  const office: Office = { suggested: null, closed: Promise.resolve().then(work) };
  // Whoever waits for it hears of a failure; until then it must not end the process.
  office.closed.catch(() => undefined);
  return office;
}

/** Looks every half second, says what is new, and stops when everybody has come to an end. */
async function follow(
  options: CohortOptions,
  shoppers: readonly Shopper[],
  { mails, office }: { readonly mails: CaughtMails; readonly office: Office },
): Promise<Fate[]> {
  const deadline = performance.now() + (options.deadlineMs ?? 120_000);
  const known = new Map<string, Fate>();
  for (;;) {
    for (const shopper of shoppers) {
      const before = known.get(shopper.name);
      if (before !== undefined && isSettled(before)) continue;
      const fate = await readFate(
        { api: options.api, mails, suggested: office.suggested },
        shopper,
      );
      for (const sentence of newSentences(known, [fate])) options.say(sentence);
      known.set(shopper.name, fate);
    }
    const fates = [...known.values()];
    if (
      fates.every(isSettled) ||
      performance.now() > deadline ||
      options.signal?.aborted === true
    ) {
      if (options.signal?.aborted !== true) await office.closed;
      return fates;
    }
    await delay(500);
  }
}

function caughtBy(catcher: MailCatcher): CaughtMails {
  return {
    to: (address) => catcher.store.list(address),
    urlOf: (id) => catcher.urlOf(id),
  };
}
