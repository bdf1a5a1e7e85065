// Photo, input and map side by side: where the unit is, and where it looks.

import { bitmap, element, legend, makeScale, paletteOf, valueOfCode } from "../../canvas/shared.js";
import { Grid, STEPS, tableOf } from "../../canvas/grid.js";
import { bounds } from "../../canvas/lab.js";
import { arrayOf } from "./letters.js";
import { heatNow, letterOf, placeNow, pointed } from "./unit.js";

const DIM = "rgb(0 0 0 / 62%)";
const FRAME = "#fff";
export const EARLIER = "#22d3ee"; // boxes of earlier layers

/** A grid whose numbers are not exact, so they are not written into it. */
class Picture extends Grid {
  drawNumbers() {}
}

/** Frame boxes, clipped to the grid, and dim what is outside the last: [top, left, bottom, right]. */
function spotlight(grid, boxes, dimmed = true) {
  grid.mark([]);
  const { context, cell } = grid;
  if (!context || !boxes.length) return;
  const [w, h] = [grid.width * cell, grid.height * cell];
  const [top, left, bottom, right] = boxes[boxes.length - 1].box;
  if (dimmed) {
    context.fillStyle = DIM;
    context.fillRect(0, 0, w, h);
    context.clearRect(left * cell, top * cell, (right - left) * cell, (bottom - top) * cell);
  }
  for (const { box, colour = FRAME, shade = 4 } of boxes) {
    const [x, y] = [Math.max(1, box[1] * cell), Math.max(1, box[0] * cell)];
    const side = [
      Math.max(3, Math.min(w - 1, box[3] * cell) - x),
      Math.max(3, Math.min(h - 1, box[2] * cell) - y),
    ];
    for (const [stroke, width] of shade
      ? [
          ["#000", shade],
          [colour, shade / 2],
        ]
      : [[colour, 1]]) {
      context.strokeStyle = stroke;
      context.lineWidth = width;
      context.strokeRect(x, y, ...side);
    }
  }
}

/** Where a unit looks on the picture, as [top, left, bottom, right]. */
export function fieldBox(field, [row, column]) {
  const [top, left] = [field.rows, field.columns].map(
    ([, stride, offset], i) => offset + [row, column][i] * stride,
  );
  return [top, left, top + field.rows[0], left + field.columns[0]];
}

/** Which part of a source's map lies under the window of a unit. */
export function windowBox(windows, [row, column]) {
  const [[top, bottom], [left, right]] = [windows.rows[row], windows.columns[column]];
  return [top, left, bottom, right];
}

function scaledBox(box, down, across) {
  return [box[0] * down, box[1] * across, box[2] * down, box[3] * across];
}

/** Build the panels of a unit: `me.photo`, `me.inputs` (exact ones, or one that follows), `me.map`. */
export function buildPlaces(me, body) {
  const { photo, map, sources, tiles } = me.header;
  me.photo = new Picture({ label: "The picture as the network sees it" });
  me.photoBytes = arrayOf(body, photo.bytes);
  me.map = new Grid({ label: map.title, onPoint: (place) => pointed(me, place) });
  me.values = arrayOf(body, map.values);
  me.inputs = sources.map((source) => {
    const grid = new Grid({ label: source.title });
    grid.source = source;
    grid.own = arrayOf(body, source.values);
    return grid;
  });
  me.tile = me.tileChannel = null;
  if (tiles) {
    me.tiles = {
      ...tiles,
      codes: arrayOf(body, tiles.codes),
      made: new Map(),
      range: makeScale(tiles.scale),
    };
    me.tiles.palette = paletteOf(me.tiles.range);
    me.tile = new Picture({ label: `Input: ${tiles.name}` });
  } else me.tiles = null;
  for (const grid of [me.photo, ...me.inputs, ...(me.tile ? [me.tile] : [])]) onlyShown(grid);
  me.photoLegend = element("div");
  me.photoSide = element("div", { className: "place" }, me.photo.figure, me.photoLegend);
  const place = (grid) => {
    grid.legend = element("div");
    return element("div", { className: "place" }, grid.figure, grid.legend);
  };
  me.places.replaceChildren(
    me.photoSide,
    ...me.inputs.map(place),
    ...(me.tile ? [place(me.tile)] : []),
    place(me.map),
  );
  me.tile?.legend.replaceChildren(legend(me.tiles.range, ""));
}

