// The final layer's lab, in three parts: flatten and a fully connected layer (flatten.js), softmax
// (softmax.js), and why a real network says A and not B (terms.js). `Header` in types.js says what
// Python sends.
// Body: for networks whose features have a place, regions, maps and places as float32; then the photo.
// Trigger "settings": all settings as JSON, when a control is let go.

import { element, usePalette } from "../../canvas/shared.js";
import { table } from "../../canvas/grid.js";
import { adopt, foldAway, hand, mountLab } from "../../canvas/lab.js";
import { toyOf } from "./arithmetic.js";
import { buildFlatten, layOutFlatten, updateFlatten } from "./flatten.js";
import { buildSoftmax, layOutSoftmax, softmaxTables, updateSoftmax } from "./softmax.js";
import { buildWhy, layOutWhy, takeWhy, updateWhy, whyTables } from "./terms.js";

/** @import { Bytes, Given, Sent } from "../../canvas/types.js" */
/** @import { FinalLayer } from "./types.js" */

/** @param {Given<Sent>} given */
export default function (given) {
  mountLab(given, { build, take, layOut });
}

/** @param {HTMLElement | ShadowRoot} parent */
function build(parent) {
  const me = /** @type {FinalLayer} */ ({ pointed: null });
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

/**
 * @param {FinalLayer} me
 * @param {Bytes} body
 */
function take(me, body) {
  usePalette(me.header.colours);
  adopt(me, me.header.settings);
  takeWhy(me, body);
  update(me);
}

/** @param {FinalLayer} me */
function update(me) {
  const { s } = me;
  s.unit = Math.min(s.unit, s.classes - 1);
  me.toy = toyOf(me.header.toy, me.header.limits, s);
  updateFlatten(me);
  updateSoftmax(me);
  updateWhy(me);
  layOut(me);
}

/** @param {FinalLayer} me */
function layOut(me) {
  if (!me.s || !me.root.clientWidth) return;
  layOutFlatten(me);
  layOutSoftmax(me);
  layOutWhy(me);
  drawTwin(me);
}

/** @param {FinalLayer} me */
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
