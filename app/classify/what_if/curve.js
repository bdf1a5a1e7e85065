// The prediction curve: the shares of the first five classes while one number of the edits goes
// through its range. A line marks where it is now; a click or the arrow keys move it there.

/** @import { Choice } from "../../canvas/controls.js" */
/** @import { Point } from "../../canvas/types.js" */
/** @import { Texts, WhatIf } from "./what_if.js" */

import { show } from "../../canvas/figures.js";
import { drawPercentLines, element, sharpen, strokeWithGaps } from "../../canvas/shared.js";
import { choice } from "../../canvas/controls.js";
import { EDITS } from "./edits.js";

/**
 * How the answer goes while one number goes through its range.
 * @typedef {object} Curve
 * @property {string} name of the number, as settings have it
 * @property {number[]} values of the number, rising
 * @property {string[]} labels of the classes that are followed
 * @property {(number | null)[][]} shares for each class one for each value, 0..1; null for what is not a number
 */

/** @typedef {[low: number, high: number, step: number]} Reach */

/**
 * How a line is drawn: its colour and its dashes.
 * @typedef {[colour: string, dash: number[]]} Line
 */

/**
 * What the curve is shown in.
 * @typedef {object} CurveParts
 * @property {Choice<string>} curveChoice
 * @property {HTMLCanvasElement} curveBase
 * @property {HTMLCanvasElement} curveOver
 * @property {HTMLElement} curveKey
 * @property {HTMLElement} curveSaid
 * @property {HTMLElement} curveStage
 * @property {HTMLButtonElement} curveStop
 * @property {Curve | null} curve
 * @property {string} curveFor the question that it answers
 * @property {string} curveOf what else was set when it was worked out
 * @property {CanvasRenderingContext2D} curvePen
 * @property {number} curveWide
 * @property {(value: number, share: number) => Point} curvePlace
 */

/** @type {Line[]} */
const LINES = [
  ["#0072b2", []],
  ["#d55e00", [7, 3]],
  ["#009e73", [2, 3]],
  ["#cc79a7", [9, 3, 2, 3]],
  ["#b58900", [5, 5]],
];
const CURVE_TALL = 210;
const CURVE_SIDES = { left: 46, right: 12, top: 10, bottom: 36 };
/** @type {Texts} */
export const CURVE_WORDS = {
  turn: "Turn, in degrees",
  right: "Move right, in percent",
  down: "Move down, in percent",
  blur: "Blur, in percent",
  crop: "Crop, percent kept",
  crop_right: "Crop, across",
  crop_down: "Crop, down",
  none: "No curve",
};

/** @param {WhatIf} me */
export function buildCurve(me) {
  me.curveChoice = choice({
    label: "The answer while one number goes through its range",
    help: "Of the classes that come first while nothing is changed.",
    options: Object.entries(CURVE_WORDS),
    onChoose: (curve) => me.set({ curve }),
  });
  me.curveBase = element("canvas", {
    className: "base pointable",
    tabIndex: 0,
    aria: { role: "application" },
  });
  me.curveOver = element("canvas", { className: "over" });
  me.curveKey = element("div", { className: "curve-key" });
  me.curveSaid = element("p", { className: "faint number read", aria: { live: "polite" } });
  me.curveStage = element("div", { className: "stage" }, me.curveBase, me.curveOver);
  me.curveStop = element("button", { type: "button" }, "Stop");
  me.curveStop.onclick = () => {
    me.set({ curve: "none" });
    me.curveChoice.select.focus();
  };
  me.curveBox.replaceChildren(
    me.curveChoice.root,
    element("div", { className: "row" }, me.curveStop),
    me.curveStage,
    me.curveKey,
    me.curveSaid,
  );
  listenToCurve(me);
}

