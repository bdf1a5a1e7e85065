// What the final layer's lab works out while it is dragged: the small layer as PyTorch's `F.linear`,
// softmax as `ali5.labs.softmax`, and the running total of the terms behind two logits.

/** @import { Entering, Limits, SentToy, Settings, Term, Terms, Toy, Why } from "./types.js" */

/**
 * A number without what 64 bits cannot hold: 0.1 + 0.2 is 0.3.
 * @param {number} value
 */
export function tidy(value) {
  return Math.round(value * 1e9) / 1e9;
}

/** @param {number[]} values */
export function added(values) {
  return tidy(values.reduce((sum, value) => sum + value, 0));
}

/**
 * The small layer with what was changed.
 * @param {SentToy} sent
 * @param {Pick<Limits, "size" | "channels">} limits
 * @param {Pick<Settings, "size" | "channels" | "classes" | "seed" | "cells" | "weights">} settings
 * @returns {Toy}
 */
export function toyOf(sent, limits, { size, channels, classes, seed, cells, weights: changed }) {
  const [, most] = limits.size;
  /** @type {Toy["places"]} */
  const places = [];
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) places.push([c, y, x]);
  }
  /** @param {Toy["places"][number]} place */
  const at = ([c, y, x]) => (c * most + y) * most + x;
  const vector = places.map((place) => cells[place.join()] ?? sent.cells[at(place)]);
  const each = Array.from({ length: classes }, (_, k) => k);
  const drawn = sent.weights[seed - 1];
  const perClass = limits.channels[1] * most * most;
  const weights = each.map((k) =>
    places.map((place) => changed[`${k},${place.join()}`] ?? drawn[k * perClass + at(place)]),
  );
  const biases = each.map((k) => changed[`${k},bias`] ?? sent.biases[seed - 1][k]);
  const products = weights.map((line) => line.map((weight, f) => tidy(weight * vector[f])));
  const logits = products.map((line, k) => added([...line, biases[k]]));
  const area = size * size;
  const maps = Array.from({ length: channels }, (_, c) => vector.slice(c * area, (c + 1) * area));
  return { places, vector, weights, biases, products, logits, maps, area };
}

/**
 * The one logit that does what several do: T times the logarithm of their summed exponentials.
 * @param {number[]} logits
 * @param {number} temperature
 */
export function together(logits, temperature) {
  if (logits.length === 1) return logits[0];
  const most = Math.max(...logits);
  const sum = logits.reduce((total, logit) => total + Math.exp((logit - most) / temperature), 0);
  return most + temperature * Math.log(sum);
}

/**
 * Every term of softmax for every row.
 * @param {Pick<Entering, "key" | "logits">[]} rows
 * @param {number} temperature
 * @param {Settings["moved"]} moved
 * @param {number} constant
 * @returns {Terms}
 */
export function softmaxTerms(rows, temperature, moved, constant) {
  const logits = rows.map(
    ({ key, logits: each }) => together(each, temperature) + (moved[key] ?? 0) + constant,
  );
  const divided = logits.map((logit) => logit / temperature);
  const largest = Math.max(...divided);
  const shifted = divided.map((value) => value - largest);
  const exponentials = shifted.map(Math.exp);
  const total = exponentials.reduce((sum, value) => sum + value, 0);
  return {
    logits,
    divided,
    largest,
    shifted,
    exponentials,
    total,
    shares: exponentials.map((value) => value / total),
  };
}

/** @param {Why} why */
export function nounOf(why) {
  return why.map ? "channel" : "unit";
}

/**
 * What is listed, in order: terms for A, terms against, the biases; each with its running total.
 * @param {Why} why
 * @param {number} listed How many for each class.
 * @returns {Term[]}
 */
export function termsOf(why, listed) {
  const noun = nounOf(why);
  /** @type {Term[]} */
  const terms = [];
  let total = 0;
  /** @type {(term: Pick<Term, "kind" | "name" | "product"> & Partial<Term>) => void} */
  const add = (term) => {
    const before = total;
    total += term.product;
    terms.push({ index: -1, feature: null, weight: null, ...term, before, after: total });
  };
  /** @type {(sign: number, all: [count: number, sum: number], rest: string) => void} */
  const group = (sign, [count, sum], rest) => {
    const rows = why.rows
      .map((row, index) => ({ ...row, index }))
      .filter(({ product }) => product * sign > 0)
      .slice(0, listed);
    let left = sum;
    for (const { number, ...row } of rows) {
      left -= row.product;
      add({ ...row, kind: "row", name: `${noun} ${number}` });
    }
    const others = count - rows.length;
    if (others > 0)
      add({
        kind: "rest",
        product: left,
        name: `${others.toLocaleString("en")} more ${noun}${others > 1 ? "s" : ""} ${rest}`,
      });
  };
  group(1, why.for, `for ${why.names[0]}`);
  group(-1, why.against, `for ${why.names[1]}`);
  const silent = why.count - why.for[0] - why.against[0];
  if (silent)
    add({
      kind: "rest",
      product: 0,
      name: `${silent.toLocaleString("en")} ${noun}${silent > 1 ? "s" : ""} at exactly 0`,
    });
  add({ kind: "bias", product: why.bias, name: "difference of the biases" });
  return terms;
}
