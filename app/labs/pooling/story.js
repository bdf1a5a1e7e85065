// What pooling does to noise and to a shift: three pictures, and how much is left.

/** @import { Scale } from "../../canvas/types.js" */
/** @import { Pooling, Settings } from "./types.js" */

import { show } from "../../canvas/figures.js";
import { element } from "../../canvas/shared.js";
import { Grid } from "../../canvas/grid.js";
import { errorsOf } from "./windows.js";

const TITLES = { picture: "The picture", max: "After maxima", average: "After averages" };
/** @type {(keyof typeof TITLES)[]} */
const PLACES = ["picture", "max", "average"];

/** Three grids, the sentence, and what holds all of them. */
export function makeStory() {
  const pictures = {
    picture: new Grid({ label: "picture" }),
    max: new Grid({ label: "max" }),
    average: new Grid({ label: "average" }),
  };
  const measured = element("div", { className: "measured" });
  const story = element(
    "div",
    { className: "story" },
    element("h3", {}, "What it does to noise and to a shift"),
    element("div", { className: "trio" }, ...PLACES.map((name) => pictures[name].figure)),
    measured,
  );
  return { pictures, measured, story };
}

/**
 * @param {Pooling} me
 * @param {Scale} scale
 * @param {number} room Of the lab, in CSS pixels.
 */
export function drawStory(me, scale, room) {
  const { s, result } = me;
  const { edges, rows, columns, both, changed } = result;
  const side = Math.min(240, room / (room < 560 ? 2.2 : 3.3));
  const errors = errorsOf(result);
  for (const name of PLACES) {
    const [height, width] = name === "picture" ? edges : [rows.count, columns.count];
    const values = name === "picture" ? changed : both[name];
    const caption = `${TITLES[name]}: changed by ${show(errors[name], 3)}`;
    me.pictures[name].set({ height, width, values, scale, caption });
    me.pictures[name].draw(side);
  }
  me.measured.dataset.errors = JSON.stringify(errors);
  me.measured.textContent = storyWords(s, errors);
}

/**
 * @param {Settings} s
 * @param {ReturnType<typeof errorsOf>} errors
 */
function storyWords(s, { picture, max, average }) {
  if (!picture)
    return "Add noise or move the picture, and see how much of the change is left after pooling (root of the mean squared difference to the unchanged picture).";
  const what = [s.noise !== "none" ? "the noise" : "", s.shift ? "the shift" : ""]
    .filter(Boolean)
    .join(" and ");
  /** @param {number} value */
  const left = (value) => `${show((100 * value) / picture, 3)} %`;
  /** @type {(one: number, two: number) => boolean} */
  const near = (one, two) => Math.abs(one - two) < 1e-9;
  const better = near(max, average)
    ? "both keep out alike"
    : max < average
      ? "the maximum keeps out more"
      : "the average keeps out more";
  /** @param {number} value */
  const verdict = (value) =>
    near(value, picture)
      ? "as much as in the picture"
      : value < picture
        ? "less than in the picture"
        : "more than in the picture";
  const why = {
    pepper:
      "A black pixel wins only where all are black, so maxima drop it: this is the noise they suppress.",
    salt: "A single white pixel wins its whole window, so maxima carry salt on and make it larger; they only hide pepper.",
    gauss:
      "Random amounts cancel out in an average; a maximum picks the largest of them, so all its values rise.",
    none: "Within a window it does not matter where a value stands; what crosses the border of a window does.",
  }[s.noise];
  return `Of ${what} there is left: ${left(max)} after maxima (${verdict(max)}), ${left(average)} after averages (${verdict(average)}). Here ${better}. ${why}`;
}
