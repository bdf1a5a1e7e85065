// A confusion matrix whose cells lead to the pictures behind them.
// Body: pictures, 28 x 28 bytes each. Trigger "settings": {truth, taken} as JSON.

import { MARKED, bitmap, element, inkOn, makeScale } from "./shared.js";
import { Grid, table } from "./grid.js";
import { foldAway, mountLab } from "./lab.js";

/** @import { Frame } from "./grid.js" */
/** @import { Folded, Lab } from "./lab.js" */
/** @import { Bytes, Component, Place, Sent } from "./types.js" */

/**
 * What Python sends.
 * @typedef {object} Header
 * @property {string[]} classes
 * @property {string[]} signs Their short names.
 * @property {number[]} counts Row by row: the row is what is shown, the column what it was taken for.
 * @property {number} truth The row of the chosen cell, -1 for all mistakes.
 * @property {number} taken Its column.
 * @property {string} words About the pictures.
 * @property {{ truth: number, taken: number, share: string }[]} pictures
 */

/**
 * @typedef {Lab<unknown, Header> & Folded & {
 *   at: Place | null,
 *   matrix: Matrix,
 *   rows: HTMLElement,
 *   columns: HTMLElement,
 *   said: HTMLElement,
 *   all: HTMLButtonElement,
 *   words: HTMLElement,
 *   gallery: HTMLElement,
 * }} Me `at` is the cell that is pointed at.
 */

const EDGE = 28;
const RIGHT = [29, 99, 184];
const WRONG = [245, 158, 11];

/** A grid of counts: those in the diagonal are right answers and blue, the others are mistakes. */
class Matrix extends Grid {
  /**
   * @param {(place: Place | null) => void} onPoint
   * @param {(place: Place) => void} onChoose
   */
  constructor(onPoint, onChoose) {
    super({ label: "Confusion matrix", onPoint, onEdit: () => {} });
    this.base.onclick = () => this.edit(this.at);
    this.onChoose = onChoose;
  }

  /** @param {Place | null} place */
  edit(place) {
    if (place) this.onChoose(place);
  }

  /** @param {number[]} counts */
  count(counts) {
    const n = Math.sqrt(counts.length);
    const totals = Array.from({ length: n }, (_, row) =>
      counts.slice(row * n, (row + 1) * n).reduce((a, b) => a + b, 0),
    );
    const worst = Math.max(1, ...counts.filter((_, i) => Math.floor(i / n) !== i % n));
    const colours = new Uint8Array(3 * counts.length);
    counts.forEach((value, i) => {
      const [row, column] = [Math.floor(i / n), i % n];
      const share = row === column ? value / Math.max(1, totals[row]) : Math.sqrt(value / worst);
      const colour = row === column ? RIGHT : WRONG;
      colours.set(
        colour.map((part) => 16 + (part - 16) * share),
        3 * i,
      );
    });
    this.set({
      height: n,
      width: n,
      values: counts,
      scale: makeScale([0, 1]),
      colours,
      caption: "Rows: what a picture shows. Columns: what it was taken for.",
    });
  }

  /** @param {CanvasRenderingContext2D} context */
  drawNumbers(context) {
    const { colours } = this;
    if (!colours) return;
    context.font = `${Math.min(16, this.cell * 0.42)}px system-ui, sans-serif`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    this.values.forEach((value, i) => {
      if (!value) return;
      context.fillStyle = inkOn(colours.subarray(3 * i, 3 * i + 3));
      const [row, column] = [Math.floor(i / this.width), i % this.width];
      context.fillText(String(value), (column + 0.5) * this.cell, (row + 0.5) * this.cell);
    });
  }
}

/** @type {Component<Sent>} */
export default function (given) {
  mountLab(given, { build, take, layOut });
}

