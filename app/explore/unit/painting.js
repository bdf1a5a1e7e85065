// Numbers as bars from a zero line, and as cells in the colours of their values.

import { show } from "../../canvas/figures.js";
import { MARKED, NEGATIVE, POSITIVE, along, colourOf, cssOf, inkOn } from "../../canvas/shared.js";
import { NUMBER_PX } from "../../canvas/grid.js";

/** @import { Box, Numbers, Scale } from "../../canvas/types.js" */

export const INK = "rgb(136 136 136)"; // to be seen on light and dark, whichever comes next
export const PLUS = cssOf(along(POSITIVE, 0.68));
export const MINUS = cssOf(along(NEGATIVE, 0.68));

/** @typedef {[number, number]} Range From, and up to. */

/**
 * Smallest and largest of numbers, zero included, never of width zero.
 * @param {...Numbers} lists
 * @returns {Range}
 */
export function rangeOf(...lists) {
  let [low, high] = [0, 0];
  for (const list of lists) {
    for (const value of list) {
      if (value < low && Number.isFinite(value)) low = value;
      if (value > high && Number.isFinite(value)) high = value;
    }
  }
  return low === high ? [low - 1, high + 1] : [low, high];
}

/**
 * A number as a bar from the zero line, on the scale of a range.
 * @param {CanvasRenderingContext2D} context
 * @param {{x: number, width: number, y: number, height: number}} room
 * @param {number} value
 * @param {Range} range
 */
export function paintBar(context, { x, width, y, height }, value, range) {
  /** @param {number} number */
  const at = (number) => x + ((number - range[0]) / (range[1] - range[0])) * width;
  if (Number.isFinite(value)) {
    context.fillStyle = value < 0 ? MINUS : PLUS;
    const [from, to] = [at(0), at(value)];
    context.fillRect(Math.min(from, to), y, Math.max(1, Math.abs(to - from)), height);
  }
  context.fillStyle = INK;
  context.fillRect(at(0) - 0.5, y - 3, 1, height + 6);
}

/**
 * A frame with a dark rim, to be seen on every ground.
 * @param {CanvasRenderingContext2D} context
 * @param {Box} box
 * @param {string} colour
 * @param {number} thick Of its line.
 * @param {number} rim Of the dark one below it.
 */
export function paintFrame(context, box, colour, thick, rim) {
  context.strokeStyle = "#000";
  context.lineWidth = rim;
  context.strokeRect(...box);
  context.strokeStyle = colour;
  context.lineWidth = thick;
  context.strokeRect(...box);
}

/**
 * Cells in the colours of their values, with numbers where there is room.
 * @param {CanvasRenderingContext2D} context
 * @param {{x: number, cell: number, tall: number}} room Left edge, and the size of a cell.
 * @param {object} cells
 * @param {number} cells.height
 * @param {number} cells.width
 * @param {Numbers} cells.values
 * @param {Scale} cells.scale
 * @param {(row: number, column: number) => boolean} [cells.outside] Whether one is padding.
 */
export function paintCells(
  context,
  { x, cell, tall },
  { height, width, values, scale, outside = () => false },
) {
  context.textAlign = "center";
  context.textBaseline = "middle";
  const numbers = cell >= NUMBER_PX + 3;
  const size = Math.max(8, Math.min(12, tall * 0.45, cell * 0.25)); // one for all: "−0.044" has room
  for (let i = 0; i < height * width; i++) {
    const [row, column] = [Math.floor(i / width), i % width];
    const colour = colourOf(values[i], scale);
    const [left, top] = [x + column * cell, row * tall];
    context.fillStyle = cssOf(colour);
    context.fillRect(left, top, cell - 0.5, tall - 0.5);
    const ink = inkOn(colour);
    if (outside(row, column)) {
      // padding
      context.strokeStyle = ink === "#000" ? ink : MARKED;
      context.setLineDash([2, 2]);
      context.lineWidth = 1;
      context.strokeRect(left + 1, top + 1, cell - 2.5, tall - 2.5);
      context.setLineDash([]);
    }
    if (!numbers) continue;
    const text = textFor(values[i], cell, size);
    context.font = `${size}px system-ui, sans-serif`;
    context.fillStyle = ink;
    context.fillText(text, left + cell / 2, top + tall / 2);
  }
}

/**
 * A number as it is written into a cell: with fewer digits where it would be too wide.
 * @param {number} value
 * @param {number} cell How wide the cell is, in CSS pixels.
 * @param {number} size Of the text.
 */
export function textFor(value, cell, size) {
  const text = show(value, cell < 50 ? 2 : 3);
  if (text.length * size * 0.6 <= cell - 2) return text;
  return show(value, text.includes("e") ? 2 : 1); // before a power of ten there is always a digit
}
