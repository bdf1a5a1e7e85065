// The answer before and after: both pictures, the five most likely classes on one scale, a sentence.

/** @import { WhatIf } from "./what_if.js" */

import { bitmap, drawScaled, element, sharpen } from "../../canvas/shared.js";
import { editedBytes, pictureBytes } from "./edits.js";

/**
 * One class.
 * @typedef {object} Row
 * @property {string} label
 * @property {[number | null, number | null]} shares before and after, 0..1; null for what is not a number
 * @property {[string, string]} words the shares
 * @property {string} points by how many percentage points its share has changed
 * @property {[number, number]} ranks before and after
 * @property {[number | null, number | null]} logits before and after
 */

/**
 * @typedef {object} Answer
 * @property {boolean} same whether nothing is changed
 * @property {string} words
 * @property {Row[]} rows
 */

/** @typedef {{ canvas: HTMLCanvasElement, figure: HTMLElement }} Shot */

/**
 * What the answer is shown in.
 * @typedef {object} AnswerParts
 * @property {Shot} was the picture before
 * @property {Shot} now the picture after
 * @property {HTMLElement} bars
 * @property {HTMLElement} said
 * @property {HTMLElement} answer
 */

const PICTURE_PX = 116;

/** @param {WhatIf} me */
export function buildAnswer(me) {
  /** @param {string} words */
  const picture = (words) => {
    const canvas = element("canvas", { aria: { role: "img", label: words } });
    return { canvas, figure: element("figure", {}, element("figcaption", {}, words), canvas) };
  };
  me.was = picture("Before");
  me.now = picture("After");
  me.bars = element("ol", {
    className: "pairs",
    aria: { label: "The most likely classes, before and after" },
  });
  me.said = element("p", { className: "said", aria: { live: "polite" } });
  const key = element(
    "p",
    { className: "key faint" },
    element("span", { className: "swatch was" }),
    "before ",
    element("span", { className: "swatch now" }),
    "after, both from 0 to 100 %",
  );
  me.answer = element(
    "div",
    {},
    element(
      "div",
      { className: "answer-row" },
      element("div", { className: "pictures" }, me.was.figure, me.now.figure),
      element("div", { className: "shares" }, me.bars, key),
    ),
    me.said,
  );
}

/** @param {WhatIf} me */
export function drawAnswer(me) {
  const { answer, picture } = me.header;
  /** @type {(shot: Shot, bytes: Uint8Array, side: number) => void} */
  const draw = ({ canvas }, bytes, side) => {
    const context = sharpen(canvas, side, side);
    drawScaled(context, bitmap(picture.size, picture.size, bytes, "rgb"), 0, 0, side, side);
  };
  const side = Math.min(PICTURE_PX, Math.floor(me.root.clientWidth / 2) - 24);
  draw(me.was, pictureBytes(me, picture.seen), side);
  draw(me.now, editedBytes(me), side);
  me.bars.replaceChildren(...answer.rows.map((row) => pairOf(row, answer.same)));
  if (me.said.textContent !== answer.words) me.said.textContent = answer.words;
  me.answer.classList.toggle("same", answer.same);
  const [first] = answer.rows;
  const winner = answer.rows.find(({ ranks }) => ranks[1] === 1) ?? first;
  const now = winner === first ? "" : `, now ${winner.label} ${winner.words[1]}`;
  me.watch.textContent = `${first.label} ${answer.same ? first.words[0] : first.words.join(" → ")}${now}`;
}

/**
 * One class: its name, its shares before and after, and by how much and how many ranks it moved.
 * @param {Row} row
 * @param {boolean} same
 */
function pairOf({ label, shares, words, points, ranks }, same) {
  /** @param {number | null} share */
  const width = (share) => `${100 * (share ?? 0)}%`;
  const moved = ranks[0] === ranks[1] ? `rank ${ranks[0]}` : `rank ${ranks[0]} → ${ranks[1]}`;
  const up = Number(shares[1]) > Number(shares[0]);
  return element(
    "li",
    { dataset: { before: shares[0], after: shares[1], rank: ranks[1] } },
    element("span", { className: "class", title: label }, label),
    element("span", { className: "number figures" }, same ? words[0] : `${words[0]} → ${words[1]}`),
    element(
      "span",
      { className: `number points ${shares[0] === shares[1] ? "" : up ? "up" : "fall"}` },
      points,
    ),
    element("span", { className: "faint number rank" }, moved),
    element(
      "span",
      { className: "track", aria: { hidden: "true" } },
      element("span", { className: "bar was", style: { width: width(shares[0]) } }),
      element("span", { className: "bar now", style: { width: width(shares[1]) } }),
    ),
  );
}
