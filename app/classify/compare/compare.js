// Networks side by side: what they say, what they cost, the strongest map at every resolution.

/** @import { Bytes, Given, Point, Scale, Sent, Unpacked } from "../../canvas/types.js" */

import { show } from "../../canvas/figures.js";
import {
  bitmap,
  drawScaled,
  element,
  legend,
  makeScale,
  memories,
  onResize,
  paletteOf,
  remember,
  sharpen,
  unpack,
  usePalette,
  valueOfCode,
} from "../../canvas/shared.js";
import { focusBeside } from "../focus.js";

/**
 * One of the networks side by side.
 * @typedef {object} Column
 * @property {string} id
 * @property {string} title
 * @property {string} edition
 * @property {boolean} trained
 * @property {string} state "done", "failed", "stopped" or "waiting"
 * @property {string} words why there is no answer
 * @property {{ label: string, share: number, words: string }[]} classes the likeliest first
 */

/**
 * Something that is compared, of one network.
 * @typedef {object} Fact
 * @property {string} words
 * @property {string} more a second line
 * @property {boolean} best whether it is the best of its row
 */

/** @typedef {{ height: number, width: number }} Size */

/**
 * The strongest map of a network at one resolution.
 * @typedef {object} Strongest
 * @property {number} at where its codes begin in the body
 * @property {number} height
 * @property {number} width
 * @property {number} cells how many units a vector has; 0 for a map
 * @property {[number, number]} scale
 * @property {string} step
 * @property {number} channel
 * @property {string} words
 */

/**
 * What Python sends. The body has RGB bytes of the pictures and codes of the maps, where `at` says.
 * @typedef {object} Header
 * @property {string} label
 * @property {string} colours name of the colour map
 * @property {Column[]} columns
 * @property {{ label: string, help: string, cells: (Fact | null)[] }[]} facts
 * @property {({ at: number } & Size)[]} pictures as each network sees it
 * @property {{ label: string, cells: (Strongest | null)[] }[]} rows one for each resolution
 */

/**
 * A map that is shown.
 * @typedef {Omit<Strongest, "scale"> & {
 *   place: string, row: number, column: number, name: string, scale: Scale, codes: Bytes,
 *   button: HTMLButtonElement,
 * }} Shown
 */

/**
 * @typedef {object} Compare
 * @property {HTMLElement} root
 * @property {HTMLTableElement} table
 * @property {HTMLElement} scroller
 * @property {HTMLElement} said
 * @property {HTMLElement} ruler
 * @property {string | null} pointed the place of the map that is pointed at
 * @property {Point | null} at where in it, 0..1 across and down
 * @property {string} [last] the place of the map that was pointed at last
 * @property {number} edge of a map, in CSS pixels
 * @property {Map<string, Shown>} maps by their places
 * @property {Sent} [data]
 * @property {Unpacked<Header>} [sent]
 * @property {(place: string) => void} send
 */

const HINT = "Point at a map: the same place is marked in all others. A click opens it in Explore.";
const [LEAST, MOST] = [88, 132]; // edge of a map in CSS pixels

/**
 * Trigger "open": "column/step/channel" of a map that is clicked.
 * @param {Given<Sent>} given
 */
export default function ({ data, parentElement, setTriggerValue }) {
  const first = !memories.has(parentElement);
  const me = remember(parentElement, () => build(parentElement));
  me.send = (place) => setTriggerValue("open", place);
  if (me.data !== data) take(me, data);
  if (first) onResize(me.root, () => fill(me));
}

/**
 * @param {Node & ParentNode} parent
 * @returns {Compare}
 */
function build(parent) {
  const table = element("table", {});
  const scroller = element("div", { className: "across", aria: { role: "group" } }, table);
  const ruler = element("div", { className: "ruler" });
  const said = element("div", { className: "pointed", aria: { live: "polite" } }, HINT);
  const foot = element("div", { className: "foot" }, said, ruler);
  const root = element("div", { className: "root compare" }, scroller, foot);
  parent.append(root);
  const none = { pointed: null, at: null, edge: LEAST, maps: new Map(), send: () => {} };
  return { root, table, scroller, said, ruler, ...none };
}

/**
 * @param {Compare} me
 * @param {Sent} data
 */
function take(me, data) {
  /** @type {Unpacked<Header>} */
  const sent = unpack(data);
  Object.assign(me, { data, sent });
  me.table.setAttribute("aria-label", sent.header.label);
  if (me.root.clientWidth) fill(me);
}

