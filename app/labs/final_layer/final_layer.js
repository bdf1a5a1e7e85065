// The final layer's lab, in three parts: flatten and a fully connected layer (flatten.js), softmax
// (softmax.js), and why a real network says A and not B (why.js).
// Header: settings, opening, toy {cells, weights, biases}, temperatures, networks [[id, title]], first,
// token, refusal, answer {title, trained, best, classes [[number, name, logit, share]]} or null, why
// (see why.js) or null.
// Body: for networks whose features have a place, regions, maps and places as float32; then the photo.
// Trigger "settings": all settings as JSON, when a control is let go.

import { show } from "../../canvas/figures.js";
import { element } from "../../canvas/shared.js";
import { table } from "../../canvas/grid.js";
import { adopt, foldAway, hand, mountLab } from "../../canvas/lab.js";
import { buildFlatten, computeToy, layOutFlatten, updateFlatten } from "./flatten.js";
import { buildSoftmax, layOutSoftmax, softmaxTables, updateSoftmax } from "./softmax.js";
import { buildWhy, layOutWhy, takeWhy, updateWhy, whyTables } from "./terms.js";

export default function (given) {
  mountLab(given, { build, take, layOut });
}

function build(parent) {
  const me = { s: null, pointed: null };
  me.commit = () => {
    me.s.token = me.s.source === "toy" ? "toy" : me.header.token;
    hand(me);
  };
  me.change = (changes) => {
    Object.assign(me.s, changes);
    update(me);
  };
  me.choose = (changes) => {
    me.change(changes);
    me.commit();
  };
  me.flat = buildFlatten(me);
  me.soft = buildSoftmax(me);
  me.asked = buildWhy(me);
  const twin = foldAway(me, "All numbers as tables", drawTwin);
  me.root = element(
    "div",
    { className: "root lab final-layer" },
    me.flat.root,
    me.soft.root,
    me.asked.root,
    twin,
  );
  parent.append(me.root);
  return me;
}

function take(me, body) {
  adopt(me, me.header.settings);
  takeWhy(me, body);
  update(me);
}

/** A part of the page: its heading, what it is about, its controls and its bench. */
export function makePart(title, words, controls, ...content) {
  const bench = element("div", { className: "stand" }, ...content);
  const column = element(
    "div",
    { className: "controls" },
    ...Object.values(controls).map(({ root }) => root),
  );
  const root = element(
    "section",
    { className: "part" },
    element("h2", {}, title),
    element("p", { className: "lead" }, words),
    element("div", { className: "bench" }, column, bench),
  );
  return { root, bench, controls };
}

function update(me) {
  const { s } = me;
  s.unit = Math.min(s.unit, s.classes - 1);
  computeToy(me);
  updateFlatten(me);
  updateSoftmax(me);
  updateWhy(me);
  layOut(me);
}

function layOut(me) {
  if (!me.s || !me.root.clientWidth) return;
  layOutFlatten(me);
  layOutSoftmax(me);
  layOutWhy(me);
  drawTwin(me);
}

function drawTwin(me) {
  if (!me.details.open) return;
  const { toy } = me;
  me.twin.replaceChildren(
    ...toy.maps.map((map, c) => table(`Map of channel ${c}`, map, me.s.size)),
    table("Vector", toy.vector, toy.vector.length),
    table("Weights, a row for each class", toy.weights.flat(), toy.vector.length),
    table("Products, a row for each class", toy.products.flat(), toy.vector.length),
    table("Biases", toy.biases, toy.biases.length),
    table("Logits", toy.logits, toy.logits.length),
    ...softmaxTables(me),
    ...whyTables(me),
  );
}

/** A number with its sign, for terms of a sum. */
export function signedTerm(value, digits = 3) {
  const text = show(value, digits);
  return value < 0 ? text : `+${text}`;
}

export function css([r, g, b]) {
  return `rgb(${Math.round(r)},${Math.round(g)},${Math.round(b)})`;
}
