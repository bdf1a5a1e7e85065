// A contact sheet: many small pictures with what a network says of each, one of them chosen.

/** @import { Given, Point, Sent, Unpacked } from "../../canvas/types.js" */

import { show } from "../../canvas/figures.js";
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

/**
 * A picture with what a network says of it.
 * @typedef {object} Item
 * @property {string} name
 * @property {number | null} entropy in bits; null for what is not a number
 * @property {[label: string, share: number, words: string][]} classes the likeliest first
 */

/**
 * What Python sends. The body has RGB bytes, edge x edge for each item.
 * @typedef {object} Header
 * @property {number} edge
 * @property {Item[]} items
 * @property {string} label
 */

/**
 * @typedef {object} Sheet
 * @property {HTMLElement} root
 * @property {HTMLSelectElement} order
 * @property {HTMLCanvasElement} base
 * @property {HTMLCanvasElement} over
 * @property {HTMLElement} stage
 * @property {HTMLElement} scroller
 * @property {HTMLElement} chosen
 * @property {number} selected the number of the chosen picture
 * @property {number | null} hover
 * @property {(Item & { picture: HTMLCanvasElement })[]} items
 * @property {number[]} sequence numbers of the pictures in the chosen order
 * @property {number[]} place where each of them is in it
 * @property {number} columns
 * @property {number} tile width of a picture, in CSS pixels
 * @property {number} tall of a picture and its lines
 * @property {CanvasRenderingContext2D} [context]
 * @property {Sent} [data]
 */

const [LEAST, LINES, GAP] = [100, 34, 8]; // a picture, its two lines, between two: CSS pixels
/** @type {[value: string, words: string, compare: (a: Item, b: Item) => number][]} */
const ORDERS = [
  ["name", "name", () => 0],
  ["class", "class", (a, b) => a.classes[0][0].localeCompare(b.classes[0][0])],
  ["sure", "surest first", (a, b) => b.classes[0][1] - a.classes[0][1]],
  ["unsure", "least sure first", (a, b) => a.classes[0][1] - b.classes[0][1]],
];

/** @param {Given<Sent>} given */
export default function ({ data, parentElement }) {
  const first = !memories.has(parentElement);
  const me = remember(parentElement, () => build(parentElement));
  if (me.data !== data) take(me, data);
  if (first) {
    listen(me);
    onResize(me.stage, () => draw(me));
  }
  draw(me); // the theme may have changed
}

/**
 * @param {Node & ParentNode} parent
 * @returns {Sheet}
 */
function build(parent) {
  const order = element(
    "select",
    { aria: { label: "Order of the pictures" } },
    ...ORDERS.map(([value, words]) => element("option", { value }, words)),
  );
  const head = element("label", { className: "order" }, "Order: ", order);
  const base = element("canvas", { tabIndex: 0, className: "base", aria: { role: "application" } });
  const over = element("canvas", { className: "over" });
  const stage = element("div", { className: "stage" }, base, over);
  const scroller = element("div", { className: "scroller" }, stage);
  const chosen = element("div", { className: "chosen", aria: { live: "polite" } });
  const root = element(
    "div",
    { className: "root sheet" },
    head,
    element("div", { className: "both" }, scroller, chosen),
  );
  parent.append(root);
  const none = { selected: 0, hover: null, items: [], sequence: [], place: [] };
  return {
    root,
    order,
    base,
    over,
    stage,
    scroller,
    chosen,
    columns: 1,
    tile: 0,
    tall: 0,
    ...none,
  };
}

/**
 * @param {Sheet} me
 * @param {Sent} data
 */
function take(me, data) {
  /** @type {Unpacked<Header>} */
  const { header, body } = unpack(data);
  const chosen = me.items[me.selected]?.name;
  const size = header.edge * header.edge * 3;
  me.data = data;
  me.items = header.items.map((item, number) => ({
    ...item,
    picture: bitmap(
      header.edge,
      header.edge,
      body.subarray(number * size, (number + 1) * size),
      "rgb",
    ),
  }));
  me.selected = Math.max(
    0,
    me.items.findIndex(({ name }) => name === chosen),
  );
  me.base.setAttribute("aria-label", header.label);
  arrange(me);
  tell(me);
}

/**
 * Put the pictures in the chosen order.
 * @param {Sheet} me
 */
function arrange(me) {
  const [, , compare] = ORDERS.find(([value]) => value === me.order.value) ?? ORDERS[0];
  me.sequence = me.items.map((_, number) => number);
  me.sequence.sort((a, b) => compare(me.items[a], me.items[b]) || a - b);
  me.place = [];
  me.sequence.forEach((number, place) => {
    me.place[number] = place;
  });
}

/**
 * @param {Sheet} me
 * @param {number} number
 * @returns {Point}
 */
function cornerOf(me, number) {
  const place = me.place[number];
  return [
    (place % me.columns) * (me.tile + GAP) + 3,
    Math.floor(place / me.columns) * (me.tall + GAP) + 3,
  ];
}