/** @param {Compare} me */
function fill(me) {
  if (!me.sent) return;
  const { header, body } = me.sent;
  usePalette(header.colours);
  const { columns, facts, pictures, rows } = header;
  const active = focusBeside(me.root);
  const focused = [...me.maps.values()].find(({ button }) => button === active)?.place;
  const room = (me.root.clientWidth - 92) / columns.length - 14;
  me.edge = Math.floor(Math.max(LEAST, Math.min(MOST, room)));
  /** @type {(label: string, help: string, cells: HTMLElement[], name?: string) => HTMLElement} */
  const line = (label, help, cells, name = "") =>
    element(
      "tr",
      { className: name },
      element("th", { scope: "row", title: help }, label),
      ...cells,
    );
  /** @param {HTMLElement[]} children */
  const cell = (...children) => element("td", {}, ...children);
  const words = element("span", {}, "The strongest map of the last step at each resolution");
  const between = element(
    "tr",
    { className: "between" },
    element("td", { colSpan: columns.length + 1 }, words),
  );
  me.maps = new Map();
  me.table.replaceChildren(
    element("thead", {}, element("tr", {}, element("td", {}), ...columns.map(headOf))),
    element(
      "tbody",
      {},
      line(
        "Top five",
        "Its likeliest classes",
        columns.map((each) => cell(...barsOf(each))),
        "says",
      ),
      ...facts.map(({ label, help, cells }) =>
        line(
          label,
          help,
          cells.map((fact) => cell(...factOf(fact))),
        ),
      ),
      between,
      line(
        "picture",
        "As each network sees it",
        pictures.map((each) => cell(seen(me, body, each))),
        "maps",
      ),
      ...rows.map(({ label, cells }, row) =>
        line(
          label,
          "",
          cells.map((map, column) =>
            cell(...mapOf(me, map && shownOf(map, columns[column].title, body, row, column))),
          ),
          "maps",
        ),
      ),
    ),
  );
  const [start] = me.maps.values();
  const kept = me.maps.get(me.last ?? "") ?? start;
  if (kept) kept.button.tabIndex = 0;
  if (focused) me.maps.get(focused)?.button.focus({ preventScroll: true });
  point(me, me.maps.get(me.pointed ?? "") ?? null, me.at);
}

/** @param {Column} column */
function headOf({ title, edition, trained }) {
  const small = element("span", { className: trained ? "edition" : "edition untrained" }, edition);
  return element("th", { scope: "col" }, element("span", { className: "title" }, title), small);
}

/**
 * The likeliest classes as bars from 0 to 100 %, or why there are none.
 * @param {Column} column
 */
function barsOf({ state, words, classes, trained }) {
  if (state !== "done") {
    return [element("div", { className: state === "failed" ? "failed" : "faint" }, words)];
  }
  const items = classes.map(({ label, share, words: percent }) =>
    element(
      "li",
      { dataset: { share } },
      element("span", { className: "class", title: label }, label),
      element("span", { className: "number" }, percent),
      element(
        "span",
        { className: "track", aria: { hidden: "true" } },
        element("span", { className: "bar", style: { width: `${share * 100}%` } }),
      ),
    ),
  );
  return [element("ol", { className: trained ? "" : "untrained" }, ...items)];
}

/** @param {Fact | null} fact */
function factOf(fact) {
  if (!fact) return [element("span", { className: "faint" }, "…")];
  const number = element("span", { className: fact.best ? "number best" : "number" }, fact.words);
  if (fact.best) number.append(element("span", { className: "hidden" }, ", the best"));
  return fact.more ? [number, element("span", { className: "more" }, fact.more)] : [number];
}

/**
 * @param {Compare} me
 * @param {Bytes} body
 * @param {{ at: number } & Size} picture
 */
function seen(me, body, { at, height, width }) {
  const codes = body.subarray(at, at + 3 * height * width);
  const frame = element(
    "span",
    { className: "frame" },
    paint(me, { height, width }, codes, "rgb"),
    cross(),
  );
  frame.onpointermove = (event) => aim(me, null, frame, event);
  frame.onpointerleave = () => point(me, null, null);
  return frame;
}

/**
 * A map with its place in the table, and a button for it.
 * @param {Strongest} map
 * @param {string} title of its network
 * @param {Bytes} body
 * @param {number} row
 * @param {number} column
 * @returns {Shown}
 */
