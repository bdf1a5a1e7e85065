// What is drawn of a stage: bitmaps with where they lie in their map.

/** @import { Scale } from "../../canvas/types.js" */
/** @import { Deconvolution, DrawnTile, Stage, Tile } from "./types.js" */

import {
  LEVELS,
  bitmap,
  colourOf,
  drawScaled,
  rgba,
  sharpen,
  valueOfCode,
} from "../../canvas/shared.js";

const TILE_GAP = 4;

/**
 * The stage that is looked at.
 * @param {Deconvolution} me
 */
export function stageOf(me) {
  return me.header.stages[me.player.at ?? me.header.stages.length - 1];
}

/**
 * Whether a stage is the picture's.
 * @param {Deconvolution} me
 * @param {Stage} stage
 */
export function isLast(me, stage) {
  return stage.number === me.header.stages.length - 1;
}

/**
 * The tiles of a stage.
 * @param {Deconvolution} me
 * @param {Stage} stage
 * @param {Scale} [range] What the colours span.
 * @returns {Tile[]}
 */
export function tilesOf(me, stage, range = stage.range) {
  const [top, left, bottom, right] = stage.seen;
  const place = { stage, top, left, height: bottom - top, width: right - left };
  if (isLast(me, stage)) {
    const [height, width] = me.size;
    return [
      {
        stage,
        top: me.header.crop[0],
        left: me.header.crop[1],
        height,
        width,
        index: 0,
        image: me.paintedBitmap,
      },
    ];
  }
  const [at, count, height, width] = stage.tile;
  const palette = paletteBetween(stage, range);
  return Array.from({ length: count }, (_, index) => {
    const codes = me.body.subarray(at + index * height * width, at + (index + 1) * height * width);
    const image = bitmap(width, height, codes, palette);
    // A vector is laid out in rows, as many as its tile has.
    return stage.cells
      ? { ...place, height, width, index, codes, image }
      : { ...place, index, codes, image };
  });
}

/**
 * The colours of a stage's codes on a range that may be wider than its own.
 * @param {Stage} stage
 * @param {Scale} range
 */
function paletteBetween(stage, range) {
  const palette = new Uint32Array(256);
  for (let code = 0; code < 256; code++) {
    palette[code] = rgba(colourOf(valueOfCode(code, stage.range), range));
  }
  if (stage.cells) palette[LEVELS + 1] = 0;
  return palette;
}

/**
 * Draw up to four tiles into a square of that many CSS pixels; return where they are.
 * @param {HTMLCanvasElement} canvas
 * @param {Tile[]} tiles
 * @param {number} side
 * @returns {DrawnTile[]}
 */
export function drawTiles(canvas, tiles, side) {
  const columns = tiles.length > 1 ? 2 : 1;
  const rows = Math.ceil(tiles.length / columns);
  const room = (side - TILE_GAP * (columns - 1)) / columns;
  const { height, width } = tiles[0];
  const fit = room / Math.max(height, width);
  const [w, h] = [width * fit, Math.max(8, height * fit)];
  const context = sharpen(
    canvas,
    columns * w + (columns - 1) * TILE_GAP,
    rows * h + (rows - 1) * TILE_GAP,
  );
  return tiles.map((tile, i) => {
    const [x, y] = [(i % columns) * (w + TILE_GAP), Math.floor(i / columns) * (h + TILE_GAP)];
    drawScaled(context, tile.image, x, y, w, h);
    return { ...tile, x, y, w, h, down: h / height, right: w / width };
  });
}
