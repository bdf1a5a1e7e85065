// A wall of tiles: every channel of a step, with what there is to say of each, some of them pinned
// side by side, and how the values of the step are distributed.
// Body: order (int32), columns (float32 each), counts of all values (float64), counts of each
// channel (if countBytes: that many bytes each), codes.

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
} from "../../canvas/shared.js";
import { Atlas } from "../../canvas/atlas.js";
import { Tiles, lightUp } from "../../canvas/tiles.js";
import { Histogram } from "./histogram.js";
import { drawPins, togglePin } from "./pins.js";
import { savePicture } from "./saving.js";
import { footOf, marksInWords, read, sentence, signOf } from "./words.js";

/** @import { Bytes, Given, Place, Scale, Sent, Unpacked } from "../../canvas/types.js" */
/** @import { Pin } from "./pins.js" */

const [SMALLEST_ZOOM, LARGEST_ZOOM] = [0.4, 5];

/**
 * What Python sends of a step.
 * @typedef {object} Header
 * @property {string} name Of the step.
 * @property {"channel" | "unit"} noun
 * @property {number} count Tiles.
 * @property {number} cells Units of a vector, which is shown as one tile; else 0.
 * @property {number} height Of a tile, in pixels of its own.
 * @property {number} width
 * @property {number} mapHeight Of the map that a tile shows.
 * @property {number} mapWidth
 * @property {number} positions Values of a map.
 * @property {[number, number][]} scales One for all tiles, or one for each.
 * @property {[number, number]} stepScale Of all values of the step.
 * @property {string} scopeWords Whose range the colours span.
 * @property {string} colours Name of the colour map.
 * @property {string} sort What the channels are sorted by.
 * @property {string} sortWords What to call that number; "" if it is none or said already.
 * @property {boolean} selectable Whether one can be opened.
 * @property {string} label Of the wall, for screen readers.
 * @property {number[]} pins Channels that are compared.
 * @property {number} mostPins So many can be.
 * @property {{nearBound: number}} limits A value is saturated beyond that part of a bound, 0..1.
 * @property {string[]} columns Names of the numbers about each tile.
 * @property {number[]} edges Of the bins of the histogram.
 * @property {number} countBytes Of a count of one channel; 0 if there are none.
 * @property {{caption: string, label: string}} histogram
 * @property {string[]} caption Lines under a picture of it that is saved.
 * @property {string} file What that is called.
 */

/**
 * The wall, as it is on the page.
 * @typedef {object} Wall
 * @property {Sent | null} data What Python sent last.
 * @property {Header} header
 * @property {number[]} order Tiles in the order they are shown.
 * @property {Record<string, Float32Array>} of The columns: numbers about each tile.
 * @property {number[]} counts Of all values, by bin.
 * @property {Uint16Array | Uint32Array | null} countsOf Of each channel, one after the other.
 * @property {Bytes} codes Of all tiles, row by row.
 * @property {Scale[]} scales One for all tiles, or one for each.
 * @property {Scale} stepScale
 * @property {number[]} pins Channels that are compared.
 * @property {string[]} pending What Python was told of them and has not yet answered.
 * @property {Map<number, Pin>} grids What is shown of each of them.
 * @property {Place | null} pinnedAt The place that is pointed at in all of them.
 * @property {Given<Sent>["setTriggerValue"]} send Tells Python.
 * @property {Tiles} tiles
 * @property {Histogram} histogram
 * @property {HTMLElement} root
 * @property {HTMLElement} head The legend and what the signs mean.
 * @property {HTMLElement} pinned The channels that are compared.
 * @property {HTMLButtonElement} tool Pins the tile that it is on.
 * @property {HTMLButtonElement} smaller
 * @property {HTMLButtonElement} larger
 */

/**
 * @param {HTMLElement | ShadowRoot} parent
 * @param {Header} header
 * @returns {Wall}
 */
function build(parent, header) {
  /** @param {string} words @param {() => void} act */
  const button = (words, act) => {
    const made = element("button", { type: "button" }, words);
    made.onclick = act;
    return made;
  };
  const tool = element("button", { type: "button", className: "tool" }, "Pin");
  tool.onclick = () => togglePin(me, me.tiles.chosen);
  /** @type {Wall} */
  const me = {
    data: null,
    header,
    order: [],
    of: {},
    counts: [],
    countsOf: null,
    codes: new Uint8Array(),
    scales: [],
    stepScale: makeScale(header.stepScale),
    pins: [],
    pending: [],
    grids: new Map(),
    pinnedAt: null,
    send: () => {},
    tiles: new Tiles({
      tool,
      read: (at) => read(me, at),
      say: (choice) => sentence(me, choice),
      open: (choice) => me.send("select", choice),
      point: (choice) => turnTo(me, choice),
      press: (key, choice) => press(me, key, choice),
    }),
    histogram: new Histogram(),
    root: element("div", { className: "root wall" }),
    head: element("div"),
    pinned: element("div", { className: "pins" }),
    tool,
    smaller: button("− Smaller", () => zoomBy(me, 1 / 1.5)),
    larger: button("+ Larger", () => zoomBy(me, 1.5)),
  };
  const save = button("Save picture", () => savePicture(me));
  me.root.append(
    me.head,
    me.pinned,
    me.tiles.root,
    element("div", { className: "tools" }, me.smaller, me.larger, save),
    me.histogram.root,
  );
  parent.append(me.root);
  return me;
}

