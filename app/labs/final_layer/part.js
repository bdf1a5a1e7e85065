// What the parts of the final layer's lab share.

import { show } from "../../canvas/figures.js";
import { element } from "../../canvas/shared.js";

/** @import { Control } from "../../canvas/controls.js" */
/** @import { Part } from "./types.js" */

/**
 * A part of the page: its heading, what it is about, its controls and its bench.
 * @template {Record<string, Control>} C
 * @param {string} title
 * @param {string} words
 * @param {C} controls
 * @param {...(Node | string)} content
 * @returns {Part<C>}
 */
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

/**
 * A number with its sign, for terms of a sum; zero is added.
 * @param {number} value
 * @param {number} [digits]
 */
export function signedTerm(value, digits = 3) {
  const text = show(value, digits);
  return value < 0 ? text : `+${text}`;
}
