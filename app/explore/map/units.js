// The steps, folded blocks and frames of a map as buttons without looks, the keys that walk over
// them, and what is said of them.

import { element } from "../../canvas/shared.js";
import { costsOf, percent } from "./nodes.js";
import { moveTo, revealing, zoomedAt } from "../../canvas/camera.js";
import { fit, neighboursOf, paintOver, relayOut, tellAwaited } from "./network_map.js";

/** All that can be pointed at, in the order of execution. */
function unitsOf({ layout, metrics }) {
  const units = [];
  for (const node of layout.nodes) {
    const names = node.steps.map((step) => step.name);
    if (node.kind === "tile") {
      for (const { step, x, y, width, height } of node.parts) {
        const box = { x: node.x + x, y: node.y + y, width, height };
        units.push({
          key: `step ${step.name}`,
          kind: "step",
          step,
          name: step.name,
          block: node.block,
          steps: [step.name],
          holder: node.key,
          box,
        });
      }
    } else {
      const box = node.kind === "frame" ? { ...node, height: metrics.title } : node;
      units.push({
        key: node.key,
        kind: node.kind,
        name: node.title,
        block: node.block,
        steps: names,
        last: node.steps.at(-1),
        holder: node.key,
        box,
      });
    }
  }
  return units;
}

/** One button for each unit; those that stay keep their place, so that nothing loses the focus. */
export function placeButtons(me) {
  const focused = me.buttons.get(me.focused);
  const had = focused && me.root.getRootNode().activeElement === focused;
  const units = unitsOf(me);
  me.units = new Map(units.map((unit) => [unit.key, unit]));
  for (const [key, button] of me.buttons) {
    if (!me.units.has(key)) {
      button.remove();
      me.buttons.delete(key);
    }
  }
  let after = null;
  for (const unit of units) {
    const button = me.buttons.get(unit.key) ?? makeButton(me, unit);
    me.buttons.set(unit.key, button);
    dress(me, button, unit);
    const next = after ? after.nextSibling : me.layer.firstChild;
    if (next !== button) me.layer.insertBefore(button, next);
    after = button;
  }
  if (me.pointed) me.pointed = me.units.get(me.pointed.key) ?? null;
  rove(me, heirOf(me, me.focused) ?? (me.chosen ? holderKey(me, me.chosen) : units[0]?.key));
  if (had && !focused.isConnected) me.buttons.get(me.focused)?.focus({ preventScroll: true });
}

/** The unit that stands for another one: itself, its block when folded, its first step when open. */
function heirOf(me, key) {
  if (!key || me.units.has(key)) return key;
  const name = key.startsWith("step ") ? key.slice(5) : null;
  const step = name && me.graph.byName.get(name);
  return step ? holderKey(me, name) : null;
}

/** The key of the unit that shows a step. */
function holderKey(me, name) {
  const { block } = me.graph.byName.get(name);
  return block && !me.opened.has(block) ? `block ${block}` : `step ${name}`;
}

function makeButton(me, unit) {
  const button = element("button", { type: "button", tabIndex: -1 });
  button.onfocus = () => {
    rove(me, unit.key);
    if (!button.matches(":focus-visible")) return;
    me.point(me.units.get(unit.key));
    const camera = revealing(me, me.camera, me.units.get(unit.key).box);
    if (!me.change && Math.hypot(camera.x - me.camera.x, camera.y - me.camera.y) * camera.zoom > 1)
      moveTo(me, camera);
  };
  button.onblur = () => me.point(null);
  button.onclick = () => press(me, me.units.get(unit.key));
  button.dataset.key = unit.key;
  return button;
}

function dress(me, button, { kind, step, name, block, steps, last, box }) {
  button.className = `card ${kind}`;
  Object.assign(button.style, {
    left: `${box.x}px`,
    top: `${box.y}px`,
    width: `${box.width}px`,
    height: `${box.height}px`,
  });
  if (kind === "step") {
    button.dataset.name = name;
    button.setAttribute("aria-label", `${name}, ${titleOf(me, step)}, ${step.shape}`);
    button.setAttribute("aria-current", String(name === me.chosen));
    button.classList.toggle("chosen", name === me.chosen);
  } else {
    button.dataset.block = block;
    button.setAttribute("aria-expanded", String(kind === "frame"));
    const inside = `${steps.length} steps`;
    button.setAttribute(
      "aria-label",
      kind === "frame"
        ? `${name}, open block of ${inside}; fold it`
        : `${name}, folded block of ${inside}, ${last.shape}; unfold it`,
    );
    button.classList.toggle("chosen", kind === "block" && steps.includes(me.chosen));
  }
}

/** Make one unit the stop of the tab key. */
function rove(me, key) {
  me.buttons.get(me.focused)?.setAttribute("tabindex", "-1");
  me.focused = key;
  me.buttons.get(key)?.setAttribute("tabindex", "0");
}

function press(me, unit) {
  if (unit.kind !== "step") return toggle(me, unit.block);
  me.chosen = unit.name;
  dressAll(me);
  paintOver(me);
  me.send("select", unit.name);
}

