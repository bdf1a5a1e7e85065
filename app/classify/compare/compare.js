// Networks side by side: what they say, what they cost, the strongest map at every resolution.
// Header: label, colours, columns [{id, title, edition, trained, state, words, classes}], facts [{label,
// help, cells: [{words, more, best} or null]}], pictures [{at, height, width}], rows [{label,
// cells: [{at, height, width, cells, scale, step, channel, words} or null]}].
// Body: RGB bytes of the pictures and codes of the maps, where `at` says.

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

const HINT = "Point at a map: the same place is marked in all others. A click opens it in Explore.";
const [LEAST, MOST] = [88, 132]; // edge of a map in CSS pixels

export default function ({ data, parentElement, setTriggerValue }) {
  const first = !memories.has(parentElement);
  const me = remember(parentElement, () => build(parentElement));
  me.send = (place) => setTriggerValue("open", place);
  if (me.data !== data) take(me, data);
  if (first) onResize(me.root, () => fill(me));
}

function build(parent) {
  const table = element("table", {});
  const scroller = element("div", { className: "across", aria: { role: "group" } }, table);
  const ruler = element("div", { className: "ruler" });
  const said = element("div", { className: "pointed", aria: { live: "polite" } }, HINT);
  const foot = element("div", { className: "foot" }, said, ruler);
  const root = element("div", { className: "root compare" }, scroller, foot);
  parent.append(root);
  return { root, table, scroller, said, ruler, pointed: null };
}

function take(me, data) {
  const { header, body } = unpack(data);
  Object.assign(me, { data, header, body });
  me.table.setAttribute("aria-label", header.label);
  if (me.root.clientWidth) fill(me);
}

function fill(me) {
  if (!me.header) return;
  usePalette(me.header.colours);
  const { columns, facts, pictures, rows } = me.header;
  const active = me.root.getRootNode().activeElement;
  const focused = active && me.root.contains(active) ? active.dataset.place : null;
  const room = (me.root.clientWidth - 92) / columns.length - 14;
  me.edge = Math.floor(Math.max(LEAST, Math.min(MOST, room)));
  const line = (label, help, cells, name = "") =>
    element(
      "tr",
      { className: name },
      element("th", { scope: "row", title: help }, label),
      ...cells,
    );
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
        pictures.map((each) => cell(seen(me, each))),
        "maps",
      ),
      ...rows.map(({ label, cells }, row) =>
        line(
          label,
          "",
          cells.map((map, column) => cell(...mapOf(me, map, row, column))),
          "maps",
        ),
      ),
    ),
  );
  const [start] = me.maps.values();
  const kept = me.maps.get(me.last) ?? start;
  if (kept) kept.button.tabIndex = 0;
  if (focused) me.maps.get(focused)?.button.focus({ preventScroll: true });
  point(me, me.maps.get(me.pointed) ?? null, me.at);
}

function headOf({ title, edition, trained }) {
  const small = element("span", { className: trained ? "edition" : "edition untrained" }, edition);
  return element("th", { scope: "col" }, element("span", { className: "title" }, title), small);
}

/** The likeliest classes as bars from 0 to 100 %, or why there are none. */
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

function factOf(fact) {
  if (!fact) return [element("span", { className: "faint" }, "…")];
  const number = element("span", { className: fact.best ? "number best" : "number" }, fact.words);
  if (fact.best) number.append(element("span", { className: "hidden" }, ", the best"));
  return fact.more ? [number, element("span", { className: "more" }, fact.more)] : [number];
}

function seen(me, { at, height, width }) {
  const codes = me.body.subarray(at, at + 3 * height * width);
  const frame = element(
    "span",
    { className: "frame" },
    paint(me, { height, width }, codes, "rgb"),
    cross(),
  );
  frame.onpointermove = (event) => aim(me, null, event);
  frame.onpointerleave = () => point(me, null, null);
  return frame;
}

function mapOf(me, map, row, column) {
  if (!map) return [element("span", { className: "faint" }, "–")];
  const { title } = me.header.columns[column];
  const place = `${column}/${map.step}/${map.channel}`;
  const scale = makeScale(map.scale);
  const codes = me.body.subarray(map.at, map.at + map.height * map.width);
  const noun = map.cells ? "strongest unit" : "channel";
  const name = `${title}, ${map.step}, ${noun} ${map.channel}, ${map.words}`;
  const button = element(
    "button",
    {
      type: "button",
      className: "frame",
      tabIndex: -1,
      dataset: { place },
      aria: { label: `${name}. Open in Explore` },
    },
    paint(me, map, codes, paletteOf(scale, map.cells)),
    ...(map.cells ? [] : [cross()]),
  );
  const known = { ...map, place, row, column, name, scale, codes, button };
  me.maps.set(place, known);
  button.onpointermove = (event) => aim(me, known, event);
  button.onpointerdown = (event) => aim(me, known, event); // a tap shows what a hover shows
  button.onpointerleave = () => point(me, null, null);
  button.onfocus = () => point(me, known, null);
  button.onblur = () => point(me, null, null);
  button.onclick = () => me.send(place);
  button.onkeydown = (event) => step(me, known, event);
  const caption = element("span", { className: "caption", title: map.step }, map.step);
  return [button, caption, element("span", { className: "more" }, map.words)];
}

function cross() {
  return element("i", { className: "cross", aria: { hidden: "true" } });
}

function paint(me, { height, width }, codes, style) {
  const canvas = element("canvas", { aria: { hidden: "true" } });
  const fit = me.edge / Math.max(height, width);
  const [wide, high] = [width * fit, Math.max(12, height * fit)];
  drawScaled(sharpen(canvas, wide, high), bitmap(width, height, codes, style), 0, 0, wide, high);
  return canvas;
}

function aim(me, map, event) {
  const box = event.currentTarget.getBoundingClientRect();
  const share = (value, from, size) => Math.max(0, Math.min(0.9999, (value - from) / size));
  point(me, map, [
    share(event.clientX, box.left, box.width),
    share(event.clientY, box.top, box.height),
  ]);
}

/** Say what is pointed at, and mark the same place everywhere. */
function point(me, map, at) {
  me.pointed = map?.place ?? null;
  me.at = at;
  me.root.classList.toggle("aiming", Boolean(at) && !map?.cells);
  if (at) {
    me.table.style.setProperty("--x", at[0]);
    me.table.style.setProperty("--y", at[1]);
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

/** Arrow keys walk to the nearest map in their direction. */
function step(me, from, event) {
  const [right, down] = {
    ArrowRight: [1, 0],
    ArrowLeft: [-1, 0],
    ArrowDown: [0, 1],
    ArrowUp: [0, -1],
  }[event.key] ?? [0, 0];
  if (!right && !down) return;
  event.preventDefault();
  const ahead = ({ row, column }) =>
    right
      ? row === from.row && (column - from.column) * right > 0
      : column === from.column && (row - from.row) * down > 0;
  const distance = ({ row, column }) => Math.abs(row - from.row) + Math.abs(column - from.column);
  const [next] = [...me.maps.values()].filter(ahead).sort((a, b) => distance(a) - distance(b));
  if (!next) return;
  for (const { button } of me.maps.values()) button.tabIndex = -1;
  next.button.tabIndex = 0;
  next.button.focus();
}
