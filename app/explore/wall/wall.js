// A wall of tiles: every channel of a step, with what there is to say of each, some of them pinned
// side by side, and how the values of the step are distributed.
// Header: count, height, width, mapHeight, mapWidth, scales, name, noun, cells (of a vector that is
// shown as one tile, else 0), sort, sortWords, selected, selectable, scopeWords, label, colours,
// pins, mostPins, stepScale, columns (names of the numbers about each tile), positions (values of a
// map), edges, countBytes, caption, file, histogram {caption, label}.
// Body: order (int32), columns (float32 each), counts of all values (float64), counts of each
// channel (if countBytes: that many bytes each), codes.

import { show } from "../../canvas/figures.js";
import {
  element,
  legend,
  linkPart,
  makeScale,
  memories,
  onResize,
  paletteOf,
  remember,
  unpack,
  usePalette,
  valueOfCode,
} from "../../canvas/shared.js";
import { Atlas } from "../../canvas/atlas.js";
import { Tiles, lightUp } from "../../canvas/tiles.js";
import { Histogram, percent } from "./histogram.js";
import { drawPins, togglePin } from "./pins.js";
import { savePicture } from "./saving.js";

const SIGNS = { dead: "∅", saturated: "S", notFinite: "!" };

function build(parent) {
  const me = { pins: [], pending: [], grids: new Map() };
  me.tool = element("button", { type: "button", className: "tool" }, "Pin");
  me.tiles = new Tiles({
    tool: me.tool,
    read: (at) => read(me, at),
    say: (choice) => sentence(me, choice),
    open: (choice) => me.send("select", choice),
    point: (choice) => turnTo(me, choice),
    press: (key, choice) => press(me, key, choice),
  });
  me.tool.onclick = () => togglePin(me, me.tiles.chosen);
  me.histogram = new Histogram();
  me.head = element("div");
  me.pinned = element("div", { className: "pins" });
  me.tools = element("div", { className: "tools" }, ...toolsOf(me));
  me.root = element(
    "div",
    { className: "root wall" },
    me.head,
    me.pinned,
    me.tiles.root,
    me.tools,
    me.histogram.root,
  );
  parent.append(me.root);
  return me;
}

function toolsOf(me) {
  const button = (words, act) => {
    const made = element("button", { type: "button" }, words);
    made.onclick = act;
    return made;
  };
  me.smaller = button("− Smaller", () => zoomBy(me, 1 / 1.5));
  me.larger = button("+ Larger", () => zoomBy(me, 1.5));
  me.save = button("Save picture", () => savePicture(me));
  return [me.smaller, me.larger, me.save];
}

export default function ({ data, parentElement, setTriggerValue }) {
  const first = !memories.has(parentElement);
  const me = remember(parentElement, () => build(parentElement));
  me.send = setTriggerValue;
  if (me.data !== data) take(me, data);
  if (first) {
    linkPart(
      me.root,
      () => "maps",
      (lit) => lightUp(me, lit),
    );
    onResize(me.root, () => draw(me));
  }
  draw(me);
}

function take(me, data) {
  const { header, body } = unpack(data);
  const another = me.header?.name !== header.name;
  me.data = data;
  me.header = header;
  usePalette(header.colours);
  takeBody(me, body);
  takePins(me, another);
  me.scales = header.scales.map(makeScale);
  me.stepScale = makeScale(header.stepScale);
  const size = header.width * header.height;
  const palettes = me.scales.map((scale) => paletteOf(scale, header.cells));
  const atlas = new Atlas(header.count, header.height, header.width, (tile, pixels) => {
    const colours = palettes[me.scales.length > 1 ? tile : 0];
    for (let i = 0; i < size; i++) pixels[i] = colours[me.codes[tile * size + i]];
  });
  const keys = header.selectable
    ? ` Arrow keys walk, Enter opens one${header.cells ? "" : ", P pins it"}.`
    : "";
  me.tiles.set({
    ...header,
    atlas,
    order: me.order,
    badge: (tile) => signOf(me, tile),
    foot: (tile) => footOf(me, tile),
    label: `${header.label}.${keys}`,
  });
  me.histogram.set({
    edges: header.edges,
    counts: me.counts,
    scale: me.stepScale,
    ...header.histogram,
  });
  me.root.dataset.name = header.name;
  me.root.dataset.order = header.cells ? "" : me.order.join(" ");
}

