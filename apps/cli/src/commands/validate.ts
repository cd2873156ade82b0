import { checkFolder } from '../definitions/check-folder.js';
import { readFolder } from '../definitions/read-folder.js';
import { EXIT } from '../exit-codes.js';
import { faultLines, faultsData, type Outcome } from '../outcome.js';

/** Says what is wrong with a folder of definitions, offline. Warnings alone are no failure. */
export async function validate(folder: string): Promise<Outcome> {
  const read = await readFolder(folder);
  const faults = checkFolder(read);
  const errors = faults.filter(({ severity }) => severity === 'error').length;
  const count = read.definitions.length;
  const summary =
    errors === 0
      ? `${count} definitions, no errors`
      : `${count} definitions, ${errors} error${errors === 1 ? '' : 's'}`;
  return {
    exit: errors === 0 ? EXIT.ok : EXIT.refused,
    lines: [...faultLines(faults), summary],
    data: { valid: errors === 0, definitions: count, faults: faultsData(faults) },
  };
}
