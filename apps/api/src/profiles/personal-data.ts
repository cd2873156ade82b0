import { Injectable } from '@nestjs/common';
import type { Caller } from '../common/caller.js';
import { liveCatalogue } from '../catalogue/live-mapping.js';
import { Database } from '../common/database.js';
import { personalOf, type Personal } from './mask.js';

/** A change of the catalogue is seen this much later; profiles are read far more often than it changes. */
const FRESH_MS = 5_000;
const MOST = 1_000;

interface Known {
  readonly personal: Promise<Personal>;
  readonly until: number;
}

/** What a caller may not see of people: nothing is held back from keys with the scope privacy or admin. */
@Injectable()
export class PersonalData {
  private readonly known = new Map<string, Known>();

  constructor(private readonly database: Database) {}

  hiddenFrom(caller: Caller): Promise<Personal | null> {
    if (seesPersonal(caller)) return Promise.resolve(null);
    const known = this.known.get(caller.workspaceId);
    if (known !== undefined && performance.now() < known.until) return known.personal;
    return this.read(caller);
  }

  private read(caller: Caller): Promise<Personal> {
    const { workspaceId } = caller;
    const personal = this.database.read(caller, async (client) =>
      personalOf(await liveCatalogue(client, workspaceId)),
    );
    if (this.known.size >= MOST) this.known.clear();
    this.known.set(workspaceId, { personal, until: performance.now() + FRESH_MS });
    // Whoever waits hears of the failure; the next one asks again.
    personal.catch(() => this.known.delete(workspaceId));
    return personal;
  }
}

function seesPersonal({ scopes }: Caller): boolean {
  return scopes.includes('privacy') || scopes.includes('admin');
}
