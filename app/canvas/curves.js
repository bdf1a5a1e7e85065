// Curves over the epochs or steps, side by side: loss and share of right answers. What is pointed at
// in one of them is marked in all.

import { show } from "./figures.js";
import { element, sharpen } from "./shared.js";
import { mountLab } from "./lab.js";

/** @import { Lab } from "./lab.js" */
/** @import { Component, Point, Sent } from "./types.js" */

/**
 * What a chart shows.
 * @typedef {object} Curves
 * @property {string} title
 * @property {string} noun
 * @property {string} unit
 * @property {number | null} top The largest value there can be.
 * @property {Record<string, Point[]>} series Epochs and values; what keys walk along comes last.
 */

/**
 * What Python sends.
 * @typedef {object} Header
 * @property {string} label
 * @property {"epoch" | "step"} axis
 * @property {Curves[]} charts
 */

/**
 * @typedef {object} Chart
 * @property {HTMLCanvasElement} base
 * @property {HTMLCanvasElement} over
 * @property {CanvasRenderingContext2D} context Of what is over the curves.
 * @property {HTMLElement} title
 * @property {HTMLElement} figure
 * @property {number} wide Of the curves, in CSS pixels.
 * @property {number} tall
 * @property {number} last The last epoch.
 * @property {number} high The value at the top.
 */

/**
 * @typedef {Lab<unknown, Header> & {
 *   at: number | null,
 *   charts: Chart[],
 *   row: HTMLElement,
 *   said: HTMLElement,
 * }} Me `at` is the epoch that is pointed at.
 */

/** @type {Record<string, string>} */
const COLOURS = {
  training: "#e07b39",
  validation: "#3b82c4",
  "learned from": "#e07b39",
  "held out": "#3b82c4",
};
const HEIGHT = 210;
const SIDES = { left: 46, right: 10, top: 10, bottom: 38 };

/** @type {Component<Sent>} */
export default function (given) {
  mountLab(given, { build, take, layOut });
}

/** @param {ParentNode} parent */
function build(parent) {
  const me = /** @type {Me} */ ({ at: null, charts: /** @type {Chart[]} */ ([]) });
  me.row = element("div", { className: "charts" });
  me.said = element("p", { className: "read number", aria: { live: "polite" } });
  me.root = element("div", { className: "root lab curves" }, me.row, me.said);
  parent.append(me.root);
  return me;
}

/** @param {Me} me */
function take(me) {
  const { charts } = me.header;
  if (me.charts.length !== charts.length) {
    me.charts = charts.map(({ series }) => makeChart(me, Object.keys(series)));
    me.row.replaceChildren(...me.charts.map(({ figure }) => figure));
  }
  layOut(me);
}

/**
 * @param {Me} me
 * @param {string[]} names
 */
function makeChart(me, names) {
  const base = element("canvas", { className: "base pointable", tabIndex: 0 });
  base.setAttribute("role", "application");
  const over = element("canvas", { className: "over" });
  const title = element("span", { className: "title" });
  const key = names.map((name) =>
    element(
      "span",
      { className: "key" },
      element("span", { className: "line", style: { background: COLOURS[name] } }),
      name,
    ),
  );
  const chart = /** @type {Chart} */ ({
    base,
    over,
    title,
    figure: element(
      "figure",
      {},
      element("figcaption", {}, title, element("span", { className: "keys" }, ...key)),
      element("div", { className: "stage" }, base, over),
    ),
  });
  base.onpointermove = base.onpointerdown = (event) => {
    const x = event.clientX - base.getBoundingClientRect().left;
    point(me, ((x - SIDES.left) / chart.wide) * chart.last);
  };
  base.onpointerleave = (event) => {
    if (event.pointerType === "mouse") point(me, null);
  };
  base.onblur = () => point(me, null);
  base.onkeydown = (event) => {
    const walked = Object.values(me.header.charts[0].series).at(-1) ?? [];
    const stops = walked.map(([epoch]) => epoch);
    const now = me.at === null ? stops.length : nearest(walked, me.at);
    /** @type {Record<string, number>} */
    const moves = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: stops.length - 1 };
    if (event.key === "Escape") point(me, null);
    else if (event.key in moves)
      point(me, stops[Math.max(0, Math.min(stops.length - 1, moves[event.key]))]);
    else return;
    event.preventDefault();
  };
  return chart;
}

/**
 * The index of the point whose epoch is nearest.
 * @param {Point[]} points
 * @param {number} epoch
 */
function nearest(points, epoch) {
  let best = 0;
  points.forEach(([x], i) => {
    if (Math.abs(x - epoch) < Math.abs(points[best][0] - epoch)) best = i;
  });
  return best;
}

