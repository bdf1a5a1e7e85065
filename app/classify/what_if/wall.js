// The wall on which channels are chosen: a tile for each, by pointer and by keys.

/** @import { Point, Scale } from "../../canvas/types.js" */
/** @import { WhatIf } from "./what_if.js" */

import { show } from "../../canvas/figures.js";
import {
  FRAME_GREY,
  bitmap,
  drawScaled,
  legend,
  makeScale,
  paletteOf,
  sharpen,
} from "../../canvas/shared.js";
import { focusBeside } from "../focus.js";
import { writeRanges } from "./codes.js";

/**
 * A tile for every channel of a step, as it is after the change.
 * @typedef {object} Wall
 * @property {string} step
 * @property {number} at where the codes begin in the body
 * @property {number} count
 * @property {number} height
 * @property {number} width
 * @property {[number, number]} scale
 * @property {(number | null)[]} strengths mean magnitudes; null for what is not a number
 * @property {number[]} changed channels
 * @property {(number | null)[] | null} drops by how much the first class falls if one alone is muted, once that is known
 * @property {string[]} [dropWords]
 */

/**
 * @typedef {object} WallParts
 * @property {HTMLCanvasElement} wallBase
 * @property {HTMLCanvasElement} wallOver
 * @property {HTMLElement} wallScroller
 * @property {HTMLElement} wallLegend
 * @property {HTMLElement} wallSaid
 * @property {HTMLInputElement} channels the chosen ones as text
 * @property {{ kind: string, button: HTMLButtonElement }[]} kindButtons what can be done to them
 * @property {Set<number>} selected
 * @property {number | null} cursor the channel that the keyboard is at
 * @property {number | null} anchor where a range begins
 * @property {number | null} told the channel that was spoken of last
 * @property {string} wallOf network and step
 * @property {Scale} wallScale
 * @property {HTMLCanvasElement[]} wallTiles
 * @property {number[]} order of the channels on the wall
 * @property {number} tile edge of one, in CSS pixels
 * @property {number} across how many stand in a row
 * @property {string} noun what a channel is called
 * @property {CanvasRenderingContext2D} [wallPen]
 */

const TILE_GAP = 3;
const WALL_TALL = 300; // of the visible part, in CSS pixels

/** @param {WhatIf} me */
export function takeWall(me) {
  const { header } = me;
  const { wall } = header;
  const wallOf = `${header.network}/${wall.step}`;
  if (me.wallOf !== wallOf) {
    me.selected = new Set();
    me.cursor = null;
    me.anchor = null;
    me.told = null;
    me.wallSaid.textContent = "";
    me.wallOf = wallOf;
  }
  me.wallScale = makeScale(wall.scale);
  const palette = paletteOf(me.wallScale, false);
  const size = wall.width * wall.height;
  me.wallTiles = Array.from({ length: wall.count }, (_, i) =>
    bitmap(
      wall.width,
      wall.height,
      me.body.subarray(wall.at + i * size, wall.at + (i + 1) * size),
      palette,
    ),
  );
  me.order = Array.from({ length: wall.count }, (_, i) => i);
  const { drops } = wall;
  if (drops) me.order.sort((a, b) => (drops[b] ?? 0) - (drops[a] ?? 0));
}

/** @param {WhatIf} me */
export function drawWall(me) {
  const { wall } = me.header;
  const room = me.network.clientWidth - 16;
  if (me.network.hidden || room <= 0) return;
  const edge = Math.sqrt((room * WALL_TALL) / wall.count) - TILE_GAP;
  me.tile = Math.floor(Math.max(18, Math.min(54, edge)));
  me.across = Math.max(1, Math.floor((room + TILE_GAP) / (me.tile + TILE_GAP)));
  const rows = Math.ceil(wall.count / me.across);
  const [width, height] = [
    Math.min(me.across, wall.count) * (me.tile + TILE_GAP) + 4,
    rows * (me.tile + TILE_GAP) + 4,
  ];
  const context = sharpen(me.wallBase, width, height);
  me.wallPen = sharpen(me.wallOver, width, height);
  context.imageSmoothingQuality = "high";
  me.order.forEach((channel, position) => {
    const [x, y] = wallCorner(me, position);
    context.fillStyle = FRAME_GREY;
    context.fillRect(x - 0.5, y - 0.5, me.tile + 1, me.tile + 1);
    drawScaled(context, me.wallTiles[channel], x, y, me.tile, me.tile);
  });
  const noun = me.header.steps.find(({ name }) => name === wall.step)?.noun ?? "";
  me.noun = noun;
  const changed = wall.changed.length ? `; ${wall.changed.length} changed (dashed)` : "";
  me.wallLegend.replaceChildren(
    legend(
      me.wallScale,
      `${wall.step} as it is now, ${wall.count.toLocaleString("en")} ${noun}s${changed}`,
    ),
  );
  me.wallBase.setAttribute(
    "aria-label",
    `${wall.count} ${noun}s of ${wall.step}. Arrow keys move, space chooses, shift and arrows choose a range, Escape chooses none.`,
  );
  showSelection(me);
  if (me.told !== null) sayChannel(me, me.told);
}

/**
 * @param {WhatIf} me
 * @param {number} position
 * @returns {Point}
 */
