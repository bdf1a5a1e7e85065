// The way from the network down to one number, and the ways up, back and on.
// Trigger "go": the key of a way, or "large".

/** @import { Given } from "../../canvas/types.js" */

import { element, focusedNear, remember } from "../../canvas/shared.js";

/**
 * A button of the trail.
 * @typedef {object} Way
 * @property {string} key Where it leads.
 * @property {string} label
 * @property {string} words What it does, for its tip and for screen readers.
 */

/**
 * What Python sends.
 * @typedef {object} Sent
 * @property {Way[]} places From the network down to where the visitor is.
 * @property {Way[]} beside Its neighbours.
 * @property {string} said What the network makes of the picture.
 * @property {boolean} large Whether the page is shown in large type.
 */

/**
 * What the component remembers.
 * @typedef {object} Trail
 * @property {HTMLElement} places
 * @property {HTMLElement} beside
 * @property {HTMLElement} said
 * @property {HTMLElement} tools
 * @property {HTMLInputElement} link
 * @property {Sent} data
 * @property {(key: string) => void} send Tells Python.
 * @property {((event: KeyboardEvent) => void) | null} [listening]
 */

/** @param {Given<Sent>} given */
export default function ({ data, parentElement, setTriggerValue }) {
  const me = remember(parentElement, () => build(parentElement));
  me.send = (key) => setTriggerValue("go", key);
  me.data = data;
  fill(me);
  if (!me.listening) {
    me.listening = (event) => leave(me, event);
    window.addEventListener("keydown", me.listening);
  }
}

/**
 * @param {HTMLElement | ShadowRoot} parent
 * @returns {Trail}
 */
function build(parent) {
  const places = element("ol", { className: "places" });
  const beside = element("span", { className: "beside" });
  const said = element("span", { className: "trail-said" });
  const tools = element("span", { className: "tools" });
  const link = element("input", {
    className: "link",
    readOnly: true,
    hidden: true,
    aria: { label: "The link to this view" },
  });
  const nav = element("nav", { aria: { label: "Where you are in the network" } }, places);
  parent.append(element("div", { className: "root trail" }, nav, beside, said, tools, link));
  return /** @type {Trail} */ (/** @type {unknown} */ ({ places, beside, said, tools, link }));
}

/** @param {Trail} me */
function fill(me) {
  const { places, beside, said, large } = me.data;
  const focused = focusedNear(me.places)?.dataset?.key;
  /** @type {(way: Way, act?: () => void) => HTMLButtonElement} */
  const button = ({ key, label, words }, act = () => me.send(key)) => {
    const made = element(
      "button",
      { type: "button", title: words, dataset: { key }, aria: { label: words } },
      label,
    );
    made.onclick = act;
    return made;
  };
  me.places.replaceChildren(
    ...places.map((place, i) =>
      element(
        "li",
        {},
        i === places.length - 1
          ? element("span", { className: "here", aria: { current: "location" } }, place.label)
          : button(place),
      ),
    ),
  );
  me.beside.replaceChildren(...beside.map((way) => button(way)));
  me.said.textContent = said;
  /** @type {HTMLButtonElement} */
  const copy = button(
    { key: "copy", label: "Copy link", words: "Copy the link to this view" },
    () => copyLink(me, copy),
  );
  const type = button({
    key: "large",
    label: large ? "Normal type" : "Large type",
    words: large ? "Back to normal type" : "Large type without the side panel, for a projector",
  });
  type.setAttribute("aria-pressed", String(large));
  me.tools.replaceChildren(copy, type);
  if (focused) {
    const tree = /** @type {Document | ShadowRoot} */ (me.places.getRootNode());
    [...tree.querySelectorAll("button")].find(({ dataset }) => dataset.key === focused)?.focus();
  }
}

/**
 * @param {Trail} me
 * @param {HTMLButtonElement} button
 */
async function copyLink(me, button) {
  try {
    await navigator.clipboard.writeText(window.location.href);
    button.textContent = "Copied";
    setTimeout(() => {
      button.textContent = "Copy link";
    }, 1500);
  } catch {
    // browsers only allow it on this machine or over https
    Object.assign(me.link, { hidden: false, value: window.location.href });
    me.link.focus();
    me.link.select();
  }
}

/**
 * Escape goes one place up, unless it is meant for something that is open.
 * @param {Trail} me
 * @param {KeyboardEvent} event
 */
function leave(me, event) {
  if (!me.places.isConnected) {
    if (me.listening) window.removeEventListener("keydown", me.listening);
    me.listening = null;
  }
  if (event.key !== "Escape" || event.defaultPrevented || !me.listening) return;
  const [target] = event.composedPath();
  if (
    /** @type {Partial<Element>} */ (target)?.closest?.(
      "input:not([type=range]), textarea, select, [role=combobox]",
    )
  )
    return;
  if (document.querySelector('[role="dialog"], [role="listbox"]')) return;
  const { places } = me.data;
  if (places.length > 1) me.send(places[places.length - 2].key);
}
