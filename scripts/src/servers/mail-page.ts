/** The pages of the mail catcher. Everything in a mail is a stranger's: escaped here, or shut in a frame. */
import type { CaughtMail, MailHeader } from './mail-store.js';

export function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}

export function renderList(mails: readonly CaughtMail[], to: string | undefined): string {
  const rows = mails.map(
    (mail) =>
      `<tr><td><time>${escapeHtml(mail.receivedAt)}</time></td>` +
      `<td>${escapeHtml(mail.to.join(', '))}</td>` +
      `<td><a href="/messages/${encodeURIComponent(mail.id)}">${escapeHtml(subjectOf(mail))}</a></td></tr>`,
  );
  const filter = to === undefined ? '' : ` to ${escapeHtml(to)} · <a href="/">all</a>`;
  const body =
    mails.length === 0
      ? '<p>No mail yet.</p>'
      : `<table><thead><tr><th>Received</th><th>To</th><th>Subject</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
  return page('Mail', `<h1>Mail <small>${mails.length} caught${filter}</small></h1>${body}`);
}

export function renderMail(mail: CaughtMail): string {
  const facts: readonly MailHeader[] = [
    { name: 'To', value: mail.to.join(', ') },
    { name: 'From', value: mail.from },
    { name: 'Received', value: mail.receivedAt },
    ...['Message-ID', 'List-Unsubscribe', 'List-Unsubscribe-Post'].flatMap((name) =>
      headerOf(mail, name),
    ),
  ];
  return page(
    subjectOf(mail),
    `<p><a href="/">← all mail</a></p><h1>${escapeHtml(subjectOf(mail))}</h1>${definitions(facts)}` +
      frame(mail) +
      section('Text part', mail.text ?? 'There is none.') +
      `<details><summary>All headers</summary>${definitions(mail.headers)}</details>`,
  );
}

/** What stands inside the frame. Links open beside it, so that an unsubscribe link can be tried. */
export function renderMessageBody(mail: CaughtMail): string {
  return `<!doctype html><meta charset="utf-8"><base target="_blank">${mail.html ?? ''}`;
}

export function renderNotFound(): string {
  return page('Not found', '<p>There is no such mail. <a href="/">All mail</a></p>');
}

/** `sandbox` without scripts or origin: the mail cannot read our pages nor run anything. */
function frame(mail: CaughtMail): string {
  if (mail.html === null) return '';
  const source = `/messages/${encodeURIComponent(mail.id)}/body`;
  return `<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" referrerpolicy="no-referrer" src="${source}" title="The message"></iframe>`;
}

function headerOf(mail: CaughtMail, name: string): MailHeader[] {
  return mail.headers.filter((header) => header.name.toLowerCase() === name.toLowerCase());
}

function definitions(facts: readonly MailHeader[]): string {
  const entries = facts.map(
    (fact) => `<dt>${escapeHtml(fact.name)}</dt><dd>${escapeHtml(fact.value)}</dd>`,
  );
  return `<dl>${entries.join('')}</dl>`;
}

function section(title: string, text: string): string {
  return `<h2>${escapeHtml(title)}</h2><pre>${escapeHtml(text)}</pre>`;
}

function subjectOf(mail: CaughtMail): string {
  return mail.subject === '' ? '(no subject)' : mail.subject;
}

const STYLE = `
  body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #1c1e21 }
  table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .4rem .8rem; border-bottom: 1px solid #dcdfe4 }
  small { color: #646970; font-weight: normal } iframe { width: 100%; height: 32rem; border: 1px solid #dcdfe4; background: #fff }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem } dt { color: #646970 } dd { margin: 0; overflow-wrap: anywhere }
  pre { white-space: pre-wrap; background: #f5f6f8; padding: 1rem }
`;

function page(title: string, body: string): string {
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title>` +
    `<style>${STYLE}</style></head><body>${body}</body></html>`
  );
}
