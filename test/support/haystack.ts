/** Looks for needles in whatever a system has written down, and says where each was found. */
import type { Client } from '@temporalio/client';

export class Haystack {
  private readonly places: { readonly name: string; readonly text: string }[] = [];

  add(name: string, content: unknown): void {
    this.places.push({
      name,
      text: typeof content === 'string' ? inClear(content) : textOf(content),
    });
  }

  get size(): number {
    return this.places.reduce((sum, { text }) => sum + text.length, 0);
  }

  /** `needle in place`, for every needle in every place, whatever case it is written in. */
  find(needles: Readonly<Record<string, string>>): string[] {
    return this.places.flatMap(({ name, text }) => {
      const lower = text.toLowerCase();
      return Object.entries(needles)
        .filter(([, needle]) => lower.includes(needle.toLowerCase()))
        .map(([label]) => `${label} in ${name}`);
    });
  }

  text(name: string): string {
    return this.places
      .filter((place) => place.name === name)
      .map(({ text }) => text)
      .join('\n');
  }
}

/** Everything that Temporal keeps of the runs that a query finds: histories, attributes, memos, what is pending. */
export async function addRuns(hay: Haystack, client: Client, query: string): Promise<number> {
  let count = 0;
  for await (const { workflowId, runId } of client.workflow.list({ query })) {
    const handle = client.workflow.getHandle(workflowId, runId);
    hay.add('a history', await handle.fetchHistory());
    hay.add('a description', (await handle.describe()).raw);
    hay.add('a workflow id', workflowId);
    count += 1;
  }
  return count;
}

/** As JSON, with everything that is base64 in clear behind it: a payload in a history, a secret in a log line. */
function textOf(content: unknown): string {
  const text = JSON.stringify(content, (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  return inClear(text);
}

function inClear(text: string): string {
  const hidden = text.match(/[A-Za-z0-9+/_-]{12,}={0,2}/g) ?? [];
  return [text, ...hidden.map((part) => Buffer.from(part, 'base64').toString('utf8'))].join('\n');
}
