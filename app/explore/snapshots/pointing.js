// Pointing at the maps: a value at every moment.

/** @import { Snapshots, Spot, TileFigure } from "./types.js" */

import { show } from "../../canvas/figures.js";
import { valueOfCode } from "../../canvas/shared.js";

/**
 * Let the maps be pointed at, by mouse, finger and keyboard.
 * @param {Snapshots} me
 */
export function listen(me) {
  const { base } = me.maps;
  base.tabIndex = 0;
  base.classList.add("pointable");
  /** @param {PointerEvent} event */
  const point = (event) => {
    const bounds = base.getBoundingClientRect();
    const [x, y] = [event.clientX - bounds.left, event.clientY - bounds.top];
    const index = me.maps.tiles.findIndex(
      (tile) => x >= tile.x && y >= tile.y && x < tile.x + tile.w && y < tile.y + tile.h,
    );
    const { height, width } = me.header.maps;
    const tile = me.maps.tiles[index];
    me.pointed = tile
      ? {
          index,
          row: Math.floor(((y - tile.y) / tile.h) * height),
          column: Math.floor(((x - tile.x) / tile.w) * width),
        }
      : null;
    me.tip.setAttribute("aria-live", "off"); // a pointer would never let it finish
    mark(me);
  };
  const leave = () => {
    me.pointed = null;
    mark(me);
  };
  base.onpointermove = base.onpointerdown = point;
  base.onpointerleave = (event) => {
    if (event.pointerType === "mouse") leave();
  };
  base.onblur = leave;
  base.onkeydown = (event) => {
    const { count, height, width, cells } = me.header.maps;
    const across = cells ? width : me.maps.columns;
    /** @type {Record<string, number>} */
    const moves = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across, ArrowUp: -across };
    if (event.key === "Escape") me.pointed = null;
    else if (event.key in moves) {
      const move = me.pointed ? moves[event.key] : 0;
      if (cells) {
        // over the units of a vector
        const unit = me.pointed ? me.pointed.row * width + me.pointed.column + move : 0;
        if (unit >= 0 && unit < cells)
          me.pointed = { index: 0, row: Math.floor(unit / width), column: unit % width };
      } else {
        // over the maps; their middle is looked at
        const index = (me.pointed?.index ?? 0) + move;
        if (index >= 0 && index < count)
          me.pointed = { index, row: height >> 1, column: width >> 1 };
      }
    } else return;
    event.preventDefault();
    me.tip.setAttribute("aria-live", "polite");
    mark(me);
  };
}

/**
 * Mark what is pointed at, and say what it is.
 * @param {Snapshots} me
 */
export function mark(me) {
  const { maps, kernels, channels, moments } = me.header;
  for (const each of [me.maps, me.kernels])
    each.context?.clearRect(0, 0, each.over.width, each.over.height);
  if (!me.pointed) {
    me.tip.textContent =
      "Point at a map, or walk over them with the arrow keys, to see a value at every moment.";
    return;
  }
  const { index, row, column } = me.pointed;
  const unit = row * maps.width + column;
  if (maps.cells && unit >= maps.cells) return;
  const tile = me.maps.tiles[index];
  const [w, h] = [tile.w / maps.width, tile.h / maps.height];
  // Of a vector it is one unit that is pointed at, of maps a whole one.
  frame(me.maps, maps.cells ? { x: tile.x + column * w, y: tile.y + row * h, w, h } : tile);
  if (kernels) frame(me.kernels, me.kernels.tiles[index]);
  const size = maps.height * maps.width;
  const values = moments.map((_, number) =>
    show(
      valueOfCode(me.codes[(number * maps.count + index) * size + unit], maps.ranges[number]),
      3,
    ),
  );
  const place = maps.cells
    ? `Unit ${unit}`
    : `Channel ${channels[index]}, row ${placeIn(row, maps.height, maps.size[0])}, column ${placeIn(column, maps.width, maps.size[1])}`;
  me.tip.textContent = `${place}: about ${values.join(" → ")}.`;
}

/**
 * The place in the whole map that a pixel of a shrunk one begins at.
 * @param {number} index
 * @param {number} shown How many pixels the shrunk one has.
 * @param {number} size
 */
function placeIn(index, shown, size) {
  return Math.floor((index * size) / shown);
}

/**
 * @param {TileFigure} figure
 * @param {Spot} spot
 */
function frame({ context }, { x, y, w, h }) {
  if (!context) return;
  for (const { ink, width } of [
    { ink: "#000", width: 4 },
    { ink: "#fff", width: 2 },
  ]) {
    context.strokeStyle = ink;
    context.lineWidth = width;
    context.strokeRect(x + 1, y + 1, w - 2, h - 2);
  }
}
