// The terms of a sum, one row each: input, patch × kernel, contribution, running total. Only the rows
// in sight are made, so that thousands scroll as smoothly as twelve.

import { show, signed } from "../../canvas/figures.js";
import {
  MARKED,
  NEGATIVE,
  POSITIVE,
  along,
  colourOf,
  cssOf,
  drawScaled,
  element,
  makeScale,
  sharpen,
} from "../../canvas/shared.js";
import { NUMBER_PX } from "../../canvas/grid.js";
import { bounds } from "../../canvas/lab.js";
import { tileOf } from "./places.js";

const FIRST = 12;
const MORE = 100;
const THUMB = 40;
const INK = "rgb(136 136 136)"; // to be seen on light and dark, whichever comes next
const [PLUS, MINUS] = [POSITIVE, NEGATIVE].map((stops) => cssOf(along(stops, 0.68)));

/** A row of numbers as bars from a zero line, all on one scale. */
export function paintBar(context, { x, width, y, height }, value, range) {
  const at = (number) => x + ((number - range[0]) / (range[1] - range[0])) * width;
  if (Number.isFinite(value)) {
    context.fillStyle = value < 0 ? MINUS : PLUS;
    const [from, to] = [at(0), at(value)];
    context.fillRect(Math.min(from, to), y, Math.max(1, Math.abs(to - from)), height);
  }
  context.fillStyle = INK;
  context.fillRect(at(0) - 0.5, y - 3, 1, height + 6);
}

/** Cells in the colours of their values, with numbers where there is room. */
function paintCells(
  context,
  { x, y, cell, tall = cell },
  { height, width, values, scale, outside = () => false },
) {
  context.textAlign = "center";
  context.textBaseline = "middle";
  const numbers = cell >= NUMBER_PX + 3;
  const size = Math.max(8, Math.min(12, tall * 0.45, cell * 0.25)); // one for all: "−0.044" has room
  for (let i = 0; i < height * width; i++) {
    const [row, column] = [Math.floor(i / width), i % width];
    const [r, g, b] = colourOf(values[i], scale);
    const [left, top] = [x + column * cell, y + row * tall];
    context.fillStyle = `rgb(${Math.round(r)} ${Math.round(g)} ${Math.round(b)})`;
    context.fillRect(left, top, cell - 0.5, tall - 0.5);
    const light = 0.3 * r + 0.59 * g + 0.11 * b > 130;
    if (outside(row, column)) {
      // padding
      context.strokeStyle = light ? "#000" : MARKED;
      context.setLineDash([2, 2]);
      context.lineWidth = 1;
      context.strokeRect(left + 1, top + 1, cell - 2.5, tall - 2.5);
      context.setLineDash([]);
    }
    if (!numbers) continue;
    const precise = show(values[i], cell < 50 ? 2 : 3);
    const text = precise.length * size * 0.6 > cell - 2 ? show(values[i], 1) : precise;
    context.font = `${size}px system-ui, sans-serif`;
    context.fillStyle = light ? "#000" : "#fff";
    context.fillText(text, left + cell / 2, top + tall / 2);
  }
}

/** Smallest and largest of numbers, zero included, never of width zero. */
export function rangeOf(...lists) {
  let [low, high] = [0, 0];
  for (const list of lists) {
    for (const value of list) {
      if (value < low && Number.isFinite(value)) low = value;
      if (value > high && Number.isFinite(value)) high = value;
    }
  }
  return low === high ? [low - 1, high + 1] : [low, high];
}

