// The third part of the final layer's lab: the terms at the last layer that add up to the difference of
// two logits of a real network, `Why` in types.js.

import { inBrackets, show } from "../../canvas/figures.js";
import {
  NEGATIVE,
  POSITIVE,
  bitmap,
  colourOf,
  cssOf,
  drawScaled,
  element,
  focusedNear,
  legend,
  makeScale,
  paletteInUse,
  sharpen,
  walk,
} from "../../canvas/shared.js";
import { choice, slider } from "../../canvas/controls.js";
import { table } from "../../canvas/grid.js";
import { bounds } from "../../canvas/lab.js";
import { RegionGrid } from "../../canvas/regions.js";
import { nounOf, termsOf } from "./arithmetic.js";
import { makePart, signedTerm } from "./part.js";

/** @import { Bytes, Place } from "../../canvas/types.js" */
/** @import { Asked, FinalLayer, Look, Settings, Term, Why } from "./types.js" */

const HINT =
  "Point at a place of the picture or at a term of the list, or walk over them with the arrow keys.";
/** @type {[Look, string][]} */
const LOOKS = [
  ["cells", "Cells, as they are"],
  ["smooth", "Smoothed, to look at"],
];

/** @param {FinalLayer} me */
export function buildWhy(me) {
  /** @param {Partial<Settings>} changes */
  const wait = (changes) => {
    asked.root.classList.add("waiting"); // until Python has answered
    Object.assign(me.s, changes);
    me.commit();
  };
  const controls = {
    network: choice({
      label: "Network",
      help: "Trained ones first. Random weights give real sums that mean nothing yet.",
      options: [],
      onChoose: (id) => wait({ network: id === me.header.first ? "" : id, moved: {} }),
    }),
    a: choice({
      label: "Why A …",
      help: "The class that is asked for.",
      options: [],
      onChoose: (a) => wait({ a }),
    }),
    b: choice({
      label: "… and not B?",
      help: "The class that it is compared with.",
      options: [],
      onChoose: (b) => wait({ b }),
    }),
    listed: slider({
      label: "List",
      help: "How many are listed for each class.",
      onInput: (listed) => me.change({ listed }),
      onCommit: () => me.commit(),
    }),
    cover: slider({
      label: "Cover",
      help: "How much of the photograph the map covers.",
      format: (value) => `${value} %`,
      onInput: (cover) => me.change({ cover }),
      onCommit: () => me.commit(),
    }),
    look: choice({
      label: "Regions",
      help: "",
      options: LOOKS,
      onChoose: (look) => me.choose({ look }),
    }),
  };
  const asked = /** @type {Asked} */ ({ pointed: null, offered: {} });
  asked.swap = element("button", { type: "button" }, "Swap A and B");
  asked.swap.onclick = () => {
    const { why } = me.header;
    if (why) wait({ a: why.names[1], b: why.names[0] });
  };
  asked.sum = element("p", { className: "formula sum-line" });
  asked.refusal = element("p", { className: "refusal" });
  asked.grid = new RegionGrid({
    label: "Regions of the picture",
    onPoint: (place) => sayRegion(me, place),
  });
  asked.plain = element("canvas", { className: "plain" });
  asked.plainFigure = element(
    "figure",
    { className: "grid" },
    element("figcaption", {}, "The picture as it is cut"),
    asked.plain,
  );
  asked.legend = element("div");
  asked.account = element("p", { className: "formula" });
  asked.side = element(
    "div",
    { className: "side" },
    asked.grid.figure,
    asked.plainFigure,
    asked.legend,
    asked.account,
  );
  asked.list = element("ol", { className: "terms" });
  asked.said = element("p", { className: "said short", aria: { live: "polite" } });
  asked.body = element(
    "div",
    { className: "two by-picture" },
    asked.side,
    element("div", {}, asked.list),
  );
  asked.note = element("p", { className: "faint" });
  walk(
    asked.list,
    () => [...asked.list.querySelectorAll("button")],
    () => 1,
  );
  return Object.assign(
    asked,
    makePart(
      "Why A and not B?",
      "The last layer is a plain sum, so the difference of two logits is one too: every feature times the difference of its two weights, and the difference of the biases. These terms are exact; nothing is estimated.",
      controls,
      element("div", { className: "row" }, asked.swap),
      asked.sum,
      asked.refusal,
      asked.said,
      asked.body,
      asked.note,
    ),
  );
}

