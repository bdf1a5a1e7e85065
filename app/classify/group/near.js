// The chosen picture and those that are nearest to it, by the network and by the pixels.

/** @import { Group } from "./group.js" */

import { columnsOf, element, sharpen, walk } from "../../canvas/shared.js";
import { focusAmong } from "../focus.js";
import { NEAR, drawThumbnail, pointAt } from "./plane.js";

/**
 * @typedef {object} NearParts
 * @property {HTMLElement} nearBox
 * @property {HTMLCanvasElement} chosenPicture
 * @property {HTMLElement} chosenWords
 * @property {HTMLElement[]} lists of neighbours, by the network and by the pixels
 * @property {HTMLElement[]} listTitles
 */

const PLACE_WORDS = ["1st", "2nd", "3rd"];

/** @param {number} place */
function placeInWords(place) {
  return (
    PLACE_WORDS[place - 1] ??
    `${place}th`.replace(
      /(?<!1)([123])th$/,
      (_, digit) => `${digit}${["st", "nd", "rd"][digit - 1]}`,
    )
  );
}

/**
 * All other pictures, the nearest to picture `i` first, by the distances of one side.
 * @param {Group} me
 * @param {number} side
 * @param {number} i
 */
export function neighboursOf(me, side, i) {
  const { distances } = me.sides[side];
  const count = me.header.items.length;
  const others = Array.from({ length: count }, (_, other) => other).filter((other) => other !== i);
  return others.sort((a, b) => distances[i * count + a] - distances[i * count + b] || a - b);
}

/** @param {Group} me */
export function buildNear(me) {
  me.chosenPicture = element("canvas", { aria: { hidden: "true" } });
  me.chosenWords = element("div", { className: "chosen-words" });
  me.lists = [0, 1].map(() => element("ol", { className: "near" }));
  me.listTitles = [0, 1].map(() => element("h4", {}));
  me.nearBox = element(
    "section",
    { className: "nearest", aria: { label: "The pictures most like the chosen one" } },
    element("div", { className: "chosen" }, me.chosenPicture, me.chosenWords),
    element(
      "div",
      { className: "lists" },
      ...me.lists.map((list, side) => element("div", {}, me.listTitles[side], list)),
    ),
  );
  for (const list of me.lists) walk(list, () => [...list.querySelectorAll("button")], columnsOf);
}

/** @param {Group} me */
export function drawNear(me) {
  const {
    items,
    title,
    settings: { step },
  } = me.header; // that of the distances
  const { chosen } = me.s;
  drawThumbnail(me, sharpen(me.chosenPicture, 128, 128), chosen, 0, 0, 128);
  const { name, kind } = items[chosen];
  const letters = me.header.letters;
  me.chosenWords.replaceChildren(
    element("h3", {}, "Most like this one"),
    element("div", { className: "name" }, name),
    element(
      "div",
      { className: "faint" },
      [
        kind && !name.startsWith(kind) ? kind : "",
        `cluster ${letters[me.header.sides[0].clusters[chosen]]} by the features, ${letters[me.header.sides[1].clusters[chosen]]} by the pixels`,
      ]
        .filter(Boolean)
        .join(", "),
    ),
    element(
      "div",
      { className: "faint" },
      "The number is the cosine distance: 0 is the same direction, 1 nothing in common, 2 the opposite.",
    ),
  );
  const titles = [`By ${step} of ${title}`, "By raw pixels"];
  const others = ["by pixels", `by ${step}`];
  me.lists.forEach((list, side) => {
    me.listTitles[side].textContent = titles[side];
    const held = focusAmong([...list.querySelectorAll("button")]);
    const buttons = me.near[side]
      .slice(0, NEAR)
      .map((i, place) => nearButton(me, side, i, place, others[side]));
    list.replaceChildren(...buttons.map((button) => element("li", {}, button)));
    if (buttons.length) buttons[Math.max(0, held)].tabIndex = 0;
    if (held >= 0) buttons[Math.min(held, buttons.length - 1)]?.focus();
  });
}

/**
 * @param {Group} me
 * @param {number} side
 * @param {number} i
 * @param {number} place
 * @param {string} other what its rank on the other side is by
 */
function nearButton(me, side, i, place, other) {
  const { items } = me.header;
  const { chosen } = me.s;
  const far = me.sides[side].distances[chosen * items.length + i];
  const rank = me.near[1 - side].indexOf(i) + 1;
  const same = items[i].kind && items[chosen].kind ? items[i].kind === items[chosen].kind : null;
  const picture = element("canvas", { aria: { hidden: "true" } });
  drawThumbnail(me, sharpen(picture, 64, 64), i, 0, 0, 64);
  const mark =
    same === null
      ? ""
      : element(
          "span",
          { className: same ? "same" : "other", aria: { hidden: "true" } },
          same ? "✓" : "✗",
        );
  const said =
    same === null ? "" : same ? ", of the same kind" : `, of another kind: ${items[i].kind}`;
  const button = element(
    "button",
    {
      type: "button",
      tabIndex: -1,
      title: items[i].name,
      dataset: { distance: far },
      aria: {
        label: `${placeInWords(place + 1)}: ${items[i].name}, distance ${far.toFixed(3)}${said}; ${placeInWords(rank)} ${other}`,
      },
    },
    element("span", { className: "shot" }, picture, mark),
    element("span", { className: "number" }, far.toFixed(3)),
    element(
      "span",
      { className: "faint number" },
      `${placeInWords(rank)} ${side ? "by step" : "by pixels"}`,
    ),
  );
  button.onclick = () => me.choose(i);
  button.onpointerenter = () => pointAt(me, i);
  button.onpointerleave = () => pointAt(me, null);
  button.onfocus = () => pointAt(me, i);
  button.onblur = () => pointAt(me, null);
  return button;
}