function wallCorner(me, position) {
  return [
    (position % me.across) * (me.tile + TILE_GAP) + 2,
    Math.floor(position / me.across) * (me.tile + TILE_GAP) + 2,
  ];
}

/** @param {WhatIf} me */
export function showSelection(me) {
  const count = me.selected.size;
  if (me.channels !== focusBeside(me.root)) me.channels.value = writeRanges(me.selected);
  const whole = count === me.header.wall.count;
  for (const { kind, button } of me.kindButtons) {
    button.disabled = !count || (whole && kind === "keep");
    button.title = !count
      ? "Choose channels first."
      : button.disabled
        ? "To keep all changes nothing."
        : me.header.kinds[kind][1];
  }
  const pen = me.wallPen;
  if (!pen) return;
  pen.clearRect(0, 0, me.wallOver.width, me.wallOver.height);
  const style = getComputedStyle(me.root);
  const accent = style.getPropertyValue("--st-primary-color");
  const changed = new Set(me.header.wall.changed);
  me.order.forEach((channel, position) => {
    const [x, y] = wallCorner(me, position);
    /** @type {(colour: string, thick: number, dash?: number[]) => void} */
    const frame = (colour, thick, dash = []) => {
      pen.strokeStyle = colour;
      pen.lineWidth = thick;
      pen.setLineDash(dash);
      pen.strokeRect(x + 0.5, y + 0.5, me.tile - 1, me.tile - 1);
    };
    if (changed.has(channel)) {
      frame("#fff", 2);
      frame("#b45309", 2, [4, 3]);
    }
    if (me.selected.has(channel)) {
      frame(accent, 4);
      pen.fillStyle = accent;
      pen.fillRect(x, y, 11, 11);
      pen.fillStyle = "#fff";
      pen.font = "bold 10px sans-serif";
      pen.fillText("✓", x + 1.5, y + 9);
    }
    if (channel === me.cursor) frame(style.color, 2);
  });
}

/**
 * @param {WhatIf} me
 * @param {number} channel
 */
function sayChannel(me, channel) {
  me.told = channel;
  const { wall } = me.header;
  const drop = wall.dropWords ? `, muted alone: ${wall.dropWords[channel]}` : "";
  const state = me.selected.has(channel) ? ", chosen" : "";
  me.wallSaid.textContent = `${me.noun} ${channel}, mean magnitude ${show(wall.strengths[channel], 3)}${drop}${state}`;
}

/** @param {WhatIf} me */
export function listenToWall(me) {
  /** @param {MouseEvent} event */
  const where = (event) => {
    const box = me.wallBase.getBoundingClientRect();
    const [column, row] = [event.clientX - box.left, event.clientY - box.top].map((each) =>
      Math.floor((each - 2) / (me.tile + TILE_GAP)),
    );
    return column >= 0 && column < me.across && row >= 0
      ? me.order[row * me.across + column]
      : undefined;
  };
  /** @param {number} channel */
  const reach = (channel) => {
    const [from, to] = [me.anchor ?? channel, channel]
      .map((each) => me.order.indexOf(each))
      .sort((a, b) => a - b);
    for (const each of me.order.slice(from, to + 1)) me.selected.add(each);
  };
  /** @param {number} channel */
  const toggle = (channel) => {
    if (me.selected.has(channel)) me.selected.delete(channel);
    else me.selected.add(channel);
    me.anchor = channel;
  };
  me.wallBase.onpointermove = (event) => {
    const at = where(event);
    if (at === undefined) return;
    me.wallSaid.setAttribute("aria-live", "off"); // a pointer would never let it finish
    sayChannel(me, at);
  };
  me.wallBase.onclick = (event) => {
    const at = where(event);
    if (at === undefined) return;
    if (event.shiftKey) reach(at);
    else toggle(at);
    me.cursor = at;
    sayChannel(me, at);
    showSelection(me);
  };
  me.wallBase.onblur = () => {
    me.cursor = null;
    showSelection(me);
  };
  me.wallBase.onkeydown = (event) => {
    const place = me.cursor === null ? -1 : me.order.indexOf(me.cursor);
    const last = me.order.length - 1;
    /** @type {Record<string, number>} */
    const moves = {
      ArrowRight: place + 1,
      ArrowLeft: place - 1,
      ArrowDown: place + me.across,
      ArrowUp: place - me.across,
      Home: 0,
      End: last,
    };
    if (event.key in moves) {
      me.cursor = me.order[Math.max(0, Math.min(last, place < 0 ? 0 : moves[event.key]))];
      if (event.shiftKey) reach(me.cursor);
    } else if ((event.key === " " || event.key === "Enter") && me.cursor !== null)
      toggle(me.cursor);
    else if (event.key === "Escape") me.selected = new Set();
    else return;
    event.preventDefault();
    me.wallSaid.setAttribute("aria-live", "polite");
    if (me.cursor !== null) {
      const [, y] = wallCorner(me, me.order.indexOf(me.cursor));
      if (y < me.wallScroller.scrollTop) me.wallScroller.scrollTop = y - TILE_GAP;
      else if (y + me.tile > me.wallScroller.scrollTop + me.wallScroller.clientHeight)
        me.wallScroller.scrollTop = y + me.tile + TILE_GAP - me.wallScroller.clientHeight;
      sayChannel(me, me.cursor);
    }
    showSelection(me);
  };
}
