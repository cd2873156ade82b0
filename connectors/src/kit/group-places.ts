/** Sorts items into the requests they go out in, by the places they have in the list that `build` was given. */
export function groupPlaces<T>(
  items: readonly T[],
  keyOf: (item: T) => string | undefined,
): ReadonlyMap<string, readonly number[]> {
  const groups = new Map<string, number[]>();
  items.forEach((item, place) => {
    const key = keyOf(item);
    if (key === undefined) return;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [place]);
    else group.push(place);
  });
  return groups;
}
