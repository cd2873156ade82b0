/** What a page calls. Until its visitor has agreed, nothing is stored and nothing leaves. */
import { campaignOf, pageFacts, type Campaign } from './context.js';
import { Ids } from './ids.js';
import { fetchTold, NOTHING_TOLD, type Told } from './personalize.js';
import { Queue } from './queue.js';
import { isoOf, type Sender } from './sender.js';
import type { Store } from './store.js';
import { browserSender, openStores, uuid } from './browser.js';
import { browser } from './window.js';

export interface Options {
  readonly key: string;
  readonly host: string;
  /** required: wait for `consent(true)`. given: the site has asked before it loads this */
  readonly consent: 'required' | 'given';
  readonly mostQueued: number;
}

type Properties = Readonly<Record<string, unknown>>;

const CONSENT = 'consent';
/** Calls that wait for a yes, in memory only. */
const MOST_WAITING = 100;

export class Client {
  private readonly kept: Store;
  private readonly ids: Ids;
  private readonly queue: Queue;
  private readonly sender: Sender;
  private readonly campaign: Campaign | undefined;
  private readonly waiting: object[] = [];
  private open: boolean;

  constructor(private readonly options: Options) {
    const { kept, queued } = openStores();
    this.kept = kept;
    this.ids = new Ids(kept, uuid);
    const random = (): string => uuid().slice(0, 8);
    this.queue = new Queue(queued, { most: options.mostQueued, now: Date.now, random });
    this.sender = browserSender(this.queue, options);
    this.campaign = campaignOf(browser().location.search);
    this.open = options.consent === 'given' || kept.get(CONSENT) === 'yes';
    // What an earlier page could not send.
    if (this.open) this.sender.wake();
    browser().addEventListener('online', () => void this.flush());
    browser().addEventListener('pagehide', () => {
      if (this.open) this.sender.leave();
    });
  }

  page(name?: string, properties: Properties = {}): void {
    const facts = pageFacts(browser());
    this.say({
      type: 'page',
      ...(name === undefined ? {} : { name }),
      properties: { ...facts, ...properties },
    });
  }

  track(event: string, properties: Properties = {}): void {
    this.say({ type: 'track', event, properties });
  }

  identify(userId: string, traits: Properties = {}): void {
    this.ids.userId = userId;
    if (this.open) this.ids.keep();
    this.say({ type: 'identify', traits });
  }

  /** Somebody else sits here from now on. */
  reset(): void {
    this.ids.reset();
    if (this.open) this.ids.keep();
  }

  /**
   * The visitor's word: yes or no to all of it, or purpose by purpose, which the server is told as well. A no takes back what was
   * stored here; where there had been a yes, it is the last that leaves.
   */
  consent(word: boolean | Readonly<Record<string, boolean>>): void {
    const purposes = typeof word === 'boolean' ? [] : Object.entries(word);
    const isYes = word === true || purposes.some(([, given]) => given);
    if (isYes) this.begin();
    for (const [purpose, given] of purposes)
      this.track('Consent Changed', { purpose, state: given ? 'granted' : 'denied' });
    if (!isYes) this.end();
  }

  /** What the site may know of its visitor; the same answer for who is not known and who does not wish it. */
  personalize(): Promise<Told> {
    if (!this.open) return Promise.resolve(NOTHING_TOLD);
    return fetchTold(this.options, { anonymousId: this.ids.anonymousId, userId: this.ids.userId });
  }

  flush(): Promise<void> {
    return this.open ? this.sender.flush() : Promise.resolve();
  }

  private begin(): void {
    this.open = true;
    this.kept.set(CONSENT, 'yes');
    this.ids.keep();
    for (const event of this.waiting.splice(0)) this.queue.add(event);
    this.sender.wake();
  }

  private end(): void {
    if (this.open) this.sender.leave();
    this.sender.rest();
    this.open = false;
    this.waiting.length = 0;
    this.queue.clear();
    this.kept.remove(CONSENT);
    this.ids.forget();
  }

  /** The event as it will be sent, however often that takes: its id is what tells a repeat. */
  private say(event: Properties): void {
    const full = {
      ...event,
      messageId: uuid(),
      timestamp: isoOf(Date.now()),
      anonymousId: this.ids.anonymousId,
      ...(this.ids.userId === null ? {} : { userId: this.ids.userId }),
      context: this.context(),
    };
    if (!this.open) {
      if (this.waiting.length < MOST_WAITING) this.waiting.push(full);
      return;
    }
    this.queue.add(full);
    this.sender.wake();
  }

  private context(): Properties {
    const { language, userAgent } = browser().navigator;
    return {
      library: { name: 'throughline.js', version: '0.1.0' },
      page: pageFacts(browser()),
      locale: language,
      userAgent,
      ...(this.campaign === undefined ? {} : { campaign: this.campaign }),
    };
  }
}
