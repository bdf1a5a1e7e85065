// The pictures of one group: one canvas, of which one picture can be chosen and taken out.

/** @import { Given, Point, Sent, Unpacked } from "../../canvas/types.js" */

import {
  bitmap,
  drawScaled,
  element,
  memories,
  onResize,
  remember,
  sharpen,
  unpack,
} from "../../canvas/shared.js";

const [TILE, BETWEEN] = [52, 4]; // CSS pixels

/**
 * What Python sends. The body has RGB bytes, edge x edge for each picture.
 * @typedef {object} Header
 * @property {number} edge
 * @property {string[]} names
 * @property {string[]} digests
 * @property {string} label
 */

/**
 * @typedef {object} Pictures
 * @property {HTMLElement} root
 * @property {HTMLCanvasElement} base
 * @property {HTMLCanvasElement} over
 * @property {HTMLElement} scroller
 * @property {HTMLElement} said
 * @property {HTMLButtonElement} out takes the chosen one out
 * @property {number | null} chosen
 * @property {number | null} hover
 * @property {number} columns
 * @property {string[]} names
 * @property {string[]} digests
 * @property {HTMLCanvasElement[]} pictures
 * @property {CanvasRenderingContext2D} [context]
 * @property {Sent} [data]
 * @property {(name: string, value: unknown) => void} send
 */

/**
 * Trigger "remove": the digest of the picture that is taken out.
 * @param {Given<Sent>} given
 */
export default function ({ data, parentElement, setTriggerValue }) {
  const first = !memories.has(parentElement);
  const me = remember(parentElement, () => buildGroup(parentElement, setTriggerValue));
  me.send = setTriggerValue;
  if (me.data !== data) takeGroup(me, data);
  if (first) {
    listenGroup(me);
    onResize(me.root, () => drawGroup(me));
  }
  drawGroup(me); // the theme may have changed
}

/**
 * @param {Node & ParentNode} parent
 * @param {Pictures["send"]} send
 * @returns {Pictures}
 */
function buildGroup(parent, send) {
  const base = element("canvas", { className: "base", tabIndex: 0, aria: { role: "application" } });
  const over = element("canvas", { className: "over" });
  const scroller = element(
    "div",
    { className: "scroller" },
    element("div", { className: "stage" }, base, over),
  );
  const said = element("span", { className: "said", aria: { live: "polite" } });
  const out = element("button", { type: "button", className: "out" }, "Take out");
  const root = element(
    "div",
    { className: "root group" },
    scroller,
    element("div", { className: "line" }, said, out),
  );
  parent.append(root);
  const none = { chosen: null, hover: null, columns: 1, names: [], digests: [], pictures: [] };
  return { root, base, over, scroller, said, out, send, ...none };
}

/**
 * @param {Pictures} me
 * @param {Sent} data
 */
function takeGroup(me, data) {
  /** @type {Unpacked<Header>} */
  const { header, body } = unpack(data);
  const size = header.edge * header.edge * 3;
  const before = me.data ? me.names.length : header.names.length;
  me.data = data;
  me.names = header.names;
  me.digests = header.digests;
  me.pictures = header.names.map((_, i) =>
    bitmap(header.edge, header.edge, body.subarray(i * size, (i + 1) * size), "rgb"),
  );
  me.base.setAttribute("aria-label", header.label);
  me.hover = null;
  // One was taken out: its neighbour is the next one. Several came: nothing is chosen.
  if (me.chosen !== null && me.names.length === before - 1)
    me.chosen = Math.min(me.chosen, me.names.length - 1);
  else if (me.names.length !== before) me.chosen = null;
  if (!me.names.length) me.chosen = null;
}

/**
 * @param {Pictures} me
 * @param {number} i
 * @returns {Point}
 */
function cornerIn(me, i) {
  return [
    3 + (i % me.columns) * (TILE + BETWEEN),
    3 + Math.floor(i / me.columns) * (TILE + BETWEEN),
  ];
}