function shownOf(map, title, body, row, column) {
  const place = `${column}/${map.step}/${map.channel}`;
  const noun = map.cells ? "strongest unit" : "channel";
  const name = `${title}, ${map.step}, ${noun} ${map.channel}, ${map.words}`;
  const button = element("button", {
    type: "button",
    className: "frame",
    tabIndex: -1,
    dataset: { place },
    aria: { label: `${name}. Open in Explore` },
  });
  const codes = body.subarray(map.at, map.at + map.height * map.width);
  return { ...map, place, row, column, name, scale: makeScale(map.scale), codes, button };
}

/**
 * What a cell of the table holds: a map, if there is one, that can be pointed at and opened.
 * @param {Compare} me
 * @param {Shown | null} known
 */
function mapOf(me, known) {
  if (!known) return [element("span", { className: "faint" }, "–")];
  const { button, place, scale, cells, step: title, words } = known;
  button.append(paint(me, known, known.codes, paletteOf(scale, cells > 0)));
  if (!cells) button.append(cross());
  me.maps.set(place, known);
  button.onpointermove = (event) => aim(me, known, button, event);
  button.onpointerdown = (event) => aim(me, known, button, event); // a tap shows what a hover shows
  button.onpointerleave = () => point(me, null, null);
  button.onfocus = () => point(me, known, null);
  button.onblur = () => point(me, null, null);
  button.onclick = () => me.send(place);
  button.onkeydown = (event) => step(me, known, event);
  const caption = element("span", { className: "caption", title }, title);
  return [button, caption, element("span", { className: "more" }, words)];
}

function cross() {
  return element("i", { className: "cross", aria: { hidden: "true" } });
}

/**
 * @param {Compare} me
 * @param {Size} size
 * @param {Bytes} codes
 * @param {Uint32Array | "rgb"} style
 */
function paint(me, { height, width }, codes, style) {
  const canvas = element("canvas", { aria: { hidden: "true" } });
  const fit = me.edge / Math.max(height, width);
  const [wide, high] = [width * fit, Math.max(12, height * fit)];
  drawScaled(sharpen(canvas, wide, high), bitmap(width, height, codes, style), 0, 0, wide, high);
  return canvas;
}

/**
 * @param {Compare} me
 * @param {Shown | null} map
 * @param {HTMLElement} frame
 * @param {PointerEvent} event
 */
function aim(me, map, frame, event) {
  const box = frame.getBoundingClientRect();
  /** @type {(value: number, from: number, size: number) => number} */
  const share = (value, from, size) => Math.max(0, Math.min(0.9999, (value - from) / size));
  point(me, map, [
    share(event.clientX, box.left, box.width),
    share(event.clientY, box.top, box.height),
  ]);
}

/**
 * Say what is pointed at, and mark the same place everywhere.
 * @param {Compare} me
 * @param {Shown | null} map
 * @param {Point | null} at
 */
function point(me, map, at) {
  me.pointed = map?.place ?? null;
  me.at = at;
  me.root.classList.toggle("aiming", Boolean(at) && !map?.cells);
  if (at) {
    me.table.style.setProperty("--x", String(at[0]));
    me.table.style.setProperty("--y", String(at[1]));
  }
  if (!map) return; // what was said last stays
  me.last = map.place;
  let words = map.name;
  if (at) {
    const [column, row] = [Math.floor(at[0] * map.width), Math.floor(at[1] * map.height)];
    const index = row * map.width + column;
    if (!map.cells)
      words += ` · row ${row}, column ${column}: ≈ ${show(valueOfCode(map.codes[index], map.scale), 3)}`;
    else if (index < map.cells)
      words += ` · unit ${index}: ≈ ${show(valueOfCode(map.codes[index], map.scale), 3)}`;
  }
  me.said.textContent = words;
  me.ruler.replaceChildren(legend(map.scale, "the range of this step"));
}

/** @type {Record<string, Point>} */
const WAYS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

/**
 * Arrow keys walk to the nearest map in their direction.
 * @param {Compare} me
 * @param {Shown} from
 * @param {KeyboardEvent} event
 */
function step(me, from, event) {
  if (!(event.key in WAYS)) return;
  const [right, down] = WAYS[event.key];
  event.preventDefault();
  /** @param {Shown} other */
  const ahead = ({ row, column }) =>
    right
      ? row === from.row && (column - from.column) * right > 0
      : column === from.column && (row - from.row) * down > 0;
  /** @param {Shown} other */
  const distance = ({ row, column }) => Math.abs(row - from.row) + Math.abs(column - from.column);
  const [next] = [...me.maps.values()].filter(ahead).sort((a, b) => distance(a) - distance(b));
  if (!next) return;
  for (const { button } of me.maps.values()) button.tabIndex = -1;
  next.button.tabIndex = 0;
  next.button.focus();
}