/**
 * @param {FinalLayer} me
 * @param {Bytes} body
 */
export function takeWhy(me, body) {
  const { header, asked } = me;
  const { why, answer } = header;
  asked.root.classList.remove("waiting");
  /** @type {(name: "network" | "a" | "b", list: [string, string][]) => void} */
  const offer = (name, list) => {
    const key = JSON.stringify(list);
    if (asked.offered[name] === key) return; // an open list stays open
    asked.offered[name] = key;
    asked.controls[name].offer(list);
  };
  offer("network", header.networks);
  const classes = (answer?.classes ?? []).map(
    /** @returns {[string, string]} */ ([, name, , share]) => [name, `${name} (${share})`],
  );
  const [a, b] = why ? why.names : ["", ""];
  offer("a", classes);
  offer(
    "b",
    classes.filter(([name]) => name !== a),
  );
  asked.chosen = [a, b];
  if (!why) return;
  let at = 0;
  /** @param {number} count */
  const floats = (count) => {
    const values = new Float32Array(body.buffer, body.byteOffset + at, count);
    at += 4 * count;
    return values;
  };
  const area = why.map ? why.map.height * why.map.width : 0;
  asked.regions = floats(area);
  asked.maps = floats(area * why.rows.length);
  asked.places = floats(area * why.rows.length);
  asked.photo = bitmap(why.photo.width, why.photo.height, body.subarray(at), "rgb");
}

/** @param {FinalLayer} me */
export function updateWhy(me) {
  const { s, header, asked } = me;
  const { why } = header;
  const { controls } = asked;
  controls.network.update({ value: s.network || header.first });
  const [a, b] = asked.chosen;
  if (why) {
    controls.a.update({ value: a });
    controls.b.update({ value: b });
  }
  for (const { root } of [controls.a, controls.b, controls.listed]) root.hidden = !why;
  for (const { root } of [controls.cover, controls.look]) root.hidden = !why?.map;
  for (const node of [asked.body, asked.sum, asked.swap, asked.note, asked.said])
    node.hidden = !why;
  asked.refusal.textContent = header.refusal;
  asked.refusal.hidden = !header.refusal;
  if (!why) return;
  const { listed, cover } = header.limits;
  controls.listed.update({ min: listed[0], max: listed[1], value: s.listed });
  controls.cover.update({ min: cover[0], max: cover[1], step: 5, value: s.cover });
  controls.look.update({
    value: s.look,
    words:
      s.look === "cells"
        ? "One colour for each place of the maps."
        : "Only the colours are blended: the numbers are those of the cells.",
  });
  const noun = nounOf(why);
  asked.sum.textContent = `Logit of ${a} ${show(why.logits[0])} − logit of ${b} ${inBrackets(why.logits[1], 4)} = ${show(why.total)}: ${why.count.toLocaleString("en")} ${noun}s add ${show(why.total - why.bias)}, the biases ${show(why.bias)}.`;
  asked.note.textContent = noteOf(why, header.answer?.trained ?? false);
  const shown = JSON.stringify([why, s.listed]);
  if (asked.shown !== shown) makeRows(me, why); // else it keeps its focus
  asked.shown = shown;
  if (asked.pointed === null) asked.said.textContent = HINT;
  else pointTerm(me, asked.pointed);
}

/**
 * @param {Why} why
 * @param {boolean} trained
 */
function noteOf(why, trained) {
  const random = trained
    ? ""
    : " These weights are random: the sums are real, but nothing has been learned yet.";
  if (!why.map) {
    return `The ${why.count.toLocaleString("en")} units of ${why.source} have no place in the picture: each has seen all of it. So there is no map of regions.${random}`;
  }
  const { height, width } = why.map;
  const seen =
    why.sees > why.edge
      ? "more than the whole picture"
      : `${why.sees} × ${why.sees} of the picture's ${why.edge} × ${why.edge} pixels`;
  const how = why.averaged
    ? `The head averages each map of ${why.source} over its ${height} × ${width} places, so every place has its share of the sum (a class activation map, Zhou et al. 2016).`
    : `The head has a weight for each of the ${height} × ${width} places of each map of ${why.source}, so every place has its share of the sum.`;
  return `${how} One place of these maps can look at ${seen}: the map tells where they answered, not the outline of what they answered to.${random}`;
}

