// Change the network: choose a step, choose channels on its wall, or a branch or block by name.

/** @import { Choice } from "../../canvas/controls.js" */
/** @import { WhatIf } from "./what_if.js" */

import { element, walk } from "../../canvas/shared.js";
import { choice } from "../../canvas/controls.js";
import { focusBeside } from "../focus.js";
import { readRanges, withChange, writeChange } from "./codes.js";
import { listenToWall, showSelection, takeWall } from "./wall.js";

/**
 * A step of the network that can be changed.
 * @typedef {object} Step
 * @property {string} name
 * @property {string | null} block that it belongs to
 * @property {string} operation
 * @property {string} colour
 * @property {string} shape
 * @property {string} noun "channel" or "unit"
 */

/**
 * A branch or block that can be changed as a whole.
 * @typedef {object} Part
 * @property {string} where "step>into", as the address has it
 * @property {string} title
 * @property {string} note
 */

/**
 * What the network is changed with.
 * @typedef {object} NetworkParts
 * @property {HTMLDataListElement} stepList
 * @property {HTMLInputElement} stepField
 * @property {HTMLElement} strip stages of the network
 * @property {HTMLElement} inner steps of a block
 * @property {HTMLElement} picks
 * @property {HTMLElement} kindRow
 * @property {HTMLButtonElement} rank
 * @property {HTMLElement} ranking
 * @property {Choice<string>} partChoice
 * @property {HTMLElement} partRow
 * @property {HTMLElement} partBox
 * @property {HTMLElement} refusal
 * @property {HTMLElement} networkInner
 * @property {HTMLElement} network
 * @property {string} part the branch that is chosen
 * @property {string} offered names of the steps that the lists offer
 */

/** @param {WhatIf} me */
export function buildNetwork(me) {
  me.selected = new Set();
  me.cursor = null;
  me.anchor = me.told = null;
  const id = `w${Math.random().toString(36).slice(2)}`;
  me.stepList = element("datalist", { id });
  me.stepField = element("input", {
    type: "search",
    autocomplete: "off",
    aria: { label: "Step, by name" },
  });
  me.stepField.setAttribute("list", id);
  me.stepField.onchange = () => {
    const found = me.header.steps.find(
      ({ name }) => name.toLowerCase() === me.stepField.value.trim().toLowerCase(),
    );
    if (found) chooseStep(me, found.name);
    else me.stepField.value = me.s.step;
  };
  me.stepField.onfocus = () => me.stepField.select();
  me.strip = element("div", {
    className: "strip",
    aria: { role: "group", label: "Stages of the network" },
  });
  me.inner = element("div", {
    className: "strip inner",
    aria: { role: "group", label: "Steps of the block" },
  });
  for (const row of [me.strip, me.inner])
    walk(
      row,
      () => [...row.querySelectorAll("button")],
      () => 1,
    );
  me.wallBase = element("canvas", {
    className: "base",
    tabIndex: 0,
    aria: { role: "application" },
  });
  me.wallOver = element("canvas", { className: "over" });
  me.wallScroller = element(
    "div",
    { className: "scroller" },
    element("div", { className: "stage" }, me.wallBase, me.wallOver),
  );
  me.wallLegend = element("div");
  me.wallSaid = element("p", { className: "faint number read", aria: { live: "polite" } });
  me.channels = element("input", {
    type: "text",
    inputMode: "numeric",
    className: "channels",
    placeholder: "3,5-8",
    aria: { label: "Channels that are chosen, such as 3,5-8" },
  });
  me.channels.onchange = () => {
    me.selected = readRanges(me.channels.value, me.header.wall.count);
    showSelection(me);
  };
  /** @type {(words: string, act: () => void) => HTMLButtonElement} */
  const pick = (words, act) => {
    const made = element("button", { type: "button" }, words);
    made.onclick = () => {
      act();
      showSelection(me);
    };
    return made;
  };
  const all = () => Array.from({ length: me.header.wall.count }, (_, i) => i);
  me.picks = element(
    "div",
    { className: "row" },
    pick("Strongest", () => {
      const { strengths } = me.header.wall;
      me.selected = new Set([all().sort((a, b) => (strengths[b] ?? 0) - (strengths[a] ?? 0))[0]]);
    }),
    pick("All but these", () => {
      me.selected = new Set(all().filter((each) => !me.selected.has(each)));
    }),
    pick("All", () => {
      me.selected = new Set(all());
    }),
    pick("None", () => {
      me.selected = new Set();
    }),
  );
  me.kindRow = element("div", {
    className: "row kinds",
    aria: { role: "group", label: "What to do with the chosen channels" },
  });
  me.rank = element("button", { type: "button" });
  me.rank.onclick = () => me.set({ rank: me.s.rank === "yes" ? "" : "yes" });
  me.ranking = element("p", { className: "ranking", aria: { live: "polite" } });
  me.partChoice = choice({
    label: "Or a branch or block as a whole",
    help: "",
    options: [["", ""]],
    onChoose: (where) => {
      me.part = where;
      updateNetwork(me);
    },
  });
  me.partRow = element("div", {
    className: "row kinds",
    aria: { role: "group", label: "What to do with the branch" },
  });
  me.partBox = element("div", {}, me.partChoice.root, me.partRow);
  me.refusal = element("p", { className: "stop" });
  me.networkInner = element(
    "div",
    { className: "panel" },
    element("label", { className: "step" }, element("span", {}, "Step"), me.stepField),
    me.stepList,
    me.strip,
    me.inner,
    me.wallLegend,
    me.wallScroller,
    me.wallSaid,
    element(
      "div",
      { className: "row" },
      element("label", { className: "chosen" }, "Chosen: ", me.channels),
      me.picks,
    ),
    me.kindRow,
    element("div", { className: "row" }, me.rank),
    me.ranking,
    me.partBox,
  );
  me.network = element(
    "div",
    { aria: { role: "tabpanel", label: "Change the network" } },
    me.refusal,
    me.networkInner,
  );
  listenToWall(me);
}

