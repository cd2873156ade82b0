/** The page behind a preference link: what a person allows, by purpose and channel. It names the sender, and nobody else. */
import type { ConsentAssertion } from '@throughline/domain/consent';
import type { Preference } from '@throughline/store/consent';
import { escape, layout } from './public-page.js';

export interface PreferencesShown {
  readonly workspace: string;
  readonly preferences: readonly Preference[];
  readonly saved: boolean;
}

export function preferencePage({ workspace, preferences, saved }: PreferencesShown): string {
  const done = saved ? '<p role="status"><strong>Saved.</strong></p>' : '';
  if (preferences.length === 0)
    return layout('Your preferences', `${done}<p>${escape(workspace)} sends you nothing.</p>`);
  const rows = preferences.map(rowOf).join('\n');
  return layout(
    'Your preferences',
    `${done}<p>What may <strong>${escape(workspace)}</strong> write to you about?</p>
     <form method="post"><fieldset>${rows}</fieldset><button type="submit">Save</button></form>`,
  );
}

function rowOf(preference: Preference): string {
  const value = escape(nameOf(preference));
  const { purpose, channel, state } = preference;
  const where = channel === '*' ? '' : ` <small>(${escape(channel)})</small>`;
  return `<input type="hidden" name="shown" value="${value}"><label><input type="checkbox" name="allow" value="${value}"${
    state === 'granted' ? ' checked' : ''
  }> ${escape(purpose)}${where}</label>`;
}

/** Names hold no control characters. */
function nameOf({ purpose, channel }: Pick<Preference, 'purpose' | 'channel'>): string {
  return JSON.stringify([purpose, channel]);
}

/**
 * What the form says that was not so before. Only what the page showed is touched, and only what there is: a box that was never
 * there cannot have been left empty.
 */
export function wordsOf(preferences: readonly Preference[], form: string): ConsentAssertion[] {
  const fields = new URLSearchParams(form);
  const shown = new Set(fields.getAll('shown'));
  const allowed = new Set(fields.getAll('allow'));
  return preferences.flatMap(({ purpose, channel, state }): ConsentAssertion[] => {
    const name = nameOf({ purpose, channel });
    if (!shown.has(name)) return [];
    const isAllowed = allowed.has(name);
    if (isAllowed === (state === 'granted')) return [];
    return [{ purpose, channel, state: isAllowed ? 'granted' : 'revoked' }];
  });
}