/** @param {ParentNode} parent */
function build(parent) {
  const me = /** @type {Me} */ ({ at: null });
  /** @type {(truth: number, taken: number) => void} */
  const choose = (truth, taken) => me.send(JSON.stringify({ truth, taken }));
  me.matrix = new Matrix(
    (place) => {
      me.at = place;
      say(me);
    },
    ([row, column]) => choose(row, column),
  );
  me.rows = element("div", { className: "signs rows", aria: { hidden: "true" } });
  me.columns = element("div", { className: "signs columns", aria: { hidden: "true" } });
  me.matrix.stage.append(me.rows, me.columns);
  me.said = element("p", { className: "said", aria: { live: "polite" } });
  me.all = element("button", { type: "button" }, "All mistakes");
  me.all.onclick = () => choose(-1, -1);
  me.words = element("p", { className: "words", aria: { live: "polite" } });
  me.gallery = element("div", {
    className: "gallery",
    aria: { role: "list", label: "Pictures behind the chosen cell" },
  });
  const twin = foldAway(me, "The matrix as a table", drawTwin);
  me.root = element(
    "div",
    { className: "root lab mistakes" },
    element(
      "div",
      { className: "sides" },
      element(
        "div",
        { className: "matrix" },
        me.matrix.figure,
        me.said,
        element("div", { className: "row" }, me.all),
        twin,
      ),
      element("div", { className: "pictures" }, me.words, me.gallery),
    ),
  );
  parent.append(me.root);
  return me;
}

/**
 * @param {Me} me
 * @param {Bytes} body
 */
function take(me, body) {
  const { header } = me;
  me.gallery.replaceChildren(
    ...header.pictures.map(({ truth, taken, share }, index) => {
      const pixels = body.subarray(index * EDGE ** 2, (index + 1) * EDGE ** 2);
      const colours = new Uint8Array(3 * pixels.length);
      pixels.forEach((level, i) => {
        colours.fill(level, 3 * i, 3 * i + 3);
      });
      const canvas = bitmap(EDGE, EDGE, colours, "rgb");
      const words = `${header.classes[truth]} taken for ${header.classes[taken]}, ${share}`;
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", words);
      canvas.title = words;
      const sign =
        truth === taken ? header.signs[truth] : `${header.signs[truth]} → ${header.signs[taken]}`;
      return element(
        "figure",
        { aria: { role: "listitem" }, dataset: { truth, taken } },
        canvas,
        element("figcaption", {}, `${sign}, ${share}`),
      );
    }),
  );
  me.words.textContent = header.words;
  const hides = header.truth < 0;
  if (hides && me.all.matches(":focus")) me.matrix.base.focus();
  me.all.hidden = hides;
  me.root.dataset.counts = JSON.stringify(header.counts);
  layOut(me);
}

/** @param {Me} me */
function layOut(me) {
  if (!me.header || !me.root.clientWidth) return;
  const { header } = me;
  const n = header.classes.length;
  me.matrix.count(header.counts);
  me.matrix.draw(Math.min(36 * n, me.root.clientWidth - 40));
  const cell = me.matrix.cell;
  /** @param {"top" | "left"} place */
  const signs = (place) =>
    header.signs.map((sign, index) =>
      element(
        "span",
        { title: header.classes[index], style: { [place]: `${(index + 0.5) * cell}px` } },
        sign,
      ),
    );
  me.rows.replaceChildren(...signs("top"));
  me.columns.replaceChildren(...signs("left"));
  say(me);
  drawTwin(me);
}

/** @param {Me} me */
function say(me) {
  const { header, matrix } = me;
  /** @type {Frame[]} */
  const frames = [];
  if (header.truth >= 0) frames.push({ row: header.truth, column: header.taken, colour: MARKED });
  if (me.at) frames.push({ row: me.at[0], column: me.at[1] });
  matrix.mark(frames);
  if (!me.at) {
    me.said.textContent = "Point at a cell; click it, or press Enter, to see its pictures.";
    return;
  }
  const [row, column] = me.at;
  const n = header.classes.length;
  const count = header.counts[row * n + column];
  const total = header.counts.slice(row * n, (row + 1) * n).reduce((a, b) => a + b, 0);
  const [truth, taken] = [header.classes[row], header.classes[column]];
  me.said.textContent =
    row === column
      ? `${count} of ${total} pictures of “${truth}” were recognised.`
      : `${count} of ${total} pictures of “${truth}” were taken for “${taken}”.`;
}

/** @param {Me} me */
function drawTwin(me) {
  if (me.details.open)
    me.twin.replaceChildren(table("Confusion matrix", me.header.counts, me.header.classes.length));
}