/** @param {WhatIf} me */
export function takeNetwork(me) {
  const { header } = me;
  takeWall(me);
  if (!header.parts.some(({ where }) => where === me.part)) me.part = header.parts[0]?.where ?? "";
  drawStrip(me);
  const names = JSON.stringify([header.title, header.steps.map(({ name }) => name)]);
  if (me.offered === names) return; // what has the focus stays as it is
  me.offered = names;
  me.stepList.replaceChildren(
    ...header.steps.map(({ name, operation }) => element("option", { value: name }, operation)),
  );
  me.laterChoice.offer(header.steps.map(({ name, operation }) => [name, `${name} (${operation})`]));
  /** @param {(kind: string) => void} act */
  const kinds = (act) =>
    Object.entries(header.kinds).map(([kind, [words, help]]) => {
      const button = element("button", { type: "button", title: help, dataset: { kind } }, words);
      button.onclick = () => act(kind);
      return { kind, button };
    });
  me.kindButtons = kinds((kind) => addChange(me, writeChange(kind, me.s.step, me.selected)));
  me.kindRow.replaceChildren(...me.kindButtons.map(({ button }) => button));
  const whole = kinds((kind) => addChange(me, writeChange(kind, me.part)));
  me.partRow.replaceChildren(...whole.map(({ button }) => button));
  me.partChoice.offer(header.parts.map(({ where, title }) => [where, title]));
}

/**
 * @param {WhatIf} me
 * @param {string} step
 */
function chooseStep(me, step) {
  if (step === me.s.step) return;
  me.set({ step, rank: "" });
}

/**
 * @param {WhatIf} me
 * @param {string} code
 */
function addChange(me, code) {
  const change = withChange(me.s.change, code, me.header.limits);
  if (change !== null) me.set({ change });
  else me.wallSaid.textContent = "There are too many changes for one address. Remove some first.";
}

/** @param {WhatIf} me */
export function updateNetwork(me) {
  const { header } = me;
  me.refusal.hidden = !header.refusal;
  me.refusal.textContent = header.refusal;
  me.networkInner.hidden = Boolean(header.refusal);
  if (me.stepField !== focusBeside(me.root)) me.stepField.value = me.s.step;
  me.partBox.hidden = !header.parts.length;
  const part = header.parts.find(({ where }) => where === me.part);
  me.partChoice.update({ value: me.part, words: part?.note ?? "" });
  const asked = me.s.rank === "yes";
  const { drops } = header.wall;
  me.rank.textContent = !asked
    ? "Which channel matters most?"
    : drops
      ? "Order by number again"
      : "Stop";
  me.ranking.textContent = asked ? rankingWords(me) : "";
  showSelection(me);
}

/** @param {WhatIf} me */
function rankingWords(me) {
  const { drops, dropWords } = me.header.wall;
  const first = me.header.answer.rows[0].label;
  if (!drops || !dropWords) return `Muting every channel of ${me.s.step} in turn …`;
  const order = "The wall is in this order, for the unchanged network.";
  const top = me.order
    .filter((each) => (drops[each] ?? 0) > 0)
    .slice(0, 5)
    .map((each) => `${each} (${dropWords[each]})`);
  if (!top.length) return `None of them, muted alone, moves “${first}” down. ${order}`;
  return `Muted alone, ${top.length === 1 ? "this one moves" : "these move"} “${first}” down most: ${top.join(", ")}. ${order}`;
}

/**
 * One button for each stage: a block, or a step that belongs to none.
 * @param {WhatIf} me
 */
function drawStrip(me) {
  const { steps } = me.header;
  const chosen = steps.find(({ name }) => name === me.s.step);
  /** @type {{ name: string, steps: Step[], last: Step }[]} */
  const stages = [];
  for (const step of steps) {
    const name = step.block ?? step.name;
    const stage = stages.at(-1);
    if (stage?.name === name) {
      stage.steps.push(step);
      stage.last = step;
    } else stages.push({ name, steps: [step], last: step });
  }
  const stage = stages.find((each) => chosen && each.steps.includes(chosen));
  fillStrip(
    me,
    me.strip,
    stages.map((each) => ({ words: each.name, step: each.last, pressed: each === stage })),
  );
  const inside = stage && stage.steps.length > 1 ? stage.steps : [];
  me.inner.hidden = !inside.length;
  fillStrip(
    me,
    me.inner,
    inside.map((step) => ({
      words: step.name.replace(`${step.block}.`, ""),
      step,
      pressed: step === chosen,
    })),
  );
}

/**
 * Fill a row of buttons; what has the focus there keeps it.
 * @param {WhatIf} me
 * @param {HTMLElement} row
 * @param {{ words: string, step: Step, pressed: boolean }[]} items
 */
function fillStrip(me, row, items) {
  const focused = focusBeside(me.root);
  const held = row.contains(focused) && focused ? focused.textContent : null;
  const buttons = items.map(({ words, step, pressed }) => {
    const made = element(
      "button",
      {
        type: "button",
        title: `${step.operation}, ${step.shape}`,
        tabIndex: pressed ? 0 : -1,
        style: { borderTopColor: step.colour },
        aria: { pressed },
      },
      words,
    );
    made.onclick = () => chooseStep(me, step.name);
    return made;
  });
  row.replaceChildren(...buttons);
  if (buttons.length && !items.some(({ pressed }) => pressed)) buttons[0].tabIndex = 0;
  if (held) buttons.find((each) => each.textContent === held)?.focus();
}
