// What Python sends about one pixel, and the box that it is put in: what one component is sent
// reaches the other without sending the rest again.

import { makeScale } from "../../canvas/shared.js";
import { bounds } from "../../canvas/lab.js";
import { windowArea } from "./areas.js";

/** @import { Bytes, Place, Scale, Unpacked } from "../../canvas/types.js" */
/** @import { Area } from "./areas.js" */
/** @import { InputTiles, Settings } from "./state.js" */

const ARRAYS = { f4: Float32Array, f8: Float64Array, u1: Uint8Array, i4: Int32Array };

/** @typedef {{f4: Float32Array, f8: Float64Array, u1: Bytes, i4: Int32Array}} Arrays */

/**
 * Where an array is among the raw bytes, and how many numbers of which type.
 * @template {keyof Arrays} K
 * @typedef {{at: number, count: number, type: K}} Where
 */

/**
 * A number as JSON can have it: "NaN", "Infinity" and "-Infinity" are written out.
 * @typedef {number | string} Written
 */

/**
 * What all letters begin with.
 * @typedef {object} Head
 * @property {"sum" | "growth" | "field"} letter Which one it is.
 * @property {string} id Of the unit that it is about.
 * @property {Settings} settings
 * @property {Place} at The pixel.
 * @property {Settings["fold"]} fold
 */

/**
 * One step of a function.
 * @template N
 * @typedef {{name: string, words: string, numbers: string, value: N}} Stage
 */

/**
 * Where the winner of a max pooling was on its way.
 * @typedef {object} Winner
 * @property {string} step
 * @property {number} channel
 * @property {number} row
 * @property {number} column
 * @property {string} words How large the maps of the step are.
 * @property {Area} box What it sees of the picture.
 */

/**
 * The terms of a sum: what is the same for all of them, and where their numbers are.
 * @typedef {object} SentTerms
 * @property {number} count
 * @property {number} height Of the patch of a term, and of its kernel.
 * @property {number} width
 * @property {number[]} rows Of the source, for each row of a patch.
 * @property {number[]} columns
 * @property {string} noun What a term is: a channel or a unit.
 * @property {string[]} heads What stands over the numbers, over what they add, and beside the sum.
 * @property {string[]} labels Names of the terms, if they are classes.
 * @property {string} biasWords
 * @property {{name: string, size: [number, number]}[]} sources One for all terms, or one for each.
 * @property {Where<"i4">} channels
 * @property {Where<"f4">} patches
 * @property {Where<"f4"> | null} weights
 * @property {Where<"f8">} contributions
 */

/**
 * What lies behind a pixel, as it is sent.
 * @typedef {Head & {
 *   kind: "sum" | "largest" | "average" | "copy" | "function" | "picture" | "other",
 *   value: Written, total: Written, bias: Written | null, box: Area, note: string,
 *   winner: Place | null, stages: Stage<Written>[], sum: SentTerms, winners: Winner[],
 * }} SumLetter
 */

/**
 * What one unit of every layer on the way sees.
 * @typedef {Head & {layers: Layer[]}} GrowthLetter
 */

/** @typedef {{name: string, box: Area}} Layer */

/**
 * What the gradient reaches of the picture; or why it is not known.
 * @typedef {Head & {refusal: string, rows: number, columns: number, scale: [number, number],
 *   words: string, values: Where<"f4">}} FieldLetter
 */

/** @typedef {SumLetter | GrowthLetter | FieldLetter} AnyLetter */

/**
 * The terms of a sum, as they are drawn.
 * @typedef {Omit<SentTerms, "channels" | "patches" | "weights" | "contributions"> & {
 *   id: string, total: number, value: number, bias: number | null,
 *   channels: Int32Array, patches: Float32Array, weights: Float32Array | null,
 *   contributions: Float64Array,
 * } & Derived} Sum
 */

/**
 * What follows from what is sent.
 * @typedef {object} Derived
 * @property {boolean} partial Whether the sum is only a part of what gives the value.
 * @property {InputTiles | null} tiles Pictures of the inputs.
 * @property {Scale} patchScale
 * @property {Area | null} window Where the patches are in their maps.
 * @property {string} sourceName
 * @property {(row: number, column: number) => boolean} outside Whether a place of a patch is padding.
 * @property {(term: number) => string} names
 * @property {(term: number) => string} short
 * @property {(term: number) => string} goWords
 * @property {(term: number) => {name: string, size: [number, number]}} source
 */