/** @param {Given<Sent>} given */
export default function ({ data, parentElement, setTriggerValue }) {
  const first = !memories.has(parentElement);
  const me = remember(parentElement, () => build(parentElement, unpack(data).header));
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

/**
 * Take over another wall, or the same one looked at in another way.
 * @param {Wall} me
 * @param {Sent} data
 */
function take(me, data) {
  /** @type {Unpacked<Header>} */
  const { header, body } = unpack(data);
  const another = me.data === null || me.header.name !== header.name;
  me.data = data;
  me.header = header;
  usePalette(header.colours);
  takeBody(me, body);
  takePins(me, another);
  me.scales = header.scales.map(makeScale);
  me.stepScale = makeScale(header.stepScale);
  const keys = header.selectable
    ? ` Arrow keys walk, Enter opens one${header.cells ? "" : ", P pins it"}.`
    : "";
  me.tiles.set({
    ...header,
    atlas: atlasOf(me),
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

/** @param {Wall} me */
function atlasOf({ header, scales, codes }) {
  const { count, height, width, cells } = header;
  const size = width * height;
  const palettes = scales.map((scale) => paletteOf(scale, cells > 0));
  return new Atlas(count, height, width, (tile, pixels) => {
    const colours = palettes[scales.length > 1 ? tile : 0];
    for (let i = 0; i < size; i++) pixels[i] = colours[codes[tile * size + i]];
  });
}

/**
 * @param {Wall} me
 * @param {Bytes} body
 */
function takeBody(me, body) {
  const { count, columns, edges, countBytes } = me.header;
  const bins = edges.length - 1;
  let at = 0;
  /** @param {number} bytes */
  const next = (bytes) => {
    at += bytes;
    return body.slice(at - bytes, at).buffer;
  };
  me.order = Array.from(new Int32Array(next(4 * count)));
  me.of = Object.fromEntries(columns.map((name) => [name, new Float32Array(next(4 * count))]));
  me.counts = Array.from(new Float64Array(next(8 * bins)));
  const each = next(countBytes * count * bins);
  const CountArray = countBytes === 2 ? Uint16Array : Uint32Array;
  me.countsOf = countBytes ? new CountArray(each) : null;
  me.codes = body.subarray(at);
}

/**
 * Take over what is pinned, unless the answer to newer clicks is still on its way.
 * @param {Wall} me
 * @param {boolean} another Whether another step has come.
 */
function takePins(me, another) {
  const sent = me.header.pins.join(".");
  if (another) me.pending = [];
  const answered = me.pending.indexOf(sent);
  if (answered >= 0) me.pending.splice(0, answered + 1);
  if (!me.pending.length) me.pins = [...me.header.pins];
}

/** @param {Wall} me */
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

/** @param {Wall} me */
function drawHead(me) {
  const chosen = me.tiles.chosen ?? me.order[0];
  const scale = me.scales.length > 1 ? me.scales[chosen] : me.scales[0];
  const words =
    me.scales.length > 1
      ? `${me.header.scopeWords}; this is that of ${me.header.noun} ${chosen}`
      : me.header.scopeWords;
  me.head.replaceChildren(legend(scale, words), ...marksInWords(me));
}

/**
 * Another channel is pointed at, or walked to: show its part of the histogram.
 * @param {Wall} me
 * @param {number | null} choice
 */
function turnTo(me, choice) {
  if (me.scales.length > 1) drawHead(me);
  const bins = me.counts.length;
  const part =
    choice === null ? undefined : me.countsOf?.subarray(choice * bins, (choice + 1) * bins);
  me.histogram.lay(part ? Array.from(part) : null, `channel ${choice}`);
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

/**
 * @param {Wall} me
 * @param {string} key
 * @param {number | null} choice What it is for.
 * @returns {boolean} Whether it did something.
 */
function press(me, key, choice) {
  if (key === "+") zoomBy(me, 1.5);
  else if (key === "-" || key === "−") zoomBy(me, 1 / 1.5);
  else if (key.toLowerCase() === "p" && choice !== null && !me.header.cells) togglePin(me, choice);
  else return false;
  return true;
}

/**
 * @param {Wall} me
 * @param {number} factor
 */
function zoomBy(me, factor) {
  const { tiles } = me;
  const zoom = Math.min(LARGEST_ZOOM, Math.max(SMALLEST_ZOOM, tiles.zoom * factor));
  tiles.zoom = Math.abs(zoom - 1) < 0.05 ? 1 : zoom;
  tiles.draw();
  showZoom(me);
}

/** @param {Wall} me */
function showZoom(me) {
  const single = me.tiles.choices > 1 && me.header.count === 1;
  me.smaller.disabled = single || me.tiles.zoom <= SMALLEST_ZOOM;
  me.larger.disabled = single || me.tiles.zoom >= LARGEST_ZOOM;
}
