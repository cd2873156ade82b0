/** Every shape of a run that was ever recorded still replays, and still reads as it did in the Temporal UI. */
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { testWorkflows } from '../../test/support/temporal.js';

const HISTORIES = fileURLToPath(new URL('../histories/', import.meta.url));
const BUNDLE = { codePath: testWorkflows() };
const GOLDEN = `${HISTORIES}summaries.txt`;

type History = ReturnType<typeof historyFromJSON>;

async function recorded(): Promise<[string, History][]> {
  const names = (await readdir(HISTORIES)).filter((name) => name.endsWith('.json')).sort();
  return Promise.all(
    names.map(async (name): Promise<[string, History]> => {
      const json: unknown = JSON.parse(await readFile(`${HISTORIES}${name}`, 'utf8'));
      return [name, historyFromJSON(json)];
    }),
  );
}

describe('recorded histories', () => {
  let histories: [string, History][];

  beforeAll(async () => {
    Runtime.install({ logger: new DefaultLogger('ERROR') });
    histories = await recorded();
  }, 60_000);

  it('all replay against this build', async () => {
    expect(histories.length).toBeGreaterThanOrEqual(10);
    const list = histories.map(([name, history]) => ({ workflowId: name, history }));
    const faults: string[] = [];
    for await (const { workflowId, error } of Worker.runReplayHistories(
      { workflowBundle: BUNDLE },
      list,
    )) {
      if (error !== undefined) faults.push(`${workflowId}: ${error.message}`);
    }
    expect(faults).toEqual([]);
  }, 60_000);

  it('would be found out if the code had changed', async () => {
    const [first] = histories;
    const changed: History = { ...first?.[1], events: [...(first?.[1].events ?? [])] };
    const marker = changed.events?.findIndex((event) => event.markerRecordedEventAttributes) ?? -1;
    changed.events?.splice(marker, 1);
    changed.events?.forEach((event, index) => {
      Object.assign(event, { eventId: index + 1 });
    });
    await expect(Worker.runReplayHistory({ workflowBundle: BUNDLE }, changed)).rejects.toThrow();
  }, 60_000);

  it('read in the Temporal UI as they were meant to', async () => {
    const text = histories
      .map(([name, history]) => `${name}\n${summaries(history).join('\n')}\n`)
      .join('\n');
    // Like the histories, written once with them and never over.
    if (process.env['TL_RECORD_HISTORIES'] === '1' && !existsSync(GOLDEN))
      await writeFile(GOLDEN, text);
    expect(text).toBe(await readFile(GOLDEN, 'utf8'));
  });
});

/** What a person sees on the timeline: activities by their id, timers, and the words beside them. */
function summaries({ events }: History): string[] {
  return (events ?? []).flatMap((event) => {
    const words = decode(event.userMetadata?.summary?.data);
    const activity = event.activityTaskScheduledEventAttributes;
    if (activity)
      return [`  ${activity.activityType?.name ?? ''} ${activity.activityId ?? ''} | ${words}`];
    if (event.timerStartedEventAttributes && words !== '') return [`  timer | ${words}`];
    const update = event.workflowExecutionUpdateAcceptedEventAttributes;
    if (update) return [`  update | ${update.acceptedRequest?.input?.name ?? ''}`];
    const signal = event.workflowExecutionSignaledEventAttributes;
    if (signal) return [`  signal | ${signal.signalName ?? ''}`];
    const attributes =
      event.upsertWorkflowSearchAttributesEventAttributes?.searchAttributes?.indexedFields;
    return attributes
      ? [
          `  attributes | ${Object.keys(attributes)
            .sort()
            .map((name) => shown(name, attributes[name]?.data))
            .join(', ')}`,
        ]
      : [];
  });
}

/** Times differ from one recording to the next; which attributes are set when does not. */
function shown(name: string, data: Uint8Array | null | undefined): string {
  return name === 'WaitUntil' ? name : `${name}=${decode(data)}`;
}

function decode(data: Uint8Array | null | undefined): string {
  if (data == null || data.length === 0) return '';
  const value: unknown = JSON.parse(Buffer.from(data).toString('utf8'));
  return String(value);
}
