// A matrix as a picture: coloured cells, with numbers where there is room. Cells can be pointed at,
// walked over with the arrow keys and, if it is editable, changed.

import { show } from "./figures.js";
import {
  MARKED,
  bitmap,
  colourOf,
  contextOf,
  drawScaled,
  element,
  inkOn,
  makeScale,
  sharpen,
} from "./shared.js";

/** @import { Box, Numbers, Place, Scale } from "./types.js" */

export const NUMBER_PX = 22; // cells smaller than this carry no number
const HIDDEN = "rgb(128 128 128 / 18%)";

/**
 * @typedef {object} GridOptions
 * @property {string} label What it is called for screen readers and above it.
 * @property {(place: Place | null) => void} [onPoint] Called with what is pointed at, or null when
 *   nothing is any more.
 * @property {((row: number, column: number, value: number) => void) | null} [onEdit] Called with the
 *   new number; without it nothing can be changed.
 * @property {number} [largest] What can be typed, up or down.
 */

/**
 * What a grid shows.
 * @typedef {object} Matrix
 * @property {number} height In cells.
 * @property {number} width
 * @property {Numbers} values Row by row.
 * @property {Scale} scale As made by `makeScale`.
 * @property {number[]} [border] How many of the outermost cells are padding: top, left, bottom, right.
 * @property {number} [shown] How many cells, row by row, are shown already; the rest is still to come.
 * @property {Uint8Array | null} [colours] RGB bytes instead of the scale's colours, for photographs.
 * @property {string} [caption]
 */

/**
 * Cells to be framed.
 * @typedef {object} Frame
 * @property {number} row
 * @property {number} column
 * @property {number} [height] In cells.
 * @property {number} [width]
 * @property {string} [colour]
 * @property {string | null} [fill]
 */

export class Grid {
  height = 0;
  width = 0;
  /** @type {Numbers} */
  values = [];
  /** @type {Scale} */
  scale = makeScale([0, 0]);
  /** @type {number[]} */
  border = [0, 0, 0, 0];
  shown = Infinity;
  /** @type {Uint8Array | null} */
  colours = null;
  cell = 0; // the edge of a cell, in CSS pixels
  /** @type {CanvasRenderingContext2D | null} */
  context = null; // of what is framed
  /** @type {Place | null} */
  at = null; // what is pointed at
  /** @type {Place} */
  home = [0, 0]; // where the keyboard starts

  /** @param {GridOptions} options */
  constructor({ label, onPoint = () => {}, onEdit = null, largest = Number.MAX_VALUE }) {
    this.label = label;
    this.onPoint = onPoint;
    this.onEdit = onEdit;
    this.largest = largest;
    this.base = element("canvas", {
      className: "base pointable",
      tabIndex: 0,
      aria: { role: "application", label },
    });
    this.over = element("canvas", { className: "over" });
    this.stage = element("div", { className: "stage" }, this.base, this.over);
    this.caption = element("figcaption", {}, label);
    this.figure = element("figure", { className: "grid" }, this.caption, this.stage);
    this.listen();
  }

  /**
   * Show values.
   * @param {Matrix} matrix
   */
  set({
    height,
    width,
    values,
    scale,
    border = [0, 0, 0, 0],
    shown = Infinity,
    colours = null,
    caption,
  }) {
    Object.assign(this, { height, width, values, scale, border, shown, colours });
    if (caption) this.caption.textContent = caption;
    if (this.at && !this.holds(...this.at)) this.at = null;
  }

  /**
   * Draw it into a square of that many CSS pixels.
   * @param {number} side
   */
  draw(side) {
    this.cell = side / Math.max(this.height, this.width);
    if (this.cell > 4) this.cell = Math.floor(this.cell);
    const [w, h] = [Math.max(1, this.width * this.cell), Math.max(1, this.height * this.cell)];
    const context = sharpen(this.base, w, h);
    this.context = sharpen(this.over, w, h);
    drawScaled(context, this.picture(), 0, 0, w, h);
    if (this.cell >= 8) this.drawLines(context, w, h);
    if (this.cell >= NUMBER_PX) this.drawNumbers(context);
  }