export function dressAll(me) {
  for (const [key, button] of me.buttons) dress(me, button, me.units.get(key));
}

/** Fold or unfold a block. */
function toggle(me, block) {
  const opens = !me.opened.has(block);
  const opened = new Set(me.opened);
  if (opens) opened.add(block);
  else opened.delete(block);
  const first =
    opens && me.focused === `block ${block}`
      ? `step ${me.graph.blocks.get(block).tiles[0].key}`
      : null;
  open(me, opened, `block ${block}`);
  me.buttons.get(first)?.focus({ preventScroll: true });
}

/** Have these blocks open, and tell Python. */
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

function titleOf(me, step) {
  return me.header.operations[step.operation].title;
}

/** Point at a unit, or at none: light what it reads, and say what it is. */
export function point(me, unit) {
  if (unit === me.pointed || (unit && unit.key === me.pointed?.key)) return;
  me.pointed = unit;
  const inputs = new Set(
    unit ? neighboursOf(me, unit).inputs.map((name) => holderKey(me, name)) : [],
  );
  for (const [key, button] of me.buttons) button.classList.toggle("source", inputs.has(key));
  paintOver(me);
  say(me);
}

/** Say in words what is pointed at, else what is chosen, else what can be done. */
export function say(me) {
  const unit = me.pointed ?? (me.chosen ? me.units.get(holderKey(me, me.chosen)) : null);
  let words = me.vertical
    ? "Tap a step to look into it. Two fingers zoom."
    : "Point at a step to see what it reads. Drag to move, Ctrl and the wheel to zoom.";
  if (me.matches && !me.pointed) words = foundWords(me);
  else if (unit) words = wordsOf(me, unit);
  if (me.said.textContent !== words) me.said.textContent = words;
}

function foundWords({ matches, match, search }) {
  const count = matches.length;
  if (!count) return `There is no step with “${search.value}” in its name.`;
  if (count === 1) return `One step matches: ${matches[0]}. Enter goes to it.`;
  return `${count} steps match; number ${match + 1} is ${matches[match]}. Enter goes to it, arrow keys to the others.`;
}

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

function listed(names) {
  if (names.length > 6) return `${names.slice(0, 5).join(", ")} and ${names.length - 5} more`;
  return names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)}` : names[0];
}

function costOf(me, unit) {
  if (me.lens === "none") return "";
  const steps = unit.steps.map((name) => me.graph.byName.get(name));
  const title = me.header.lenses.find(({ key }) => key === me.lens)?.title.toLowerCase();
  return `, ${percent(costsOf(me.graph, me.lens, me.opened).of(steps))} of the ${title}`;
}

/** Arrow keys go along the edges and from lane to lane; space folds, + − 0 zoom, / searches. */
export function listenToKeys(me) {
  me.layer.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const unit = me.units.get(me.focused);
    const [on, back, up, down] = me.vertical
      ? ["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight"]
      : ["ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown"];
    const units = [...me.units.values()];
    const acts = {
      [on]: () => go(me, nextOnEdge(me, unit, 1)),
      [back]: () => go(me, nextOnEdge(me, unit, -1)),
      [up]: () => go(me, nextBeside(me, unit, -1)),
      [down]: () => go(me, nextBeside(me, unit, 1)),
      Home: () => go(me, units[0]),
      End: () => go(me, units.at(-1)),
      " ": () => unit?.block && toggle(me, unit.block),
      "+": () => moveTo(me, zoomedAt(me, 1.3)),
      "=": () => moveTo(me, zoomedAt(me, 1.3)),
      "-": () => moveTo(me, zoomedAt(me, 1 / 1.3)),
      0: () => fit(me),
      "/": () => me.search.focus(),
    };
    if (!unit || !(event.key in acts)) return;
    event.preventDefault();
    acts[event.key]();
  });
  me.layer.addEventListener("keyup", (event) => {
    if (event.key === " ") event.preventDefault();
  });
}

function go(me, unit) {
  if (unit) me.buttons.get(unit.key).focus({ preventScroll: true });
}

function middleOf(me, { box: { x, y, width, height } }) {
  return me.vertical ? [y + height / 2, x + width / 2] : [x + width / 2, y + height / 2];
}

/** The unit at the other end of an edge; the nearest across, where there are several. */
function nextOnEdge(me, unit, way) {
  if (unit.kind === "frame" && way > 0) return me.units.get(`step ${unit.steps[0]}`);
  const mine = new Set(unit.steps);
  const names = unit.steps.flatMap((name) =>
    way > 0 ? me.graph.readers.get(name) : me.graph.byName.get(name).inputs,
  );
  const found = [
    ...new Set(names.filter((name) => !mine.has(name)).map((name) => holderKey(me, name))),
  ].map((key) => me.units.get(key));
  const far = (each) => Math.abs(middleOf(me, each)[1] - middleOf(me, unit)[1]);
  return found.sort((one, other) => far(one) - far(other))[0];
}

/** The nearest unit to one side, across the flow. */
function nextBeside(me, unit, way) {
  const [from, here] = middleOf(me, unit);
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
