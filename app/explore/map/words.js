// What is said of the map: what is pointed at, what is chosen, what was found, what can be done.

/** @import { NetworkMap, Step, Unit } from "./types.js" */

import { unitKeyOf } from "./graph.js";
import { known } from "./lookup.js";
import { costsOf, percent } from "./nodes.js";
import { neighboursOf } from "./picture.js";

/**
 * What the operation of a step is called.
 * @param {NetworkMap} me
 * @param {Step} step
 */
export function titleOf(me, step) {
  return me.header.operations[step.operation].title;
}

/**
 * Say in words what is pointed at, else what is chosen, else what can be done.
 * @param {NetworkMap} me
 */
export function say(me) {
  const unit =
    me.pointed ?? (me.chosen ? me.units.get(unitKeyOf(me.graph, me.chosen, me.opened)) : null);
  let words = me.vertical
    ? "Tap a step to look into it. Two fingers zoom."
    : "Point at a step to see what it reads. Drag to move, Ctrl and the wheel to zoom.";
  if (me.matches && !me.pointed) words = foundWords(me, me.matches);
  else if (unit) words = wordsOf(me, unit);
  if (me.said.textContent !== words) me.said.textContent = words;
}

/**
 * @param {NetworkMap} me
 * @param {string[]} matches
 */
function foundWords({ match, search }, matches) {
  const count = matches.length;
  if (!count) return `There is no step with “${search.value}” in its name.`;
  if (count === 1) return `One step matches: ${matches[0]}. Enter goes to it.`;
  return `${count} steps match; number ${match + 1} is ${matches[match]}. Enter goes to it, arrow keys to the others.`;
}

/**
 * @param {NetworkMap} me
 * @param {Unit} unit
 */
function wordsOf(me, unit) {
  const { inputs } = neighboursOf(me, unit);
  const reads = inputs.length ? `, reads ${listed(inputs)}` : "";
  if (unit.kind !== "step") {
    const state = unit.kind === "block" ? "folded" : "open";
    return (
      `${unit.name}, ${state} block of ${unit.steps.length} steps, ${unit.last.shape}${reads}${costOf(me, unit)}. ` +
      `Click it or press the space bar to ${unit.kind === "block" ? "un" : ""}fold it.`
    );
  }
  return `${unit.name}, ${titleOf(me, unit.step)}, ${unit.step.shape}${reads}${costOf(me, unit)}. ${me.header.operations[unit.step.operation].sentence}`;
}

/** @param {string[]} names */
function listed(names) {
  if (names.length > 6) return `${names.slice(0, 5).join(", ")} and ${names.length - 5} more`;
  return names.length > 1
    ? `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`
    : names[0];
}

/**
 * @param {NetworkMap} me
 * @param {Unit} unit
 */
function costOf(me, unit) {
  if (me.lens === "none") return "";
  const steps = unit.steps.map((name) => known(me.graph.byName, name));
  const title = me.header.lenses.find(({ key }) => key === me.lens)?.title.toLowerCase();
  return `, ${percent(costsOf(me.graph, me.lens, me.opened).of(steps))} of the ${title}`;
}