  picture() {
    const count = this.height * this.width;
    const colours = this.colours ?? coloursOf(this.values, this.scale, Math.min(count, this.shown));
    const made = bitmap(this.width, this.height, colours, "rgb");
    const context = contextOf(made);
    context.fillStyle = HIDDEN;
    for (let i = Math.max(0, this.shown); i < count; i++) {
      context.clearRect(i % this.width, Math.floor(i / this.width), 1, 1);
      context.fillRect(i % this.width, Math.floor(i / this.width), 1, 1);
    }
    return made;
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} w
   * @param {number} h
   */
  drawLines(context, w, h) {
    context.strokeStyle = "rgb(128 128 128 / 45%)";
    context.lineWidth = 1;
    context.beginPath();
    for (let c = 1; c < this.width; c++) {
      context.moveTo(c * this.cell + 0.5, 0);
      context.lineTo(c * this.cell + 0.5, h);
    }
    for (let r = 1; r < this.height; r++) {
      context.moveTo(0, r * this.cell + 0.5);
      context.lineTo(w, r * this.cell + 0.5);
    }
    context.stroke();
    const [top, left, bottom, right] = this.border;
    if (top || left || bottom || right) {
      context.setLineDash([4, 3]);
      context.strokeStyle = MARKED;
      context.lineWidth = 2;
      context.strokeRect(
        left * this.cell,
        top * this.cell,
        (this.width - left - right) * this.cell,
        (this.height - top - bottom) * this.cell,
      );
      context.setLineDash([]);
    }
  }

  /** @param {CanvasRenderingContext2D} context */
  drawNumbers(context) {
    const count = Math.min(this.shown, this.values.length);
    const texts = Array.from(this.values.slice(0, count), (value) =>
      show(value, this.cell < 34 ? 2 : 3),
    );
    const longest = Math.max(1, ...texts.map((text) => text.length));
    const size = Math.min(16, this.cell * 0.42, (this.cell * 1.5) / longest);
    if (size < 8) return; // the numbers are said when they are pointed at
    context.font = `${size}px system-ui, sans-serif`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    texts.forEach((text, i) => {
      const [row, column] = [Math.floor(i / this.width), i % this.width];
      context.fillStyle = inkOn(
        this.colours?.subarray(3 * i, 3 * i + 3) ?? colourOf(this.values[i], this.scale),
      );
      context.fillText(text, (column + 0.5) * this.cell, (row + 0.5) * this.cell);
    });
  }

  /**
   * Frame cells; replaces what was framed.
   * @param {Frame[]} frames
   */
  mark(frames) {
    if (!this.context) return;
    this.context.clearRect(0, 0, this.base.width, this.base.height);
    for (const { row, column, height = 1, width = 1, colour = "#fff", fill = null } of frames) {
      /** @type {Box} */
      const box = [column * this.cell, row * this.cell, width * this.cell, height * this.cell];
      if (fill) {
        this.context.fillStyle = fill;
        this.context.fillRect(...box);
      }
      for (const { stroke, line } of [
        { stroke: "#000", line: 4 },
        { stroke: colour, line: 2 },
      ]) {
        this.context.strokeStyle = stroke;
        this.context.lineWidth = this.cell < 6 && stroke === "#000" ? 3 : line;
        this.context.strokeRect(...box);
      }
    }
  }

  /**
   * @param {number} row
   * @param {number} column
   */
  holds(row, column) {
    return row >= 0 && column >= 0 && row < this.height && column < this.width;
  }

  /** @param {Place | null} place */
  point(place) {
    this.at = place;
    this.onPoint(place);
  }

  /** Say again what is pointed at, after it was drawn anew. */
  pointAgain() {
    if (this.at) this.onPoint(this.at);
  }

