// The terms of a sum, one row each: input, patch × kernel, contribution, running total. Only the rows
// in sight are made, so that thousands scroll as smoothly as twelve.

import { show, signed } from "../../canvas/figures.js";
import { drawScaled, element, makeScale, sharpen } from "../../canvas/shared.js";
import { bounds } from "../../canvas/lab.js";
import { orderOf } from "./letters.js";
import { INK, MINUS, PLUS, paintBar, paintCells, paintFrame, rangeOf } from "./painting.js";
import { tileOf } from "./places.js";
import { cellsInWords } from "./words.js";

/** @import { Sum } from "./letters.js" */
/** @import { Range } from "./painting.js" */
/** @import { InputTiles, Settings } from "./state.js" */

const FIRST = 12;
const MORE = 100;
const THUMB = 40;

/** @typedef {{root: HTMLElement, term: number, go: HTMLButtonElement}} Row */

/** @typedef {{count: number, sum: number}} Rest The terms that are not shown, and their sum. */

export class Terms {
  /** @type {Sum | null} */
  sum = null;
  /** @type {number[]} */
  ranked = []; // the terms in their order
  running = new Float64Array(); // what they add up to, one by one
  patchScale = makeScale([0, 0]);
  weightScale = makeScale([0, 0]);
  shown = FIRST; // so many of them
  /** @type {number | null} */
  selected = null; // the term that is pointed at
  /** @type {number | null} */
  until = null; // how far the sum is shown; null shows it all
  current = 0; // where the keyboard is, in the order
  /** @type {Map<number, Row>} */
  rows = new Map(); // those that are made, by their place in the order
  /** @type {Range} */
  barRange = [0, 1];
  /** @type {Range} */
  lineRange = [0, 1];
  narrow = false;
  width = 0; // all of these in CSS pixels
  cell = 0;
  tall = 0; // of a cell
  cells = 0; // room for patch and kernel
  rowHeight = 0;

  /**
   * @param {object} given
   * @param {(term: number) => void} given.onSelect Called with a term that is pointed at or focused.
   * @param {(term: number) => void} given.onGo Called with a term whose input is asked for.
   */
  constructor({ onSelect, onGo }) {
    this.onSelect = onSelect;
    this.onGo = onGo;
    this.heads = element("div", { className: "term-heads" });
    this.spacer = element("div", {
      className: "spacer",
      aria: { role: "list", label: "Terms of the sum" },
    });
    this.scroller = element("div", { className: "term-scroller" }, this.spacer);
    this.more = element("div", { className: "row more" });
    this.foot = element("div", { className: "term-foot" });
    this.root = element(
      "div",
      { className: "terms" },
      this.heads,
      this.scroller,
      this.more,
      this.foot,
    );
    this.scroller.onscroll = () => this.render();
    this.spacer.onkeydown = (event) => this.move(event);
  }

  /**
   * Take the terms of one sum.
   * @param {Sum} sum
   * @param {Settings["order"]} order
   */
  set(sum, order) {
    const fresh = !this.sum || this.sum.count !== sum.count || this.sum.id !== sum.id;
    this.sum = sum;
    if (fresh) {
      this.shown = Math.min(FIRST, sum.count);
      this.current = 0;
    }
    this.ranked = orderOf(sum, order);
    this.running = new Float64Array(sum.count);
    let total = 0;
    this.ranked.forEach((term, i) => {
      total += sum.contributions[term];
      this.running[i] = total;
    });
    this.patchScale = sum.patchScale;
    if (sum.weights) this.weightScale = makeScale(bounds(sum.weights));
    this.selected = this.ranked[Math.min(this.current, sum.count - 1)] ?? null;
  }

  /**
   * @param {Sum} sum
   * @returns {Rest}
   */
  rest(sum) {
    const shown = this.running[this.shown - 1] ?? 0;
    return { count: sum.count - this.shown, sum: (this.running[sum.count - 1] ?? 0) - shown };
  }

  /** @param {number} width In CSS pixels. */
  draw(width) {
    const { sum } = this;
    if (!sum) return;
    const rest = this.rest(sum);
    this.measure(sum, width);
    this.root.classList.toggle("narrow", this.narrow);
    this.root.style.setProperty("--cells", `${this.cells}px`);
    this.barRange = rangeOf(sum.contributions, [rest.count ? rest.sum : 0, sum.bias ?? 0]);
    this.lineRange = rangeOf(this.running, sum.partial ? [] : [sum.total]);
    for (const row of this.rows.values()) row.root.remove();
    this.rows.clear();
    this.spacer.style.height = `${this.shown * this.rowHeight}px`;
    const inSight = Math.min(this.shown, Math.max(4, Math.floor(560 / this.rowHeight)));
    this.scroller.style.maxHeight = `${inSight * this.rowHeight}px`;
    this.drawHeads(sum);
    this.drawMore(sum, rest);
    this.drawFoot(sum, rest);
    this.render();
  }

