// What has the focus, so that it keeps it when its surroundings are built anew.

/**
 * The element that has the focus in the page part to which a node belongs; null if none has.
 * @param {Node | undefined} node
 */
export function focusBeside(node) {
  const home = /** @type {Document | ShadowRoot | Node | undefined} */ (node?.getRootNode());
  return home && "activeElement" in home ? home.activeElement : null;
}

/**
 * Which of some elements has the focus; -1 if none has.
 * @param {Element[]} items
 */
export function focusAmong(items) {
  const focused = focusBeside(items[0]);
  return focused ? items.indexOf(focused) : -1;
}