function takeBody(me, body) {
  const { count, columns, edges, countBytes } = me.header;
  const bins = edges.length - 1;
  let at = 0;
  const next = (kind, length) => {
    const end = at + length * kind.BYTES_PER_ELEMENT;
    const found = new kind(body.buffer.slice(at, end));
    at = end;
    return found;
  };
  me.order = Array.from(next(Int32Array, count));
  me.of = Object.fromEntries(columns.map((name) => [name, next(Float32Array, count)]));
  me.counts = Array.from(next(Float64Array, bins));
  const kinds = { 2: Uint16Array, 4: Uint32Array };
  me.countsOf = countBytes ? next(kinds[countBytes], count * bins) : null;
  me.codes = body.subarray(at);
}

/** Take over what is pinned, unless the answer to newer clicks is still on its way. */
function takePins(me, another) {
  const sent = me.header.pins.join(".");
  if (another) me.pending = [];
  const answered = me.pending.indexOf(sent);
  if (answered >= 0) me.pending.splice(0, answered + 1);
  if (!me.pending.length) me.pins = [...me.header.pins];
}

function draw(me) {
  if (!me.root.clientWidth) return;
  usePalette(me.header.colours); // another wall of this kind may have used its own
  drawHead(me);
  me.tiles.marked = me.pins;
  me.tiles.draw();
  drawPins(me);
  showZoom(me);
  me.histogram.draw(Math.floor(me.root.clientWidth) - 4);
  turnTo(me, me.tiles.chosen);
}

function drawHead(me) {
  const chosen = me.tiles.chosen ?? me.order[0];
  const scale = me.scales.length > 1 ? me.scales[chosen] : me.scales[0];
  const words =
    me.scales.length > 1
      ? `${me.header.scopeWords}; this is that of ${me.header.noun} ${chosen}`
      : me.header.scopeWords;
  me.head.replaceChildren(legend(scale, words), ...marksInWords(me));
}

/** What the signs in the corners mean, and on how many tiles they are. */
function marksInWords(me) {
  if (me.header.cells || me.header.count === 1) return [];
  const found = { dead: 0, saturated: 0, notFinite: 0 };
  for (const tile of me.order) {
    for (const name in found) found[name] += name === nameOf(me, tile) ? 1 : 0;
  }
  const words = {
    dead: (count) =>
      me.header.positions > 1
        ? `${count} dead ${plural(count)}: the same value everywhere`
        : `${count} ${plural(count)} at zero`,
    saturated: (count) =>
      `${count} saturated ${plural(count)}: more than half of the values beyond 95 % of a bound`,
    notFinite: (count) => `${count} ${plural(count)} with NaN or infinities`,
  };
  const parts = Object.entries(found)
    .filter(([, count]) => count)
    .map(([name, count]) =>
      element(
        "span",
        { dataset: { mark: name, count } },
        element("b", { className: "sign" }, SIGNS[name]),
        words[name](count),
      ),
    );
  if (!found.dead) parts.push(element("span", {}, "No channel is dead for this picture."));
  return [element("div", { className: "marks faint" }, ...parts)];
}

function plural(count) {
  return count === 1 ? "channel" : "channels";
}

/** Which of the signs a tile has, "" if none. */
function nameOf(me, tile) {
  if (me.of.finite[tile] < 1) return "notFinite";
  if (me.of.dead[tile]) return "dead";
  return me.of.saturated && me.of.saturated[tile] > 0.5 ? "saturated" : "";
}

function signOf(me, tile) {
  return me.header.cells || me.header.count === 1 ? "" : (SIGNS[nameOf(me, tile)] ?? "");
}

/** Under a tile: which channel it is, and the number that it is sorted by. */
function footOf(me, tile) {
  const { sort } = me.header;
  if (!me.of[sort]) return `${tile}`;
  return `${tile} · ${sort === "active" ? percent(me.of.active[tile]) : sortedBy(me, tile)}`;
}

function sortedBy(me, tile) {
  const value = me.of[me.header.sort][tile];
  return `${me.header.sort === "contribution" && value > 0 ? "+" : ""}${show(value, 3)}`;
}