  /**
   * Say how large cells and rows are.
   * @param {Sum} sum
   * @param {number} width
   */
  measure({ height, width: across, weights }, width) {
    this.width = width;
    this.narrow = width < 560;
    const longest = Math.max(height, across);
    const room = this.narrow
      ? Math.min(104, (width - 190) / (weights ? 2 : 1))
      : width < 720
        ? 108
        : 132;
    this.cell = Math.max(2, Math.min(longest === 1 ? 54 : 44, Math.floor(room / longest)));
    this.tall = Math.min(this.cell, 27);
    this.cells = (weights ? 2 : 1) * across * this.cell + (weights ? 22 : 0);
    const tall = Math.max(THUMB + 4, height * this.tall + 4) + (this.narrow ? 26 : 4);
    this.rowHeight = Math.ceil(tall);
  }

  /** @param {Sum} sum */
  drawHeads(sum) {
    /** @param {string} className @param {string} words */
    const span = (className, words) => element("span", { className }, words);
    this.heads.replaceChildren(
      span("who", sum.noun),
      span("cells", sum.heads[0]),
      span("product", `= ${sum.heads[1]}`),
      span(
        "bars",
        `from ${show(this.barRange[0], 2)} to ${show(this.barRange[1], 2)}, and the running total`,
      ),
      span("after", "in all"),
    );
  }

  /**
   * @param {Sum} sum
   * @param {Rest} rest
   */
  drawMore({ count }, rest) {
    /** @param {number} wanted */
    const grow = (wanted) => () => {
      this.shown = Math.min(count, wanted);
      this.draw(this.width);
      this.focusRow(Math.min(this.current, this.shown - 1));
    };
    /** @param {string} words @param {() => void} act */
    const button = (words, act) =>
      Object.assign(element("button", { type: "button" }, words), { onclick: act });
    const words = rest.count
      ? `${this.shown.toLocaleString("en")} of ${count.toLocaleString("en")} shown, scroll to see them.`
      : "";
    this.more.replaceChildren(element("span", { className: "faint" }, words));
    if (rest.count > MORE) this.more.append(button(`${MORE} more`, grow(this.shown + MORE)));
    if (rest.count) this.more.append(button(`All ${count.toLocaleString("en")}`, grow(count)));
    if (this.shown > FIRST) this.more.append(button(`Only the first ${FIRST}`, grow(FIRST)));
  }

  /**
   * @param {Sum} sum
   * @param {Rest} rest
   */
  drawFoot(sum, rest) {
    const before = this.running[this.shown - 1] ?? 0;
    const lines = [];
    if (rest.count) {
      const words = `the other ${rest.count.toLocaleString("en")} together`;
      lines.push(this.footLine("rest", words, rest.sum, before, before + rest.sum));
    }
    const all = before + rest.sum;
    if (sum.bias !== null)
      lines.push(this.footLine("bias", sum.biasWords, sum.bias, all, all + sum.bias));
    this.foot.replaceChildren(...lines, this.totalLine(sum));
  }

  /**
   * A line below the rows: what is added, and what is before and after it.
   * @param {string} className
   * @param {string} words
   * @param {number} value
   * @param {number} before
   * @param {number} after
   */
  footLine(className, words, value, before, after) {
    const canvas = element("canvas", { className: "bars" });
    const line = element(
      "div",
      { className: `term ${className}`, dataset: { value } },
      element("span", { className: "who" }, words),
      element("span", { className: "product number" }, signed(value)),
      canvas,
      element("span", { className: "after number" }, show(after)),
    );
    queueMicrotask(() => this.paintBars(canvas, value, before, after));
    return line;
  }

