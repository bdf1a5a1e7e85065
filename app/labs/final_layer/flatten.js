// The first part of the final layer's lab: every pixel of the maps becomes a cell of a vector, and every
// cell is joined to every class by a weight.

import { inBrackets, show } from "../../canvas/figures.js";
import {
  colourOf,
  cssOf,
  element,
  inkOn,
  legend,
  makeScale,
  paletteInUse,
  sharpen,
} from "../../canvas/shared.js";
import { choice, slider } from "../../canvas/controls.js";
import { Grid } from "../../canvas/grid.js";
import { Player, bounds } from "../../canvas/lab.js";
import { tidy } from "./arithmetic.js";
import { drawEdges, drawLinks, edgeScale, focusOf, sumsSoFar } from "./edges.js";
import { makePart } from "./part.js";

/** @import { Place } from "../../canvas/types.js" */
/** @import { Edges, FinalLayer, Flat, Pointed, Settings } from "./types.js" */

/** @type {("size" | "channels" | "classes" | "seed")[]} */
const RANGED = ["size", "channels", "classes", "seed"];
/** @type {[Edges, string][]} */
const EDGES = [
  ["weights", "The weight"],
  ["products", "Weight × cell"],
];
/** @param {FinalLayer} me */
export function buildFlatten(me) {
  const commit = () => me.commit();
  /** @type {(name: keyof Settings, label: string, help: string, more?: { format?: (value: number) => string }) => ReturnType<typeof slider>} */
  const control = (name, label, help, more = {}) =>
    slider({
      label,
      help,
      onInput: (value) => me.change({ [name]: value }),
      onCommit: commit,
      ...more,
    });
  const controls = {
    size: control("size", "Map size", "Rows and columns of each map.", {
      format: (value) => `${value} × ${value}`,
    }),
    channels: control("channels", "Channels", "How many maps there are."),
    classes: control("classes", "Classes", "Between how many it decides."),
    seed: slider({
      label: "Random weights",
      help: "Another set of first weights, as before any training.",
      onInput: (seed) => me.change({ seed, weights: {} }),
      onCommit: commit,
    }),
    bias: slider({
      label: "Bias",
      help: "Added to the sum of the chosen class.",
      format: (value) => show(value, 3),
      onInput: (value) => me.change({ weights: { ...me.s.weights, [`${me.s.unit},bias`]: value } }),
      onCommit: commit,
    }),
    edges: choice({
      label: "Colour of an edge",
      help: "",
      options: EDGES,
      onChoose: (edges) => me.choose({ edges }),
    }),
  };
  const flat = /** @type {Flat} */ ({
    maps: /** @type {Grid[]} */ ([]),
    weightGrids: /** @type {Grid[]} */ ([]),
    productGrids: /** @type {Grid[]} */ ([]),
    nodes: /** @type {Flat["nodes"]} */ ([]),
  });
  me.flat = flat;
  flat.formula = element("p", { className: "formula" });
  flat.mapColumn = element("div", { className: "maps" });
  flat.vector = new Grid({
    label: "Vector",
    onPoint: (place) => pointFlat(me, place && { cell: place[0] }),
  });
  flat.field = element("canvas", { className: "field" });
  flat.nodeColumn = element("div", { className: "nodes" });
  flat.over = element("canvas", { className: "over" });
  flat.network = element(
    "div",
    { className: "network" },
    flat.mapColumn,
    flat.vector.figure,
    element(
      "figure",
      { className: "grid" },
      element("figcaption", {}, "Fully connected"),
      flat.field,
    ),
    element("figure", { className: "grid" }, element("figcaption", {}, "Logits"), flat.nodeColumn),
    flat.over,
  );
  flat.legend = element("div");
  flat.said = element("p", { className: "said tall", aria: { live: "polite" } });
  flat.sumTitle = element("h3");
  flat.sum = element("div", { className: "sum-grids" });
  flat.sumLine = element("p", { className: "formula" });
  me.player = new Player({
    count: () => me.toy.vector.length + 1,
    draw: () => {
      flat.slide = 0;
      layOutFlatten(me);
    },
    slide: (share) => {
      flat.slide = share;
      drawLinks(me);
    },
    yields: () => me.pointed !== null,
    reset: () => {
      const { opening } = me.header;
      const { size, channels, classes, seed, edges, unit, cells, weights } = opening;
      me.player.rewind();
      me.choose(structuredClone({ size, channels, classes, seed, edges, unit, cells, weights }));
    },
  });
  return Object.assign(
    flat,
    makePart(
      "Flatten, and a fully connected layer",
      "Flattening only writes the maps out, row after row, channel after channel. Then every cell is joined to every class: multiplied with a weight of its own, and all the products of a class and its bias are added. That sum is the logit of the class. Change any cell or weight: double-click it, or walk there and type.",
      controls,
      me.player.bar,
      flat.formula,
      flat.network,
      flat.legend,
      flat.said,
      flat.sumTitle,
      flat.sum,
      flat.sumLine,
    ),
  );
}

