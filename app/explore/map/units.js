// The steps, folded blocks and frames of a map as buttons without looks.

/** @import { NetworkMap, Unit } from "./types.js" */

import { moveTo, revealing } from "../../canvas/camera.js";
import { element, focusedNear } from "../../canvas/shared.js";
import { unitKeyOf } from "./graph.js";
import { known, lastOf } from "./lookup.js";
import { titleOf } from "./words.js";

/**
 * All that can be pointed at, in the order of execution.
 * @param {NetworkMap} me
 * @returns {Unit[]}
 */
function unitsOf({ layout, metrics }) {
  /** @type {Unit[]} */
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
        last: lastOf(node.steps),
        holder: node.key,
        box,
      });
    }
  }
  return units;
}

/**
 * One button for each unit; those that stay keep their place, so that nothing loses the focus.
 * @param {NetworkMap} me
 */
export function placeButtons(me) {
  const focused = me.buttons.get(me.focused ?? "");
  const had = focused && focusedNear(me.root) === focused;
  const units = unitsOf(me);
  me.units = new Map(units.map((unit) => [unit.key, unit]));
  for (const [key, button] of me.buttons) {
    if (!me.units.has(key)) {
      button.remove();
      me.buttons.delete(key);
    }
  }
  /** @type {Element | null} */
  let after = null;
  for (const unit of units) {
    const button = me.buttons.get(unit.key) ?? makeButton(me, unit);
    me.buttons.set(unit.key, button);
    dress(me, button, unit);
    /** @type {Node | null} */
    const next = after ? after.nextSibling : me.layer.firstChild;
    if (next !== button) me.layer.insertBefore(button, next);
    after = button;
  }
  if (me.pointed) me.pointed = me.units.get(me.pointed.key) ?? null;
  rove(
    me,
    heirOf(me, me.focused) ??
      (me.chosen ? unitKeyOf(me.graph, me.chosen, me.opened) : units[0]?.key),
  );
  if (had && !focused.isConnected) me.buttons.get(me.focused ?? "")?.focus({ preventScroll: true });
}

/**
 * The unit that stands for another one: itself, its block when folded, its first step when open.
 * @param {NetworkMap} me
 * @param {string | null | undefined} key
 */
function heirOf(me, key) {
  if (!key || me.units.has(key)) return key;
  const name = key.startsWith("step ") ? key.slice(5) : null;
  return name && me.graph.byName.has(name) ? unitKeyOf(me.graph, name, me.opened) : null;
}

/**
 * @param {NetworkMap} me
 * @param {Unit} unit
 */
function makeButton(me, unit) {
  const button = element("button", { type: "button", tabIndex: -1 });
  button.onfocus = () => {
    rove(me, unit.key);
    if (!button.matches(":focus-visible")) return;
    const now = known(me.units, unit.key);
    me.point(now);
    const camera = revealing(me, me.camera, now.box);
    if (!me.change && Math.hypot(camera.x - me.camera.x, camera.y - me.camera.y) * camera.zoom > 1)
      moveTo(me, camera);
  };
  button.onblur = () => me.point(null);
  button.onclick = () => me.press(known(me.units, unit.key));
  button.dataset.key = unit.key;
  return button;
}

/**
 * Say by a button where a unit is, what it is, and whether it is chosen.
 * @param {NetworkMap} me
 * @param {HTMLButtonElement} button
 * @param {Unit} unit
 */
function dress(me, button, unit) {
  const { kind, name, block, steps, box } = unit;
  button.className = `card ${kind}`;
  Object.assign(button.style, {
    left: `${box.x}px`,
    top: `${box.y}px`,
    width: `${box.width}px`,
    height: `${box.height}px`,
  });
  if (unit.kind === "step") {
    button.dataset.name = name;
    button.setAttribute("aria-label", `${name}, ${titleOf(me, unit.step)}, ${unit.step.shape}`);
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
        : `${name}, folded block of ${inside}, ${unit.last.shape}; unfold it`,
    );
    button.classList.toggle(
      "chosen",
      kind === "block" && me.chosen !== null && steps.includes(me.chosen),
    );
  }
}

/**
 * Dress all buttons as what is chosen demands.
 * @param {NetworkMap} me
 */
export function dressAll(me) {
  for (const [key, button] of me.buttons) dress(me, button, known(me.units, key));
}

/**
 * Make one unit the stop of the tab key.
 * @param {NetworkMap} me
 * @param {string | null | undefined} key
 */
function rove(me, key) {
  me.buttons.get(me.focused ?? "")?.setAttribute("tabindex", "-1");
  me.focused = key;
  me.buttons.get(key ?? "")?.setAttribute("tabindex", "0");
}
