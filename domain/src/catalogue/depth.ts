import { isJsonList, isJsonObject, type Json } from '../shared/index.js';

const MAX_DEPTH = 32;

/**
 * JSON.parse takes a list in a list a hundred thousand levels deep; whatever walks it afterwards by calling itself would not
 * come back. Asked first, this never goes deeper than it allows.
 */
export function isTooDeep(value: Json, left: number = MAX_DEPTH): boolean {
  if (isJsonList(value)) return left === 0 || value.some((item) => isTooDeep(item, left - 1));
  if (!isJsonObject(value)) return false;
  if (left === 0) return true;
  for (const key of Object.keys(value)) if (isTooDeep(value[key] ?? null, left - 1)) return true;
  return false;
}
