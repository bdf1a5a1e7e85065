// What joins the cells of the small layer: every edge to its class, and the way of a pixel into the
// vector.

import { MARKED, colourOf, cssOf, makeScale, sharpen } from "../../canvas/shared.js";
import { bounds } from "../../canvas/lab.js";
import { added } from "./arithmetic.js";

/** @import { Grid } from "../../canvas/grid.js" */
/** @import { Point } from "../../canvas/types.js" */
/** @import { FinalLayer } from "./types.js" */

/**
 * What each class has so far: all, or the products up to the present step.
 * @param {FinalLayer} me
 */
export function sumsSoFar(me) {
  const { toy, player } = me;
  const { at } = player;
  if (at === null || at >= toy.vector.length) return toy.logits;
  return toy.products.map((line) => added(line.slice(0, at + 1)));
}

/**
 * What is pointed at, or what the player is at: a cell, a class, or both.
 * @param {FinalLayer} me
 */
export function focusOf(me) {
  if (me.pointed) return { cell: null, unit: null, ...me.pointed };
  const { at } = me.player;
  return { cell: at !== null && at < me.toy.vector.length ? at : null, unit: null };
}

/** @param {FinalLayer} me */
export function edgeScale(me) {
  const { toy, s } = me;
  return makeScale(bounds([0, ...(s.edges === "weights" ? toy.weights : toy.products).flat()]));
}

/**
 * @param {FinalLayer} me
 * @param {number | null} cell
 * @param {number | null} unit
 */
export function drawEdges(me, cell, unit) {
  const { flat, toy, s, player } = me;
  const { width, height, cell: edge } = flat.size;
  const { context } = flat;
  if (!context) return;
  const values = s.edges === "weights" ? toy.weights : toy.products;
  const scale = edgeScale(me);
  const far = player.at === null ? Infinity : player.at;
  context.fillStyle = cssOf(colourOf(0, scale));
  context.fillRect(0, 0, width, height);
  const lines = values.flatMap((line, k) =>
    line.map((value, f) => {
      const named = cell !== null || unit !== null;
      const bright = named && (cell === null || cell === f) && (unit === null || unit === k);
      const alpha = bright
        ? 1
        : f > far
          ? 0.04
          : named
            ? player.at === null || me.pointed
              ? 0.1
              : 0.4
            : 0.9;
      return { value, k, f, alpha, bright };
    }),
  );
  lines.sort(
    (one, two) =>
      Number(one.bright) - Number(two.bright) || Math.abs(one.value) - Math.abs(two.value),
  );
  for (const { value, k, f, alpha, bright } of lines) {
    context.globalAlpha = alpha;
    context.strokeStyle = cssOf(colourOf(value, scale));
    context.lineWidth = 0.6 + (3.4 * Math.abs(value)) / (scale.high || 1) + (bright ? 0.8 : 0);
    context.beginPath();
    const [y0, y1] = [(f + 0.5) * edge, ((k + 0.5) * height) / s.classes];
    context.moveTo(0, y0);
    context.bezierCurveTo(width * 0.4, y0, width * 0.6, y1, width, y1);
    context.stroke();
  }
  context.globalAlpha = 1;
}

/**
 * The way of one pixel into the vector: a line, or on the move while the player goes on.
 * @param {FinalLayer} me
 */
export function drawLinks(me) {
  const { flat, toy, player } = me;
  const home = flat.network.getBoundingClientRect();
  const context = sharpen(flat.over, home.width, home.height);
  const slide = flat.slide ?? 0;
  const next = player.at === null ? Infinity : player.at + 1;
  const moving = slide > 0 && next < toy.vector.length && !me.pointed;
  const cell = moving ? next : focusOf(me).cell;
  if (cell === null || !home.width) return;
  const [c, y, x] = toy.places[cell];
  /** @type {(grid: Grid, row: number, column: number) => Point} */
  const centre = (grid, row, column) => {
    const box = grid.base.getBoundingClientRect();
    return [
      box.left - home.left + (column + 0.5) * grid.cell,
      box.top - home.top + (row + 0.5) * grid.cell,
    ];
  };
  const from = centre(flat.maps[c], y, x);
  const to = centre(flat.vector, cell, 0);
  context.strokeStyle = MARKED;
  context.lineWidth = 2;
  if (!moving) {
    context.beginPath();
    context.moveTo(from[0] + flat.maps[c].cell / 2, from[1]);
    context.lineTo(to[0] - flat.vector.cell / 2, to[1]);
    context.stroke();
    return;
  }
  const [left, top] = from.map((start, i) => start + (to[i] - start) * slide);
  const size = flat.maps[c].cell + (flat.vector.cell - flat.maps[c].cell) * slide;
  context.fillStyle = cssOf(colourOf(toy.vector[cell], makeScale(bounds([0, ...toy.vector]))));
  context.fillRect(left - size / 2, top - size / 2, size, size);
  context.strokeRect(left - size / 2, top - size / 2, size, size);
}
