import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { SkipReason, StepKind, Trigger } from './types.js';

const PAGE = readFileSync(new URL('../../../docs/journeys.md', import.meta.url), 'utf8');

/** Records, so that the compiler asks for what is added to a union. */
const REASONS: Readonly<Record<SkipReason, true>> = {
  no_address: true,
  no_consent: true,
  consent_revoked: true,
  suppressed: true,
  exited: true,
  expired: true,
  missing_variable: true,
  merged_duplicate: true,
  journey_stopped: true,
  capped: true,
};
const STEPS: Readonly<Record<StepKind, true>> = {
  delay: true,
  window: true,
  waitFor: true,
  split: true,
  randomSplit: true,
  message: true,
  sendToDestination: true,
  updateProfile: true,
  exit: true,
};
const TRIGGERS: Readonly<Record<Trigger['kind'], true>> = {
  event: true,
  segment: true,
  date: true,
};

/** What stands first in the rows of the table under a heading. */
function rowsUnder(heading: string): string[] {
  const [, section = ''] = PAGE.split(`\n## ${heading}\n`);
  const [own = ''] = section.split('\n## ');
  return [...own.matchAll(/^\| `(\w+)` +\|/gm)].map(([, name]) => name ?? '');
}

describe('the page about journeys', () => {
  it.each<[string, object]>([
    ['Why a message was skipped', REASONS],
    ['Steps', STEPS],
    ['Entering', TRIGGERS],
  ])('explains under “%s” each of them, and nothing that is not there', (heading, names) => {
    expect(rowsUnder(heading).sort()).toEqual(Object.keys(names).sort());
  });
});
