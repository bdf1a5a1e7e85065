// The keys that walk over the map.

/** @import { NetworkMap, Unit } from "./types.js" */

import { moveTo, zoomedAt } from "../../canvas/camera.js";
import { toggle } from "./folding.js";
import { unitKeyOf } from "./graph.js";
import { known } from "./lookup.js";
import { fit } from "./rows.js";

/**
 * Arrow keys go along the edges and from lane to lane; space folds, + − 0 zoom, / searches.
 * @param {NetworkMap} me
 */
export function listenToKeys(me) {
  me.layer.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const unit = me.units.get(me.focused ?? "");
    const [on, back, up, down] = me.vertical
      ? ["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight"]
      : ["ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown"];
    if (!unit) return;
    const units = [...me.units.values()];
    /** @type {Record<string, () => unknown>} */
    const acts = {
      [on]: () => go(me, nextOnEdge(me, unit, 1)),
      [back]: () => go(me, nextOnEdge(me, unit, -1)),
      [up]: () => go(me, nextBeside(me, unit, -1)),
      [down]: () => go(me, nextBeside(me, unit, 1)),
      Home: () => go(me, units[0]),
      End: () => go(me, units[units.length - 1]),
      " ": () => unit.block && toggle(me, unit.block),
      "+": () => moveTo(me, zoomedAt(me, 1.3)),
      "=": () => moveTo(me, zoomedAt(me, 1.3)),
      "-": () => moveTo(me, zoomedAt(me, 1 / 1.3)),
      0: () => fit(me),
      "/": () => me.search.focus(),
    };
    if (!(event.key in acts)) return;
    event.preventDefault();
    acts[event.key]();
  });
  me.layer.addEventListener("keyup", (event) => {
    if (event.key === " ") event.preventDefault();
  });
}

/**
 * @param {NetworkMap} me
 * @param {Unit | undefined} unit
 */
function go(me, unit) {
  if (unit) known(me.buttons, unit.key).focus({ preventScroll: true });
}

/**
 * Its middle, along and across the flow.
 * @param {NetworkMap} me
 * @param {Unit} unit
 */
function middleOf(me, { box: { x, y, width, height } }) {
  return me.vertical ? [y + height / 2, x + width / 2] : [x + width / 2, y + height / 2];
}

/**
 * The unit at the other end of an edge; the nearest across, where there are several.
 * @param {NetworkMap} me
 * @param {Unit} unit
 * @param {number} way 1 or -1.
 */
function nextOnEdge(me, unit, way) {
  if (unit.kind === "frame" && way > 0) return me.units.get(`step ${unit.steps[0]}`);
  const mine = new Set(unit.steps);
  const names = unit.steps.flatMap((name) =>
    way > 0 ? known(me.graph.readers, name) : known(me.graph.byName, name).inputs,
  );
  const found = [
    ...new Set(
      names.filter((name) => !mine.has(name)).map((name) => unitKeyOf(me.graph, name, me.opened)),
    ),
  ].map((key) => known(me.units, key));
  /** @param {Unit} each */
  const far = (each) => Math.abs(middleOf(me, each)[1] - middleOf(me, unit)[1]);
  return found.sort((one, other) => far(one) - far(other))[0];
}

/**
 * The nearest unit to one side, across the flow.
 * @param {NetworkMap} me
 * @param {Unit} unit
 * @param {number} way 1 or -1.
 */
function nextBeside(me, unit, way) {
  const [from, here] = middleOf(me, unit);
  /** @type {{ each: Unit, distance: number } | null} */
  let best = null;
  for (const each of me.units.values()) {
    const [at, there] = middleOf(me, each);
    const across = (there - here) * way;
    if (across < 4 || each === unit) continue;
    const distance = across + 2 * Math.abs(at - from);
    if (!best || distance < best.distance) best = { each, distance };
  }
  return best?.each;
}
