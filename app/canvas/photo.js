// What is done to the photo, drawn while it is dragged: as `Change` in `ali5.labs.equivariance`.

import { truly } from "./figures.js";

/**
 * What is done to a photo.
 * @typedef {object} Change
 * @property {boolean} grey
 * @property {number} blur The standard deviation, in pixels.
 * @property {number} right In pixels.
 * @property {number} down
 * @property {number} turn In degrees, counter-clockwise.
 * @property {number} shuffle The edge of the squares that are shuffled, 0 for none.
 */

export const GREY_SHARES = [0.299, 0.587, 0.114];

/**
 * Numbers 0 to count - 1 in an order that looks random: as `ali5.labs.equivariance.shuffled`.
 * @param {number} count
 */
function shuffled(count) {
  /** @param {number} value */
  const hash = (value) => {
    value = Math.imul(value ^ (value >>> 16), 0x7feb352d);
    value = Math.imul(value ^ (value >>> 15), 0x846ca68b);
    return (value ^ (value >>> 16)) >>> 0;
  };
  const keys = Float64Array.from({ length: count }, (_, i) => hash(i + 1));
  return Array.from({ length: count }, (_, i) => i).sort((one, other) => keys[one] - keys[other]);
}

/**
 * Change a photo of RGB bytes; returns RGB bytes.
 * @param {Uint8Array} bytes
 * @param {number} size
 * @param {Change} s
 */
export function changedPhoto(bytes, size, s) {
  let pixels = Float64Array.from(bytes);
  if (s.grey) greyed(pixels);
  if (s.blur) pixels = blurred(pixels, size, s.blur);
  if (s.right || s.down || s.turn || s.shuffle) pixels = moved(pixels, size, s);
  return Uint8Array.from(pixels, (value) => Math.round(value));
}

/** @param {Float64Array} pixels */
function greyed(pixels) {
  for (let i = 0; i < pixels.length; i += 3) {
    pixels.fill(
      GREY_SHARES.reduce((sum, share, c) => sum + share * pixels[i + c], 0),
      i,
      i + 3,
    );
  }
}

/**
 * @param {Float64Array<ArrayBuffer>} pixels
 * @param {number} size
 * @param {number} deviation
 */
function blurred(pixels, size, deviation) {
  const reach = Math.ceil(3 * deviation);
  const weights = Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * deviation ** 2)),
  );
  const whole = weights.reduce((sum, each) => sum + each, 0);
  /** @param {number} place */
  const clamp = (place) => Math.max(0, Math.min(size - 1, place));
  for (const across of [false, true]) {
    const out = new Float64Array(pixels.length);
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        for (let c = 0; c < 3; c++) {
          let sum = 0;
          for (let k = -reach; k <= reach; k++) {
            const from = across ? y * size + clamp(x + k) : clamp(y + k) * size + x;
            sum += weights[k + reach] * pixels[3 * from + c];
          }
          out[3 * (y * size + x) + c] = sum / whole;
        }
      }
    }
    pixels = out;
  }
  return pixels;
}

/**
 * @param {Float64Array} pixels
 * @param {number} size
 * @param {Change} s
 */
function moved(pixels, size, s) {
  const out = new Float64Array(pixels.length);
  const middle = (size - 1) / 2;
  const angle = (s.turn * Math.PI) / 180;
  const [cos, sin] = s.turn % 360 === 0 ? [1, 0] : [Math.cos(angle), Math.sin(angle)];
  const tile = s.shuffle;
  const count = tile ? Math.floor(size / tile) : 0;
  const order = shuffled(count * count);
  /** @param {number} place */
  const clamp = (place) => Math.max(0, Math.min(size - 1, place));
  /** @param {number} place */
  const whole = (place) => (Math.abs(place - Math.round(place)) < 1e-9 ? Math.round(place) : place);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [down, right] = [y - s.down - middle, x - s.right - middle];
      let row = cos * down + sin * right + middle;
      let column = cos * right - sin * down + middle;
      if (tile) {
        const [r, c] = [Math.floor((row + 0.5) / tile), Math.floor((column + 0.5) / tile)];
        if (r >= 0 && c >= 0 && r < count && c < count) {
          const came = order[r * count + c];
          row += (Math.floor(came / count) - r) * tile;
          column += ((came % count) - c) * tile;
        }
      }
      [row, column] = [whole(row), whole(column)];
      const [top, left] = [Math.floor(row), Math.floor(column)];
      const [below, beside] = [row - top, column - left];
      for (let c = 0; c < 3; c++) {
        /** @type {(i: number, j: number) => number} */
        const at = (i, j) => pixels[3 * (clamp(i) * size + clamp(j)) + c];
        out[3 * (y * size + x) + c] =
          (at(top, left) * (1 - beside) + at(top, left + 1) * beside) * (1 - below) +
          (at(top + 1, left) * (1 - beside) + at(top + 1, left + 1) * beside) * below;
      }
    }
  }
  return out;
}

/**
 * What is done to the photo, in words; "" if nothing is.
 * @param {Change} s
 */
export function changeWords(s) {
  const parts = [];
  /** @param {number} count */
  const by = (count) => `${Math.abs(count)} ${Math.abs(count) === 1 ? "pixel" : "pixels"}`;
  if (s.grey) parts.push("made grey");
  if (s.blur) parts.push(`blurred by ${s.blur}`);
  if (s.shuffle) parts.push(`shuffled in squares of ${s.shuffle}`);
  if (s.turn) parts.push(`turned by ${truly(s.turn)}°`);
  if (s.right) parts.push(`moved ${by(s.right)} to the ${s.right > 0 ? "right" : "left"}`);
  if (s.down) parts.push(`moved ${by(s.down)} ${s.down > 0 ? "down" : "up"}`);
  return parts.join(", ");
}
