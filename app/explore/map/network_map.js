// The map of a network: every step, every edge; blocks fold, hovering lights what a step reads.
// Header: see `types.js`. Body: the codes of the thumbnails. Triggers: "select" (the name of a step),
// "fold" ("all", "none" or the keys of the open blocks), "lens" (a key of the lenses).
//
// Everything is drawn on one canvas, what is lit on a second one. Over them lies a button without
// looks for every step, folded block and frame: for the mouse, the keyboard and screen readers.

/** @import { Bytes, Given, Sent } from "../../canvas/types.js" */
/** @import { Header, NetworkMap, Unit } from "./types.js" */

import { listenToHands, moveTo, revealing } from "../../canvas/camera.js";
import {
  element,
  isSame,
  memories,
  onResize,
  remember,
  unpack,
  usePalette,
} from "../../canvas/shared.js";
import { paintSmall, readTheme } from "./draw.js";
import { adoptChoice, press, tellAwaited } from "./folding.js";
import { indexSteps, unitKeyOf } from "./graph.js";
import { listenToKeys } from "./keys.js";
import { boxOf, neighboursOf, paint, paintOver, painterFor } from "./picture.js";
import { measure, refresh, relayOut } from "./rows.js";
import { REST, followScroll } from "./scrolling.js";
import { paintThumbnails } from "./thumbnails.js";
import { buildTools, fillTools } from "./tools.js";
import { dressAll } from "./units.js";
import { say } from "./words.js";

const SMALL_MAP = [150, 110];

/** @param {Given<Sent>} given */
export default function ({ data, parentElement, setTriggerValue }) {
  const first = !memories.has(parentElement);
  const me = remember(parentElement, () => build(parentElement));
  me.send = setTriggerValue;
  const bytes = data instanceof Uint8Array ? data : new Uint8Array(data);
  if (me.size.width) me.theme = readTheme(me.root);
  const drawn = (!me.data || !isSame(me.data, bytes)) && take(me, bytes);
  if (first) onResize(me.root, () => measure(me));
  else if (me.size.width) refresh(me, drawn);
}

/**
 * @param {NetworkMap} me
 * @param {Bytes} data
 * @returns {boolean} Whether the map has been drawn again.
 */
function take(me, data) {
  /** @type {{ header: Header, body: Bytes }} */
  const { header, body } = unpack(data);
  const before = me.header;
  const other = before?.network !== header.network;
  const fresh =
    other ||
    before.colours !== header.colours ||
    !isSame(me.body, body) ||
    JSON.stringify(before.steps) !== JSON.stringify(header.steps);
  Object.assign(me, { data: data.slice(), body, header, strip: header.height === "strip" });
  if (other) Object.assign(me, { pending: {}, known: {}, pointed: null, matches: null });
  if (fresh) {
    me.graph = indexSteps(header);
    usePalette(header.colours);
    me.thumbnails = paintThumbnails(header.steps, body);
  }
  const opened = adoptChoice(me, "fold", header.opened.join(), other);
  const lens = adoptChoice(me, "lens", header.lens, other);
  if (opened) me.opened = new Set(header.opened);
  if (lens) me.lens = header.lens;
  tellAwaited(me);
  const moved = me.chosen !== header.chosen;
  me.chosen = header.chosen;
  fillTools(me);
  me.root.classList.toggle("strip", me.strip);
  me.view.setAttribute("aria-label", header.label);
  if (!me.size.width) return false;
  if (other || before.height !== header.height) {
    measure(me);
    return true;
  }
  const laid = fresh || opened || lens;
  if (laid) relayOut(me, { animated: opened || lens });
  else dressAll(me);
  if (moved && me.chosen) moveTo(me, revealing(me, me.camera, boxOf(me, me.chosen)));
  return laid;
}

/**
 * Point at a unit, or at none: light what it reads, and say what it is.
 * @param {NetworkMap} me
 * @param {Unit | null} unit
 */
