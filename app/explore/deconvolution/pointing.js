// Pointing at the maps of a stage: a number, and the part of the picture behind it.

/** @import { Cell, Deconvolution, DrawnTile, Panel, Stage } from "./types.js" */

import { show } from "../../canvas/figures.js";
import { MARKED, valueOfCode } from "../../canvas/shared.js";
import { isLast, stageOf } from "./tiles.js";

/**
 * Let a panel be pointed at, by mouse, finger and keyboard.
 * @param {Deconvolution} me
 * @param {Panel} made
 */
export function listen(me, made) {
  const { base } = made;
  base.tabIndex = 0;
  /** @param {PointerEvent} event */
  const point = (event) => {
    const bounds = base.getBoundingClientRect();
    const [x, y] = [event.clientX - bounds.left, event.clientY - bounds.top];
    const tile = made.tiles.findIndex(
      (each) => x >= each.x && y >= each.y && x < each.x + each.w && y < each.y + each.h,
    );
    me.at =
      tile < 0
        ? null
        : placeAt(
            made,
            tile,
            (y - made.tiles[tile].y) / made.tiles[tile].down,
            (x - made.tiles[tile].x) / made.tiles[tile].right,
          );
    me.value.setAttribute("aria-live", "off"); // a pointer would never let it finish
    mark(me);
  };
  base.onpointermove = base.onpointerdown = point;
  base.onpointerleave = (event) => {
    if (event.pointerType === "mouse") leave(me);
  };
  base.onblur = () => leave(me);
  base.onkeydown = (event) => {
    /** @type {Record<string, [number, number]>} */
    const moves = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
    if (event.key === "Escape") me.at = null;
    else if (event.key in moves) {
      const here = me.at?.name === made.name ? me.at : null;
      me.at = here ? step(made, here, ...moves[event.key]) : placeAt(made, 0, 0, 0);
    } else return;
    event.preventDefault();
    me.value.setAttribute("aria-live", "polite");
    mark(me);
  };
}

/** @param {Deconvolution} me */
function leave(me) {
  me.at = null;
  mark(me);
}

/**
 * @param {Panel} made
 * @param {number} tile
 * @param {number} row
 * @param {number} column
 * @returns {Cell}
 */
function placeAt(made, tile, row, column) {
  return { name: made.name, tile, row: Math.floor(row), column: Math.floor(column) };
}

/**
 * One cell on; over the edge of a tile is the next one.
 * @param {Panel} made
 * @param {Cell} cell
 * @param {number} down
 * @param {number} right
 */
function step(made, { tile, row, column }, down, right) {
  const { height, width } = made.tiles[tile];
  if (row + down < 0 || row + down >= height) {
    const next = tile + 2 * down;
    return made.tiles[next]
      ? placeAt(made, next, down > 0 ? 0 : height - 1, column)
      : placeAt(made, tile, row, column);
  }
  if (column + right < 0 || column + right >= width) {
    const next = tile + right;
    const beside = Math.floor(next / 2) === Math.floor(tile / 2) && made.tiles[next];
    return beside
      ? placeAt(made, next, row, right > 0 ? 0 : width - 1)
      : placeAt(made, tile, row, column);
  }
  return placeAt(made, tile, row + down, column + right);
}

/**
 * Mark what is pointed at and say what it is; mark what can differ from zero.
 * @param {Deconvolution} me
 */
