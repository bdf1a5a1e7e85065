// Stride 2, seen from stride 1: the same map with every second row and column left out.

/** @import { Frame } from "../../canvas/grid.js" */
/** @import { Place } from "../../canvas/types.js" */
/** @import { Moves, Result, Settings } from "./types.js" */

import { show } from "../../canvas/figures.js";
import { MARKED, element, makeScale } from "../../canvas/shared.js";
import { slider } from "../../canvas/controls.js";
import { Grid } from "../../canvas/grid.js";
import { bounds } from "../../canvas/lab.js";
import { convolved } from "./sums.js";

/**
 * A feature map.
 * @typedef {{ rows: number, columns: number, values: Float64Array }} FeatureMap
 */

/**
 * Both maps over the same bordered picture, and what of the dense one is kept.
 * @typedef {object} Story
 * @property {FeatureMap} dense With stride 1.
 * @property {FeatureMap} kept What stride 2 keeps of it.
 * @property {FeatureMap} shown The same after the picture was moved.
 * @property {FeatureMap} computed With stride 2.
 */

/**
 * @param {Pick<Result, "borders" | "weights">} result
 * @param {Moves & Pick<Settings, "bias" | "moved">} s
 * @returns {Story}
 */
export function storyOf({ borders, weights }, s) {
  /** @type {(edge: number, stride: number) => number} */
  const axis = (edge, stride) =>
    Math.floor((edge - ((s.kernel - 1) * s.dilation + 1)) / stride) + 1;
  const { height, width } = borders[0];
  /** @param {number} stride */
  const run = (stride) => {
    const [rows, columns] = [height, width].map((edge) => ({ count: axis(edge, stride) }));
    const values = new Float64Array(rows.count * columns.count).fill(s.bias);
    borders.forEach((border, c) => {
      convolved(border, weights[c], rows, columns, { ...s, stride }).forEach((part, i) => {
        values[i] += part;
      });
    });
    return { rows: rows.count, columns: columns.count, values };
  };
  const dense = run(1);
  /** @param {number} moved */
  const pick = (moved) => {
    const columns = Math.max(0, Math.ceil((dense.columns - moved) / 2));
    const rows = Math.ceil(dense.rows / 2);
    /** @param {number} i */
    const at = (i) => 2 * Math.floor(i / columns) * dense.columns + 2 * (i % columns) + moved;
    return {
      rows,
      columns,
      values: Float64Array.from({ length: rows * columns }, (_, i) => dense.values[at(i)]),
    };
  };
  return { dense, kept: pick(0), shown: pick(s.moved), computed: run(2) };
}

/**
 * How much the kept columns differ from their right neighbours, in percent.
 * @param {Pick<Story, "dense" | "kept">} story
 */
export function changeOf({ dense, kept }) {
  let [sum, whole] = [0, 0];
  for (let r = 0; r < kept.rows; r++) {
    for (let c = 0; 2 * c + 1 < dense.columns; c++) {
      const at = 2 * r * dense.columns + 2 * c;
      sum += (dense.values[at + 1] - dense.values[at]) ** 2;
      whole += dense.values[at] ** 2;
    }
  }
  return whole ? 100 * Math.sqrt(sum / whole) : 0;
}

/**
 * How much the map with stride 2 differs from what is kept of the one with stride 1, at most.
 * @param {Pick<Story, "computed" | "kept">} story
 */
export function differenceOf({ computed, kept }) {
  return computed.values.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - kept.values[i])),
    0,
  );
}

export class StrideStory {
  /** @type {Story | null} */
  found = null;
  phase = 0; // columns that are left out at first

  /**
   * @param {(moved: number) => void} move Called with 0 or 1, the pixels that the picture is moved to
   *   the left.
   * @param {() => void} commit Called when that is let go.
   */
  constructor(move, commit) {
    this.moved = slider({
      label: "Picture moved to the left",
      help: "By one pixel: stride 2 then keeps the columns that it left out before.",
      onInput: move,
      onCommit: commit,
      format: (value) => `${value} px`,
    });
    this.dense = new Grid({ label: "Stride 1", onPoint: (place) => this.point(place, 1) });
    this.sparse = new Grid({ label: "Stride 2", onPoint: (place) => this.point(place, 2) });
    this.words = element("p", { className: "stride-words" });
    this.said = element("p", { className: "faint stride-said", aria: { live: "polite" } });
    this.root = element(
      "section",
      { className: "stride-story" },
      element("h3", {}, "Stride 2, seen from stride 1"),
      element(
        "div",
        { className: "stride-row" },
        this.dense.figure,
        this.sparse.figure,
        this.moved.root,
      ),
      this.words,
      this.said,
    );
  }

