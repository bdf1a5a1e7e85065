// How many values lie where: bars in the colours of the values, on a logarithmic scale.

import { show } from "../../canvas/figures.js";
import {
  FRAME_GREY,
  colourOf,
  cssOf,
  element,
  makeScale,
  sharpen,
  textIn,
} from "../../canvas/shared.js";

/** @import { Scale } from "../../canvas/types.js" */

const PLOT_TALL = 132;

/**
 * What a histogram shows.
 * @typedef {object} Counts
 * @property {number[]} edges Of the bins, one more than there are.
 * @property {number[]} counts Of all values.
 * @property {Scale} scale What colours them.
 * @property {string} caption What is counted.
 * @property {string} label For screen readers.
 */

export class Histogram {
  /** @type {number[]} */
  edges = [];
  /** @type {number[]} */
  counts = [];
  scale = makeScale([0, 0]);
  total = 0; // of the counts
  most = 1; // the largest of them
  /** @type {number[] | null} */
  part = null; // the counts of one channel
  words = ""; // what that is
  /** @type {number | null} */
  at = null; // the bin that is pointed at
  room = 0; // in CSS pixels
  wide = 0;
  left = 0;

  constructor() {
    this.canvas = element("canvas", {
      className: "plot pointable",
      tabIndex: 0,
      aria: { role: "application" },
    });
    this.caption = element("figcaption", { className: "faint" });
    this.said = element("div", { className: "said number", aria: { live: "off" } });
    this.root = element("figure", { className: "histogram" }, this.caption, this.canvas, this.said);
    this.listen();
  }

  /**
   * Show counts.
   * @param {Counts} counts
   */
  set({ edges, counts, scale, caption, label }) {
    if (this.edges.length !== edges.length) this.at = null;
    this.edges = edges;
    this.counts = counts;
    this.scale = scale;
    this.total = counts.reduce((sum, count) => sum + count, 0);
    this.caption.textContent = caption;
    this.canvas.setAttribute("aria-label", label);
  }

  /**
   * Lay the counts of one channel over it, or none.
   * @param {number[] | null} part
   * @param {string} words What it is.
   */
  lay(part, words) {
    this.part = part;
    this.words = words;
    this.draw();
  }

  /** @param {number} [room] In CSS pixels. */
  draw(room = this.room) {
    this.room = room;
    if (!room || !this.counts.length) return;
    const style = getComputedStyle(this.root);
    const { size } = textIn(this.root);
    this.wide = Math.min(720, room);
    this.left = 4 * size; // room for the numbers of the scale
    const context = sharpen(this.canvas, this.wide, PLOT_TALL + 1.5 * size);
    context.font = `${0.8 * size}px system-ui, sans-serif`;
    this.most = Math.max(1, ...this.counts);
    this.drawScale(context, style.color);
    this.counts.forEach((count, bin) => {
      if (!count) return;
      const [left, right] = [this.x(this.edges[bin]), this.x(this.edges[bin + 1])];
      const top = this.y(count);
      context.fillStyle = cssOf(colourOf(this.middle(bin), this.scale));
      context.fillRect(left, top, Math.max(1, right - left - 0.5), PLOT_TALL - top);
      context.strokeStyle = FRAME_GREY;
      context.lineWidth = 1;
      context.strokeRect(left, top, Math.max(1, right - left - 0.5), PLOT_TALL - top);
    });
    if (this.part) this.drawPart(context, this.part, style);
    if (this.at !== null) {
      context.strokeStyle = style.color;
      context.lineWidth = 2;
      const [left, right] = [this.x(this.edges[this.at]), this.x(this.edges[this.at + 1])];
      context.strokeRect(left, 1, right - left, PLOT_TALL - 1);
    }
    this.sayAgain();
  }

