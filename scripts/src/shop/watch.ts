/** What has become of each shopper, as the API and the mail catcher tell it. */
import { asRecord, asRecords, asText, type ApiClient } from './api-client.js';
import type { Ending, Shopper } from './cast.js';

export interface Fate {
  readonly shopper: Shopper;
  /** in order, for people to read */
  readonly trail: readonly string[];
  readonly ending: Ending | 'waiting' | 'not entered' | 'held' | `other:${string}`;
  readonly why: string;
  readonly runUrl: string | null;
  readonly mails: number;
  readonly mailUrl: string | null;
  readonly merged: boolean;
}

export interface CaughtMails {
  /** mails to one address, newest first */
  to(address: string): readonly { readonly id: string; readonly receivedAt: string }[];
  urlOf(mailId: string): string;
}

export interface Watcher {
  readonly api: ApiClient;
  readonly mails: CaughtMails;
  /** customers whom the comparison of people has brought up, with the place to decide; null until it has run */
  readonly suggested: ReadonlyMap<string, string> | null;
}

export async function readFate(
  { api, mails, suggested }: Watcher,
  shopper: Shopper,
): Promise<Fate> {
  const caught = mails.to(shopper.email);
  const [mail] = caught;
  const base = {
    shopper,
    mails: caught.length,
    mailUrl: mail === undefined ? null : mails.urlOf(mail.id),
  };
  const customer = await findCustomer(api, shopper);
  if (customer === null) {
    return {
      ...base,
      trail: [],
      ending: 'not entered',
      why: 'nothing known yet',
      runUrl: null,
      merged: false,
    };
  }
  const merged = customer.absorbed > 0;
  const [enrolment] = await api.list(`/api/v1/enrolments?customer=${customer.id}`);
  if (enrolment === undefined) {
    const review = suggested?.get(customer.id);
    return {
      ...base,
      trail: [],
      ...(review === undefined
        ? { ending: 'not entered', why: 'no journey took it in' }
        : { ending: 'duplicate suggested', why: `for review: ${review}` }),
      runUrl: null,
      merged,
    };
  }
  const detail = await api.get(`/api/v1/enrolments/${asText(enrolment['id']) ?? ''}`);
  const trail = asRecords(detail['trail']);
  return {
    ...base,
    merged,
    trail: trail.map(sentenceOf),
    ...endingOf(detail, trail, caught.length),
    ...(await keptBack(api, detail)),
    runUrl: asText(asRecord(detail['run'])['url']),
  };
}

async function findCustomer(
  api: ApiClient,
  shopper: Shopper,
): Promise<{ id: string; absorbed: number } | null> {
  const found = await api.get(
    `/api/v1/customers?identifier=${encodeURIComponent(`user_id:${shopper.userId}`)}`,
  );
  const id = asText(asRecords(found['items'])[0]?.['id']);
  if (id === null) return null;
  const { absorbed } = await api.get(`/api/v1/customers/${id}`);
  return { id, absorbed: Array.isArray(absorbed) ? absorbed.length : 0 };
}

/** Somebody who waits because of the hour has come to their end for tonight. */
async function keptBack(
  api: ApiClient,
  detail: Record<string, unknown>,
): Promise<Pick<Fate, 'ending' | 'why'> | Record<string, never>> {
  if (asText(detail['outcome']) !== null) return {};
  const deliveries = await api.list(`/api/v1/deliveries?enrolment=${asText(detail['id']) ?? ''}`);
  const quiet = deliveries.find(({ blockedBy }) => blockedBy === 'quiet_hours');
  if (quiet === undefined) return {};
  return { ending: 'quiet', why: 'it is night there: the mail goes out in the morning' };
}

function sentenceOf(entry: Record<string, unknown>): string {
  const { kind, step } = entry;
  const detail = asRecord(entry['detail']);
  const reason =
    asText(detail['reason']) ??
    asText(detail['code']) ??
    asText(detail['branch']) ??
    asText(detail['outcome']);
  return [asText(kind), step === null ? null : asText(step), reason === null ? null : `(${reason})`]
    .filter((word) => word !== null)
    .join(' ');
}

/** Why somebody got a mail, by journey. */
const MAILED: Readonly<Record<string, string>> = {
  'abandoned-cart': 'waited, no order came',
  birthday: 'it is the day, in their own zone',
};

/** What decides the table's word: a send beats a skip beats the way the run ended. */
function endingOf(
  detail: Record<string, unknown>,
  trail: readonly Record<string, unknown>[],
  mails: number,
): Pick<Fate, 'ending' | 'why'> {
  const entry = (kind: string): Record<string, unknown> | undefined =>
    trail.find((item) => item['kind'] === kind);
  const outcome = asText(detail['outcome']);
  const sent = entry('sent');
  if (detail['state'] === 'held')
    return { ending: 'held', why: asText(detail['heldReason']) ?? 'held' };
  if (outcome === null)
    return { ending: 'waiting', why: `at ${asText(detail['step']) ?? 'the start'}` };
  if (sent !== undefined && detail['journey'] === 'price-alert')
    return { ending: 'hook delivered', why: 'taken at the third attempt' };
  if (sent !== undefined)
    return mails > 0
      ? { ending: 'mailed', why: MAILED[asText(detail['journey']) ?? ''] ?? 'a journey wrote' }
      : { ending: 'waiting', why: 'mail on its way' };
  const skipped = asText(asRecord(entry('skipped')?.['detail'])['reason']);
  if (skipped === 'no_consent')
    return { ending: 'skipped:no_consent', why: 'no consent to marketing by e-mail' };
  if (skipped === 'consent_revoked')
    return { ending: 'skipped:consent_revoked', why: 'unsubscribed before the send' };
  const failed = asText(asRecord(entry('failed')?.['detail'])['code']);
  if (failed === 'hard_bounce')
    return { ending: 'bounced', why: 'the address does not exist; suppressed from now on' };
  if (outcome.startsWith('exited:'))
    return { ending: 'ordered', why: `left at once: ${outcome.slice('exited:'.length)}` };
  return { ending: `other:${skipped ?? failed ?? outcome}`, why: outcome };
}

/** Everybody has come to an end that nothing will change any more. */
export function isSettled(fate: Fate): boolean {
  return fate.ending !== 'waiting' && fate.ending !== 'not entered';
}