// --- Controls ---------------------------------------------------------------------------------

/** @param {FinalLayer} me */
export function updateFlatten(me) {
  const { s, flat, toy } = me;
  const { controls } = flat;
  const { cell, unit } = me.pointed ?? {};
  if ((cell ?? 0) >= toy.vector.length || (unit ?? 0) >= s.classes) me.pointed = null; // it is gone
  for (const name of RANGED) {
    const [min, max] = me.header.limits[name];
    controls[name].update({ min, max, value: s[name] });
  }
  const bias = toy.biases[s.unit];
  controls.bias.update({
    min: Math.min(-5, Math.floor(bias)),
    max: Math.max(5, Math.ceil(bias)),
    step: 0.1,
    value: bias,
  });
  controls.edges.update({
    value: s.edges,
    words:
      s.edges === "weights"
        ? paletteInUse().rising
          ? "How large each weight is."
          : "Orange for positive weights, blue for negative ones."
        : "What the edge really carries: nothing where the cell is 0.",
  });
  const [count, classes] = [toy.vector.length, s.classes];
  flat.formula.textContent = `Flatten: ${s.channels} × ${s.size} × ${s.size} = ${count} cells. Fully connected: ${count} × ${classes} = ${count * classes} weights and ${classes} biases, ${count * classes + classes} numbers to learn.`;
  const key = `${s.channels} ${s.classes}`;
  if (flat.key !== key) {
    flat.key = key;
    makeToy(me);
  }
  me.player.settle();
}

/** @param {FinalLayer} me */
function makeToy(me) {
  const { s, flat } = me;
  me.pointed = null; // what is pointed at goes
  /** @type {<T>(count: number, make: (i: number) => T) => T[]} */
  const each = (count, make) => Array.from({ length: count }, (_, i) => make(i));
  /** @type {(c: number, place: Place) => number} */
  const index = (c, [row, column]) => c * me.toy.area + row * me.s.size + column;
  flat.maps = each(
    s.channels,
    (c) =>
      new Grid({
        label: `Map ${c}`,
        onPoint: (place) => pointFlat(me, place && { cell: index(c, place) }),
        onEdit: (row, column, value) =>
          me.choose({ cells: { ...me.s.cells, [`${c},${row},${column}`]: value } }),
        largest: me.header.limits.number[1],
      }),
  );
  flat.mapColumn.replaceChildren(...flat.maps.map(({ figure }) => figure));
  flat.weightGrids = each(
    s.channels,
    (c) =>
      new Grid({
        label: `Weights, channel ${c}`,
        onPoint: (place) => pointFlat(me, place && { cell: index(c, place), unit: me.s.unit }),
        onEdit: (row, column, value) =>
          me.choose({
            weights: { ...me.s.weights, [`${me.s.unit},${c},${row},${column}`]: value },
          }),
        largest: me.header.limits.number[1],
      }),
  );
  flat.productGrids = each(
    s.channels,
    (c) =>
      new Grid({
        label: `Products, channel ${c}`,
        onPoint: (place) => pointFlat(me, place && { cell: index(c, place), unit: me.s.unit }),
      }),
  );
  flat.sum.replaceChildren(
    ...each(s.channels, (c) =>
      element(
        "div",
        { className: "panels" },
        flat.weightGrids[c].figure,
        flat.productGrids[c].figure,
      ),
    ),
  );
  flat.nodes = each(s.classes, (k) => {
    const value = element("span", { className: "number" });
    const node = element(
      "button",
      { type: "button", className: "node" },
      element("span", { className: "node-name" }, `class ${k}`),
      value,
    );
    node.onpointerenter = () => pointFlat(me, { unit: k });
    node.onpointerleave = () => pointFlat(me, null);
    node.onfocus = () => pointFlat(me, { unit: k });
    node.onblur = () => pointFlat(me, null);
    node.onclick = () => {
      me.choose({ unit: k });
      pointFlat(me, { unit: k });
    };
    return { node, value };
  });
  flat.nodeColumn.replaceChildren(...flat.nodes.map(({ node }) => node));
}