/** Make a grid one that cannot be pointed at. */
export function onlyShown({ base }) {
  base.removeAttribute("tabindex");
  base.setAttribute("role", "img");
  base.classList.remove("pointable");
  for (const event of ["pointermove", "pointerdown", "pointerleave", "keydown", "blur", "dblclick"])
    base[`on${event}`] = null;
}

/** The picture of one input channel, drawn when it is first needed. */
export function tileOf(tiles, channel) {
  if (!tiles.made.has(channel)) {
    const count = tiles.height * tiles.width;
    const index = channel - tiles.first;
    const codes = tiles.codes.subarray(index * count, (index + 1) * count);
    tiles.made.set(channel, bitmap(tiles.width, tiles.height, codes, tiles.palette));
  }
  return tiles.made.get(channel);
}

/** Colour the maps over the range of the step, or of what is shown; equal colours mean equal values. */
function colourMaps(me) {
  const { map, sources, rescales, vector, count } = me.header;
  const own = me.s.scope === "channel";
  const joined = (lists) => {
    const [low, high] = bounds(
      lists
        .flatMap((list) => bounds(Array.from(list).filter(Number.isFinite)))
        .filter(Number.isFinite),
    );
    return makeScale(low <= high ? [low, high] : [0, 0]);
  };
  const together = rescales ? [me.values] : [me.values, ...me.inputs.map((grid) => grid.own)];
  const scale = own ? joined(together) : makeScale(map.scale);
  me.map.set({ ...map, values: me.values, scale, shown: vector ? count : Infinity });
  me.map.legend.replaceChildren(legend(scale, own ? "its own range" : map.words));
  me.inputs.forEach((grid, i) => {
    const range = !own ? makeScale(sources[i].scale) : rescales ? joined([grid.own]) : scale;
    grid.set({ ...sources[i], values: grid.own, scale: range });
    grid.legend.replaceChildren(legend(range, ""));
  });
}

/** The input of the convolution stands in for the input of the normalisation folded into it. */
function showInputs(me) {
  const folded = Boolean(me.s.fold);
  for (const grid of me.inputs) grid.figure.parentElement.hidden = folded;
  if (me.tile) me.tile.figure.parentElement.hidden = Boolean(me.header.foldable) && !folded;
}

export function drawPlaces(me, room) {
  showInputs(me);
  colourMaps(me);
  const count = [...me.places.children].filter(({ hidden }) => !hidden).length;
  const gap = 18;
  let columns = count;
  while (columns > 1 && (room - (columns - 1) * gap) / columns < 150) columns -= 1;
  if (count === 4 && columns === 3) columns = 2;
  const side = Math.floor(Math.min(330, (room - (columns - 1) * gap) / columns));
  me.places.style.gridTemplateColumns = `repeat(${columns}, ${side}px)`;
  drawPhoto(me, side);
  for (const grid of me.inputs) grid.draw(side);
  if (me.tile?.values) me.tile.draw(side);
  me.map.draw(side);
  me.side = side;
  mark(me);
}

/** Draw again what has changed: all where other panels are shown, the photo where its heat is new. */
export function refreshPlaces(me) {
  const heat = me.s.field === "gradient" ? (heatNow(me) ?? me.heatWanted) : null;
  const { fold, scope } = me.s;
  if (me.drawn?.fold !== fold || me.drawn.scope !== scope || me.drawn.facts !== me.facts)
    drawPlaces(me, me.width);
  else if (me.drawn.heat !== heat) drawPhoto(me);
  me.drawn = { fold, scope, facts: me.facts, heat };
  mark(me);
}

/** The photo, or what the gradient reaches of it, drawn as heat. */
function drawPhoto(me, side = me.side) {
  const { photo } = me.header;
  const heat = me.s.field === "gradient" ? heatNow(me) : null;
  const colours = heat && !heat.refusal ? heated(me.photoBytes, heat, photo) : me.photoBytes;
  const values = new Float32Array(photo.height * photo.width);
  me.photo.set({ ...photo, values, colours, scale: null, caption: photoCaption(me, heat) });
  me.photo.draw(side);
  me.photoLegend.replaceChildren(
    ...(heat && !heat.refusal ? [legend(heat.scale, "gradient")] : []),
  );
  me.heatWords.textContent = heat ? heat.refusal || heat.words : "";
}

