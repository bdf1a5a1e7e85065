// Choosing a step, folding and unfolding blocks, and what Python has been told of it.

/** @import { NetworkMap, Unit } from "./types.js" */

import { known } from "./lookup.js";
import { paintOver } from "./picture.js";
import { relayOut } from "./rows.js";
import { dressAll } from "./units.js";

/**
 * Whether what Python sends is news (a link, the back button), not an answer to what was sent.
 * @param {NetworkMap} me
 * @param {"fold" | "lens"} name
 * @param {string} given
 * @param {boolean} anew Whether all is news.
 */
export function adoptChoice(me, name, given, anew) {
  const pending = me.pending[name] ?? [];
  me.pending[name] = pending;
  const answered = pending.indexOf(given);
  const news = anew || (answered < 0 && given !== me.known[name]);
  if (answered >= 0) pending.splice(0, answered + 1);
  else if (news) me.pending[name] = [];
  me.known[name] = given;
  return news;
}

/**
 * Say in the page how many answers are still to come.
 * @param {NetworkMap} me
 */
export function tellAwaited(me) {
  me.root.dataset.waiting = String(Object.values(me.pending).flat().length);
}

/**
 * Go into a step, or fold or unfold a block.
 * @param {NetworkMap} me
 * @param {Unit} unit
 */
export function press(me, unit) {
  if (unit.kind !== "step") return toggle(me, unit.block);
  me.chosen = unit.name;
  dressAll(me);
  paintOver(me);
  me.send("select", unit.name);
}

/**
 * Fold or unfold a block.
 * @param {NetworkMap} me
 * @param {string} block
 */
export function toggle(me, block) {
  const opens = !me.opened.has(block);
  const opened = new Set(me.opened);
  if (opens) opened.add(block);
  else opened.delete(block);
  const first =
    opens && me.focused === `block ${block}`
      ? `step ${known(me.graph.blocks, block).tiles[0].key}`
      : null;
  open(me, opened, `block ${block}`);
  me.buttons.get(first ?? "")?.focus({ preventScroll: true });
}

/**
 * Have these blocks open, and tell Python.
 * @param {NetworkMap} me
 * @param {Set<string>} opened
 * @param {string | null} [towards] The key of a node to bring into sight.
 */
export function open(me, opened, towards = null) {
  me.opened = opened;
  relayOut(me, { animated: true, towards });
  const keys = [...me.graph.blocks.keys()].filter((key) => opened.has(key));
  me.pending.fold.push(keys.join());
  tellAwaited(me);
  me.send(
    "fold",
    keys.length === 0 ? "none" : keys.length === me.graph.blocks.size ? "all" : keys.join(),
  );
}