// --- The picture ------------------------------------------------------------------------------

/** @param {FinalLayer} me */
export function layOutFlatten(me) {
  const { s, flat, toy, player } = me;
  const room = flat.bench.clientWidth;
  if (!room) return;
  const narrow = room < 560;
  const count = toy.vector.length;
  const cell = Math.max(22, Math.min(40, Math.floor(450 / count)));
  const height = cell * count;
  const scale = makeScale(bounds([0, ...toy.vector]));
  const largest = narrow ? 26 : 54;
  const mapCell = Math.min(largest, Math.floor((height - 28 * s.channels) / (s.channels * s.size)));
  flat.maps.forEach((grid, c) => {
    grid.set({ height: s.size, width: s.size, values: toy.maps[c], scale });
    grid.draw(mapCell * s.size);
  });
  const shown = player.at === null ? Infinity : player.at + 1;
  flat.vector.set({
    height: count,
    width: 1,
    values: toy.vector,
    scale,
    shown,
    caption: `Vector, ${count}`,
  });
  flat.vector.draw(height);
  flat.mapColumn.style.height = `${height + 22}px`;
  const nodeWidth = narrow ? 74 : 128;
  const taken = mapCell * s.size + Math.max(cell, 58) + nodeWidth + 3 * (narrow ? 8 : 18);
  const width = Math.max(60, Math.min(420, room - taken - 4));
  flat.size = { width, height, cell };
  flat.context = sharpen(flat.field, width, height);
  Object.assign(flat.nodeColumn.style, { width: `${nodeWidth}px`, height: `${height}px` });
  layOutSum(me, narrow);
  const shownScale = edgeScale(me);
  flat.legend.replaceChildren(legend(shownScale, s.edges === "weights" ? "weights" : "products"));
  refreshFlat(me);
}

/**
 * @param {FinalLayer} me
 * @param {boolean} narrow
 */
function layOutSum(me, narrow) {
  const { s, flat, toy } = me;
  const { unit } = s;
  const weightScale = makeScale(bounds([0, ...toy.weights.flat()]));
  const productScale = makeScale(bounds([0, ...toy.products.flat()]));
  const side = (narrow ? 40 : 48) * s.size;
  /** @type {(line: number[], c: number) => number[]} */
  const part = (line, c) => line.slice(c * toy.area, (c + 1) * toy.area);
  flat.weightGrids.forEach((grid, c) => {
    grid.set({
      height: s.size,
      width: s.size,
      values: part(toy.weights[unit], c),
      scale: weightScale,
      caption: `Weights, channel ${c}`,
    });
    grid.draw(side);
  });
  flat.productGrids.forEach((grid, c) => {
    grid.set({
      height: s.size,
      width: s.size,
      values: part(toy.products[unit], c),
      scale: productScale,
      caption: "× map = products",
    });
    grid.draw(side);
  });
  const bias = toy.biases[unit];
  flat.sumTitle.textContent = `The sum behind class ${unit}`;
  flat.sumLine.textContent = `All ${toy.vector.length} products together ${show(tidy(toy.logits[unit] - bias))}, plus the bias ${inBrackets(bias)}, is the logit ${show(toy.logits[unit])}.`;
}

