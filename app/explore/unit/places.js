// Photo, input and map side by side: where the unit is, and where it looks.

import { bitmap, element, legend, makeScale, paletteOf, valueOfCode } from "../../canvas/shared.js";
import { Grid, STEPS, tableOf } from "../../canvas/grid.js";
import { bounds } from "../../canvas/lab.js";
import { fieldArea, placesIn, scaledArea, windowArea } from "./areas.js";
import { arrayOf } from "./letters.js";
import { paintFrame } from "./painting.js";
import { EARLIER, heatNow, letterOf, placeNow } from "./state.js";

/** @import { Bytes, Place } from "../../canvas/types.js" */
/** @import { Frame } from "../../canvas/grid.js" */
/** @import { Area } from "./areas.js" */
/** @import { Header, Heat, Input, InputTiles, Panel, Panels, Photo, Unit } from "./state.js" */

const DIM = "rgb(0 0 0 / 62%)";
const FRAME = "#fff";
const [GAP, NARROWEST, WIDEST] = [18, 150, 330]; // between panels, and how wide they may be

/** A grid whose numbers are not exact, so they are not written into it. */
class Picture extends Grid {
  drawNumbers() {}
}

/** @typedef {{box: Area, colour?: string, shade?: number}} Spot A frame; shade 0 has no dark rim. */

/**
 * Frame areas, clipped to the grid, and dim what is outside the last.
 * @param {Grid} grid
 * @param {Spot[]} spots
 * @param {boolean} dimmed
 */
function spotlight(grid, spots, dimmed) {
  grid.mark([]);
  const { context, cell } = grid;
  if (!context || !spots.length) return;
  const [w, h] = [grid.width * cell, grid.height * cell];
  const [top, left, bottom, right] = spots[spots.length - 1].box;
  if (dimmed) {
    context.fillStyle = DIM;
    context.fillRect(0, 0, w, h);
    context.clearRect(left * cell, top * cell, (right - left) * cell, (bottom - top) * cell);
  }
  for (const { box, colour = FRAME, shade = 4 } of spots) {
    const [x, y] = [Math.max(1, box[1] * cell), Math.max(1, box[0] * cell)];
    const wide = Math.max(3, Math.min(w - 1, box[3] * cell) - x);
    const tall = Math.max(3, Math.min(h - 1, box[2] * cell) - y);
    if (shade) paintFrame(context, [x, y, wide, tall], colour, shade / 2, shade);
    else {
      context.strokeStyle = colour;
      context.lineWidth = 1;
      context.strokeRect(x, y, wide, tall);
    }
  }
}

/**
 * @param {Grid} grid
 * @returns {Panel}
 */
function panelOf(grid) {
  const below = element("div");
  return { grid, legend: below, root: element("div", { className: "place" }, grid.figure, below) };
}

/**
 * Build the panels of a unit.
 * @param {Header} header
 * @param {Bytes} body
 * @param {(place: Place | null) => void} onPoint Called with what is pointed at on the map.
 * @returns {Panels}
 */
export function buildPanels({ photo, map, sources, tiles }, body, onPoint) {
  const opened = tiles && openTiles(tiles, body);
  /** @type {Panels} */
  const panels = {
    photo: panelOf(new Picture({ label: "The picture as the network sees it" })),
    photoBytes: arrayOf(body, photo.bytes),
    inputs: sources.map((source) => ({
      ...panelOf(new Grid({ label: source.title })),
      source,
      own: arrayOf(body, source.values),
    })),
    tile: tiles && panelOf(new Picture({ label: `Input: ${tiles.name}` })),
    tiles: opened,
    tileChannel: null,
    map: panelOf(new Grid({ label: map.title, onPoint })),
    values: arrayOf(body, map.values),
    side: 0,
  };
  for (const { grid } of [panels.photo, ...panels.inputs]) onlyShown(grid);
  if (panels.tile && opened) {
    onlyShown(panels.tile.grid);
    panels.tile.legend.replaceChildren(legend(opened.range, ""));
  }
  return panels;
}

/**
 * The panels in the order in which they stand.
 * @param {Panels} panels
 */
export function rootsOf({ photo, inputs, tile, map }) {
  return [photo, ...inputs, ...(tile ? [tile] : []), map].map(({ root }) => root);
}

/**
 * @param {NonNullable<Header["tiles"]>} tiles
 * @param {Bytes} body
 * @returns {InputTiles}
 */
function openTiles(tiles, body) {
  const range = makeScale(tiles.scale);
  const palette = paletteOf(range);
  return { ...tiles, codes: arrayOf(body, tiles.codes), made: new Map(), range, palette };
}

/**
 * Make a grid one that cannot be pointed at.
 * @param {Grid} grid
 */
export function onlyShown({ base }) {
  base.removeAttribute("tabindex");
  base.setAttribute("role", "img");
  base.classList.remove("pointable");
  base.onpointermove = base.onpointerdown = base.onpointerleave = null;
  base.onkeydown = base.onblur = base.ondblclick = null;
}

