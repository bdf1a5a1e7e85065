// The arithmetic of a convolution, as `ali5.labs.arithmetic` does it.

/** @import { Numbers } from "../../canvas/types.js" */
/** @import { Along, Border, Mode, Moves, Result, Settings } from "./types.js" */

/**
 * How the window moves along one axis, as `move_along` in `ali5.graph.geometry` works it out; `why` if
 * it cannot.
 * @param {number} size
 * @param {Moves & Pick<Settings, "padding" | "border" | "mode">} s
 * @returns {Along}
 */
export function axisOf(size, s) {
  const extent = (s.kernel - 1) * s.dilation + 1;
  let before = 0;
  let after = 0;
  if (s.padding === "full") before = after = extent - 1;
  if (s.padding === "number") before = after = s.border;
  if (s.padding === "same") {
    const whole = Math.max((Math.ceil(size / s.stride) - 1) * s.stride + extent - size, 0);
    before = Math.floor(whole / 2);
    after = whole - before;
  }
  const most = { reflect: size - 1, circular: size, replicate: Infinity, zeros: Infinity }[s.mode];
  let why = null;
  if (after > most) why = `the border can take at most ${most} pixels from the picture`;
  if (extent > size + before + after) why = "the window must fit into the picture and its border";
  const count = Math.floor((size + before + after - extent) / s.stride) + 1;
  return { size, extent, before, after, count, why };
}

/**
 * Where a place outside the picture takes its number from; -1 for zeros.
 * @param {number} place
 * @param {number} size
 * @param {Mode} mode
 */
function sourceOf(place, size, mode) {
  if (place >= 0 && place < size) return place;
  if (mode === "zeros") return -1;
  if (mode === "replicate") return Math.max(0, Math.min(size - 1, place));
  if (mode === "circular") return ((place % size) + size) % size;
  return place < 0 ? -place : 2 * (size - 1) - place;
}

/**
 * A channel with its border.
 * @param {Numbers} plane
 * @param {Along} rows
 * @param {Along} columns
 * @param {Mode} mode
 * @returns {Border}
 */
function padded(plane, rows, columns, mode) {
  const [height, width] = [
    rows.size + rows.before + rows.after,
    columns.size + columns.before + columns.after,
  ];
  const out = new Float64Array(height * width);
  const from = Array.from({ length: width }, (_, x) =>
    sourceOf(x - columns.before, columns.size, mode),
  );
  for (let y = 0; y < height; y++) {
    const row = sourceOf(y - rows.before, rows.size, mode);
    if (row < 0) continue;
    for (let x = 0; x < width; x++) {
      if (from[x] >= 0) out[y * width + x] = plane[row * columns.size + from[x]];
    }
  }
  return { height, width, values: out };
}

/**
 * What one channel gives.
 * @param {Border} border
 * @param {number[][]} weights
 * @param {{ count: number }} rows
 * @param {{ count: number }} columns
 * @param {Moves} s
 */
export function convolved(border, weights, rows, columns, s) {
  const out = new Float64Array(rows.count * columns.count);
  for (let i = 0; i < s.kernel; i++) {
    for (let j = 0; j < s.kernel; j++) {
      const weight = weights[i][j];
      if (weight === 0) continue;
      for (let r = 0; r < rows.count; r++) {
        let at = (r * s.stride + i * s.dilation) * border.width + j * s.dilation;
        const end = (r + 1) * columns.count;
        for (let o = r * columns.count; o < end; o++) {
          out[o] += weight * border.values[at];
          at += s.stride;
        }
      }
    }
  }
  return out;
}

/**
 * The whole convolution.
 * @param {Numbers[]} planes The channels of the picture, each row by row.
 * @param {[number, number]} edges Rows and columns of the picture.
 * @param {number[][][]} weights A kernel for each channel.
 * @param {Moves & Pick<Settings, "padding" | "border" | "mode" | "bias">} s
 * @returns {Result}
 */
export function resultOf(planes, edges, weights, s) {
  const [rows, columns] = edges.map((size) => axisOf(size, s));
  const borders = planes.map((plane) => padded(plane, rows, columns, s.mode));
  const parts = borders.map((border, c) => convolved(border, weights[c], rows, columns, s));
  const output = new Float64Array(rows.count * columns.count).fill(s.bias);
  for (const part of parts) for (let i = 0; i < output.length; i++) output[i] += part[i];
  return { rows, columns, weights, borders, parts, output };
}