  listen() {
    /** @type {(event: MouseEvent) => Place | null} */
    const place = (event) => {
      const bounds = this.base.getBoundingClientRect();
      const row = Math.floor((event.clientY - bounds.top) / this.cell);
      const column = Math.floor((event.clientX - bounds.left) / this.cell);
      return this.holds(row, column) ? [row, column] : null;
    };
    this.base.onpointermove = (event) => this.point(place(event));
    this.base.onpointerleave = (event) => {
      if (event.pointerType === "mouse") this.point(null);
    };
    this.base.onpointerdown = (event) => this.point(place(event));
    this.base.ondblclick = (event) => this.edit(place(event));
    this.base.onblur = () => this.point(null);
    this.base.onkeydown = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      /** @type {Record<string, Place>} */
      const moves = {
        ArrowRight: [0, 1],
        ArrowLeft: [0, -1],
        ArrowDown: [1, 0],
        ArrowUp: [-1, 0],
      };
      if (event.key === "Escape" && this.at) this.point(null);
      else if (event.key in moves) {
        const [down, right] = this.at ? moves[event.key] : [0, 0];
        const [row, column] = this.at ?? this.home;
        if (this.holds(row + down, column + right)) this.point([row + down, column + right]);
      } else if (this.onEdit && this.at && (event.key === "Enter" || /^[-0-9.]$/.test(event.key))) {
        this.edit(this.at, event.key === "Enter" ? null : event.key);
      } else return;
      event.preventDefault();
    };
  }

  /**
   * Let the visitor type a number into a cell.
   * @param {Place | null} place
   * @param {string | null} [begun] What was typed already.
   */
  edit(place, begun = null) {
    if (!place || !this.onEdit) return;
    const { onEdit } = this;
    const [row, column] = place;
    const old = this.values[row * this.width + column];
    const field = element("input", {
      className: "cell",
      type: "text",
      inputMode: "decimal",
      value: begun ?? String(Number(old.toPrecision(6))),
      aria: { label: `Number in row ${row}, column ${column}` },
      style: {
        left: `${column * this.cell}px`,
        top: `${row * this.cell}px`,
        width: `${Math.max(44, this.cell)}px`,
        height: `${Math.max(26, this.cell)}px`,
      },
    });
    let done = false;
    /** @param {boolean} keep */
    const finish = (keep) => {
      if (done) return;
      done = true;
      const value = Number(field.value.replace(",", ".").replace("−", "-"));
      field.remove();
      this.base.focus();
      this.point(place);
      if (keep && field.value.trim() && Math.abs(value) <= this.largest) onEdit(row, column, value);
    };
    field.onkeydown = (event) => {
      event.stopPropagation();
      if (event.key === "Enter") finish(true);
      if (event.key === "Escape") finish(false);
    };
    field.onblur = () => finish(true);
    this.stage.append(field);
    field.focus();
    if (!begun) field.select();
  }
}

export const STEPS = 2048; // of the colours of a large grid: more than a screen can show

/**
 * The colours of a scale from its lowest possible value to the highest, as RGB bytes.
 * @param {Scale} scale
 */
export function tableOf(scale) {
  const table = new Uint8Array(3 * (STEPS + 1));
  for (let i = 0; i <= STEPS; i++)
    table.set(colourOf(((2 * i) / STEPS - 1) * scale.high, scale), 3 * i);
  return table;
}

/**
 * The colours of the first `count` values as RGB bytes; black for the rest.
 * @param {Numbers} values
 * @param {Scale} scale
 * @param {number} count
 */
export function coloursOf(values, scale, count) {
  const bytes = new Uint8Array(3 * values.length);
  const table = count > 2 * STEPS && scale.high > 0 && !scale.constant ? tableOf(scale) : null;
  for (let i = 0; i < count; i++) {
    const value = values[i];
    if (table && Number.isFinite(value)) {
      const at =
        3 * Math.max(0, Math.min(STEPS, Math.round(((value / scale.high + 1) * STEPS) / 2)));
      bytes[3 * i] = table[at];
      bytes[3 * i + 1] = table[at + 1];
      bytes[3 * i + 2] = table[at + 2];
    } else bytes.set(colourOf(value, scale), 3 * i);
  }
  return bytes;
}

/**
 * Numbers as an HTML table: the text twin of a grid.
 * @param {string} caption
 * @param {Numbers} values
 * @param {number} width
 */
export function table(caption, values, width) {
  const lines = [];
  for (let i = 0; i < values.length; i += width) {
    const cells = Array.from(values.slice(i, i + width), (value) =>
      element("td", { dataset: { value } }, show(value, 6)),
    );
    lines.push(element("tr", {}, ...cells));
  }
  return element("table", {}, element("caption", {}, caption), ...lines);
}