/**
 * The codes of one input channel.
 * @param {InputTiles} tiles
 * @param {number} channel
 */
function codesOf({ codes, first, height, width }, channel) {
  const count = height * width;
  return codes.subarray((channel - first) * count, (channel - first + 1) * count);
}

/**
 * The picture of one input channel, drawn when it is first needed.
 * @param {InputTiles} tiles
 * @param {number} channel
 */
export function tileOf(tiles, channel) {
  const made =
    tiles.made.get(channel) ??
    bitmap(tiles.width, tiles.height, codesOf(tiles, channel), tiles.palette);
  tiles.made.set(channel, made);
  return made;
}

/**
 * A scale over all finite numbers of some lists.
 * @param {Float32Array[]} lists
 */
function scaleOver(lists) {
  const ends = lists.flatMap((list) => bounds(Array.from(list).filter(Number.isFinite)));
  const [low, high] = bounds(ends.filter(Number.isFinite));
  return makeScale(low <= high ? [low, high] : [0, 0]);
}

/**
 * Colour the maps over the range of the step, or of what is shown; equal colours mean equal values.
 * @param {Unit} me
 */
function colourMaps(me) {
  const { map, rescales, vector, count } = me.header;
  const { panels } = me;
  const own = me.s.scope === "channel";
  const together = rescales ? [] : panels.inputs.map((input) => input.own);
  const scale = own ? scaleOver([panels.values, ...together]) : makeScale(map.scale);
  const shown = vector ? count : Infinity;
  panels.map.grid.set({ ...map, values: panels.values, scale, shown });
  panels.map.legend.replaceChildren(legend(scale, own ? "its own range" : map.words));
  for (const input of panels.inputs) {
    const apart = rescales ? scaleOver([input.own]) : scale;
    const range = own ? apart : makeScale(input.source.scale);
    input.grid.set({ ...input.source, values: input.own, scale: range });
    input.legend.replaceChildren(legend(range, ""));
  }
}

/**
 * The input of the convolution stands in for the input of the normalisation folded into it.
 * @param {Unit} me
 */
function showInputs(me) {
  const folded = Boolean(me.s.fold);
  const { inputs, tile } = me.panels;
  for (const { root } of inputs) root.hidden = folded;
  if (tile) tile.root.hidden = Boolean(me.header.foldable) && !folded;
}

/**
 * Draw all panels beside one another, or in rows.
 * @param {Unit} me
 * @param {number} room In CSS pixels.
 */
export function drawPlaces(me, room) {
  showInputs(me);
  colourMaps(me);
  const { panels } = me;
  const count = rootsOf(panels).filter(({ hidden }) => !hidden).length;
  /** @param {number} columns */
  const wide = (columns) => (room - (columns - 1) * GAP) / columns;
  let columns = count;
  while (columns > 1 && wide(columns) < NARROWEST) columns -= 1;
  if (count === 4 && columns === 3) columns = 2;
  panels.side = Math.floor(Math.min(WIDEST, wide(columns)));
  me.places.style.gridTemplateColumns = `repeat(${columns}, ${panels.side}px)`;
  drawPhoto(me);
  for (const { grid } of panels.inputs) grid.draw(panels.side);
  if (panels.tile && panels.tileChannel !== null) panels.tile.grid.draw(panels.side);
  panels.map.grid.draw(panels.side);
  mark(me);
}

/**
 * Draw again what has changed: all where other panels are shown, the photo where its heat is new.
 * @param {Unit} me
 */
export function refreshPlaces(me) {
  const heat = me.s.field === "gradient" ? (heatNow(me) ?? me.heatWanted) : null;
  const { fold, scope } = me.s;
  const { drawn, facts } = me;
  if (drawn?.fold !== fold || drawn.scope !== scope || drawn.facts !== facts)
    drawPlaces(me, me.width);
  else if (drawn.heat !== heat) drawPhoto(me);
  me.drawn = { fold, scope, facts, heat };
  mark(me);
}

/**
 * The photo, or what the gradient reaches of it, drawn as heat.
 * @param {Unit} me
 */
function drawPhoto(me) {
  const { photo } = me.header;
  const { photo: panel, photoBytes, side } = me.panels;
  const heat = me.s.field === "gradient" ? heatNow(me) : undefined;
  const known = heat && !heat.refusal ? heat : null;
  const waits = me.s.field === "gradient" && me.heatWanted;
  panel.grid.set({
    ...photo,
    values: new Float32Array(photo.height * photo.width),
    scale: makeScale([0, 0]), // it has its own colours
    colours: known ? heated(photoBytes, known, photo) : photoBytes,
    caption: known
      ? "the effective field: how much each pixel matters for this unit"
      : waits
        ? "computing the gradient …"
        : "what the network sees",
  });
  panel.grid.draw(side);
  panel.legend.replaceChildren(...(known ? [legend(known.scale, "gradient")] : []));
  me.heatWords.textContent = heat ? heat.refusal || heat.words : "";
}