  /** @param {Sum} sum */
  totalLine({ value, total, partial, heads }) {
    if (partial) {
      return element(
        "p",
        { className: "subtotal" },
        element(
          "b",
          { className: "number" },
          `${heads[2]}: ${show(this.running[this.running.length - 1], 6)}`,
        ),
      );
    }
    const apart = Math.abs(total - value);
    const same = show(total, 6) === show(value, 6);
    const differs =
      apart > 0 ? ` They differ by ${show(apart, 2)}: the network adds up in 32 bits.` : "";
    return element(
      "p",
      { className: "total", dataset: { total, value } },
      element("b", { className: "number" }, `Sum ${show(total, 6)}`),
      same ? " = " : " ≈ ",
      element("b", { className: "number" }, `${show(value, 6)} in the map.`),
      element("span", { className: "faint number" }, differs),
    );
  }

  /** Make the rows in sight; those out of sight go, but for the one that has the focus. */
  render() {
    const { sum } = this;
    if (!sum || !this.rowHeight) return;
    const top = this.scroller.scrollTop;
    const tall = this.scroller.clientHeight || this.rowHeight * FIRST;
    const first = Math.max(0, Math.floor(top / this.rowHeight) - 1);
    const last = Math.min(this.shown - 1, Math.ceil((top + tall) / this.rowHeight));
    const { activeElement } = /** @type {ShadowRoot} */ (this.root.getRootNode());
    for (const [index, row] of this.rows) {
      if ((index < first || index > last) && !row.root.contains(activeElement)) {
        row.root.remove();
        this.rows.delete(index);
      }
    }
    for (let index = first; index <= last; index++) {
      if (!this.rows.has(index)) this.rows.set(index, this.makeRow(sum, index));
    }
    this.refresh();
  }

  /**
   * @param {Sum} sum
   * @param {number} index In the order.
   * @returns {Row}
   */
  makeRow(sum, index) {
    const term = this.ranked[index];
    const value = sum.contributions[term];
    const thumb = sum.tiles ? element("canvas", { className: "thumb" }) : null;
    const name = sum.names(term);
    const go = element(
      "button",
      {
        type: "button",
        className: "go",
        tabIndex: index === this.current ? 0 : -1,
        title: sum.goWords(term),
        aria: {
          label: `${name}: adds ${show(value)}, in all ${show(this.running[index])}. ${sum.goWords(term)}`,
        },
      },
      ...(thumb ? [thumb] : []),
      element("span", { className: "who number" }, sum.short(term)),
    );
    const cells = element("canvas", {
      className: "cells",
      aria: { role: "img", label: cellsInWords(sum, term) },
    });
    const bars = element("canvas", { className: "bars" });
    const root = element(
      "div",
      {
        className: "term",
        aria: { role: "listitem" },
        dataset: { channel: sum.channels[term], contribution: value },
        style: { top: `${index * this.rowHeight}px`, height: `${this.rowHeight}px` },
      },
      go,
      cells,
      element("span", { className: "product number" }, signed(value)),
      bars,
      element("span", { className: "after number" }, show(this.running[index])),
    );
    go.onclick = () => this.onGo(term);
    go.onfocus = () => {
      this.current = index;
      this.select(term);
    };
    root.onpointerenter = () => this.select(term);
    this.spacer.append(root);
    if (thumb && sum.tiles) this.paintThumb(thumb, sum, sum.tiles, term);
    this.paintRow(cells, sum, term);
    this.paintBars(bars, value, this.running[index - 1] ?? 0, this.running[index]);
    return { root, term, go };
  }

  /**
   * The input of a term, with the window on it.
   * @param {HTMLCanvasElement} canvas
   * @param {Sum} sum
   * @param {InputTiles} tiles
   * @param {number} term
   */
  paintThumb(canvas, sum, tiles, term) {
    const scale = THUMB / Math.max(tiles.height, tiles.width);
    const [w, h] = [tiles.width * scale, tiles.height * scale];
    const context = sharpen(canvas, w, h);
    drawScaled(context, tileOf(tiles, sum.channels[term]), 0, 0, w, h);
    const [top, left, bottom, right] = sum.window ?? [0, 0, 0, 0];
    const [down, across] = [h / tiles.mapHeight, w / tiles.mapWidth];
    const [x, y] = [Math.max(0.5, left * across), Math.max(0.5, top * down)];
    const wide = Math.max(3, Math.min(w - 0.5, right * across) - x);
    const tall = Math.max(3, Math.min(h - 0.5, bottom * down) - y);
    paintFrame(context, [x, y, wide, tall], "#fff", 1, 2.5);
  }

