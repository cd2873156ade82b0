import type { z } from 'zod';
import type { Fault } from './errors.js';

type Issue = z.core.$ZodIssue;

/**
 * What a schema found wrong, by path. A union reports the faults of every alternative, most of them about shapes that the
 * author never meant: only the alternative that comes closest is reported.
 */
export function faultsOf(error: { readonly issues: readonly Issue[] }): Fault[] {
  return error.issues.flatMap((issue) => faultsOfIssue(issue, []));
}

function faultsOfIssue(issue: Issue, parent: readonly PropertyKey[]): Fault[] {
  const path = [...parent, ...issue.path];
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const closest = closestBranch(issue.errors);
    return closest.flatMap((inner) => faultsOfIssue(inner, path));
  }
  return [{ path: path.map(String).join('.'), code: issue.code, message: issue.message }];
}

function closestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] {
  return branches.reduce((best, branch) => (distance(branch) < distance(best) ? branch : best));
}

/** Keys that an alternative doesn't know speak against it most: they name the shape that was meant. */
function distance(branch: readonly Issue[]): number {
  let sum = 0;
  for (const issue of branch) {
    const here = issue.path.length === 0;
    if (issue.code === 'unrecognized_keys' && here) sum += 100 * issue.keys.length;
    else sum += here ? 1_000 : 1;
  }
  return sum;
}