/**
 * What lies behind a pixel, as it is drawn.
 * @typedef {Omit<SumLetter, "sum" | "stages" | "value" | "total" | "bias"> & {
 *   sum: Sum, stages: Stage<number>[], value: number,
 * }} Letter
 */

/**
 * What two components share.
 * @typedef {object} LetterBox
 * @property {Map<string, Unpacked<AnyLetter>>} letters What was sent last under each name.
 * @property {(letter: Unpacked<AnyLetter>) => void} read Called when one comes.
 * @property {((wish: string) => void) | null} send Tells Python.
 */

/**
 * @param {string} name
 * @returns {LetterBox}
 */
export function letterBox(name) {
  const shared = /** @type {{ali5Letters?: Map<string, LetterBox>}} */ (globalThis);
  shared.ali5Letters ??= new Map();
  const box = shared.ali5Letters.get(name) ?? { letters: new Map(), read: () => {}, send: null };
  shared.ali5Letters.set(name, box);
  return box;
}

/**
 * Put in what Python sent, in place of what was there under its name; tell who reads.
 * @param {LetterBox} box
 * @param {Unpacked<AnyLetter>} letter
 */
export function putLetter(box, letter) {
  box.letters.set(letter.header.letter, letter);
  box.read(letter);
}

/**
 * An array among the raw bytes.
 * @template {keyof Arrays} K
 * @param {Bytes} body
 * @param {Where<K>} where
 * @returns {Arrays[K]}
 */
export function arrayOf(body, { at, count, type }) {
  return /** @type {Arrays[K]} */ (new ARRAYS[type](body.buffer, at, count));
}

/**
 * Turn what Python sent about one pixel into what is drawn.
 * @param {SumLetter} header
 * @param {Bytes} body
 * @param {InputTiles | null} tiles Pictures of the inputs of the step, if there are any.
 * @returns {Letter}
 */
export function openLetter(header, body, tiles) {
  const sent = header.sum;
  const patches = arrayOf(body, sent.patches);
  const channels = arrayOf(body, sent.channels);
  const own = tiles && sent.sources[0]?.name === tiles.name ? tiles : null;
  const shown = own && own.height * own.width > 1 ? own : null;
  /** @param {number} term */
  const source = (term) => sent.sources[sent.sources.length > 1 ? term : 0];
  const size = source(0)?.size ?? [1, 1];
  const sum = {
    ...sent,
    id: header.id,
    total: Number(header.total),
    value: Number(header.value),
    bias: header.bias === null ? null : Number(header.bias),
    patches,
    channels,
    weights: sent.weights && arrayOf(body, sent.weights),
    contributions: arrayOf(body, sent.contributions),
    partial: header.kind === "function",
    tiles: shown,
    patchScale: makeScale(shown ? shown.scale : bounds(patches)),
    window: own && windowArea(own.windows, header.at),
    sourceName: source(0)?.name ?? "",
    /** @type {Sum["outside"]} */
    outside: (row, column) => {
      const [r, c] = [sent.rows[row], sent.columns[column]];
      return r < 0 || c < 0 || r >= size[0] || c >= size[1];
    },
    /** @type {Sum["names"]} */
    names: (term) => sent.labels[term] ?? `${sent.noun} ${channels[term]}`,
    /** @type {Sum["short"]} */
    short: (term) => sent.labels[term] ?? String(channels[term]),
    /** @type {Sum["goWords"]} */
    goWords: (term) => `Go to ${source(term).name}, ${sent.noun} ${channels[term]}`,
    source,
  };
  const stages = header.stages.map((stage) => ({ ...stage, value: Number(stage.value) }));
  return { ...header, sum, stages, value: sum.value };
}

/**
 * The numbers of the terms, those that add most first, or as the input has them.
 * @param {Sum} sum
 * @param {Settings["order"]} order
 */
export function orderOf(sum, order) {
  const all = Array.from({ length: sum.count }, (_, i) => i);
  if (order === "index") return all;
  /** @param {number} term */
  const size = (term) =>
    Number.isNaN(sum.contributions[term]) ? Infinity : Math.abs(sum.contributions[term]);
  return all.sort((one, other) => size(other) - size(one) || one - other);
}
