// Maps over a photograph: where their colours end, and how they are laid over it.

/** @import { Box, Scale } from "../../canvas/types.js" */

import { bitmap, makeScale, paletteInUse } from "../../canvas/shared.js";
import { coloursOf } from "../../canvas/grid.js";

/** @typedef {{ height: number, width: number }} Size */

/**
 * Where the colours of a map end.
 * @typedef {object} Heat
 * @property {Scale} scale
 * @property {number} top the largest magnitude
 * @property {number} limit the largest one that has a colour of its own
 * @property {number} beyond how many places are beyond that
 */

const TRIMMED = 0.01; // of the pixels, the strongest ones, end the colours early

/**
 * The range of a map's finite values. With `trim` it ends where the strongest hundredth begins; what
 * is beyond has the colour of the end, and is counted.
 * @param {Float32Array} values
 * @param {boolean} signed
 * @param {boolean} trim
 * @returns {Heat}
 */
export function heatRange(values, signed, trim) {
  const finite = values.filter(Number.isFinite);
  const sizes = Float64Array.from(finite, Math.abs).sort();
  const top = sizes.at(-1) ?? 0;
  const limit = (trim && sizes[Math.floor((1 - TRIMMED) * (sizes.length - 1))]) || top;
  const low = finite.reduce((least, value) => Math.min(least, value), 0);
  const high = finite.reduce((most, value) => Math.max(most, value), 0);
  const scale = makeScale([signed ? Math.max(low, -limit) : 0, Math.min(high, limit)]);
  const beyond = sizes.length - sizes.findLastIndex((size) => size <= limit) - 1;
  return { scale, top, limit, beyond };
}

/**
 * Lay a map over what is drawn in a square of a context.
 * @param {CanvasRenderingContext2D} context
 * @param {Size} size
 * @param {Float32Array} values
 * @param {Scale} scale
 * @param {number} opacity in percent
 * @param {boolean} smooth
 * @param {Box} box
 */
export function drawHeat(context, { height, width }, values, scale, opacity, smooth, [x, y, w, h]) {
  const colours = coloursOf(values, scale, values.length);
  context.save();
  context.globalAlpha = opacity / 100;
  context.imageSmoothingEnabled = smooth;
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap(width, height, colours, "rgb"), x, y, w, h);
  context.restore();
}

/**
 * What the colours of a map mean, in words.
 * @param {{ signed: boolean, name: string }} map
 */
export function legendWords({ signed, name }) {
  const { rising, zero } = paletteInUse();
  if (!signed) return `${zero}: nothing for “${name}”`;
  return rising
    ? `bright for “${name}”, dark against`
    : `orange for “${name}”, blue against, ${zero} nothing`;
}
