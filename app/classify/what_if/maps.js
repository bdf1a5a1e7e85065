// Maps of two steps, the chosen one and a later one: before, after and their difference, on one
// scale of colours. What is pointed at is read in all three.

/** @import { Choice } from "../../canvas/controls.js" */
/** @import { Point, Scale } from "../../canvas/types.js" */
/** @import { WhatIf } from "./what_if.js" */

import { show } from "../../canvas/figures.js";
import {
  FRAME_GREY,
  bitmap,
  drawScaled,
  element,
  legend,
  makeScale,
  paletteOf,
  sharpen,
  valueOfCode,
} from "../../canvas/shared.js";
import { choice } from "../../canvas/controls.js";

/**
 * The maps of a step that differ most, before, after and their difference.
 * @typedef {object} Maps
 * @property {string} step
 * @property {string} shape
 * @property {string} operation
 * @property {number[]} channels that are shown
 * @property {number} cells how many units a vector has; 0 for maps
 * @property {string} noun
 * @property {number} at where the codes begin in the body
 * @property {number} height
 * @property {number} width
 * @property {[number, number]} scale
 * @property {string} words how many numbers of the step have changed
 */

/**
 * What is pointed at.
 * @typedef {object} Spot
 * @property {number} map which of those that are shown
 * @property {number} row
 * @property {number} column
 */

/**
 * The maps of one step, as they are shown. What follows from the maps and the room comes later.
 * @typedef {object} Look
 * @property {HTMLCanvasElement} base
 * @property {HTMLCanvasElement} over
 * @property {Spot | null} at
 * @property {HTMLElement} head
 * @property {HTMLElement} title
 * @property {HTMLElement} legend
 * @property {HTMLElement} said
 * @property {HTMLElement} root
 * @property {Maps} given
 * @property {Scale} scale
 * @property {Uint8Array} codes
 * @property {HTMLCanvasElement[]} tiles
 * @property {number} wide of one map, in CSS pixels
 * @property {number} tall
 * @property {CanvasRenderingContext2D} pen
 */

/**
 * @typedef {object} MapsParts
 * @property {Look[]} looks
 * @property {Choice<string>} laterChoice
 * @property {HTMLElement} mapsPanel
 */

const ROWS = ["before", "after", "difference"];
/** @type {[colour: string, thick: number][]} */
const MARK = [
  ["#000", 4],
  ["#fff", 2],
]; // around what is pointed at
const MAP_GAP = 4;
const LABEL_PX = 18; // above the maps
const SIDE_PX = 74; // beside them

/** @param {WhatIf} me */
export function buildMaps(me) {
  me.looks = [makeLook(), makeLook()];
  me.laterChoice = choice({
    label: "And a later step",
    help: "",
    options: [["", ""]],
    onChoose: (later) => me.set({ later }),
  });
  me.looks[1].head.prepend(me.laterChoice.root);
  me.mapsPanel = element("div", { className: "looks" }, ...me.looks.map(({ root }) => root));
}

function makeLook() {
  const base = element("canvas", {
    className: "base pointable",
    tabIndex: 0,
    aria: { role: "application" },
  });
  const over = element("canvas", { className: "over" });
  const head = element("div", { className: "look-head" });
  const title = element("h3", {});
  const ruler = element("div");
  const said = element("p", { className: "faint number read", aria: { live: "polite" } });
  const stage = element("div", { className: "stage" }, base, over);
  const root = element("div", { className: "look" }, head, title, ruler, stage, said);
  /** @type {Partial<Look>} */
  const begun = { base, over, at: null, head, title, legend: ruler, said, root };
  const look = /** @type {Look} */ (begun);
  /** @param {PointerEvent} event */
  const place = (event) => {
    const box = base.getBoundingClientRect();
    look.said.setAttribute("aria-live", "off"); // a pointer would never let it finish
    pointAt(look, whereIs(look, event.clientX - box.left, event.clientY - box.top));
  };
  base.onpointermove = base.onpointerdown = place;
  base.onpointerleave = (event) => {
    if (event.pointerType === "mouse") pointAt(look, null);
  };
  base.onblur = () => pointAt(look, null);
  base.onkeydown = (event) => walkMaps(look, event);
  return look;
}

/** @param {WhatIf} me */
export function takeMaps(me) {
  const { header } = me;
  me.looks.forEach((look, index) => {
    const given = header.maps[index];
    const { at } = look;
    const gone =
      at && (at.map >= given.channels.length || at.row >= given.height || at.column >= given.width);
    if (look.given?.step !== given.step || gone) look.at = null;
    look.given = given;
    look.scale = makeScale(given.scale);
    const palette = paletteOf(look.scale, given.cells > 0);
    const size = given.width * given.height;
    const count = 3 * given.channels.length;
    look.codes = me.body.subarray(given.at, given.at + count * size);
    look.tiles = Array.from({ length: count }, (_, i) =>
      bitmap(given.width, given.height, look.codes.subarray(i * size, (i + 1) * size), palette),
    );
  });
}

/** @param {WhatIf} me */
export function drawMaps(me) {
  me.laterChoice.update({ value: me.s.later });
  for (const look of me.looks) drawLook(me, look);
}

/**
 * @param {WhatIf} me
 * @param {Look} look
 */
