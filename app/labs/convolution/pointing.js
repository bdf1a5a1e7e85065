// What is said and framed when a cell of the convolution lab is pointed at.

/** @import { Frame } from "../../canvas/grid.js" */
/** @import { Place } from "../../canvas/types.js" */
/** @import { Along, Convolution, Pointed } from "./types.js" */

import { inBrackets, show } from "../../canvas/figures.js";
import { MARKED } from "../../canvas/shared.js";

export const CHANNELS = ["red", "green", "blue"];
const TOUCHED = "rgb(245 158 11 / 45%)";

/** @param {Convolution} me */
export function gridsOf(me) {
  return [...me.inputs, ...me.kernels, ...me.partGrids, me.output];
}

/**
 * @param {Convolution} me
 * @param {Pointed | null} pointed
 */
export function point(me, pointed) {
  me.pointed = pointed;
  refreshMarks(me);
}

/** @param {Convolution} me */
export function refreshMarks(me) {
  if (!me.result || !me.output.context) return;
  const { pointed } = me;
  for (const grid of gridsOf(me)) grid.mark([]);
  if (pointed?.kind === "input") markUses(me, pointed.place);
  else if (pointed?.kind === "weight") markMeetings(me, pointed.place);
  else if (pointed?.kind === "output") markWindow(me, ...pointed.place);
  else if (me.player.at !== null) {
    const { count } = me.result.columns;
    markWindow(me, Math.floor(me.player.at / count), me.player.at % count, me.slide);
  } else
    me.said.textContent =
      "Point at any cell: of the result, to see the sum behind it; of the picture, to see where it is used; of the kernel, to see what it meets.";
}

/**
 * The window of one output cell, `slide` of the way (0..1) to the next position.
 * @param {Convolution} me
 * @param {number} row
 * @param {number} column
 */
function markWindow(me, row, column, slide = 0) {
  const { s, result } = me;
  const { rows, columns } = result;
  if (row >= rows.count || column >= columns.count) return;
  const move = column + 1 < columns.count ? slide : 0;
  const frame = {
    row: row * s.stride,
    column: (column + move) * s.stride,
    height: rows.extent,
    width: columns.extent,
  };
  const taps =
    s.dilation > 1
      ? tapsOf(s.kernel).map(([i, j]) => ({
          row: frame.row + i * s.dilation,
          column: frame.column + j * s.dilation,
          colour: MARKED,
        }))
      : [];
  for (const grid of me.inputs) grid.mark([frame, ...taps]);
  for (const grid of [...me.partGrids, me.output]) grid.mark([{ row, column: column + move }]);
  if (slide) return;
  me.said.textContent = sumWords(me, row, column);
}

/** @param {number} size */
function tapsOf(size) {
  return Array.from({ length: size * size }, (_, i) => [Math.floor(i / size), i % size]);
}

/**
 * The whole sum in words: for each channel its products, then the bias.
 * @param {Convolution} me
 * @param {number} row
 * @param {number} column
 */
function sumWords(me, row, column) {
  const { s, result } = me;
  const { borders, weights, parts, columns, output } = result;
  const at = row * columns.count + column;
  const lines = borders.map((border, c) => {
    const terms = tapsOf(s.kernel).map(([i, j]) => {
      const y = row * s.stride + i * s.dilation;
      const x = column * s.stride + j * s.dilation;
      return `${show(border.values[y * border.width + x], 3)}·${inBrackets(weights[c][i][j])}`;
    });
    const sum =
      terms.length <= 25
        ? terms.join(" + ")
        : `${terms.slice(0, 8).join(" + ")} + … (${terms.length} products)`;
    const name = s.channels > 1 ? `${s.input === "photo" ? CHANNELS[c] : `channel ${c}`}: ` : "";
    return `${name}${sum} = ${show(parts[c][at], 5)}`;
  });
  const adds =
    s.channels > 1
      ? ` All the results are added: ${parts.map((part) => inBrackets(part[at], 5)).join(" + ")}.`
      : "";
  const bias = s.bias ? ` Plus the bias ${inBrackets(s.bias)}.` : "";
  return `Row ${row}, column ${column}: ${lines.join("; ")}.${adds}${bias} Result: ${show(output[at], 6)}`;
}

/**
 * Every output that looks at one pixel of the picture with its border.
 * @param {Convolution} me
 * @param {Place} place
 */
function markUses(me, [y, x]) {
  const { s, result } = me;
  const { rows, columns, borders } = result;
  /** @type {(place: number, axis: Along) => number[]} */
  const along = (place, axis) => {
    const found = [];
    for (let i = 0; i < s.kernel; i++) {
      const start = place - i * s.dilation;
      if (start >= 0 && start % s.stride === 0 && start / s.stride < axis.count)
        found.push(start / s.stride);
    }
    return found;
  };
  const [down, right] = [along(y, rows), along(x, columns)];
  const cells = down.flatMap((row) => right.map((column) => ({ row, column, fill: TOUCHED })));
  for (const grid of me.inputs) grid.mark([{ row: y, column: x }]);
  for (const grid of [...me.partGrids, me.output]) grid.mark(cells);
  const inside =
    y >= rows.before &&
    x >= columns.before &&
    y < rows.before + rows.size &&
    x < columns.before + columns.size;
  const value = borders.map((border) => show(border.values[y * border.width + x], 4)).join(", ");
  const where = inside
    ? `Pixel in row ${y - rows.before}, column ${x - columns.before}`
    : "This is border, not picture";
  const times = cells.length === 1 ? "one number" : `${cells.length} numbers`;
  me.said.textContent = `${where} (${value}): ${cells.length ? `${times} of the result look at it.` : "no window ever meets it."}`;
}

/**
 * Every pixel that one weight is multiplied with.
 * @param {Convolution} me
 * @param {Place} place
 */
function markMeetings(me, [i, j]) {
  const { s, result } = me;
  const { rows, columns, weights } = result;
  const top = i * s.dilation;
  const left = j * s.dilation;
  /** @type {Frame[]} */
  const cells = [];
  if (rows.count * columns.count <= 1024) {
    for (let r = 0; r < rows.count; r++) {
      for (let c = 0; c < columns.count; c++) {
        cells.push({ row: top + r * s.stride, column: left + c * s.stride, fill: TOUCHED });
      }
    }
  } else {
    cells.push({
      row: top,
      column: left,
      fill: TOUCHED,
      height: (rows.count - 1) * s.stride + 1,
      width: (columns.count - 1) * s.stride + 1,
    });
  }
  for (const grid of me.inputs) grid.mark(cells);
  for (const grid of me.kernels) grid.mark([{ row: i, column: j }]);
  const values = weights.map((kernel) => show(kernel[i][j], 4)).join(", ");
  me.said.textContent = `Weight ${values} in row ${i}, column ${j}: it is multiplied with ${(rows.count * columns.count).toLocaleString("en")} pixels of each channel, one for each number of the result. The same weight everywhere: that is what makes it a convolution.`;
}
