// The way from the network down to one number, and the ways up, back and on.
// Data: {places: [{key, label, words}], beside: [{key, label, words}], said, large}.

import { element, remember } from "../../canvas/shared.js";

export default function ({ data, parentElement, setTriggerValue }) {
  const me = remember(parentElement, () => build(parentElement));
  me.send = (key) => setTriggerValue("go", key);
  me.data = data;
  fill(me);
  if (!me.listening) {
    me.listening = (event) => leave(me, event);
    window.addEventListener("keydown", me.listening);
  }
  return () => {
    window.removeEventListener("keydown", me.listening);
    me.listening = null;
  };
}

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
  return { places, beside, said, tools, link };
}

function fill(me) {
  const { places, beside, said, large } = me.data;
  const focused = me.places.getRootNode().activeElement?.dataset?.key;
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
  if (focused)
    [...me.places.getRootNode().querySelectorAll("button")]
      .find(({ dataset }) => dataset.key === focused)
      ?.focus();
}

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

/** Escape goes one place up, unless it is meant for something that is open. */
function leave(me, event) {
  if (event.key !== "Escape" || event.defaultPrevented || !me.places.isConnected) return;
  const [target] = event.composedPath();
  if (target?.closest?.("input:not([type=range]), textarea, select, [role=combobox]")) return;
  if (document.querySelector('[role="dialog"], [role="listbox"]')) return;
  const { places } = me.data;
  if (places.length > 1) me.send(places[places.length - 2].key);
}