export function mark(me) {
  const { before, after, part, photo } = me.panels;
  for (const each of [before, after, part, photo]) {
    each.context?.clearRect(0, 0, each.over.width, each.over.height);
  }
  const stage = stageOf(me);
  const [top, left, bottom, right] = me.header.crop;
  frame(photo, photo.tiles[0], top, left, bottom - top, right - left, MARKED);
  for (const each of [before, after]) {
    if (each.figure.hidden) continue;
    for (const tile of each.tiles) {
      if (isLast(me, tile.stage) || tile.stage.cells) continue;
      const { box } = tile.stage;
      frame(each, tile, box[0], box[1], box[2] - box[0], box[3] - box[1], MARKED, [4, 3]);
    }
  }
  drawSwitches(me, stage);
  const { at } = me;
  const found = at && me.panels[at.name].tiles[at.tile];
  if (!found || at.row >= found.height || at.column >= found.width) {
    me.value.textContent =
      "Point at a map, or walk over it with the arrow keys, to see a number and the part of the picture behind it.";
    return;
  }
  const [row, column] = [found.top + at.row, found.left + at.column];
  frame(me.panels[at.name], found, row, column, 1, 1, "#fff");
  const words = [valueWords(me, at, found)];
  if (isLast(me, found.stage)) {
    frame(part, part.tiles[0], row, column, 1, 1, "#fff");
    frame(photo, photo.tiles[0], row, column, 1, 1, "#fff");
  } else if (found.stage.field) {
    const [[height, down, y], [width, over, x]] = found.stage.field;
    frame(photo, photo.tiles[0], y + row * down, x + column * over, height, width, "#fff");
    words.push(`it stems from ${height} × ${width} pixels of the picture, framed in white`);
  }
  me.value.textContent = `${words.join("; ")}.`;
}

/**
 * Say the value of a cell.
 * @param {Deconvolution} me
 * @param {Cell} at
 * @param {DrawnTile} tile
 */
function valueWords(me, at, tile) {
  const [row, column] = [tile.top + at.row, tile.left + at.column];
  const { stage } = tile;
  if (isLast(me, stage)) {
    const first = 3 * (at.row * tile.width + at.column);
    const parts = ["red", "green", "blue"].map(
      (name, i) =>
        `${name} ${show(((me.painted[first + i] - 127.5) / 127.5) * me.header.painted.high, 2)}`,
    );
    return `Row ${row}, column ${column}: about ${stage.count === 1 ? parts[0].replace("red ", "") : parts.join(", ")}`;
  }
  const [, , height, width] = stage.tile;
  const [r, c] = [
    Math.floor((at.row * height) / tile.height),
    Math.floor((at.column * width) / tile.width),
  ];
  const value = valueOfCode(tile.codes?.[r * width + c] ?? 0, stage.range);
  if (stage.cells) {
    const unit = at.row * width + at.column;
    return unit < stage.cells
      ? `Unit ${unit} of ${stage.step}: about ${show(value, 3)}`
      : "No unit";
  }
  return `${stage.step}, channel ${stage.channels[tile.index]}, row ${row}, column ${column}: about ${show(value, 3)}`;
}

/**
 * Dots where each window of an undone pooling had found its maximum.
 * @param {Deconvolution} me
 * @param {Stage} stage
 */
function drawSwitches(me, stage) {
  const { context, tiles } = me.panels.after;
  if (!context || stage.switches === null || !tiles.length || tiles[0].down < 4) return;
  context.lineWidth = 1;
  for (const { index, x, y, height, width, down, right } of tiles) {
    const won = me.body.subarray(stage.switches + index * height * width);
    const radius = Math.min(4, down / 4);
    for (let i = 0; i < height * width; i++) {
      if (!won[i]) continue;
      context.beginPath();
      context.arc(
        x + ((i % width) + 0.5) * right,
        y + (Math.floor(i / width) + 0.5) * down,
        radius,
        0,
        2 * Math.PI,
      );
      context.fillStyle = "#fff";
      context.strokeStyle = "#000";
      context.fill();
      context.stroke();
    }
  }
}

/**
 * Frame a part of a map on a tile.
 * @param {Panel} made
 * @param {DrawnTile} tile
 * @param {number} row
 * @param {number} column
 * @param {number} height
 * @param {number} width
 * @param {string} colour
 * @param {number[]} [dash]
 */
function frame(made, tile, row, column, height, width, colour, dash = []) {
  if (!tile || !made.context) return;
  const { context } = made;
  context.save();
  context.beginPath();
  context.rect(tile.x, tile.y, tile.w, tile.h);
  context.clip();
  /** @type {[number, number, number, number]} */
  const box = [
    tile.x + (column - tile.left) * tile.right,
    tile.y + (row - tile.top) * tile.down,
    width * tile.right,
    height * tile.down,
  ];
  context.strokeStyle = "#000";
  context.lineWidth = 4;
  context.strokeRect(...box);
  context.setLineDash(dash);
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.strokeRect(...box);
  context.restore();
}
