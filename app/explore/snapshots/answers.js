// What the network says at a moment: its classes, the curve of the answer, a sentence.

/** @import { Point } from "../../canvas/types.js" */
/** @import { Moment, Snapshots } from "./types.js" */

import { show } from "../../canvas/figures.js";
import { element, sharpen } from "../../canvas/shared.js";

const CURVE = [280, 104];

/**
 * What is said of a moment.
 * @param {Snapshots} me
 * @param {Moment} moment
 */
export function saidOf(me, moment) {
  const right = moment.rightWords ? ` It has ${moment.rightWords} of the test pictures right.` : "";
  const [label, , words] = moment.classes[0];
  const { followed } = me.header;
  const rest =
    label === followed
      ? ""
      : ` “${followed}”, its answer at the end, gets ${percent(moment.followed)}.`;
  return `${moment.words}.${right} Of this picture it says “${label}”, ${words}.${rest}`.replaceAll(
    " %",
    "\u00a0%",
  );
}

/**
 * A share as a percentage of two digits.
 * @param {number} share
 */
export function percent(share) {
  return `${show(share * 100, 2)} %`;
}

/**
 * List the most likely classes.
 * @param {Snapshots} me
 * @param {Moment} moment
 */
export function drawClasses(me, moment) {
  me.classes.replaceChildren(
    ...moment.classes.map(([label, share, words]) =>
      element(
        "li",
        { className: label === me.header.followed ? "followed" : "" },
        element("span", { className: "class", title: label }, label),
        element("span", { className: "number" }, words),
        element(
          "span",
          { className: "track", aria: { hidden: "true" } },
          element("span", { className: "bar", style: { width: `${share * 100}%` } }),
        ),
      ),
    ),
  );
}

/**
 * The share of the final answer at every moment, and how many test pictures are right.
 * @param {Snapshots} me
 */
export function drawCurve(me) {
  const { moments, followed } = me.header;
  const [width, height] = CURVE;
  const context = sharpen(me.curve, width, height);
  const style = getComputedStyle(me.root);
  const primary = style.getPropertyValue("--st-primary-color") || "#c2410c";
  const ink = style.color;
  const [left, top, bottom] = [40, 8, height - 12];
  /** @param {number} number */
  const x = (number) => left + 8 + (number * (width - left - 18)) / Math.max(1, moments.length - 1);
  /** @param {number} share */
  const y = (share) => bottom - share * (bottom - top);
  context.font = "11px system-ui, sans-serif";
  context.textAlign = "right";
  context.textBaseline = "middle";
  context.fillStyle = ink;
  context.strokeStyle = "rgb(128 128 128 / 40%)";
  for (const share of [0, 0.5, 1]) {
    context.fillText(`${share * 100} %`, left - 4, y(share));
    line(context, [
      [left, y(share)],
      [width, y(share)],
    ]);
  }
  const measured = moments.flatMap(({ right }, number) =>
    right === null ? [] : [/** @type {Point} */ ([x(number), y(right)])],
  );
  context.strokeStyle = ink;
  context.lineWidth = 1.5;
  context.setLineDash([4, 3]);
  line(context, measured);
  context.setLineDash([]);
  context.strokeStyle = context.fillStyle = primary;
  context.lineWidth = 2;
  line(
    context,
    moments.map((each, number) => [x(number), y(each.followed)]),
  );
  moments.forEach((each, number) => {
    context.beginPath();
    context.arc(x(number), y(each.followed), number === me.player.at ? 5 : 2.5, 0, 2 * Math.PI);
    context.fill();
  });
  const dashes = measured.length > 1 ? "; dashed: test pictures that it has right" : "";
  me.curveWords.textContent = `Line: the share of “${followed}” for this picture${dashes}`;
  me.curve.setAttribute(
    "aria-label",
    `${me.curveWords.textContent}. At ${moments.length} moments: ${moments.map((each) => percent(each.followed)).join(", ")}.`,
  );
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Point[]} points
 */
function line(context, points) {
  context.beginPath();
  for (const point of points) context.lineTo(...point);
  context.stroke();
}