/**
 * A photo under the colours of what the gradient reaches of it.
 * @param {Bytes} bytes
 * @param {Heat} heat
 * @param {Photo} photo
 */
function heated(bytes, heat, { height, width }) {
  const table = tableOf(heat.scale);
  const out = new Uint8Array(bytes.length);
  const high = heat.scale.high || 1;
  for (let row = 0; row < height; row++) {
    const from = Math.floor((row * heat.rows) / height) * heat.columns;
    for (let column = 0; column < width; column++) {
      const at = 3 * (row * width + column);
      const value = heat.values[from + Math.floor((column * heat.columns) / width)];
      const grey = 0.3 * bytes[at] + 0.59 * bytes[at + 1] + 0.11 * bytes[at + 2];
      const level = Math.round(((value / high + 1) * STEPS) / 2);
      const place = 3 * Math.max(0, Math.min(STEPS, Number.isFinite(value) ? level : STEPS / 2));
      for (let i = 0; i < 3; i++) out[at + i] = 0.25 * grey + 0.75 * table[place + i];
    }
  }
  return out;
}

/**
 * Mark on every panel what belongs to the pixel that is looked at.
 * @param {Unit} me
 */
export function mark(me) {
  const { header, panels } = me;
  if (!panels.side) return;
  const place = placeNow(me);
  const letter = letterOf(me, place);
  const down = header.photo.height / header.photo.rows;
  const across = header.photo.width / header.photo.columns;
  const grown = me.pointed ? null : me.growth.boxes();
  const winner = me.winner ?? letter?.winners.at(-1)?.box;
  /** @type {Spot[]} */
  const spots = grown ?? [
    ...(winner ? [{ box: winner, colour: EARLIER }] : []),
    { box: letter?.box ?? fieldArea(header.field, place) },
  ];
  spotlight(
    panels.photo.grid,
    spots.map((each) => ({ ...each, box: scaledArea(each.box, down, across) })),
    me.s.field !== "gradient",
  );
  for (const input of panels.inputs) markInput(input, place);
  markTile(me, place);
  const cell = header.vector ? cellOf(header, header.channel) : place;
  /** @type {Frame[]} */
  const frames = [{ row: cell[0], column: cell[1] }];
  if (!me.pointed) panels.map.grid.home = cell;
  else if (header.vector)
    frames.push({ row: me.pointed[0], column: me.pointed[1], colour: EARLIER });
  panels.map.grid.mark(frames);
}

/**
 * @param {Input} input
 * @param {Place} place
 */
function markInput(input, place) {
  const area = windowArea(input.source.windows, place);
  const [top, left, bottom, right] = area;
  /** @type {Frame[]} */
  const frames = [{ row: top, column: left, height: bottom - top, width: right - left }];
  if (input.source.kind === "largest") {
    const [row, column] = winnerIn(input, area);
    frames.push({ row, column, colour: EARLIER });
  }
  input.grid.mark(frames);
}

/**
 * The first of the largest values under a window.
 * @param {Input} input
 * @param {Area} area
 * @returns {Place}
 */
function winnerIn({ source, own }, area) {
  let best = -Infinity;
  /** @type {Place} */
  let at = [Math.max(0, area[0]), Math.max(0, area[1])];
  for (const [row, column] of placesIn(area, source)) {
    const value = own[row * source.width + column];
    if (value > best) [best, at] = [value, [row, column]];
  }
  return at;
}

/**
 * Show one input channel of a convolution or linear step, with the window on it.
 * @param {Unit} me
 * @param {number} channel
 */
export function showTile(me, channel) {
  const { panels } = me;
  const { tiles, tile } = panels;
  if (!tile || !tiles || panels.tileChannel === channel) return;
  panels.tileChannel = channel;
  const codes = codesOf(tiles, channel);
  tile.grid.set({
    height: tiles.height,
    width: tiles.width,
    values: Float32Array.from(codes, (code) => valueOfCode(code, tiles.range)),
    scale: tiles.range,
    caption: `input: ${tiles.name}, channel ${channel}`,
  });
  tile.grid.base.setAttribute("aria-label", `Input: ${tiles.name}, channel ${channel}`);
  if (panels.side) tile.grid.draw(panels.side);
  markTile(me, placeNow(me));
}

/**
 * @param {Unit} me
 * @param {Place} place
 */
function markTile({ panels }, place) {
  const { tile, tiles, tileChannel, side } = panels;
  if (!tile || !tiles || tileChannel === null || !side) return;
  const [down, across] = [tiles.height / tiles.mapHeight, tiles.width / tiles.mapWidth];
  spotlight(
    tile.grid,
    [{ box: scaledArea(windowArea(tiles.windows, place), down, across) }],
    false,
  );
}

/**
 * Where a unit of a vector is on its map.
 * @param {Header} header
 * @param {number} channel
 * @returns {Place}
 */
function cellOf(header, channel) {
  return [Math.floor(channel / header.map.width), channel % header.map.width];
}