function drawLook(me, look) {
  const { given } = look;
  const columns = given.channels.length;
  const room = look.root.clientWidth - SIDE_PX;
  if (room <= 0) return;
  const most = given.cells ? 320 : 96;
  look.wide = Math.max(8, Math.min(most, Math.floor(room / columns) - MAP_GAP));
  look.tall = Math.max(8, Math.round((look.wide * given.height) / given.width));
  const which = given.cells
    ? `its ${given.cells.toLocaleString("en")} units`
    : given.channels.length === 1
      ? "its map"
      : `the ${columns} maps that ${me.header.answer.same ? "are strongest" : "differ most"}`;
  look.title.textContent = `${given.step}: ${which}`;
  look.legend.replaceChildren(legend(look.scale, `one scale for all; ${given.words}`));
  const width = SIDE_PX + columns * (look.wide + MAP_GAP);
  const height = LABEL_PX + 3 * (look.tall + MAP_GAP);
  const context = sharpen(look.base, width, height);
  const style = getComputedStyle(me.root);
  context.font = `12px ${style.fontFamily}`;
  context.fillStyle = style.color;
  context.textBaseline = "middle";
  ROWS.forEach((row, i) => {
    context.fillText(row, 0, LABEL_PX + i * (look.tall + MAP_GAP) + look.tall / 2);
  });
  context.textAlign = "center";
  if (!given.cells)
    given.channels.forEach((channel, i) => {
      context.fillText(
        String(channel),
        SIDE_PX + i * (look.wide + MAP_GAP) + look.wide / 2,
        LABEL_PX / 2,
      );
    });
  look.tiles.forEach((tile, i) => {
    const [x, y] = cornerOf(look, i);
    if (!given.cells) {
      context.fillStyle = FRAME_GREY;
      context.fillRect(x - 0.5, y - 0.5, look.wide + 1, look.tall + 1);
    }
    drawScaled(context, tile, x, y, look.wide, look.tall);
  });
  look.pen = sharpen(look.over, width, height);
  look.base.setAttribute(
    "aria-label",
    `${look.title.textContent}, before, after and their difference; ${given.words}. Arrow keys read the values, page up and page down go from map to map.`,
  );
  pointAt(look, look.at);
}

/**
 * @param {Look} look
 * @param {number} tile
 * @returns {Point}
 */
function cornerOf(look, tile) {
  const columns = look.given.channels.length;
  return [
    SIDE_PX + (tile % columns) * (look.wide + MAP_GAP),
    LABEL_PX + Math.floor(tile / columns) * (look.tall + MAP_GAP),
  ];
}

/**
 * What is under a place of the canvas.
 * @param {Look} look
 * @param {number} x
 * @param {number} y
 * @returns {Spot | null}
 */
function whereIs(look, x, y) {
  const map = Math.floor((x - SIDE_PX) / (look.wide + MAP_GAP));
  const line = Math.floor((y - LABEL_PX) / (look.tall + MAP_GAP));
  const [left, top] = [
    x - SIDE_PX - map * (look.wide + MAP_GAP),
    y - LABEL_PX - line * (look.tall + MAP_GAP),
  ];
  const outside =
    map < 0 ||
    line < 0 ||
    line > 2 ||
    map >= look.given.channels.length ||
    left >= look.wide ||
    top >= look.tall;
  if (outside) return null;
  return {
    map,
    row: Math.floor((top / look.tall) * look.given.height),
    column: Math.floor((left / look.wide) * look.given.width),
  };
}

/**
 * @param {Look} look
 * @param {Spot | null} at
 */
function pointAt(look, at) {
  const { given, pen } = look;
  if (!pen) return;
  pen.clearRect(0, 0, look.over.width, look.over.height);
  const cell = at ? at.row * given.width + at.column : 0;
  look.at = given.cells && cell >= given.cells ? null : at;
  if (!at || !look.at) {
    look.said.textContent = "Point at a map to read it.";
    return;
  }
  const columns = given.channels.length;
  const size = given.width * given.height;
  const words = ROWS.map((row, i) => {
    const [x, y] = cornerOf(look, i * columns + at.map);
    const [w, h] = [look.wide / given.width, look.tall / given.height];
    for (const [colour, thick] of MARK) {
      pen.strokeStyle = colour;
      pen.lineWidth = thick;
      pen.strokeRect(x + at.column * w, y + at.row * h, Math.max(3, w), Math.max(3, h));
    }
    return `${row} ≈ ${show(valueOfCode(look.codes[(i * columns + at.map) * size + cell], look.scale), 3)}`;
  });
  const where = given.cells
    ? `unit ${cell}`
    : `channel ${given.channels[at.map]}, row ${at.row}, column ${at.column}`;
  look.said.textContent = `${given.step}, ${where}: ${words.join(", ")}`;
}

/**
 * @param {Look} look
 * @param {KeyboardEvent} event
 */
function walkMaps(look, event) {
  const { given } = look;
  const at = look.at ?? { map: 0, row: 0, column: 0 };
  /** @type {Record<string, Partial<Spot>>} */
  const moves = {
    ArrowRight: { column: at.column + 1 },
    ArrowLeft: { column: at.column - 1 },
    ArrowDown: { row: at.row + 1 },
    ArrowUp: { row: at.row - 1 },
    PageDown: { map: at.map + 1 },
    PageUp: { map: at.map - 1 },
  };
  if (event.key === "Escape") pointAt(look, null);
  else if (event.key in moves) {
    const next = { ...at, ...(look.at ? moves[event.key] : {}) };
    const inside =
      next.row >= 0 &&
      next.column >= 0 &&
      next.map >= 0 &&
      next.row < given.height &&
      next.column < given.width &&
      next.map < given.channels.length;
    if (inside) pointAt(look, next);
  } else return;
  look.said.setAttribute("aria-live", "polite");
  event.preventDefault();
}
