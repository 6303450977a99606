/** The things of a list by a key. */

/**
 * Made once for each list, which nobody changes in place: a plan asks once a thing and step, and goes through no list for it.
 */
export function listIndex<Thing>(
  keyOf: (thing: Thing) => string,
): (list: readonly Thing[]) => ReadonlyMap<string, Thing> {
  const indexes = new WeakMap<readonly Thing[], ReadonlyMap<string, Thing>>();
  return (list) => {
    let index = indexes.get(list);
    if (index === undefined) {
      index = new Map(list.map((thing) => [keyOf(thing), thing]));
      indexes.set(list, index);
    }
    return index;
  };
}