  /**
   * Powers of ten at the side, zero and the ends below.
   * @param {CanvasRenderingContext2D} context
   * @param {string} colour
   */
  drawScale(context, colour) {
    context.fillStyle = colour;
    context.strokeStyle = "rgb(128 128 128 / 35%)";
    context.lineWidth = 1;
    context.textAlign = "right";
    context.textBaseline = "middle";
    const powers = Math.floor(Math.log10(this.most));
    const counts = Array.from({ length: powers + 1 }, (_, power) => 10 ** power);
    if (this.most > 1 && this.most < 10) counts.push(this.most);
    for (const count of counts) {
      const y = this.y(count);
      context.fillText(count.toLocaleString("en"), this.left - 6, Math.max(6, y));
      context.beginPath();
      context.moveTo(this.left, y);
      context.lineTo(this.wide, y);
      context.stroke();
    }
    const [low, high] = [this.edges[0], this.edges[this.edges.length - 1]];
    const y = PLOT_TALL + 12;
    context.textAlign = "left";
    context.fillText(show(low, 3), this.left, y);
    context.textAlign = "right";
    context.fillText(show(high, 3), this.wide, y);
    const zero = this.x(0);
    if (low < 0 && high > 0) {
      context.strokeStyle = colour;
      context.setLineDash([3, 3]);
      context.beginPath();
      context.moveTo(zero, 0);
      context.lineTo(zero, PLOT_TALL + 3);
      context.stroke();
      context.setLineDash([]);
      context.textAlign = "center";
      if (zero > this.left + 50 && zero < this.wide - 50) context.fillText("0", zero, y);
    }
  }

  /**
   * The line of one channel, with a rim that keeps it apart from the bars.
   * @param {CanvasRenderingContext2D} context
   * @param {number[]} part
   * @param {CSSStyleDeclaration} style
   */
  drawPart(context, part, style) {
    context.beginPath();
    part.forEach((count, bin) => {
      const y = Math.min(PLOT_TALL - 1, this.y(count));
      context.lineTo(this.x(this.edges[bin]), y);
      context.lineTo(this.x(this.edges[bin + 1]), y);
    });
    context.strokeStyle = style.getPropertyValue("--st-background-color");
    context.lineWidth = 5;
    context.stroke();
    context.strokeStyle = style.color;
    context.lineWidth = 2;
    context.stroke();
  }

  /** @param {number} value */
  x(value) {
    const [low, high] = [this.edges[0], this.edges[this.edges.length - 1]];
    return this.left + ((value - low) / (high - low)) * (this.wide - this.left - 2);
  }

  /** @param {number} count */
  y(count) {
    return PLOT_TALL - (Math.log10(1 + count) / Math.log10(1 + this.most)) * (PLOT_TALL - 6);
  }

  /** @param {number} bin */
  middle(bin) {
    return (this.edges[bin] + this.edges[bin + 1]) / 2;
  }

  sayAgain() {
    const over = this.part ? ` The line is ${this.words}.` : "";
    if (this.at === null) {
      this.said.textContent = `Point at a bar, or walk over them with the arrow keys, to see its count.${over}`;
      return;
    }
    const count = this.counts[this.at];
    const share = percent(this.total ? count / this.total : 0);
    const part = this.part ? `; of ${this.words}: ${this.part[this.at].toLocaleString("en")}` : "";
    this.said.textContent =
      `${show(this.edges[this.at], 4)} to ${show(this.edges[this.at + 1], 4)}: ` +
      `${count.toLocaleString("en")} values, ${share}${part}`;
  }

  /**
   * @param {number | null} bin
   * @param {boolean} aloud Whether its words are said to those who hear the page.
   */
  point(bin, aloud) {
    this.said.setAttribute("aria-live", aloud ? "polite" : "off"); // a pointer never lets it finish
    if (bin === this.at) return;
    this.at = bin;
    this.draw();
  }

  listen() {
    /** @param {PointerEvent} event */
    const place = (event) => {
      const x = event.clientX - this.canvas.getBoundingClientRect().left;
      const bins = this.counts.length;
      const bin = Math.floor(((x - this.left) / (this.wide - this.left - 2)) * bins);
      this.point(bin >= 0 && bin < bins ? bin : null, false);
    };
    this.canvas.onpointermove = this.canvas.onpointerdown = place;
    this.canvas.onpointerleave = (event) => {
      if (event.pointerType === "mouse") this.point(null, false);
    };
    this.canvas.onkeydown = (event) => {
      const last = this.counts.length - 1;
      /** @type {Record<string, number>} */
      const moves = { ArrowRight: 1, ArrowLeft: -1, Home: -last, End: last };
      if (!(event.key in moves)) return;
      event.preventDefault();
      const move = moves[event.key];
      const from = this.at ?? (move > 0 ? -1 : last + 1);
      this.point(Math.max(0, Math.min(last, from + move)), true);
    };
    this.canvas.onblur = () => this.point(null, false);
  }
}

/**
 * A share of one in whole percent; what is little is not called nothing, nor nearly all everything.
 * @param {number} share
 */
export function percent(share) {
  const whole = Math.round(share * 100);
  if (whole === 0 && share > 0) return "< 1 %";
  return whole === 100 && share < 1 ? "> 99 %" : `${whole} %`;
}
