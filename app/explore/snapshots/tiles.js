// The maps and the kernels of a moment, in the colours of its range or of all moments together.

/** @import { Bytes } from "../../canvas/types.js" */
/** @import { Maps, Snapshots, TileFigure, TilePart } from "./types.js" */

import {
  LEVELS,
  bitmap,
  colourOf,
  drawScaled,
  makeScale,
  rgba,
  sharpen,
  valueOfCode,
} from "../../canvas/shared.js";

/**
 * The range that colours span at a moment.
 * @param {Snapshots} me
 * @param {TilePart} part
 * @param {number} number Of the moment.
 */
export function rangeOf(me, { scales, ranges }, number) {
  if (me.span === "own") return ranges[number];
  return makeScale([
    Math.min(...scales.map(([low]) => low)),
    Math.max(...scales.map(([, high]) => high)),
  ]);
}

/**
 * The maps or kernels of a moment.
 * @param {Snapshots} me
 * @param {TilePart | Maps} part
 * @param {Bytes} codes Of all moments.
 * @param {number} number Of the moment.
 */
export function tilesOf(me, part, codes, number) {
  const { count, height, width, colour } = part;
  const [before, range] = [part.ranges[number], rangeOf(me, part, number)];
  const size = height * width * (colour ? 3 : 1);
  const values = Array.from({ length: 256 }, (_, code) => valueOfCode(code, before));
  const shades = values.map((value) =>
    Math.round(127.5 + 127.5 * (Number.isFinite(value) && range.high ? value / range.high : 0)),
  );
  const palette = Uint32Array.from(values, (value) => rgba(colourOf(value, range)));
  if ("cells" in part && part.cells) palette[LEVELS + 1] = 0; // what a vector does not fill
  return Array.from({ length: count }, (_, index) => {
    const from = (number * count + index) * size;
    const own = codes.subarray(from, from + size);
    return colour
      ? bitmap(
          width,
          height,
          own.map((code) => shades[code]),
          "rgb",
        )
      : bitmap(width, height, own, palette);
  });
}

/**
 * Draw tiles as a square of `side` CSS pixels.
 * @param {TileFigure} made
 * @param {HTMLCanvasElement[]} tiles
 * @param {number} side
 * @param {number} gap
 */
export function drawTiles(made, tiles, side, gap) {
  const columns = Math.ceil(Math.sqrt(tiles.length));
  const edge = (side - gap * (columns - 1)) / columns;
  const { width, height } = tiles[0];
  const fit = edge / Math.max(width, height);
  const [w, h] = [width * fit, Math.max(14, height * fit)];
  const rows = Math.ceil(tiles.length / columns);
  /** @type {[number, number]} */
  const size = [columns * w + (columns - 1) * gap, rows * h + (rows - 1) * gap];
  const context = sharpen(made.base, ...size);
  made.context = sharpen(made.over, ...size);
  made.tiles = tiles.map((tile, i) => {
    const [x, y] = [(i % columns) * (w + gap), Math.floor(i / columns) * (h + gap)];
    drawScaled(context, tile, x, y, w, h);
    return { x, y, w, h };
  });
  made.columns = columns;
}
