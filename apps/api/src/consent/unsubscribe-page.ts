/** The pages behind an unsubscribe link: they name the sender and the purpose, and nothing about the person. */
import { escape, layout } from './public-page.js';

export interface PageSubject {
  readonly workspace: string;
  readonly purpose: string;
}

export function questionPage({ workspace, purpose }: PageSubject): string {
  return layout(
    'Unsubscribe',
    `<p>Stop messages about <strong>${escape(purpose)}</strong> from <strong>${escape(workspace)}</strong>?</p>
     <form method="post"><button type="submit">Unsubscribe</button></form>`,
  );
}

export function donePage({ workspace, purpose }: PageSubject): string {
  return layout(
    'You are unsubscribed',
    `<p>${escape(workspace)} sends you no more messages about <strong>${escape(purpose)}</strong>.</p>`,
  );
}
