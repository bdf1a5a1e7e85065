// What can be taken away: a table, a CSV file, a PNG picture with its caption.

import { show, signed } from "../../canvas/figures.js";
import { handOver } from "../../canvas/paper.js";
import { element, sharpen } from "../../canvas/shared.js";
import { orderOf } from "./letters.js";
import { paintBar, rangeOf } from "./painting.js";

/** @import { Letter } from "./letters.js" */
/** @import { Panel, Unit } from "./state.js" */

/** @typedef {string | number} Cell Of a table. */

/**
 * The sum as a table; filled only while it is open.
 * @param {Unit} me
 */
export function fillTwin(me) {
  if (!me.details.open || !me.shown) return;
  const lines = numberLines(me, me.shown).map((line, i) =>
    element(
      "tr",
      {},
      ...line.map((cell) =>
        element(i ? "td" : "th", {}, typeof cell === "number" ? show(cell, 6) : cell),
      ),
    ),
  );
  me.twin.replaceChildren(
    element("table", {}, element("caption", {}, me.title.textContent), ...lines),
  );
}

/**
 * The numbers behind the pixel as lines of cells, the first one its heads.
 * @param {Unit} me
 * @param {Letter} letter
 */
function numberLines(me, { sum, stages, value }) {
  const count = sum.height * sum.width;
  const order = orderOf(sum, me.s.order);
  /** @type {Cell[][]} */
  const lines = [["source", sum.noun, "values", "weights", "adds", "in all"]];
  let total = 0;
  for (const term of order) {
    total += sum.contributions[term];
    /** @param {Float32Array | null} values */
    const list = (values) =>
      values ? Array.from(values.subarray(term * count, (term + 1) * count), figure).join(" ") : "";
    lines.push([
      sum.source(term).name,
      String(sum.channels[term]),
      list(sum.patches),
      list(sum.weights),
      sum.contributions[term],
      total,
    ]);
  }
  if (sum.bias !== null) lines.push(["bias", "", "", "", sum.bias, total + sum.bias]);
  for (const stage of stages) lines.push([stage.name, "", stage.numbers, "", "", stage.value]);
  lines.push(["computed again", "", "", "", "", sum.total], ["in the map", "", "", "", "", value]);
  return lines;
}

/**
 * A number with all the digits that 32 bits have.
 * @param {number} value
 */
const figure = (value) => String(Number.isFinite(value) ? Number(value.toPrecision(9)) : value);

/**
 * The terms of the sum and the map's values as comma-separated values.
 * @param {Unit} me
 */
export function saveNumbers(me) {
  if (!me.shown) return;
  /** @param {Cell} cell */
  const quote = (cell) => {
    const text = typeof cell === "number" ? String(cell) : cell;
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const { map, caption } = me.header;
  const lines = [[caption], [wordsOf(me.title)], ...numberLines(me, me.shown), [], [map.title]];
  for (let row = 0; row < map.height; row++) {
    lines.push(
      Array.from(me.panels.values.subarray(row * map.width, (row + 1) * map.width), figure),
    );
  }
  const text = lines.map((line) => line.map(quote).join(",")).join("\r\n");
  handOver(fileOf(me, "csv"), new Blob([`\ufeff${text}\r\n`], { type: "text/csv" }));
}

/**
 * What a file about a unit is called.
 * @param {Unit} me
 * @param {string} suffix
 */
function fileOf({ header: { step, channel } }, suffix) {
  return `${step}-${channel}.${suffix}`.replace(/[^\w.-]+/g, "-");
}

/** @param {HTMLElement} element */
const wordsOf = (element) => element.textContent ?? "";

/**
 * The panels, the sum in sight and the caption as one picture.
 * @param {Unit} me
 */
export function savePicture(me) {
  const ratio = window.devicePixelRatio || 1;
  const { photo, inputs, tile, tileChannel, map, side } = me.panels;
  /** @type {Panel[]} */
  const panels = [photo, ...inputs, ...(tile && tileChannel !== null ? [tile] : []), map];
  const grids = panels.map(({ grid }) => grid);
  const tall = Math.max(...grids.map(({ base }) => base.height)) / ratio;
  const sum = me.shown ? summary(me, me.shown) : [];
  const width = Math.max(720, grids.length * (side + 18) + 22);
  const canvas = element("canvas");
  const height = 44 + tall + 52 + 22 * sum.length + 30;
  const context = sharpen(canvas, width, height);
  const style = getComputedStyle(me.root);
  context.fillStyle = style.getPropertyValue("--st-background-color") || "#fff";
  context.fillRect(0, 0, width, height);
  /** @param {string} text @param {number} x @param {number} y */
  const write = (text, x, y, weight = "400", size = 14) => {
    context.fillStyle = style.color;
    context.font = `${weight} ${size}px system-ui, sans-serif`;
    context.fillText(text, x, y, width - x - 20);
  };
  write(me.header.caption, 20, 28, "600", 16);
  grids.forEach((grid, i) => {
    const x = 20 + i * (side + 18);
    for (const layer of [grid.base, grid.over])
      context.drawImage(layer, x, 44, layer.width / ratio, layer.height / ratio);
    context.save();
    context.beginPath();
    context.rect(x, 40, side + 8, tall + 40);
    context.clip();
    write(wordsOf(grid.caption), x, 44 + tall + 18, "400", 12);
    if (grid !== photo.grid)
      write(
        `from ${show(grid.scale.minimum)} to ${show(grid.scale.maximum)}`,
        x,
        44 + tall + 34,
        "400",
        11,
      );
    context.restore();
  });
  const range = rangeOf(sum.map(([, value]) => value ?? 0));
  sum.forEach(([line, value], i) => {
    const y = 44 + tall + 66 + 22 * i;
    if (value !== undefined)
      paintBar(
        context,
        { x: 380, width: Math.min(360, width - 400), y: y - 12, height: 14 },
        value,
        range,
      );
    write(line, 20, y);
  });
  write("Made with ALI5", 20, height - 12, "400", 11);
  canvas.toBlob((blob) => blob && handOver(fileOf(me, "png"), blob));
}

/**
 * The sum in lines of words, its largest terms first, with the numbers that are drawn as bars.
 * @param {Unit} me
 * @param {Letter} letter
 */
function summary(me, { sum, stages, value }) {
  /** @type {[string, number?][]} */
  const lines = [[`${me.title.textContent}:`]];
  const order = orderOf(sum, "rank");
  for (const term of order.slice(0, 8)) {
    const added = sum.contributions[term];
    lines.push([`${sum.source(term).name}, ${sum.names(term)}: ${signed(added)}`, added]);
  }
  const rest = order.slice(8).reduce((total, term) => total + sum.contributions[term], 0);
  if (order.length > 8)
    lines.push([`the other ${order.length - 8} together: ${signed(rest)}`, rest]);
  if (sum.bias !== null) lines.push([`bias: ${signed(sum.bias)}`, sum.bias]);
  for (const stage of stages)
    lines.push([`${stage.name}: ${stage.words} = ${show(stage.value, 6)}`]);
  lines.push([`together ${show(sum.total, 6)}; in the map ${show(value, 6)}`]);
  return lines;
}