/** @param {Pictures} me */
function drawGroup(me) {
  const room = me.scroller.clientWidth - 6;
  if (room < TILE || !me.data) return;
  me.columns = Math.max(1, Math.floor((room + BETWEEN) / (TILE + BETWEEN)));
  const rows = Math.ceil(me.names.length / me.columns);
  const [width, height] = [me.columns * (TILE + BETWEEN) + 6, rows * (TILE + BETWEEN) + 6];
  const context = sharpen(me.base, width, height);
  me.pictures.forEach((picture, i) => {
    drawScaled(context, picture, ...cornerIn(me, i), TILE, TILE);
  });
  me.context = sharpen(me.over, width, height);
  markGroup(me);
}

/** @param {Pictures} me */
function markGroup(me) {
  const shown = me.chosen ?? me.hover;
  me.said.textContent =
    me.names.length === 0
      ? ""
      : shown === null
        ? "Choose a picture to take it out."
        : me.names[shown];
  me.out.disabled = me.chosen === null;
  me.out.setAttribute(
    "aria-label",
    me.chosen === null ? "Take out" : `Take out ${me.names[me.chosen]}`,
  );
  me.root.classList.toggle("empty", me.names.length === 0);
  const { context } = me;
  if (!context) return;
  context.clearRect(0, 0, me.over.width, me.over.height);
  const style = getComputedStyle(me.root);
  /** @type {(i: number, colour: string, thick: number) => void} */
  const frame = (i, colour, thick) => {
    const [x, y] = cornerIn(me, i);
    context.strokeStyle = colour;
    context.lineWidth = thick;
    context.strokeRect(x - 1, y - 1, TILE + 2, TILE + 2);
  };
  if (me.hover !== null && me.hover < me.names.length) frame(me.hover, style.color, 1.5);
  if (me.chosen !== null) frame(me.chosen, style.getPropertyValue("--st-primary-color"), 3);
}

/**
 * @param {Pictures} me
 * @param {number | null} i
 */
function pickIn(me, i) {
  me.chosen = i;
  if (i !== null) {
    const [, y] = cornerIn(me, i);
    const { scrollTop, clientHeight } = me.scroller;
    if (y < scrollTop) me.scroller.scrollTop = y - BETWEEN;
    if (y + TILE > scrollTop + clientHeight)
      me.scroller.scrollTop = y + TILE + BETWEEN - clientHeight;
  }
  markGroup(me);
}

/** @param {Pictures} me */
function takeOut(me) {
  if (me.chosen !== null) me.send("remove", me.digests[me.chosen]);
}

/**
 * @param {Pictures} me
 * @param {MouseEvent} event
 */
function locateIn(me, event) {
  const box = me.base.getBoundingClientRect();
  const column = Math.floor((event.clientX - box.left - 3) / (TILE + BETWEEN));
  const place = Math.floor((event.clientY - box.top - 3) / (TILE + BETWEEN)) * me.columns + column;
  return column >= 0 && column < me.columns && place >= 0 && place < me.names.length ? place : null;
}

/** @param {Pictures} me */
function listenGroup(me) {
  me.base.onpointermove = (event) => {
    me.hover = locateIn(me, event);
    markGroup(me);
  };
  me.base.onpointerleave = () => {
    me.hover = null;
    markGroup(me);
  };
  me.base.onclick = (event) => pickIn(me, locateIn(me, event));
  me.out.onclick = () => takeOut(me);
  me.base.onkeydown = (event) => {
    const last = me.names.length - 1;
    const at = me.chosen ?? -1;
    /** @type {Record<string, number>} */
    const moves = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      ArrowDown: at < 0 ? 0 : at + me.columns,
      ArrowUp: at - me.columns,
      Home: 0,
      End: last,
    };
    if (event.key === "Delete" || event.key === "Backspace") takeOut(me);
    else if (event.key === "Escape") pickIn(me, null);
    else if (event.key in moves && last >= 0)
      pickIn(me, Math.max(0, Math.min(last, moves[event.key])));
    else return;
    event.preventDefault();
  };
}