  /**
   * @param {Result} result
   * @param {Settings} s
   * @param {number} side Of the dense map, in CSS pixels.
   */
  draw(result, s, side) {
    const story = storyOf(result, s);
    this.found = story;
    this.phase = s.moved;
    const { dense, shown, computed } = story;
    const possible = dense.columns > 2 && dense.rows > 1;
    this.root.hidden = !possible;
    if (!possible) return;
    this.moved.update({ min: 0, max: 1, value: s.moved });
    const scale = makeScale(bounds(dense.values));
    /** @type {(grid: Grid, map: FeatureMap, words: string, size: number) => void} */
    const put = (grid, map, words, size) => {
      grid.set({
        height: map.rows,
        width: map.columns,
        values: map.values,
        scale,
        caption: `${words}, ${map.rows} × ${map.columns}`,
      });
      grid.draw(size);
    };
    const longest = Math.max(dense.rows, dense.columns);
    put(this.dense, dense, "Stride 1", side);
    put(
      this.sparse,
      shown,
      "Stride 2",
      Math.max(60, (side * Math.max(shown.rows, shown.columns)) / longest),
    );
    this.mark(null);
    for (const grid of [this.dense, this.sparse]) grid.pointAgain();
    const [difference, change] = [differenceOf(story), changeOf(story)];
    const products = s.kernel * s.kernel * result.borders.length;
    /** @param {number} value */
    const many = (value) => value.toLocaleString("en");
    Object.assign(this.root.dataset, { difference, change });
    const saved = 100 * (1 - computed.values.length / dense.values.length);
    this.words.textContent =
      `A window that moves two pixels at a time gives every second row and column of the map with stride 1: ` +
      `computed with stride 2, they differ by ${show(difference, 2)} at most. It takes ${many(computed.values.length * products)} multiplications instead of ${many(dense.values.length * products)}, ` +
      `${show(saved, 3)} % fewer, and the next layer sees twice as far. The price: move the picture by one pixel, and the columns that are kept are others. ` +
      `Their numbers differ by ${show(change, 3)} % (root mean square), where the map with stride 1 would only move.`;
  }

  /**
   * Frame cells of the dense map and of the other; without them, what is kept.
   * @param {[Frame[], Frame[]] | null} frames
   */
  mark(frames) {
    if (!this.found) return;
    const { dense, shown } = this.found;
    if (frames) {
      this.dense.mark(frames[0]);
      this.sparse.mark(frames[1]);
      return;
    }
    const few = dense.values.length <= 400;
    const cells = few
      ? Array.from({ length: shown.values.length }, (_, i) => ({
          row: 2 * Math.floor(i / shown.columns),
          column: 2 * (i % shown.columns) + this.phase,
          colour: MARKED,
        }))
      : [];
    this.dense.mark(cells);
    this.sparse.mark([]);
    this.said.textContent = few
      ? "What is kept is framed. Point at a number to find it in the other map."
      : "Point at a number to find it in the other map.";
  }

  /**
   * @param {Place | null} place
   * @param {number} stride In which of the maps it is.
   */
  point(place, stride) {
    if (!this.found) return;
    if (!place) {
      this.mark(null);
      return;
    }
    const { dense, shown } = this.found;
    const [row, column] = place;
    /** @type {Place} */
    const inDense = stride === 1 ? place : [2 * row, 2 * column + this.phase];
    /** @type {Place} */
    const back = [inDense[0] / 2, (inDense[1] - this.phase) / 2];
    const kept =
      back.every((each) => Number.isInteger(each) && each >= 0) &&
      back[0] < shown.rows &&
      back[1] < shown.columns;
    /** @type {(place: Place) => Frame[]} */
    const frame = ([y, x]) => [{ row: y, column: x, colour: MARKED }];
    this.mark([frame(inDense), kept ? frame(back) : []]);
    const value = show(dense.values[inDense[0] * dense.columns + inDense[1]], 5);
    this.said.textContent = `Row ${inDense[0]}, column ${inDense[1]} with stride 1: ${value}. ${kept ? `With stride 2 it is row ${back[0]}, column ${back[1]}.` : "With stride 2 it is never computed."}`;
  }
}
