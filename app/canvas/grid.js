// A matrix as a picture: coloured cells, with numbers where there is room. Cells can be pointed at,
// walked over with the arrow keys and, if it is editable, changed.

import { bitmap, colourOf, drawScaled, element, sharpen, show } from "./shared.js";

export const NUMBER_PX = 22; // cells smaller than this carry no number
const LARGEST_NUMBER = 1e6; // what is larger cannot be added exactly in 32 bits
const HIDDEN = "rgb(128 128 128 / 18%)";

export class Grid {
  /**
   * @param label What it is called for screen readers and above it.
   * @param onPoint Called with [row, column], or null when nothing is pointed at any more.
   * @param onEdit Called with row, column and the new number; without it nothing can be changed.
   */
  constructor({ label, onPoint = () => {}, onEdit = null }) {
    Object.assign(this, { label, onPoint, onEdit, at: null, home: [0, 0] }); // the keyboard starts at home
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
   * @param height, width Cells.
   * @param values Row by row.
   * @param scale As made by `makeScale`.
   * @param border How many of the outermost cells are padding: [top, left, bottom, right].
   * @param shown How many cells, row by row, are shown already; the rest is still to come.
   * @param colours RGB bytes instead of the scale's colours, for photographs.
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

  /** Draw it into a square of that many CSS pixels. */
  draw(side) {
    this.cell = side / Math.max(this.height, this.width);
    if (this.cell > 4) this.cell = Math.floor(this.cell);
    const [w, h] = [Math.max(1, this.width * this.cell), Math.max(1, this.height * this.cell)];
    const context = sharpen(this.base, w, h);
    this.context = sharpen(this.over, w, h);
    drawScaled(context, this.picture(), 0, 0, w, h);
    if (this.cell >= 8) this.drawLines(context, w, h);
    if (this.cell >= NUMBER_PX) this.drawNumbers(context);
    this.marked = [];
  }

  picture() {
    const count = this.height * this.width;
    const colours = this.colours ?? coloursOf(this.values, this.scale, Math.min(count, this.shown));
    const made = bitmap(this.width, this.height, colours, "rgb");
    const context = made.getContext("2d");
    context.fillStyle = HIDDEN;
    for (let i = Math.max(0, this.shown); i < count; i++) {
      context.clearRect(i % this.width, Math.floor(i / this.width), 1, 1);
      context.fillRect(i % this.width, Math.floor(i / this.width), 1, 1);
    }
    return made;
  }

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
      context.strokeStyle = "#f59e0b";
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
      const [r, g, b] =
        this.colours?.subarray(3 * i, 3 * i + 3) ?? colourOf(this.values[i], this.scale);
      context.fillStyle = 0.3 * r + 0.59 * g + 0.11 * b > 130 ? "#000" : "#fff";
      context.fillText(text, (column + 0.5) * this.cell, (row + 0.5) * this.cell);
    });
  }

  /** Frame cells: a list of {row, column, height, width, colour}; replaces what was framed. */
  mark(frames) {
    if (!this.context) return;
    this.context.clearRect(0, 0, this.base.width, this.base.height);
    for (const { row, column, height = 1, width = 1, colour = "#fff", fill = null } of frames) {
      const box = [column * this.cell, row * this.cell, width * this.cell, height * this.cell];
      if (fill) {
        this.context.fillStyle = fill;
        this.context.fillRect(...box);
      }
      for (const [stroke, line] of [
        ["#000", 4],
        [colour, 2],
      ]) {
        this.context.strokeStyle = stroke;
        this.context.lineWidth = this.cell < 6 && stroke === "#000" ? 3 : line;
        this.context.strokeRect(...box);
      }
    }
  }

  holds(row, column) {
    return row >= 0 && column >= 0 && row < this.height && column < this.width;
  }

  point(place) {
    this.at = place;
    this.onPoint(place);
  }

  /** Say again what is pointed at, after it was drawn anew. */
  pointAgain() {
    if (this.at) this.onPoint(this.at);
  }

  listen() {
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

  /** Let the visitor type a number into a cell. */
  edit(place, begun = null) {
    if (!place || !this.onEdit) return;
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
    const finish = (keep) => {
      if (done) return;
      done = true;
      const value = Number(field.value.replace(",", ".").replace("−", "-"));
      field.remove();
      this.base.focus();
      this.point(place);
      if (keep && field.value.trim() && Math.abs(value) <= LARGEST_NUMBER)
        this.onEdit(row, column, value);
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

/** The colours of a scale from its lowest possible value to the highest, as RGB bytes. */
export function tableOf(scale) {
  const table = new Uint8Array(3 * (STEPS + 1));
  for (let i = 0; i <= STEPS; i++)
    table.set(colourOf(((2 * i) / STEPS - 1) * scale.high, scale), 3 * i);
  return table;
}

/** The colours of the first `count` values as RGB bytes; black for the rest. */
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

/** Numbers as an HTML table: the text twin of a grid. */
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
