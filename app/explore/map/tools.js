// The tools above the map, and what is written below it.

/** @import { NetworkMap } from "./types.js" */

import { moveTo, revealing, zoomedAt } from "../../canvas/camera.js";
import { element } from "../../canvas/shared.js";
import { open, tellAwaited } from "./folding.js";
import { known } from "./lookup.js";
import { boxOf, paintOver } from "./picture.js";
import { chooseThumb, fit, relayOut } from "./rows.js";
import { say } from "./words.js";

/**
 * Build the tools.
 * @param {NetworkMap} me
 */
export function buildTools(me) {
  /** @type {(words: string, label: string, act: () => void) => HTMLButtonElement} */
  const button = (words, label, act) => {
    const made = element("button", { type: "button", title: label, aria: { label } }, words);
    made.onclick = act;
    return made;
  };
  me.search = element("input", {
    type: "search",
    placeholder: "Find a step  /",
    aria: { label: "Find a step by name" },
  });
  me.search.oninput = () => find(me, 0);
  me.search.onkeydown = (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp")
      find(me, event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "Enter") enter(me);
    else if (event.key === "Escape" && me.search.value) {
      me.search.value = "";
      find(me, 0);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  me.lenses = element("select");
  me.lenses.onchange = () => {
    me.lens = me.lenses.value;
    me.pending.lens.push(me.lens);
    tellAwaited(me);
    fillTools(me);
    chooseThumb(me);
    relayOut(me, { animated: true });
    me.send("lens", me.lens);
  };
  const folds = [
    button("Fold all", "Fold all blocks", () => open(me, new Set())),
    button("Unfold all", "Unfold all blocks", () => open(me, new Set(me.graph.blocks.keys()))),
  ];
  me.folds = element("span", { className: "group" }, ...folds);
  const zooms = [
    button("−", "Smaller", () => moveTo(me, zoomedAt(me, 1 / 1.3))),
    button("+", "Larger", () => moveTo(me, zoomedAt(me, 1.3))),
    button("Fit", "Show the whole map", () => fit(me)),
  ];
  const lens = element("label", {}, element("span", {}, "Compare steps by "), me.lenses);
  me.tools.append(me.search, lens, me.folds, element("span", { className: "group" }, ...zooms));
}

/**
 * Show in the tools and below the map what is chosen, and what its colours and bars mean.
 * @param {NetworkMap} me
 */
export function fillTools(me) {
  const { header } = me;
  me.lenses.replaceChildren(
    ...header.lenses.map(({ key, title }) => element("option", { value: key }, title)),
  );
  me.lenses.value = me.lens;
  me.folds.hidden = me.graph.blocks.size === 0;
  /** @type {Map<string, string[]>} */
  const families = new Map();
  for (const { colour, title } of Object.values(header.operations)) {
    families.set(colour, [...(families.get(colour) ?? []), title]);
  }
  const chips = [...families].map(([colour, titles]) =>
    element(
      "span",
      { className: "family" },
      element("i", { style: { background: colour } }),
      titles.join(", "),
    ),
  );
  const words = header.lenses.find(({ key }) => key === me.lens)?.words;
  me.key.replaceChildren(
    ...(words ? [element("div", { className: "words" }, words)] : []),
    ...chips,
    element(
      "div",
      {},
      "Each picture shows the strongest channels of its step, coloured within the step's own range.",
    ),
  );
}

/**
 * Light the steps whose names hold what is typed; `way` goes on to another one of them.
 * @param {NetworkMap} me
 * @param {number} way 0, 1 or -1.
 */
function find(me, way) {
  const typed = me.search.value.trim().toLowerCase();
  const names = typed
    ? me.graph.steps.map((step) => step.name).filter((name) => name.toLowerCase().includes(typed))
    : null;
  me.match = way && names?.length ? (me.match + way + names.length) % names.length : 0;
  me.matches = names;
  paintOver(me);
  say(me);
  if (names?.length) moveTo(me, revealing(me, me.camera, boxOf(me, names[me.match])));
}

/**
 * Go to the step that was found, and unfold its block.
 * @param {NetworkMap} me
 */
function enter(me) {
  const name = me.matches?.[me.match];
  if (!name) return;
  me.matches = null;
  me.search.value = "";
  const { block } = known(me.graph.byName, name);
  if (block && !me.opened.has(block))
    open(me, new Set([...me.opened, block]), known(me.graph.tileOf, name).key);
  known(me.buttons, `step ${name}`).focus({ preventScroll: true });
}