/**
 * The step between two labels so that about `count` of them fit: 1, 2 or 5 times a power of ten.
 * @param {number} range
 * @param {number} count
 */
function niceStep(range, count) {
  const rough = range / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((step) => step * power >= rough) ?? 10);
}

/** @param {Me} me */
function layOut(me) {
  if (!me.header || !me.root.clientWidth) return;
  for (const [index, data] of me.header.charts.entries()) drawChart(me, me.charts[index], data);
  me.root.dataset.label = me.header.label;
  refresh(me);
}

/**
 * @param {Me} me
 * @param {Chart} chart
 * @param {Curves} curves
 */
function drawChart(me, chart, { title, unit, top, series }) {
  chart.title.textContent = title;
  chart.base.setAttribute("aria-label", `${title}. Left and right arrow keys read the curve.`);
  const width = Math.floor(chart.figure.getBoundingClientRect().width);
  const context = sharpen(chart.base, width, HEIGHT);
  chart.context = sharpen(chart.over, width, HEIGHT);
  const points = Object.values(series).flat();
  const largest = Math.max(...points.map(([, value]) => value), 0);
  Object.assign(chart, {
    wide: width - SIDES.left - SIDES.right,
    tall: HEIGHT - SIDES.top - SIDES.bottom,
    last: Math.max(...points.map(([epoch]) => epoch)) || 1,
    high: top ?? (largest * 1.05 || 1),
  });
  const style = getComputedStyle(me.root);
  const { left } = SIDES;
  const bottom = SIDES.top + chart.tall;
  context.font = `12px ${style.fontFamily}`;
  context.fillStyle = style.color;
  context.strokeStyle = "rgb(128 128 128 / 28%)";
  context.textAlign = "right";
  context.textBaseline = "middle";
  const up = niceStep(chart.high, 4);
  for (let value = 0; value <= chart.high * 1.001; value += up) {
    const y = placeOf(chart, 0, value)[1];
    context.fillText(show(value, 3) + unit, left - 6, y);
    context.beginPath();
    context.moveTo(left, y);
    context.lineTo(left + chart.wide, y);
    context.stroke();
  }
  context.textAlign = "center";
  context.textBaseline = "top";
  const across = niceStep(chart.last, chart.wide < 320 ? 4 : 6);
  for (let epoch = 0; epoch <= chart.last * 1.001; epoch += across) {
    context.fillText(show(epoch, 3), placeOf(chart, epoch, 0)[0], bottom + 6);
  }
  context.fillText(me.header.axis, left + chart.wide / 2, bottom + 22);
  for (const [name, line] of Object.entries(series)) drawLine(context, chart, line, COLOURS[name]);
}

/**
 * @param {Chart} chart
 * @param {number} epoch
 * @param {number} value
 * @returns {Point}
 */
function placeOf(chart, epoch, value) {
  return [
    SIDES.left + (epoch / chart.last) * chart.wide,
    SIDES.top + (1 - Math.min(value, chart.high) / chart.high) * chart.tall,
  ];
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Chart} chart
 * @param {Point[]} line
 * @param {string} colour
 */
function drawLine(context, chart, line, colour) {
  context.strokeStyle = context.fillStyle = colour;
  context.lineWidth = 2;
  context.lineJoin = "round";
  context.beginPath();
  for (const [epoch, value] of line) context.lineTo(...placeOf(chart, epoch, value));
  context.stroke();
  if (line.length > 12) return;
  for (const [epoch, value] of line) drawDot(context, placeOf(chart, epoch, value), 3);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Point} place
 * @param {number} radius
 */
function drawDot(context, [x, y], radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

/**
 * @param {Me} me
 * @param {number | null} epoch
 */
function point(me, epoch) {
  me.at = epoch;
  refresh(me);
}

/** @param {Me} me */
function refresh(me) {
  const { at } = me;
  /** @type {string[]} */
  const read = [];
  me.header.charts.forEach(({ unit, series, noun }, index) => {
    const chart = me.charts[index];
    chart.context.clearRect(0, 0, chart.over.width, chart.over.height);
    if (at === null) return;
    const words = [];
    for (const [name, line] of Object.entries(series)) {
      if (!line.length) continue;
      const [epoch, value] = line[nearest(line, at)];
      chart.context.fillStyle = COLOURS[name];
      drawDot(chart.context, placeOf(chart, epoch, value), 5);
      words.push(`${name} ${show(value, 3)}${unit}`);
    }
    read.push(`${noun}: ${words.join(", ")}`);
  });
  me.said.textContent =
    at === null
      ? "Point at a curve to read it."
      : `${me.header.axis === "step" ? `Step ${Math.round(at)}` : `Epoch ${show(Math.max(0, at), 3)}`}. ${read.join(". ")}.`;
}
