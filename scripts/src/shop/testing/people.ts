/** A cohort of a known hour, and single people out of it. */
import { castCohort, type Shopper } from '../cast.js';

export const HOUR = { born: '1992-01-02', night: 'Asia/Tokyo' } as const;

export function cohortOf(name: string): Shopper[] {
  return castCohort(HOUR, name);
}

/** Somebody of a cohort; a test that needs them fails here if they are not of it. */
export function personIn(cohort: readonly Shopper[], name: string): Shopper {
  const shopper = cohort.find((one) => one.name === name);
  if (shopper === undefined) throw new TypeError(`there is no ${name}`);
  return shopper;
}