/** "channel 17 of 64: 12 % active, strongest at row 34, column 80" */
export function sentence(me, choice) {
  const { noun, cells, positions, sort, sortWords } = me.header;
  const start = `${noun} ${choice} of ${me.tiles.choices.toLocaleString("en")}: `;
  if (cells) return `${start}about ${show(valueOfCode(me.codes[choice], me.scales[0]), 3)}`;
  const { strongest, row, column, active, saturated, finite, dead } = me.of;
  const parts = [];
  if (dead[choice]) parts.push(`dead, ${show(strongest[choice], 3)} everywhere`);
  else if (positions === 1) parts.push(show(strongest[choice], 4));
  else {
    parts.push(
      `${percent(active[choice])} active`,
      `strongest at row ${row[choice]}, column ${column[choice]}`,
    );
  }
  if (saturated) parts.push(`${percent(saturated[choice])} saturated`);
  if (finite[choice] < 1) parts.push(`${percent(1 - finite[choice])} NaN or infinite`);
  if (sortWords) parts.push(`${sortWords} ${sortedBy(me, choice)}`);
  if (me.pins.includes(choice)) parts.push("pinned");
  return start + parts.join(", ");
}

/** The words of the tip: where, how much, and what there is to say of the channel. */
function read(me, at) {
  const { width, height, mapWidth, mapHeight, noun, cells } = me.header;
  if (at.row === null) return sentence(me, at.tile);
  const scale = me.scales.length > 1 ? me.scales[at.tile] : me.scales[0];
  const code = me.codes[(at.tile * height + at.row) * width + at.column];
  const value = `≈ ${show(valueOfCode(code, scale), 3)}`;
  if (cells) return `${noun} ${at.choice} · ${value}`;
  const from = (place, tile, map) => Math.floor((place * map) / tile);
  const to = (place, tile, map) => Math.ceil(((place + 1) * map) / tile) - 1;
  const span = (a, b) => (a === b ? `${a}` : `${a}–${b}`);
  const rows = span(from(at.row, height, mapHeight), to(at.row, height, mapHeight));
  const columns = span(from(at.column, width, mapWidth), to(at.column, width, mapWidth));
  const mean = height < mapHeight || width < mapWidth ? " on average" : "";
  return `${noun} ${at.tile} · row ${rows}, column ${columns} · ${value}${mean}\n${sentence(me, at.tile)}`;
}

/** Another channel is pointed at, or walked to: show its part of the histogram. */
export function turnTo(me, choice) {
  if (me.scales.length > 1) drawHead(me);
  const bins = me.counts.length;
  const has = choice !== null && me.countsOf !== null;
  me.histogram.lay(
    has ? Array.from(me.countsOf.subarray(choice * bins, (choice + 1) * bins)) : null,
    `channel ${choice}`,
  );
  if (choice === null || me.header.cells) return;
  const pinned = me.pins.includes(choice);
  me.tool.textContent = pinned ? "Unpin" : "Pin";
  me.tool.disabled = !pinned && me.pins.length >= me.header.mostPins;
  const words = `${me.tool.textContent} channel ${choice}`;
  me.tool.title = me.tool.disabled
    ? `${me.header.mostPins} are pinned already: unpin one first`
    : `${words} (P)`;
  me.tool.setAttribute("aria-label", words);
}

function press(me, key, choice) {
  if (key === "+") zoomBy(me, 1.5);
  else if (key === "-" || key === "−") zoomBy(me, 1 / 1.5);
  else if (key.toLowerCase() === "p" && choice !== null && !me.header.cells) togglePin(me, choice);
  else return false;
  return true;
}

function zoomBy(me, factor) {
  const { tiles } = me;
  const zoom = Math.min(5, Math.max(0.4, tiles.zoom * factor));
  tiles.zoom = Math.abs(zoom - 1) < 0.05 ? 1 : zoom;
  tiles.draw();
  showZoom(me);
}

function showZoom(me) {
  const single = me.tiles.choices > 1 && me.header.count === 1;
  me.smaller.disabled = single || me.tiles.zoom <= 0.4;
  me.larger.disabled = single || me.tiles.zoom >= 5;
}