function point(me, unit) {
  if (unit === me.pointed || (unit && unit.key === me.pointed?.key)) return;
  me.pointed = unit;
  const inputs = new Set(
    unit ? neighboursOf(me, unit).inputs.map((name) => unitKeyOf(me.graph, name, me.opened)) : [],
  );
  for (const [key, button] of me.buttons) button.classList.toggle("source", inputs.has(key));
  paintOver(me);
  say(me);
}

/**
 * The camera has moved: draw, and keep the buttons and the small map with it.
 * @param {NetworkMap} me
 */
function moved(me) {
  const { camera, layout, size } = me;
  paint(me);
  me.layer.style.transform = `scale(${camera.zoom}) translate(${-camera.x}px, ${-camera.y}px)`;
  me.layer.style.setProperty("--line", `${3 / camera.zoom}px`);
  const beyond =
    layout.width * camera.zoom > size.width + 1 || layout.height * camera.zoom > size.height + 1;
  me.small.hidden = me.strip || !beyond;
  if (!me.small.hidden) paintSmall(me.small, layout, painterFor(me, me.base), SMALL_MAP);
}

/**
 * Nothing moves any more: say so, and where everything is, for whoever looks from outside.
 * @param {NetworkMap} me
 */
function arrived(me) {
  const { camera, size, vertical, metrics, layout } = me;
  const painter = painterFor(me, me.base);
  me.root.dataset.layout = JSON.stringify({
    zoom: camera.zoom,
    vertical,
    width: size.width,
    height: size.height,
    text: painter.textSize(12 * metrics.type),
    nodes: layout.nodes.map((node) => ({ key: node.key, kind: node.kind, ...painter.box(node) })),
  });
  say(me);
}

/**
 * End what is on its way at once.
 * @param {NetworkMap} me
 */
function settle(me) {
  cancelAnimationFrame(me.motion ?? 0);
  me.change = null;
}

/**
 * @param {HTMLElement | ShadowRoot} parent
 * @returns {NetworkMap}
 */
function build(parent) {
  const canvas = element("canvas", { className: "base", aria: { hidden: "true" } });
  const veil = element("canvas", { className: "over", aria: { hidden: "true" } });
  const layer = element("div", { className: "layer" });
  const small = element("canvas", { className: "small", hidden: true, aria: { hidden: "true" } });
  const stage = element("div", { className: "stage" }, canvas, veil, layer, small);
  const ground = element(
    "div",
    { style: { width: `${2 * REST}px`, height: `${2 * REST}px` } },
    stage,
  );
  const view = element("div", { className: "view", aria: { role: "application" } }, ground);
  const said = element("div", { className: "said", aria: { live: "polite" } });
  const tools = element("div", { className: "tools" });
  const key = element("div", { className: "key faint" });
  const root = element("div", { className: "root network-map" }, tools, view, said, key);
  parent.append(root);
  const me = /** @type {NetworkMap} */ (
    /** @type {unknown} */ ({
      root,
      stage,
      canvas,
      veil,
      layer,
      small,
      view,
      said,
      tools,
      key,
      buttons: new Map(),
      size: { width: 0, height: 0 },
      focused: null,
      rest: [0, 0],
    })
  );
  Object.assign(me, {
    moved: () => moved(me),
    arrived: () => arrived(me),
    settle: () => settle(me),
    point: (/** @type {Unit | null} */ unit) => point(me, unit),
    press: (/** @type {Unit} */ unit) => press(me, unit),
  });
  buildTools(me);
  listenToHands(me);
  listenToKeys(me);
  /** @param {Event} event */
  const unitAt = ({ target }) =>
    me.units?.get(/** @type {Element} */ (target).closest("button")?.dataset.key ?? "") ?? null;
  view.onpointerover = (event) => {
    if (!view.classList.contains("dragging")) me.point(unitAt(event));
  };
  view.onscroll = () => followScroll(me);
  view.onpointerleave = (event) => {
    if (event.pointerType === "mouse") me.point(null);
  };
  return me;
}
