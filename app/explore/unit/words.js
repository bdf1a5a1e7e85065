// What there is to say of a pixel: what it is, what it sees, and the sum behind it.

import { show } from "../../canvas/figures.js";
import { fieldArea, placesIn, windowArea } from "./areas.js";
import { orderOf } from "./letters.js";
import { letterOf, placeNow } from "./state.js";

/** @import { Place } from "../../canvas/types.js" */
/** @import { Area } from "./areas.js" */
/** @import { Letter, Sum } from "./letters.js" */
/** @import { Input, Unit } from "./state.js" */

const MOST_LISTED = 9; // numbers under a window
const MOST_SAID = 25; // numbers of a kernel, to those who hear the page

/**
 * What is pointed at.
 * @param {Unit} me
 */
export function placeInWords(me) {
  const { header, pointed } = me;
  const { values, inputs } = me.panels;
  if (header.vector) {
    const unit = pointed ? pointed[0] * header.map.width + pointed[1] : header.channel;
    const name = header.classes[unit] ? `, the class “${header.classes[unit]}”` : "";
    const invitation = pointed ? ". Click, or press Enter, to see its sum." : "";
    return `${header.noun} ${unit}${name} = ${show(values[unit], 6)}${invitation}`;
  }
  const place = placeNow(me);
  const [row, column] = place;
  const value = show(values[row * header.map.width + column], 6);
  const parts = [`row ${row}, column ${column} = ${value}`];
  for (const input of inputs) parts.push(windowInWords(input, place));
  const area = letterOf(me, place)?.box ?? fieldArea(header.field, place);
  const { rows, columns } = header.photo;
  const beyond =
    area[0] < 0 || area[1] < 0 || area[2] > rows || area[3] > columns
      ? ", some of them padding beyond its edge"
      : "";
  parts.push(`sees ${areaInWords(area)}${beyond}`);
  const invitation = pointed
    ? ""
    : " Point at a pixel of the map, or walk over it with the arrow keys.";
  return `${parts.join("; ")}.${invitation}`;
}

/**
 * What lies under the window of a unit.
 * @param {Input} input
 * @param {Place} place
 */
function windowInWords({ source, own }, place) {
  const found = placesIn(windowArea(source.windows, place), source);
  const list = found
    .slice(0, MOST_LISTED)
    .map(([row, column]) => show(own[row * source.width + column]))
    .join(", ");
  return `${source.words} ${list}${found.length > MOST_LISTED ? ", …" : ""}`;
}

/**
 * How much of the picture an area is.
 * @param {Area} area
 */
export function areaInWords([top, left, bottom, right]) {
  const [tall, wide] = [bottom - top, right - left];
  return `${tall} × ${wide} ${tall * wide === 1 ? "pixel" : "pixels"} of the picture`;
}

/**
 * The sum in a sentence, for those who hear the page.
 * @param {Letter} letter
 */
export function sumInWords({ kind, sum, stages, value }) {
  const inTheMap = `${show(value, 6)} in the map.`;
  if (kind === "sum" && sum.count) {
    const terms = orderOf(sum, "rank")
      .slice(0, 3)
      .map((term) => `${sum.names(term)} adds ${show(sum.contributions[term])}`);
    const bias = sum.bias === null ? "" : `, ${sum.biasWords} ${show(sum.bias)}`;
    return (
      `${sum.count} terms; the largest: ${terms.join(", ")}${bias}. ` +
      `All together ${show(sum.total, 6)}; ${inTheMap}`
    );
  }
  const found = stages.map(({ name, value: after }) => `${name}: ${show(after)}`).join(", ");
  return `${found}${stages.length ? ". " : ""}${inTheMap}`;
}

/**
 * The numbers of a term, for screen readers.
 * @param {Sum} sum
 * @param {number} term
 */
export function cellsInWords({ height, width, patches, weights }, term) {
  const count = height * width;
  if (count > MOST_SAID) return `${height} by ${width} numbers, in the table below`;
  /** @param {Float32Array} values */
  const list = (values) =>
    Array.from(values.subarray(term * count, (term + 1) * count), (each) => show(each, 3)).join(
      ", ",
    );
  return weights ? `${list(patches)} times ${list(weights)}` : list(patches);
}

/**
 * What stands over what lies behind a pixel.
 * @param {Letter} letter
 * @param {string} where
 */
export function titleOf({ kind, sum }, where) {
  if (kind === "sum" && sum.weights) return `The whole sum behind ${where}`;
  if (kind === "largest") return `The winner behind ${where}`;
  if (kind === "average") return `The average behind ${where}`;
  return `What is behind ${where}`;
}