/**
 * @param {FinalLayer} me
 * @param {Pointed | null} pointed
 */
function pointFlat(me, pointed) {
  me.pointed = pointed;
  refreshFlat(me);
}

/** @param {FinalLayer} me */
function refreshFlat(me) {
  const { flat, toy, s } = me;
  if (!flat.context) return;
  const { cell, unit } = focusOf(me);
  /** @param {Grid[]} grids */
  const mark = (grids) =>
    grids.forEach((grid, c) => {
      const inside = cell !== null && toy.places[cell][0] === c;
      grid.mark(inside ? [{ row: toy.places[cell][1], column: toy.places[cell][2] }] : []);
    });
  for (const grids of [flat.maps, flat.weightGrids, flat.productGrids]) mark(grids);
  flat.vector.mark(cell === null ? [] : [{ row: cell, column: 0 }]);
  const sums = sumsSoFar(me);
  const scale = makeScale(bounds([0, ...toy.logits]));
  const tall = flat.size.height / s.classes;
  flat.nodes.forEach(({ node, value }, k) => {
    value.textContent = show(sums[k], 4);
    const colour = colourOf(sums[k], scale);
    Object.assign(node.style, {
      top: `${(k + 0.5) * tall}px`,
      background: cssOf(colour),
      color: inkOn(colour),
    });
    node.classList.toggle("chosen", k === s.unit);
    node.setAttribute("aria-pressed", String(k === s.unit));
    node.setAttribute("aria-label", `class ${k}, logit ${show(sums[k], 4)}; show its sum`);
  });
  drawEdges(me, cell, unit);
  drawLinks(me);
  flat.said.textContent = flatWords(me, cell, unit);
}

/**
 * @param {FinalLayer} me
 * @param {number | null} cell
 * @param {number | null} unit
 */
function flatWords(me, cell, unit) {
  const { toy, s, player } = me;
  const value = cell === null ? 0 : toy.vector[cell];
  /** @type {(k: number, cell: number) => string} */
  const product = (k, cell) =>
    `class ${k}: ${inBrackets(value)} × ${inBrackets(toy.weights[k][cell])} = ${show(toy.products[k][cell])}`;
  if (cell !== null) {
    const [c, y, x] = toy.places[cell];
    const number = `${c} × ${toy.area} + ${y} × ${s.size} + ${x} = ${cell}`;
    const units = unit === null ? toy.weights.map((_, k) => k) : [unit];
    return `Channel ${c}, row ${y}, column ${x} is cell ${number} of the vector. Times its weight: ${units.map((k) => product(k, cell)).join("; ")}.`;
  }
  if (unit !== null) {
    const terms = toy.weights[unit]
      .map((weight, f) => [toy.vector[f], weight])
      .filter(([v, w]) => v && w);
    const zeros = toy.vector.length - terms.length;
    const words = terms.map(([v, w]) => `${inBrackets(v)}·${inBrackets(w)}`);
    if (zeros) words.push(`${zeros} products that are 0`);
    return `Class ${unit}: ${words.join(" + ")} + bias ${inBrackets(toy.biases[unit])} = ${show(toy.logits[unit])}.`;
  }
  if (player.at !== null) {
    const sums = toy.logits.map(
      (logit, k) =>
        `class ${k}: ${show(tidy(logit - toy.biases[k]))} + ${inBrackets(toy.biases[k])} = ${show(logit)}`,
    );
    return `All products are in. The biases are added: ${sums.join("; ")}.`;
  }
  return "Point at a cell, to see where it goes; at a class, to see its whole sum. Click a class to see and change its weights below.";
}