// --- The list: a running total ----------------------------------------------------------------

/**
 * @param {FinalLayer} me
 * @param {Why} why
 */
function makeRows(me, why) {
  const { asked } = me;
  const terms = termsOf(why, me.s.listed);
  const { pointed } = asked;
  const held = /** @type {HTMLButtonElement} */ (focusedNear(asked.list));
  const focused = [...asked.list.querySelectorAll("button")].indexOf(held);
  asked.terms = terms;
  const [low, high] = bounds([0, ...terms.map(({ after }) => after)]);
  /** @param {number} value */
  const place = (value) => (100 * (value - low)) / (high - low || 1);
  const rows = terms.map((term, i) => element("li", {}, rowOf(me, why, term, i, place)));
  const heads = ["", nounOf(why), "adds", "", "running total"].map((words) =>
    element("span", {}, words),
  );
  const total = element(
    "li",
    { className: "term total", dataset: { total: why.total } },
    element("b", {}, `logit of ${why.names[0]} − logit of ${why.names[1]}`),
    element("b", { className: "number after" }, show(why.total, 3)),
  );
  asked.list.replaceChildren(element("li", { className: "term heads" }, ...heads), ...rows, total);
  asked.pointed = pointed !== null && pointed < terms.length ? pointed : null;
  if (focused < 0) return;
  const kept = asked.list.querySelectorAll("button");
  kept[0].tabIndex = -1;
  const row = kept[Math.min(focused, kept.length - 1)];
  row.tabIndex = 0;
  row.focus();
}

/**
 * A line of the list.
 * @param {FinalLayer} me
 * @param {Why} why
 * @param {Term} term
 * @param {number} i Its number.
 * @param {(value: number) => number} place Of a running total on the rail, in percent.
 */
function rowOf(me, why, term, i, place) {
  const [from, to] = [Math.min(term.before, term.after), Math.max(term.before, term.after)];
  const bar = element("span", {
    className: "step",
    style: {
      left: `${place(from)}%`,
      width: `${Math.max(0.6, place(to) - place(from))}%`,
      background: term.product < 0 ? cssOf(NEGATIVE[3]) : cssOf(POSITIVE[3]),
    },
  });
  const thumb = element("canvas", { className: "thumb" });
  const row = element(
    "button",
    {
      type: "button",
      className: `term ${term.kind}`,
      tabIndex: i ? -1 : 0,
      dataset: { product: term.product, after: term.after },
    },
    thumb,
    element(
      "span",
      { className: "what" },
      element("b", {}, term.name),
      element("span", { className: "faint" }, sumWords(term)),
    ),
    element("span", { className: "number product" }, signedTerm(term.product)),
    element(
      "span",
      { className: "rail" },
      element("span", { className: "origin", style: { left: `${place(0)}%` } }),
      bar,
    ),
    element("span", { className: "number after" }, show(term.after, 3)),
  );
  drawThumb(me, why, term, thumb);
  row.onpointerenter = row.onfocus = () => pointTerm(me, i);
  row.onpointerleave = row.onblur = () => pointTerm(me, null);
  return row;
}

/** @param {string} words */
function capital(words) {
  return words[0].toUpperCase() + words.slice(1);
}

/** @param {Term} term */
function sumWords({ kind, feature, weight }) {
  if (kind !== "row") return "";
  if (feature === null || weight === null) return "the sum of its products";
  return `${inBrackets(feature)} × ${inBrackets(weight)}`;
}

/**
 * The map of a channel, or the colour of a unit's value, on the range of all.
 * @param {FinalLayer} me
 * @param {Why} why
 * @param {Term} term
 * @param {HTMLCanvasElement} canvas
 */
function drawThumb({ asked }, why, term, canvas) {
  canvas.hidden = term.kind !== "row";
  if (canvas.hidden) return;
  const scale = makeScale(why.range);
  const { height, width } = why.map ?? { height: 1, width: 1 };
  const area = height * width;
  const values = why.map
    ? asked.maps.subarray(term.index * area, (term.index + 1) * area)
    : [term.feature ?? NaN];
  const colours = new Uint8Array(3 * area);
  for (let i = 0; i < area; i++) colours.set(colourOf(values[i], scale), 3 * i);
  const context = sharpen(canvas, 36, 36);
  drawScaled(context, bitmap(width, height, colours, "rgb"), 0, 0, 36, 36);
}

