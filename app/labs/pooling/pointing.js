// What is said and framed when a cell of the pooling lab is pointed at.

/** @import { Frame } from "../../canvas/grid.js" */
/** @import { Place } from "../../canvas/types.js" */
/** @import { Pointed, Pooling } from "./types.js" */

import { show } from "../../canvas/figures.js";
import { MARKED } from "../../canvas/shared.js";
import { spanOf, windowAt, winnerAt } from "./windows.js";

const TOUCHED = "rgb(245 158 11 / 45%)";

/**
 * @param {Pooling} me
 * @param {Pointed | null} pointed
 */
export function point(me, pointed) {
  me.pointed = pointed;
  refreshMarks(me);
}

/** @param {Pooling} me */
export function refreshMarks(me) {
  if (!me.result || !me.output.context) return;
  me.input.mark([]);
  me.output.mark([]);
  const { pointed } = me;
  const step = me.player.at;
  if (pointed?.kind === "input") markUses(me, pointed.place);
  else if (pointed?.kind === "output") markWindow(me, ...pointed.place);
  else if (step !== null)
    markWindow(me, Math.floor(step / me.result.columns.count), step % me.result.columns.count);
  else
    me.said.textContent =
      "Point at a cell of the result, to see what it came from; at a cell of the picture, to see where it is used.";
}

/**
 * @param {Pooling} me
 * @param {number} row
 * @param {number} column
 */
function markWindow(me, row, column) {
  const { s, result } = me;
  if (row >= result.rows.count || column >= result.columns.count) return;
  const width = result.edges[1];
  const { rows, columns, cells, divisor } = windowAt(s, result.edges, row, column);
  /** @type {Frame[]} */
  const frames = [
    {
      row: rows.start,
      column: columns.start,
      height: rows.end - rows.start,
      width: columns.end - columns.start,
    },
  ];
  const values = cells.map(([y, x]) => result.changed[y * width + x]);
  const text =
    values.length <= 16 ? values.map((value) => show(value, 3)) : [`${values.length} values`];
  const total = result.output[row * result.columns.count + column];
  let words;
  if (s.kind === "max") {
    const [y, x] = winnerAt(s, result, row, column);
    frames.push({ row: y, column: x, colour: MARKED, fill: TOUCHED });
    words = `the largest of ${text.join(", ")} is ${show(total, 4)}, from row ${y}, column ${x}`;
  } else if (s.kind === "l2") {
    words = `the root of ${text.map((value) => (values.length <= 16 ? `${value}²` : value)).join(" + ")} is ${show(total, 4)}`;
  } else {
    const border =
      divisor > values.length ? ` (with ${divisor - values.length} zeros of the border)` : "";
    words = `${text.join(" + ")}${border}, divided by ${divisor}, is ${show(total, 4)}`;
  }
  me.input.mark(frames);
  me.output.mark([{ row, column }]);
  me.said.textContent = `Row ${row}, column ${column}: ${words}.`;
}

/**
 * Every window that looks at one pixel.
 * @param {Pooling} me
 * @param {Place} place
 */
function markUses(me, [y, x]) {
  const { s, result } = me;
  const [height, width] = result.edges;
  /** @type {Frame[]} */
  const cells = [];
  let wins = 0;
  for (let r = 0; r < result.rows.count; r++) {
    const down = spanOf(height, r, s);
    if (y < down.start || y >= down.end) continue;
    for (let c = 0; c < result.columns.count; c++) {
      const right = spanOf(width, c, s);
      if (x < right.start || x >= right.end) continue;
      cells.push({ row: r, column: c, fill: TOUCHED });
      if (s.kind === "max" && winnerAt(s, result, r, c).join() === [y, x].join()) wins++;
    }
  }
  me.input.mark([{ row: y, column: x }]);
  me.output.mark(cells);
  const count = cells.length === 1 ? "one window looks" : `${cells.length} windows look`;
  const won =
    s.kind === "max" && cells.length
      ? ` ${cells.length === 1 ? (wins ? "It wins." : "It does not win.") : `It wins in ${wins} of them.`}`
      : "";
  me.said.textContent = `Row ${y}, column ${x} (${show(result.changed[y * width + x], 4)}): ${cells.length ? `${count} at it.${won}` : "no window looks at it."}`;
}
