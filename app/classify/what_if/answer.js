// The answer before and after: both pictures, the five most likely classes on one scale, a sentence.

import { bitmap, drawScaled, element, sharpen } from "../../canvas/shared.js";
import { editedBytes } from "./picture.js";

const PICTURE_PX = 116;

export function buildAnswer(me) {
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

export function drawAnswer(me) {
  const { answer, picture } = me.header;
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

/** One class: its name, its shares before and after, and by how much and how many ranks it moved. */
function pairOf({ label, shares, words, points, ranks }, same) {
  const width = (share) => `${100 * (share ?? 0)}%`;
  const moved = ranks[0] === ranks[1] ? `rank ${ranks[0]}` : `rank ${ranks[0]} → ${ranks[1]}`;
  const up = shares[1] > shares[0];
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

export function pictureBytes(me, at) {
  const { size } = me.header.picture;
  return me.body.subarray(at, at + 3 * size * size);
}