// --- Regions ----------------------------------------------------------------------------------

/**
 * @param {FinalLayer} me
 * @param {number | null} i
 */
function pointTerm(me, i) {
  const { asked } = me;
  const term = i === null ? null : asked.terms[i];
  asked.pointed = i;
  drawRegions(me);
  asked.said.textContent = term
    ? `${capital(term.name)}: ${sumWords(term)}${term.kind === "row" ? " = " : ""}${show(term.product)}. The running total goes from ${show(term.before)} to ${show(term.after)}.`
    : HINT;
}

/** @param {FinalLayer} me */
export function layOutWhy(me) {
  const {
    asked,
    header: { why },
  } = me;
  if (!asked.side.clientWidth || !why) return;
  asked.width = Math.min(360, asked.side.clientWidth);
  drawRegions(me);
  asked.grid.pointAgain();
}

/** @param {FinalLayer} me */
function drawRegions(me) {
  const {
    asked,
    s,
    header: { why },
  } = me;
  if (!why || !asked.width) return;
  const { photo } = asked;
  asked.grid.figure.hidden = !why.map;
  asked.plainFigure.hidden = Boolean(why.map);
  if (!why.map) {
    const side = Math.min(asked.width, 240);
    drawScaled(
      sharpen(asked.plain, side, (side * photo.height) / photo.width),
      photo,
      0,
      0,
      side,
      (side * photo.height) / photo.width,
    );
    asked.legend.replaceChildren(
      legend(makeScale(why.range), `values of the units of ${why.source}`),
    );
    asked.account.textContent = "";
    return;
  }
  const pointed = asked.pointed === null ? null : asked.terms[asked.pointed];
  const term = pointed?.kind === "row" ? pointed : null;
  const area = why.map.height * why.map.width;
  const values = term
    ? asked.places.subarray(term.index * area, (term.index + 1) * area)
    : asked.regions;
  const scale = makeScale(bounds([0, ...values]));
  asked.grid.set({
    ...why.map,
    values,
    scale,
    caption: term
      ? `What ${term.name} adds, place by place`
      : `What each of the ${area} places adds`,
  });
  asked.grid.drawOver(photo, asked.width, s.cover, s.look === "smooth");
  asked.legend.replaceChildren(legend(scale, regionWords(why)));
  const sum = values.reduce((total, value) => total + value, 0);
  asked.account.dataset.sum = String(sum);
  asked.account.textContent = term
    ? `Its ${area} places add up to ${show(sum)}.`
    : `${area} places ${show(sum)} + biases ${inBrackets(why.bias)} = ${show(sum + why.bias)}, the difference of the logits.`;
}

/** @param {Why} why */
function regionWords({ names: [a, b] }) {
  return paletteInUse().rising
    ? `above zero for ${a}, below for ${b}`
    : `orange for ${a}, blue for ${b}`;
}

/**
 * @param {FinalLayer} me
 * @param {Place | null} place
 */
function sayRegion(me, place) {
  const {
    asked,
    header: { why },
  } = me;
  if (!why?.map || !asked.width) return;
  asked.grid.mark(place ? [{ row: place[0], column: place[1] }] : []);
  if (!place) {
    asked.said.textContent = HINT;
    return;
  }
  const [row, column] = place;
  const at = row * why.map.width + column;
  const area = why.map.height * why.map.width;
  const strongest = why.rows
    .map(
      /** @returns {[number, number]} */
      ({ number }, index) => [number, asked.places[index * area + at]],
    )
    .filter(([, value]) => value)
    .sort((one, two) => Math.abs(two[1]) - Math.abs(one[1]))
    .slice(0, 3);
  const words = strongest
    .map(([number, value]) => `channel ${number} ${signedTerm(value)}`)
    .join(", ");
  asked.said.textContent = `Row ${row}, column ${column} adds ${signedTerm(asked.regions[at], 4)} to the difference${words ? `; of the channels listed, most by ${words}` : ""}.`;
}

/** @param {FinalLayer} me */
export function whyTables(me) {
  const {
    asked,
    header: { why },
  } = me;
  if (!why) return [];
  const tables = [
    table(
      "Why: each term and the running total",
      asked.terms.flatMap(({ product, after }) => [product, after]),
      2,
    ),
  ];
  if (why.map) tables.push(table("Regions", asked.regions, why.map.width));
  return tables;
}
