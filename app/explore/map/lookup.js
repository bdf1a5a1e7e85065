// Looking up what is surely there.

/**
 * The value of a key that a map has.
 * @template K, V
 * @param {Map<K, V>} map
 * @param {K} key
 */
export function known(map, key) {
  return /** @type {V} */ (map.get(key));
}

/**
 * The last one of a list that is not empty.
 * @template T
 * @param {readonly T[]} list
 */
export function lastOf(list) {
  return list[list.length - 1];
}
