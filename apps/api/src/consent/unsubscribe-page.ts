/** The pages behind an unsubscribe link: they name the sender and the purpose, and nothing about the person. */
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

export function invalidPage(): string {
  return layout(
    'This link is not valid',
    '<p>Please use the link as it stands in the message.</p>',
  );
}

function layout(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>body{font:18px/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem;color:#1c1e21}
button{font:inherit;padding:.6rem 1.4rem;border:0;border-radius:.4rem;background:#1d4ed8;color:#fff;cursor:pointer}</style>
</head><body><h1>${title}</h1>${body}</body></html>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
