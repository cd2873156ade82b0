/** Who the page thinks is there: an id of its own making, and the site's id once somebody has signed in. */
import type { Store } from './store.js';

const ANONYMOUS = 'anonymous';
const USER = 'user';

/** Read at once, written only by `keep`: before a yes an id lives as long as its page. */
export class Ids {
  anonymousId: string;
  userId: string | null;

  constructor(
    private readonly store: Store,
    private readonly newId: () => string,
  ) {
    this.anonymousId = store.get(ANONYMOUS) ?? newId();
    this.userId = store.get(USER);
  }

  keep(): void {
    this.store.set(ANONYMOUS, this.anonymousId);
    if (this.userId === null) this.store.remove(USER);
    else this.store.set(USER, this.userId);
  }

  /** Somebody new; what is kept of the one before stays until `keep` or `forget`. */
  reset(): void {
    this.anonymousId = this.newId();
    this.userId = null;
  }

  forget(): void {
    this.reset();
    this.store.remove(ANONYMOUS);
    this.store.remove(USER);
  }
}