export class Terms {
  /**
   * @param onSelect Called with the number of the term that is pointed at or focused.
   * @param onGo Called with the number of the term whose input is asked for.
   */
  constructor({ onSelect, onGo }) {
    Object.assign(this, {
      onSelect,
      onGo,
      rows: new Map(),
      shown: FIRST,
      selected: null,
      until: null,
      current: 0,
    });
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
   * @param sum height, width, patches, weights (or null), contributions, channels, names, rows,
   *   columns, bias, total, value, tiles.
   * @param order "rank" or "index".
   */
  set(sum, order) {
    const fresh = !this.sum || this.sum.count !== sum.count || this.sum.id !== sum.id;
    Object.assign(this, { sum, order });
    if (fresh) Object.assign(this, { shown: Math.min(FIRST, sum.count), current: 0 });
    this.ranked = orderOf(sum, order);
    this.running = new Float64Array(sum.count);
    let total = 0;
    this.ranked.forEach((term, i) => {
      total += sum.contributions[term];
      this.running[i] = total;
    });
    this.patchScale = sum.patchScale;
    this.weightScale = sum.weights ? makeScale(bounds(sum.weights)) : null;
    this.selected = this.ranked[Math.min(this.current, sum.count - 1)] ?? null;
  }

  rest() {
    const shown = this.running[this.shown - 1] ?? 0;
    return {
      count: this.sum.count - this.shown,
      sum: (this.running[this.sum.count - 1] ?? 0) - shown,
    };
  }

  draw(width) {
    this.width = width;
    const { sum } = this;
    const rest = this.rest();
    const narrow = width < 560;
    const longest = Math.max(sum.height, sum.width);
    const room = narrow
      ? Math.min(104, (width - 190) / (sum.weights ? 2 : 1))
      : width < 720
        ? 108
        : 132;
    const cell = Math.max(2, Math.min(longest === 1 ? 54 : 44, Math.floor(room / longest)));
    const tall = Math.min(cell, 27);
    const cells = (sum.weights ? 2 : 1) * sum.width * cell + (sum.weights ? 22 : 0);
    const height = Math.max(THUMB + 4, sum.height * tall + 4) + (narrow ? 26 : 4);
    Object.assign(this, { narrow, cell, tall, cells, rowHeight: Math.ceil(height) });
    this.root.classList.toggle("narrow", narrow);
    this.root.style.setProperty("--cells", `${cells}px`);
    this.barRange = rangeOf(sum.contributions, [rest.count ? rest.sum : 0, sum.bias ?? 0]);
    this.lineRange = rangeOf(this.running, sum.partial ? [] : [sum.total]);
    for (const row of this.rows.values()) row.root.remove();
    this.rows.clear();
    this.spacer.style.height = `${this.shown * this.rowHeight}px`;
    this.scroller.style.maxHeight = `${Math.min(this.shown, Math.max(4, Math.floor(560 / this.rowHeight))) * this.rowHeight}px`;
    this.drawHeads();
    this.drawMore(rest);
    this.drawFoot(rest);
    this.render();
  }

  drawHeads() {
    const { sum } = this;
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

  drawMore(rest) {
    const grow = (count) => () => {
      this.shown = Math.min(this.sum.count, count);
      this.draw(this.width);
      this.focusRow(Math.min(this.current, this.shown - 1));
    };
    const button = (words, act) =>
      Object.assign(element("button", { type: "button" }, words), { onclick: act });
    const { count } = this.sum;
    const words = rest.count
      ? `${this.shown.toLocaleString("en")} of ${count.toLocaleString("en")} shown, scroll to see them.`
      : "";
    this.more.replaceChildren(element("span", { className: "faint" }, words));
    if (rest.count > MORE) this.more.append(button(`${MORE} more`, grow(this.shown + MORE)));
    if (rest.count) this.more.append(button(`All ${count.toLocaleString("en")}`, grow(count)));
    if (this.shown > FIRST) this.more.append(button(`Only the first ${FIRST}`, grow(FIRST)));
  }

  drawFoot(rest) {
    const { sum } = this;
    const before = this.running[this.shown - 1] ?? 0;
    const lines = [];
    if (rest.count) {
      const words = `the other ${rest.count.toLocaleString("en")} together`;
      lines.push(this.footLine("rest", words, rest.sum, before, before + rest.sum));
    }
    const all = before + rest.sum;
    if (sum.bias !== null)
      lines.push(this.footLine("bias", sum.biasWords, sum.bias, all, all + sum.bias));
    this.foot.replaceChildren(...lines, this.totalLine());
  }

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

  totalLine() {
    const { value, total, partial, heads } = this.sum;
    if (partial) {
      return element(
        "p",
        { className: "subtotal" },
        element("b", { className: "number" }, `${heads[2]}: ${show(this.running.at(-1), 6)}`),
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
    if (!this.sum || !this.rowHeight) return;
    const top = this.scroller.scrollTop;
    const tall = this.scroller.clientHeight || this.rowHeight * FIRST;
    const first = Math.max(0, Math.floor(top / this.rowHeight) - 1);
    const last = Math.min(this.shown - 1, Math.ceil((top + tall) / this.rowHeight));
    for (const [index, row] of this.rows) {
      if (
        (index < first || index > last) &&
        !row.root.contains(row.root.getRootNode().activeElement)
      ) {
        row.root.remove();
        this.rows.delete(index);
      }
    }
    for (let index = first; index <= last; index++) {
      if (!this.rows.has(index)) this.rows.set(index, this.makeRow(index));
    }
    this.refresh();
  }

  makeRow(index) {
    const { sum } = this;
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
      aria: { role: "img", label: this.cellWords(term) },
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
    if (thumb) this.paintThumb(thumb, term);
    this.paintRow(cells, term);
    this.paintBars(bars, value, this.running[index - 1] ?? 0, this.running[index]);
    return { root, term, go };
  }

  cellWords(term) {
    const count = this.sum.height * this.sum.width;
    const list = (values) =>
      Array.from(values.subarray(term * count, (term + 1) * count), (each) => show(each, 3)).join(
        ", ",
      );
    const { patches, weights } = this.sum;
    if (count > 25) return `${this.sum.height} by ${this.sum.width} numbers, in the table below`;
    return weights ? `${list(patches)} times ${list(weights)}` : list(patches);
  }

  paintThumb(canvas, term) {
    const { sum } = this;
    const { tiles } = sum;
    const scale = THUMB / Math.max(tiles.height, tiles.width);
    const [w, h] = [tiles.width * scale, tiles.height * scale];
    const context = sharpen(canvas, w, h);
    drawScaled(context, tileOf(tiles, sum.channels[term]), 0, 0, w, h);
    const [top, left, bottom, right] = sum.window;
    const [down, across] = [h / tiles.mapHeight, w / tiles.mapWidth];
    const [x, y] = [Math.max(0.5, left * across), Math.max(0.5, top * down)];
    const side = [
      Math.max(3, Math.min(w - 0.5, right * across) - x),
      Math.max(3, Math.min(h - 0.5, bottom * down) - y),
    ];
    for (const [stroke, line] of [
      ["#000", 2.5],
      ["#fff", 1],
    ]) {
      context.strokeStyle = stroke;
      context.lineWidth = line;
      context.strokeRect(x, y, ...side);
    }
  }

  paintRow(canvas, term) {
    const { sum, cell, tall } = this;
    const count = sum.height * sum.width;
    const context = sharpen(canvas, this.cells, sum.height * tall);
    const shape = { height: sum.height, width: sum.width };
    const of = (values) => values.subarray(term * count, (term + 1) * count);
    paintCells(
      context,
      { x: 0, y: 0, cell, tall },
      { ...shape, values: of(sum.patches), scale: this.patchScale, outside: sum.outside },
    );
    if (!sum.weights) return;
    context.fillStyle = INK;
    context.font = "15px system-ui, sans-serif";
    context.fillText("×", sum.width * cell + 11, (sum.height * tall) / 2);
    paintCells(
      context,
      { x: sum.width * cell + 22, y: 0, cell, tall },
      { ...shape, values: of(sum.weights), scale: this.weightScale },
    );
  }

  /** The contribution from its zero line, and how the running total moves, each on one scale. */
  paintBars(canvas, value, before, after) {
    const width = Math.max(60, canvas.parentElement ? this.barWidth() : 60);
    const tall = this.narrow ? 18 : Math.min(this.rowHeight - 6, 34);
    const context = sharpen(canvas, width, tall);
    const half = (width - 14) / 2;
    paintBar(context, { x: 0, width: half, y: 6, height: tall - 12 }, value, this.barRange);
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

  /** Show the sum up to a step; null shows it all. */
  showUntil(step) {
    this.until = step;
    if (step !== null && step < this.shown) {
      this.current = step;
      this.keepInSight(step);
      this.render();
      this.select(this.ranked[step]);
    } else this.refresh();
  }

  keepInSight(index) {
    const [top, bottom] = [index * this.rowHeight, (index + 1) * this.rowHeight];
    const { scrollTop, clientHeight } = this.scroller;
    if (top < scrollTop) this.scroller.scrollTop = top;
    else if (bottom > scrollTop + clientHeight) this.scroller.scrollTop = bottom - clientHeight;
  }

  focusRow(index) {
    this.current = index;
    this.keepInSight(index);
    this.render();
    this.rows.get(index)?.go.focus({ preventScroll: true });
  }

  move(event) {
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

/** The numbers of the terms, those that add most first, or as the input has them. */
export function orderOf(sum, order) {
  const all = Array.from({ length: sum.count }, (_, i) => i);
  if (order === "index") return all;
  const size = (term) =>
    Number.isNaN(sum.contributions[term]) ? Infinity : Math.abs(sum.contributions[term]);
  return all.sort((one, other) => size(other) - size(one) || one - other);
}