/** @param {WhatIf} me */
function listenToCurve(me) {
  /** @type {(event: PointerEvent, curve: Curve) => number} */
  const valueAt = (event, curve) => {
    const { left } = CURVE_SIDES;
    const [low, high, step] = rangeOf(me, curve);
    const share = (event.clientX - me.curveBase.getBoundingClientRect().left - left) / me.curveWide;
    return nearestStep(low + Math.max(0, Math.min(1, share)) * (high - low), low, step);
  };
  /** @type {[name: string, value: string] | null} */
  let held = null; // what is dragged, and where it was before
  me.curveBase.onpointerdown = (event) => {
    if (!me.curve) return;
    held = [me.curve.name, me.s[me.curve.name]];
    me.curveBase.setPointerCapture(event.pointerId);
    me.drag(me.curve.name, valueAt(event, me.curve));
  };
  me.curveBase.onpointermove = (event) => {
    if (held && me.curve) me.drag(me.curve.name, valueAt(event, me.curve));
  };
  me.curveBase.onpointerup = () => {
    if (held) {
      held = null;
      me.commit();
    }
  };
  me.curveBase.onpointercancel = () => {
    if (held) {
      me.drag(...held);
      held = null;
    }
  }; // the page was scrolled
  me.curveBase.onkeydown = (event) => {
    if (!me.curve) return;
    const [low, high] = rangeOf(me, me.curve);
    const apart = me.curve.values[1] - me.curve.values[0];
    const now = Number(me.s[me.curve.name]);
    /** @type {Record<string, number>} */
    const moves = { ArrowRight: now + apart, ArrowLeft: now - apart, Home: low, End: high };
    if (!(event.key in moves)) return;
    event.preventDefault();
    me.drag(me.curve.name, Math.max(low, Math.min(high, moves[event.key])));
    clearTimeout(me.keyTimer);
    me.keyTimer = setTimeout(me.commit, 500);
  };
}

/** @type {(value: number, low: number, step: number) => number} */
function nearestStep(value, low, step) {
  return Number((low + Math.round((value - low) / step) * step).toFixed(4));
}

/**
 * @param {WhatIf} me
 * @param {Curve} curve
 */
function rangeOf(me, curve) {
  return me.header.ranges[curve.name];
}

/** @param {WhatIf} me */
export function takeCurve(me) {
  if (me.curveFor !== me.header.question) me.curve = null; // of another picture or network
  me.curveFor = me.header.question;
  // While something else is dragged, the curve that was there stays until the next one is worked out.
  if (me.header.curve) {
    me.curve = me.header.curve;
    me.curveOf = restOf(me.curve, me.header.settings);
  } else if (me.curve && me.header.curves[me.s.curve] !== me.curve.name) me.curve = null;
}

/**
 * Everything that a curve hangs on but the number that it goes through.
 * @param {Curve} curve
 * @param {Texts} settings
 */
function restOf(curve, settings) {
  return JSON.stringify([
    settings.change,
    ...EDITS.filter((name) => name !== curve.name).map((name) => settings[name]),
  ]);
}

/** @param {WhatIf} me */
export function drawCurve(me) {
  me.curveChoice.update({ value: me.s.curve });
  const room = Math.floor(me.curveBox.clientWidth);
  const working = me.header.working && me.s.half === "picture";
  const shown = me.s.curve !== "none" && room > 0 ? me.curve : null;
  me.curveStage.hidden = me.curveKey.hidden = !shown;
  me.curveStop.hidden = !working;
  if (shown) drawShown(me, shown, room);
  else me.curveSaid.textContent = working ? "The curve is being worked out …" : "";
}

/**
 * @param {WhatIf} me
 * @param {Curve} curve
 * @param {number} room
 */
