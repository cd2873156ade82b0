import { isJsonList, type JsonObject } from '@throughline/domain/shared';
import type { Api } from '../api.js';
import { EXIT } from '../exit-codes.js';
import { look, type Finding } from './doctor-finding.js';

/** A part of the engine, the reasons of /readyz that are of it, and what to do about each. */
interface Part {
  readonly what: string;
  readonly well: (readiness: JsonObject) => string;
  readonly advice: Readonly<Record<string, string>>;
}

const PARTS: readonly Part[] = [
  {
    what: 'database',
    well: () => 'there, every migration done',
    advice: {
      database_unreachable: 'Bring PostgreSQL back; everything resumes by itself.',
      migration_pending: 'Run `node apps/api/dist/admin.js migrate`.',
    },
  },
  {
    what: 'Temporal',
    well: () => 'there, with its search attributes',
    advice: {
      temporal_unreachable:
        'Bring Temporal back. Events are taken in and waits are decided meanwhile; nothing is sent.',
      temporal_search_attribute_missing: 'Run `node scripts/dist/prepare.js`.',
    },
  },
  {
    what: 'lanes',
    well: ({ lagMs }) =>
      typeof lagMs === 'number' ? `none is stopped; behind by ${lagMs} ms` : 'none is stopped',
    advice: {
      lane_stopped:
        'Our own mistake: keep the log line of the worker and restart it. Nothing is lost; docs/operations.md says how to go on.',
      lane_behind: 'Is a worker running? A large import or a backfill passes by itself.',
    },
  },
];

/** What /readyz says, part by part; a reason that nobody here knows is shown as it is. */
export async function engineFindings(open: Api): Promise<Finding[]> {
  let readiness: JsonObject = {};
  const asked = await look('readiness', async () => {
    readiness = (await open.call({ method: 'GET', path: '/readyz' }))?.body ?? {};
    return '';
  });
  if (asked.state === 'fail') return [asked];
  const { reasons } = readiness;
  const given = isJsonList(reasons) ? reasons.filter((one) => typeof one === 'string') : [];
  const known = PARTS.map((part) => findingOf(part, given.filter(isOf(part)), readiness));
  const others = given.filter((reason) => !PARTS.some((part) => isOf(part)(reason)));
  return others.length === 0 ? known : [...known, failure('readiness', others)];
}

function findingOf(part: Part, reasons: readonly string[], readiness: JsonObject): Finding {
  const { what, well, advice } = part;
  if (reasons.length === 0) return { what, state: 'ok', said: well(readiness), exit: EXIT.ok };
  const codes = [...new Set(reasons.map(codeOf))];
  return failure(what, reasons, codes.flatMap((code) => advice[code] ?? []).join(' '));
}

function failure(what: string, reasons: readonly string[], advice?: string): Finding {
  const said = reasons.join(', ');
  return { what, state: 'fail', said, exit: EXIT.refused, ...(advice && { advice }) };
}

function isOf({ advice }: Part): (reason: string) => boolean {
  return (reason) => Object.hasOwn(advice, codeOf(reason));
}

/** `lane_behind:<workspace>` is a `lane_behind`. */
function codeOf(reason: string): string {
  return reason.split(':')[0] ?? reason;
}