/** @param {Sheet} me */
function draw(me) {
  const room = me.scroller.clientWidth - 6;
  if (room < 1 || !me.items.length) return;
  me.columns = Math.max(1, Math.floor((room + GAP) / (LEAST + GAP)));
  me.tile = Math.floor((room + GAP) / me.columns) - GAP;
  me.tall = me.tile + LINES;
  const width = me.columns * (me.tile + GAP);
  const height = Math.ceil(me.items.length / me.columns) * (me.tall + GAP);
  const context = sharpen(me.base, width, height);
  const style = getComputedStyle(me.root);
  context.textBaseline = "top";
  me.items.forEach(({ picture, classes }, number) => {
    const [x, y] = cornerOf(me, number);
    const [[label, , words]] = classes;
    context.imageSmoothingQuality = "high";
    context.drawImage(picture, x, y, me.tile, me.tile);
    context.fillStyle = style.color;
    context.font = `600 13px ${style.fontFamily}`;
    context.fillText(shortened(context, label, me.tile), x, y + me.tile + 3);
    context.font = `12px ${style.fontFamily}`;
    context.fillText(words, x, y + me.tile + 19);
  });
  me.context = sharpen(me.over, width, height);
  mark(me);
}

/** @type {(context: CanvasRenderingContext2D, text: string, width: number) => string} */
function shortened(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  let kept = text;
  while (kept && context.measureText(`${kept}…`).width > width) kept = kept.slice(0, -1);
  return `${kept.trimEnd()}…`;
}

/** @param {Sheet} me */
function mark(me) {
  const { context } = me;
  if (!context) return;
  const style = getComputedStyle(me.root);
  context.clearRect(0, 0, me.over.width, me.over.height);
  /** @type {(number: number, colour: string, thick: number) => void} */
  const outline = (number, colour, thick) => {
    const [x, y] = cornerOf(me, number);
    context.strokeStyle = colour;
    context.lineWidth = thick;
    context.strokeRect(x - 1, y - 1, me.tile + 2, me.tile + 2);
  };
  if (me.hover !== null && me.hover < me.items.length) outline(me.hover, style.color, 1.5);
  outline(me.selected, style.getPropertyValue("--st-primary-color"), 3);
}

/**
 * Show the five classes of the chosen picture.
 * @param {Sheet} me
 */
function tell(me) {
  const item = me.items[me.selected];
  if (!item) {
    me.chosen.replaceChildren();
    return;
  }
  const picture = element("canvas", { aria: { hidden: "true" } });
  drawScaled(sharpen(picture, 144, 144), item.picture, 0, 0, 144, 144);
  const bits = item.entropy === null ? "" : entropyInWords(item.entropy);
  const bars = item.classes.map(([label, share, words]) =>
    element(
      "li",
      {},
      element("span", { className: "class", title: label }, label),
      element("span", { className: "number" }, words),
      element(
        "span",
        { className: "track", aria: { hidden: "true" } },
        element("span", { className: "bar", style: { width: `${share * 100}%` } }),
      ),
    ),
  );
  me.chosen.replaceChildren(
    picture,
    element("div", { className: "name" }, item.name, element("div", { className: "faint" }, bits)),
    element("ol", {}, ...bars),
  );
}

/** @param {number} entropy */
function entropyInWords(entropy) {
  const classes = show(2 ** entropy, 3);
  const noun = classes === "1" ? "class" : "classes";
  return `Entropy ${entropy.toFixed(2)} bits: as unsure as among ${classes} ${noun}.`;
}

/**
 * @param {Sheet} me
 * @param {number} number
 */
function choose(me, number) {
  me.selected = number;
  const [, y] = cornerOf(me, number);
  const { scrollTop, clientHeight } = me.scroller;
  if (y < scrollTop) me.scroller.scrollTop = y - GAP;
  if (y + me.tall > scrollTop + clientHeight)
    me.scroller.scrollTop = y + me.tall + GAP - clientHeight;
  mark(me);
  tell(me);
}

/**
 * @param {Sheet} me
 * @param {MouseEvent} event
 */
function locate(me, event) {
  const box = me.base.getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top];
  const column = Math.floor(x / (me.tile + GAP));
  const place = Math.floor(y / (me.tall + GAP)) * me.columns + column;
  return column < me.columns ? (me.sequence[place] ?? null) : null;
}

/** @param {Sheet} me */
function listen(me) {
  me.order.onchange = () => {
    arrange(me);
    draw(me);
    choose(me, me.selected);
  };
  me.base.onpointermove = (event) => {
    me.hover = locate(me, event);
    mark(me);
  };
  me.base.onpointerleave = () => {
    me.hover = null;
    mark(me);
  };
  me.base.onclick = (event) => {
    const number = locate(me, event);
    if (number !== null) choose(me, number);
  };
  me.base.onkeydown = (event) => {
    const [at, last] = [me.place[me.selected], me.items.length - 1];
    /** @type {Record<string, number>} */
    const moves = {
      ArrowRight: 1,
      ArrowLeft: -1,
      ArrowDown: me.columns,
      ArrowUp: -me.columns,
      PageDown: 3 * me.columns,
      PageUp: -3 * me.columns,
      Home: -at,
      End: last - at,
    };
    if (!(event.key in moves)) return;
    event.preventDefault();
    choose(me, me.sequence[Math.max(0, Math.min(last, at + moves[event.key]))]);
  };
}