function drawShown(me, curve, room) {
  const { values, shares, labels } = curve;
  const context = sharpen(me.curveBase, room, CURVE_TALL);
  me.curvePen = sharpen(me.curveOver, room, CURVE_TALL);
  me.curveWide = room - CURVE_SIDES.left - CURVE_SIDES.right;
  const tall = CURVE_TALL - CURVE_SIDES.top - CURVE_SIDES.bottom;
  const [low, high] = rangeOf(me, curve);
  me.curvePlace = (value, share) => [
    CURVE_SIDES.left + ((value - low) / (high - low)) * me.curveWide,
    CURVE_SIDES.top + (1 - share) * tall,
  ];
  const style = getComputedStyle(me.root);
  context.font = `12px ${style.fontFamily}`;
  context.fillStyle = style.color;
  drawPercentLines(context, (share) => me.curvePlace(low, share), me.curveWide);
  context.textAlign = "center";
  const count = me.curveWide < 320 ? 4 : 8;
  for (let i = 0; i <= count; i++) {
    const value = low + (i / count) * (high - low);
    context.fillText(
      show(value, 3),
      me.curvePlace(value, 0)[0],
      CURVE_TALL - CURVE_SIDES.bottom + 12,
    );
  }
  context.fillText(CURVE_WORDS[me.s.curve], CURVE_SIDES.left + me.curveWide / 2, CURVE_TALL - 8);
  const stale = me.curveOf !== restOf(curve, me.s);
  context.globalAlpha = stale ? 0.35 : 1;
  shares.forEach((line, i) => {
    drawShare(me, context, values, line, LINES[i]);
  });
  me.curveBase.setAttribute(
    "aria-label",
    `Shares of ${labels.join(", ")} while “${CURVE_WORDS[me.s.curve]}” goes from ${low} to ${high}. Left and right arrow keys move along.`,
  );
  drawCursor(me, curve, stale);
}

/**
 * @param {WhatIf} me
 * @param {CanvasRenderingContext2D} context
 * @param {number[]} values
 * @param {(number | null)[]} line
 * @param {Line} style
 */
function drawShare(me, context, values, line, [colour, dash]) {
  context.strokeStyle = colour;
  context.lineWidth = 2.5;
  context.lineJoin = "round";
  context.setLineDash(dash);
  // What is not a number leaves a gap.
  strokeWithGaps(
    context,
    line.map((share, i) => (share === null ? null : me.curvePlace(values[i], share))),
  );
  context.setLineDash([]);
}

/**
 * A line where the number is now, and what every curve says there.
 * @param {WhatIf} me
 * @param {Curve} curve
 * @param {boolean} stale
 */
function drawCursor(me, { name, values, shares, labels }, stale) {
  const now = Number(me.s[name]);
  const pen = me.curvePen;
  const [x, bottom] = me.curvePlace(now, 0);
  pen.strokeStyle = getComputedStyle(me.root).color;
  pen.lineWidth = 1.5;
  pen.beginPath();
  pen.moveTo(x, CURVE_SIDES.top);
  pen.lineTo(x, bottom);
  pen.stroke();
  const read = shares.map((line) => between(values, line, now));
  read.forEach((share, i) => {
    if (share === null) return;
    pen.fillStyle = LINES[i][0];
    pen.beginPath();
    pen.arc(...me.curvePlace(now, share), 5, 0, 2 * Math.PI);
    pen.fill();
  });
  me.curveKey.replaceChildren(
    ...labels.map((label, i) =>
      element(
        "span",
        { className: "key" },
        dashSample(LINES[i]),
        element("span", {}, label),
        element("span", { className: "number" }, onCurve(read[i])),
      ),
    ),
  );
  const best = labels[read.indexOf(Math.max(...read.map((share) => share ?? -1)))];
  me.curveSaid.textContent = stale
    ? "The curve is that from before the last change; it will be worked out anew."
    : `At ${show(now)} “${best}” is the largest of these with ${onCurve(Math.max(...read.map((share) => share ?? 0)))}. Drag along the curve to move.`;
}

/** @param {Line} style */
function dashSample([colour, dash]) {
  const canvas = element("canvas");
  const context = sharpen(canvas, 26, 8);
  context.strokeStyle = colour;
  context.lineWidth = 2.5;
  context.setLineDash(dash);
  context.beginPath();
  context.moveTo(0, 4);
  context.lineTo(26, 4);
  context.stroke();
  return canvas;
}

/**
 * What a curve says between two of its points.
 * @param {number[]} values
 * @param {(number | null)[]} line
 * @param {number} now
 */
function between(values, line, now) {
  const after = Math.max(
    1,
    values.findIndex((value) => value >= now),
  );
  const [from, to] = [line[after - 1], line[after]];
  if (from === null || to === null) return null;
  return from + ((now - values[after - 1]) / (values[after] - values[after - 1])) * (to - from);
}

/**
 * A share on the curve, in words.
 * @param {number | null} share
 */
export function onCurve(share) {
  return share === null ? "not a number" : `${show(100 * share, 3)} %`;
}