function photoCaption(me, heat) {
  if (heat && !heat.refusal)
    return "the effective field: how much each pixel matters for this unit";
  return me.s.field === "gradient" && me.heatWanted
    ? "computing the gradient …"
    : "what the network sees";
}

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

/** Mark on every panel what belongs to the pixel that is looked at. */
export function mark(me) {
  if (!me.side) return;
  const { header } = me;
  const place = placeNow(me);
  const letter = letterOf(me, place);
  const down = header.photo.height / header.photo.rows;
  const across = header.photo.width / header.photo.columns;
  const onPhoto = (box) => scaledBox(box, down, across);
  const grown = me.pointed ? null : me.growth.boxes();
  const winner = me.winner ?? letter?.winners.at(-1)?.box;
  const boxes = grown ?? [
    ...(winner ? [{ box: winner, colour: EARLIER }] : []),
    { box: letter?.box ?? fieldBox(header.field, place) },
  ];
  spotlight(
    me.photo,
    boxes.map((each) => ({ ...each, box: onPhoto(each.box) })),
    me.s.field !== "gradient",
  );
  markInputs(me, place);
  const cell = header.vector ? cellOf(header, header.channel) : place;
  const frames = [{ row: cell[0], column: cell[1] }];
  if (!me.pointed) me.map.home = cell;
  if (header.vector && me.pointed)
    frames.push({ row: me.pointed[0], column: me.pointed[1], colour: EARLIER });
  me.map.mark(frames);
}

function markInputs(me, place) {
  for (const grid of me.inputs) {
    const [top, left, bottom, right] = windowBox(grid.source.windows, place);
    const frames = [{ row: top, column: left, height: bottom - top, width: right - left }];
    if (grid.source.kind === "largest") {
      const [row, column] = winnerIn(grid, [top, left, bottom, right]);
      frames.push({ row, column, colour: EARLIER });
    }
    grid.mark(frames);
  }
  markTile(me, place);
}

/** The first of the largest values under a window. */
function winnerIn(grid, [top, left, bottom, right]) {
  let [best, at] = [-Infinity, [Math.max(0, top), Math.max(0, left)]];
  for (let row = Math.max(0, top); row < Math.min(grid.height, bottom); row++) {
    for (let column = Math.max(0, left); column < Math.min(grid.width, right); column++) {
      const value = grid.values[row * grid.width + column];
      if (value > best) [best, at] = [value, [row, column]];
    }
  }
  return at;
}

/** Show one input channel of a convolution or linear step, with the window on it. */
export function showTile(me, channel) {
  const { tiles, tile } = me;
  if (!tile || channel === null) return;
  const first = !tile.values;
  if (me.tileChannel === channel && !first) return;
  me.tileChannel = channel;
  const count = tiles.height * tiles.width;
  const codes = tiles.codes.subarray(
    (channel - tiles.first) * count,
    (channel - tiles.first + 1) * count,
  );
  const values = Float32Array.from(codes, (code) => valueOfCode(code, tiles.range));
  tile.set({
    height: tiles.height,
    width: tiles.width,
    values,
    scale: tiles.range,
    caption: `input: ${tiles.name}, channel ${channel}`,
  });
  tile.base.setAttribute("aria-label", `Input: ${tiles.name}, channel ${channel}`);
  if (me.side) tile.draw(me.side);
  markTile(me, placeNow(me));
}

function markTile(me, place) {
  if (!me.tile?.values || !me.side) return;
  const { tiles } = me;
  const box = scaledBox(
    windowBox(tiles.windows, place),
    tiles.height / tiles.mapHeight,
    tiles.width / tiles.mapWidth,
  );
  spotlight(me.tile, [{ box }], false);
}

function cellOf(header, channel) {
  return [Math.floor(channel / header.map.width), channel % header.map.width];
}
