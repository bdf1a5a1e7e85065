// What is written on tiles: numbers in their pixels, a line below, a sign in the corner.

import { show } from "./figures.js";
import { inkOn } from "./shared.js";

/** @import { Box, Colour } from "./types.js" */

/** @typedef {{ value: number, colour: Colour }} Written A number and the colour behind it. */

/**
 * Write a line below a tile.
 * @param {CanvasRenderingContext2D} context
 * @param {string} words
 * @param {Box} box Of the tile.
 * @param {number} tall How much room the line has.
 * @param {{ ink: string, size: number }} text How text is written here.
 */
export function writeFoot(context, words, [x, y, width, height], tall, { ink, size }) {
  context.font = `${0.8 * size}px system-ui, sans-serif`;
  context.fillStyle = ink;
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.fillText(words, x + 1, y + height + tall / 2 + 1, width - 2);
}

/**
 * Write numbers into the pixels of a tile.
 * @param {CanvasRenderingContext2D} context
 * @param {Box} box Of the tile.
 * @param {{ height: number, width: number }} size Of the tile, in its own pixels.
 * @param {(row: number, column: number) => Written | null | undefined} numberAt
 */
export function writeNumbers(context, [left, top, wide, tall], { height, width }, numberAt) {
  const [w, h] = [wide / width, tall / height];
  const written = Array.from({ length: width * height }, (_, i) =>
    numberAt(Math.floor(i / width), i % width),
  ).filter((each) => each !== null && each !== undefined);
  context.font = `${Math.min(14, w * 0.23)}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  written.forEach(({ value, colour }, i) => {
    context.fillStyle = inkOn(colour);
    const [row, column] = [Math.floor(i / width), i % width];
    context.fillText(show(value, 2), left + (column + 0.5) * w, top + (row + 0.5) * h, w - 2);
  });
}

/**
 * A sign on a dark ground, its lower left corner given: legible on every colour map.
 * @param {CanvasRenderingContext2D} context
 * @param {string} sign
 * @param {number} x
 * @param {number} y
 */
export function drawBadge(context, sign, x, y) {
  context.fillStyle = "#111";
  context.fillRect(x, y - 13, 13, 13);
  context.strokeStyle = "#fff";
  context.lineWidth = 1;
  context.strokeRect(x + 0.5, y - 12.5, 12, 12);
  context.fillStyle = "#fff";
  context.font = "bold 11px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(sign, x + 6.5, y - 6);
}
