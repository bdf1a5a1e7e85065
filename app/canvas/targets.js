// The classes to ask for: the most likely ones as buttons with bars, and a search over all of them.
// Trigger "select": a name.

import { element, remember, walk } from "./shared.js";

const BEST = 5;
const FOUND = 8; // so many matches are listed

/** @import { Given } from "./types.js" */

/** @typedef {[name: string, share: number, words: string]} Class A class, and its share in words. */

/**
 * What Python sends.
 * @typedef {object} Data
 * @property {Class[]} classes The most likely first.
 * @property {string} chosen
 */

/**
 * @typedef {object} Targets
 * @property {Data} data
 * @property {(name: string) => void} send
 * @property {HTMLElement} root
 * @property {HTMLElement} best
 * @property {HTMLElement} found
 * @property {HTMLElement} said
 * @property {HTMLInputElement} field
 * @property {HTMLLabelElement} label
 */

/** @param {Given<Data>} given */
export default function ({ data, parentElement, setTriggerValue }) {
  const me = remember(parentElement, () => build(parentElement));
  me.send = (name) => setTriggerValue("select", name);
  if (me.data === data) return;
  const before = me.data?.chosen;
  me.data = data;
  if (before !== undefined && before !== data.chosen) me.field.value = "";
  fill(me);
}

/** @param {Node & ParentNode} parent */
function build(parent) {
  const id = `t${Math.random().toString(36).slice(2)}`;
  const me = /** @type {Targets} */ ({});
  me.best = element("div", {
    className: "classes",
    aria: { role: "group", label: "The most likely classes" },
  });
  me.field = element("input", {
    type: "search",
    id,
    autocomplete: "off",
    placeholder: "any class",
  });
  me.label = element("label", { htmlFor: id });
  me.found = element("div", {
    className: "classes",
    aria: { role: "group", label: "Classes found" },
  });
  me.said = element("div", { className: "faint", aria: { live: "polite" } });
  me.root = element(
    "div",
    { className: "root targets" },
    element("b", {}, "Why this class?"),
    me.best,
    element("div", { className: "search" }, me.label, me.field),
    me.said,
    me.found,
  );
  me.field.oninput = () => search(me);
  me.field.onkeydown = (event) => {
    const first = me.found.querySelector("button");
    if (event.key === "Enter" && first) first.click();
    else if (event.key === "Escape") {
      me.field.value = "";
      search(me);
    } else if (event.key === "ArrowDown" && first) first.focus();
    else return;
    event.preventDefault();
  };
  for (const list of [me.best, me.found])
    walk(
      list,
      () => [...list.querySelectorAll("button")],
      () => 1,
    );
  parent.append(me.root);
  return me;
}

/** @param {Targets} me */
function fill(me) {
  const { classes, chosen } = me.data;
  const shadow = /** @type {ShadowRoot} */ (me.root.getRootNode());
  const focused = /** @type {HTMLElement | null} */ (shadow.activeElement)?.dataset?.name;
  const listed = classes.slice(0, BEST);
  const asked = classes.find(([name]) => name === chosen);
  if (asked && !listed.includes(asked)) listed.push(asked);
  put(me, me.best, listed);
  me.label.textContent = `Or one of all ${classes.length.toLocaleString("en")}:`;
  search(me);
  if (focused)
    [...me.best.querySelectorAll("button")]
      .find(({ dataset }) => dataset.name === focused)
      ?.focus();
}

/** @param {Targets} me */
function search(me) {
  const wanted = me.field.value.trim().toLowerCase();
  const matches = wanted
    ? me.data.classes.filter(([name]) => name.toLowerCase().includes(wanted))
    : [];
  put(me, me.found, matches.slice(0, FOUND));
  const more = matches.length > FOUND ? `, the ${FOUND} most likely of them` : "";
  me.said.textContent = wanted ? `${matches.length} found${more}.` : "";
}

/**
 * @param {Targets} me
 * @param {HTMLElement} list
 * @param {Class[]} classes
 */
function put(me, list, classes) {
  const buttons = classes.map(([name, share, words]) => {
    const chosen = name === me.data.chosen;
    const button = element(
      "button",
      {
        type: "button",
        title: name,
        className: chosen ? "chosen" : "",
        dataset: { name, share },
        aria: { pressed: String(chosen), label: `${name}, ${words}` },
      },
      element("span", { className: "class" }, name),
      element("span", { className: "number" }, words),
      element(
        "span",
        { className: "track", aria: { hidden: "true" } },
        element("span", { className: "bar", style: { width: `${100 * share}%` } }),
      ),
    );
    button.onclick = () => me.send(name);
    return button;
  });
  const at = Math.max(
    0,
    buttons.findIndex((button) => button.className === "chosen"),
  );
  buttons.forEach((button, i) => {
    button.tabIndex = i === at ? 0 : -1;
  });
  list.replaceChildren(...buttons);
}