  /**
   * Patch × kernel.
   * @param {HTMLCanvasElement} canvas
   * @param {Sum} sum
   * @param {number} term
   */
  paintRow(canvas, sum, term) {
    const { cell, tall } = this;
    const count = sum.height * sum.width;
    const context = sharpen(canvas, this.cells, sum.height * tall);
    const shape = { height: sum.height, width: sum.width };
    /** @param {Float32Array} values */
    const of = (values) => values.subarray(term * count, (term + 1) * count);
    paintCells(
      context,
      { x: 0, cell, tall },
      { ...shape, values: of(sum.patches), scale: this.patchScale, outside: sum.outside },
    );
    if (!sum.weights) return;
    context.fillStyle = INK;
    context.font = "15px system-ui, sans-serif";
    context.fillText("×", sum.width * cell + 11, (sum.height * tall) / 2);
    paintCells(
      context,
      { x: sum.width * cell + 22, cell, tall },
      { ...shape, values: of(sum.weights), scale: this.weightScale },
    );
  }

  /**
   * The contribution from its zero line, and how the running total moves, each on one scale.
   * @param {HTMLCanvasElement} canvas
   * @param {number} value
   * @param {number} before
   * @param {number} after
   */
  paintBars(canvas, value, before, after) {
    const width = Math.max(60, canvas.parentElement ? this.barWidth() : 60);
    const tall = this.narrow ? 18 : Math.min(this.rowHeight - 6, 34);
    const context = sharpen(canvas, width, tall);
    const half = (width - 14) / 2;
    paintBar(context, { x: 0, width: half, y: 6, height: tall - 12 }, value, this.barRange);
    /** @param {number} number */
    const at = (number) =>
      half + 14 + ((number - this.lineRange[0]) / (this.lineRange[1] - this.lineRange[0])) * half;
    context.fillStyle = "rgb(128 128 128 / 60%)";
    context.fillRect(at(0) - 0.5, 0, 1, tall);
    if (!Number.isFinite(after) || !Number.isFinite(before)) return;
    context.fillStyle = value < 0 ? MINUS : PLUS;
    context.fillRect(
      Math.min(at(before), at(after)),
      tall / 2 - 2,
      Math.abs(at(after) - at(before)),
      4,
    );
    context.fillStyle = INK;
    context.fillRect(at(after) - 1.5, 3, 3, tall - 6);
  }

  barWidth() {
    return Math.floor(this.narrow ? this.width - 24 : this.width - 96 - this.cells - 78 - 76 - 44);
  }

  /** @param {number} term */
  select(term) {
    this.selected = term;
    this.refresh();
    this.onSelect(term);
  }

  /** Show which term is selected, and which are still to come while they are added one by one. */
  refresh() {
    for (const [index, { root, term, go }] of this.rows) {
      root.classList.toggle("selected", term === this.selected);
      root.classList.toggle("still", this.until !== null && index > this.until);
      go.tabIndex = index === this.current ? 0 : -1;
    }
    const lines = this.foot.children;
    for (let i = 0; i < lines.length; i++) {
      lines[i].classList.toggle("still", this.until !== null && this.shown + i > this.until);
    }
  }

  /** How many steps it takes to add everything up: the rows shown and the lines below them. */
  steps() {
    return this.sum ? this.shown + this.foot.children.length : 0;
  }

  /**
   * Show the sum up to a step; null shows it all.
   * @param {number | null} step
   */
  showUntil(step) {
    this.until = step;
    if (step !== null && step < this.shown) {
      this.current = step;
      this.keepInSight(step);
      this.render();
      this.select(this.ranked[step]);
    } else this.refresh();
  }

  /** @param {number} index In the order. */
  keepInSight(index) {
    const [top, bottom] = [index * this.rowHeight, (index + 1) * this.rowHeight];
    const { scrollTop, clientHeight } = this.scroller;
    if (top < scrollTop) this.scroller.scrollTop = top;
    else if (bottom > scrollTop + clientHeight) this.scroller.scrollTop = bottom - clientHeight;
  }

  /** @param {number} index In the order. */
  focusRow(index) {
    this.current = index;
    this.keepInSight(index);
    this.render();
    this.rows.get(index)?.go.focus({ preventScroll: true });
  }

  /** @param {KeyboardEvent} event */
  move(event) {
    /** @type {Record<string, number>} */
    const moves = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: 8,
      PageUp: -8,
      Home: -this.shown,
      End: this.shown,
    };
    if (!(event.key in moves) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.focusRow(Math.max(0, Math.min(this.shown - 1, this.current + moves[event.key])));
  }
}
