// The first part of the final layer's lab: every pixel of the maps becomes a cell of a vector, and every
// cell is joined to every class by a weight.

import { inBrackets, show } from "../../canvas/figures.js";
import {
  MARKED,
  colourOf,
  element,
  inkOn,
  legend,
  makeScale,
  sharpen,
} from "../../canvas/shared.js";
import { choice, slider } from "../../canvas/controls.js";
import { Grid } from "../../canvas/grid.js";
import { Player, bounds } from "../../canvas/lab.js";
import { css, makePart } from "./final_layer.js";

const TOY = { classes: 4, channels: 3, size: 3, seeds: 9 };
const EDGES = [
  ["weights", "The weight"],
  ["products", "Weight × cell"],
];
const FIELD = "#0a0a0e"; // the colour of zero

/** A sum without what 64 bits cannot hold: 0.1 + 0.2 is 0.3. */
const tidy = (value) => Math.round(value * 1e9) / 1e9;
const added = (values) => tidy(values.reduce((sum, value) => sum + value, 0));

export function buildFlatten(me) {
  const set = (name) => (value) => me.change({ [name]: value });
  const commit = () => me.commit();
  const control = (name, label, help, more = {}) =>
    slider({ label, help, onInput: set(name), onCommit: commit, ...more });
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
  const flat = { maps: [], weightGrids: [], productGrids: [], nodes: [] };
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
      const names = ["size", "channels", "classes", "seed", "edges", "unit", "cells", "weights"];
      me.player.rewind();
      me.choose(structuredClone(Object.fromEntries(names.map((name) => [name, opening[name]]))));
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

// --- The arithmetic ---------------------------------------------------------------------------

export function computeToy(me) {
  const { s, header } = me;
  const places = [];
  for (let c = 0; c < s.channels; c++) {
    for (let y = 0; y < s.size; y++) for (let x = 0; x < s.size; x++) places.push([c, y, x]);
  }
  const at = ([c, y, x]) => (c * TOY.size + y) * TOY.size + x;
  const vector = places.map((place) => s.cells[place.join()] ?? header.toy.cells[at(place)]);
  const each = Array.from({ length: s.classes }, (_, k) => k);
  const drawn = header.toy.weights[s.seed - 1];
  const perClass = TOY.channels * TOY.size * TOY.size;
  const weights = each.map((k) =>
    places.map((place) => s.weights[`${k},${place.join()}`] ?? drawn[k * perClass + at(place)]),
  );
  const biases = each.map((k) => s.weights[`${k},bias`] ?? header.toy.biases[s.seed - 1][k]);
  const products = weights.map((line) => line.map((weight, f) => tidy(weight * vector[f])));
  const logits = products.map((line, k) => added([...line, biases[k]]));
  const area = s.size * s.size;
  const maps = Array.from({ length: s.channels }, (_, c) => vector.slice(c * area, (c + 1) * area));
  me.toy = { places, vector, weights, biases, products, logits, maps, area };
}

/** What each class has so far: all, or the products up to the present step. */
function sumsSoFar(me) {
  const { toy, player } = me;
  if (player.at === null || player.at >= toy.vector.length) return toy.logits;
  return toy.products.map((line) => added(line.slice(0, player.at + 1)));
}

// --- Controls ---------------------------------------------------------------------------------

export function updateFlatten(me) {
  const { s, flat, toy } = me;
  const { controls } = flat;
  const { cell = null, unit = null } = me.pointed ?? {};
  if (cell >= toy.vector.length || unit >= s.classes) me.pointed = null; // it is gone
  controls.size.update({ min: 2, max: TOY.size, value: s.size });
  controls.channels.update({ min: 1, max: TOY.channels, value: s.channels });
  controls.classes.update({ min: 2, max: TOY.classes, value: s.classes });
  controls.seed.update({ min: 1, max: TOY.seeds, value: s.seed });
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
        ? "Orange for positive weights, blue for negative ones."
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

function makeToy(me) {
  const { s, flat } = me;
  me.pointed = null; // what is pointed at goes
  const each = (count, make) => Array.from({ length: count }, (_, i) => make(i));
  const index = (c, [row, column]) => c * me.toy.area + row * me.s.size + column;
  flat.maps = each(
    s.channels,
    (c) =>
      new Grid({
        label: `Map ${c}`,
        onPoint: (place) => pointFlat(me, place && { cell: index(c, place) }),
        onEdit: (row, column, value) =>
          me.choose({ cells: { ...me.s.cells, [`${c},${row},${column}`]: value } }),
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

function layOutSum(me, narrow) {
  const { s, flat, toy } = me;
  const { unit } = s;
  const weightScale = makeScale(bounds([0, ...toy.weights.flat()]));
  const productScale = makeScale(bounds([0, ...toy.products.flat()]));
  const side = (narrow ? 40 : 48) * s.size;
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

function edgeScale(me) {
  const { toy, s } = me;
  return makeScale(bounds([0, ...(s.edges === "weights" ? toy.weights : toy.products).flat()]));
}

/** What is pointed at, or what the player is at: a cell, a class, or both. */
function focusOf(me) {
  if (me.pointed) return { cell: null, unit: null, ...me.pointed };
  const { at } = me.player;
  return { cell: at !== null && at < me.toy.vector.length ? at : null, unit: null };
}

function pointFlat(me, pointed) {
  me.pointed = pointed;
  refreshFlat(me);
}

function refreshFlat(me) {
  const { flat, toy, s } = me;
  if (!flat.context) return;
  const { cell, unit } = focusOf(me);
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
      background: css(colour),
      color: inkOn(colour),
    });
    node.classList.toggle("chosen", k === s.unit);
    node.setAttribute("aria-pressed", k === s.unit);
    node.setAttribute("aria-label", `class ${k}, logit ${show(sums[k], 4)}; show its sum`);
  });
  drawEdges(me, cell, unit);
  drawLinks(me);
  flat.said.textContent = flatWords(me, cell, unit);
}

function drawEdges(me, cell, unit) {
  const { flat, toy, s, player } = me;
  const { width, height, cell: edge } = flat.size;
  const { context } = flat;
  const values = s.edges === "weights" ? toy.weights : toy.products;
  const scale = edgeScale(me);
  const far = player.at === null ? Infinity : player.at;
  context.fillStyle = FIELD;
  context.fillRect(0, 0, width, height);
  const lines = values.flatMap((line, k) =>
    line.map((value, f) => {
      const named = cell !== null || unit !== null;
      const bright = named && (cell === null || cell === f) && (unit === null || unit === k);
      const alpha = bright
        ? 1
        : f > far
          ? 0.04
          : named
            ? player.at === null || me.pointed
              ? 0.1
              : 0.4
            : 0.9;
      return { value, k, f, alpha, bright };
    }),
  );
  lines.sort((one, two) => one.bright - two.bright || Math.abs(one.value) - Math.abs(two.value));
  for (const { value, k, f, alpha, bright } of lines) {
    context.globalAlpha = alpha;
    context.strokeStyle = css(colourOf(value, scale));
    context.lineWidth = 0.6 + (3.4 * Math.abs(value)) / (scale.high || 1) + (bright ? 0.8 : 0);
    context.beginPath();
    const [y0, y1] = [(f + 0.5) * edge, ((k + 0.5) * height) / s.classes];
    context.moveTo(0, y0);
    context.bezierCurveTo(width * 0.4, y0, width * 0.6, y1, width, y1);
    context.stroke();
  }
  context.globalAlpha = 1;
}

/** The way of one pixel into the vector: a line, or on the move while the player goes on. */
function drawLinks(me) {
  const { flat, toy, player, s } = me;
  const home = flat.network.getBoundingClientRect();
  const context = sharpen(flat.over, home.width, home.height);
  const moving =
    flat.slide > 0 && player.at !== null && player.at + 1 < toy.vector.length && !me.pointed;
  const cell = moving ? player.at + 1 : focusOf(me).cell;
  if (cell === null || !home.width) return;
  const [c, y, x] = toy.places[cell];
  const centre = (grid, row, column) => {
    const box = grid.base.getBoundingClientRect();
    return [
      box.left - home.left + (column + 0.5) * grid.cell,
      box.top - home.top + (row + 0.5) * grid.cell,
    ];
  };
  const from = centre(flat.maps[c], y, x);
  const to = centre(flat.vector, cell, 0);
  context.strokeStyle = MARKED;
  context.lineWidth = 2;
  if (!moving) {
    context.beginPath();
    context.moveTo(from[0] + flat.maps[c].cell / 2, from[1]);
    context.lineTo(to[0] - flat.vector.cell / 2, to[1]);
    context.stroke();
    return;
  }
  const [left, top] = from.map((start, i) => start + (to[i] - start) * flat.slide);
  const size = flat.maps[c].cell + (flat.vector.cell - flat.maps[c].cell) * flat.slide;
  context.fillStyle = css(colourOf(toy.vector[cell], makeScale(bounds([0, ...toy.vector]))));
  context.fillRect(left - size / 2, top - size / 2, size, size);
  context.strokeRect(left - size / 2, top - size / 2, size, size);
}

function flatWords(me, cell, unit) {
  const { toy, s, player } = me;
  const value = cell === null ? 0 : toy.vector[cell];
  const product = (k) =>
    `class ${k}: ${inBrackets(value)} × ${inBrackets(toy.weights[k][cell])} = ${show(toy.products[k][cell])}`;
  if (cell !== null) {
    const [c, y, x] = toy.places[cell];
    const number = `${c} × ${toy.area} + ${y} × ${s.size} + ${x} = ${cell}`;
    const units = unit === null ? toy.weights.map((_, k) => k) : [unit];
    return `Channel ${c}, row ${y}, column ${x} is cell ${number} of the vector. Times its weight: ${units.map(product).join("; ")}.`;
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
