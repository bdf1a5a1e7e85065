// Which step groups best: the share of pictures whose nearest neighbour is of their own kind, over
// the depth of the network, beside that of the pixels and that of chance. A click chooses a step.

/** @import { Point } from "../../canvas/types.js" */
/** @import { Group } from "./group.js" */

import { shareInWords } from "../../canvas/figures.js";
import { drawPercentLines, element, sharpen, strokeWithGaps } from "../../canvas/shared.js";
import { hand } from "../../canvas/lab.js";

/**
 * How often the nearest neighbour is of the same kind; a share of null if kinds are not known, or a
 * picture has no finite features.
 * @typedef {{ share: null } | { share: number, right: number, count: number, chance: number }} Kinship
 */

/** @typedef {{ name: string, width: number } & Kinship} Step */

/**
 * @typedef {object} DepthParts
 * @property {HTMLElement} depthBox
 * @property {HTMLElement} depthStage
 * @property {HTMLElement} depthSaid
 * @property {HTMLCanvasElement} depthBase
 * @property {HTMLCanvasElement} depthOver
 * @property {CanvasRenderingContext2D} [depthContext]
 * @property {number} depthWide
 * @property {number | null} depthAt the step that is pointed at
 */

const DEPTH_TALL = 190;
const DEPTH_SIDES = { left: 48, right: 12, top: 14, bottom: 34 };
const DEPTH_COLOURS = { deep: "#4477aa", flat: "#ee7733", chance: "#888888" };

/** @param {Group} me */
export function buildDepth(me) {
  me.depthBase = element("canvas", {
    className: "base",
    tabIndex: 0,
    aria: {
      role: "application",
      label:
        "Which step groups best. Left and right arrow keys read the curve, Enter shows a step.",
    },
  });
  me.depthOver = element("canvas", { className: "over" });
  me.depthSaid = element("p", { className: "number read", aria: { live: "polite" } });
  me.depthStage = element("div", { className: "stage" }, me.depthBase, me.depthOver);
  /** @type {(name: keyof typeof DEPTH_COLOURS, words: string) => HTMLElement} */
  const key = (name, words) =>
    element(
      "span",
      { className: "key" },
      element("span", { className: `line ${name}`, style: { borderColor: DEPTH_COLOURS[name] } }),
      words,
    );
  me.depthBox = element(
    "section",
    { className: "depth", aria: { label: "Which step groups best" } },
    element("h3", {}, "Which step groups best?"),
    element(
      "div",
      { className: "keys" },
      key("deep", "features of the step"),
      key("flat", "raw pixels"),
      key("chance", "by lot"),
    ),
    me.depthStage,
    me.depthSaid,
  );
  me.depthAt = null;
  /** @param {MouseEvent} event */
  const at = (event) => {
    const x = event.clientX - me.depthBase.getBoundingClientRect().left - DEPTH_SIDES.left;
    return Math.max(0, Math.min(lastOf(me), Math.round((x / me.depthWide) * lastOf(me))));
  };
  me.depthBase.onpointermove = (event) => pointAtStep(me, at(event));
  me.depthBase.onpointerleave = (event) => {
    if (event.pointerType === "mouse") pointAtStep(me, null);
  };
  me.depthBase.onclick = (event) => {
    pointAtStep(me, at(event));
    chooseStep(me, at(event));
  };
  me.depthBase.onblur = () => pointAtStep(me, null);
  me.depthBase.onkeydown = (event) => {
    const now = me.depthAt ?? stepNumber(me);
    /** @type {Record<string, number>} */
    const moves = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: lastOf(me) };
    if (event.key in moves) pointAtStep(me, Math.max(0, Math.min(lastOf(me), moves[event.key])));
    else if (event.key === "Enter") chooseStep(me, now);
    else if (event.key === "Escape" && me.depthAt !== null) pointAtStep(me, null);
    else return;
    event.preventDefault();
  };
}

/** @param {Group} me */
function lastOf(me) {
  return me.header.steps.length - 1;
}

/** @param {Group} me */
export function stepNumber(me) {
  return Math.max(
    0,
    me.header.steps.findIndex(({ name }) => name === me.s.step),
  );
}

/**
 * @param {Group} me
 * @param {number} number
 */
function chooseStep(me, number) {
  const { name } = me.header.steps[number];
  if (name === me.s.step) return;
  me.s.step = name;
  me.update();
  hand(me);
}

/**
 * @param {Group} me
 * @param {number} number
 * @param {number} share
 * @returns {Point}
 */
function depthPlace(me, number, share) {
  return [
    DEPTH_SIDES.left + (number / Math.max(1, lastOf(me))) * me.depthWide,
    DEPTH_SIDES.top + (1 - share) * (DEPTH_TALL - DEPTH_SIDES.top - DEPTH_SIDES.bottom),
  ];
}

/** @param {Group} me */
export function drawDepth(me) {
  const { steps, pixelShare } = me.header;
  me.depthBox.hidden = pixelShare.share === null;
  const width = Math.floor(me.depthStage.clientWidth);
  if (pixelShare.share === null || width < 1) return;
  me.depthWide = width - DEPTH_SIDES.left - DEPTH_SIDES.right;
  const context = sharpen(me.depthBase, width, DEPTH_TALL);
  me.depthContext = sharpen(me.depthOver, width, DEPTH_TALL);
  const style = getComputedStyle(me.root);
  context.font = `12px ${style.fontFamily}`;
  context.fillStyle = style.color;
  drawPercentLines(context, (share) => depthPlace(me, 0, share), me.depthWide);
  context.textBaseline = "top";
  const floor = DEPTH_TALL - DEPTH_SIDES.bottom + 8;
  context.textAlign = "left";
  context.fillText(steps[0].name, DEPTH_SIDES.left, floor);
  context.textAlign = "right";
  context.fillText(steps[lastOf(me)].name, width - DEPTH_SIDES.right, floor);
  context.textAlign = "center";
  context.fillText("depth of the network →", DEPTH_SIDES.left + me.depthWide / 2, floor);
  levelLine(me, context, pixelShare.chance, DEPTH_COLOURS.chance, [2, 4]);
  levelLine(me, context, pixelShare.share, DEPTH_COLOURS.flat, [8, 4]);
  context.setLineDash([]);
  context.strokeStyle = context.fillStyle = DEPTH_COLOURS.deep;
  context.lineWidth = 2.5;
  // A step without finite features leaves a gap.
  strokeWithGaps(
    context,
    steps.map(({ share }, number) => (share === null ? null : depthPlace(me, number, share))),
  );
  steps.forEach(({ share }, number) => {
    if (share === null) return;
    context.beginPath();
    context.arc(...depthPlace(me, number, share), steps.length > 30 ? 2.5 : 3.5, 0, 2 * Math.PI);
    context.fill();
  });
  markStep(me);
}

/**
 * @param {Group} me
 * @param {CanvasRenderingContext2D} context
 * @param {number} share
 * @param {string} colour
 * @param {number[]} dash
 */
function levelLine(me, context, share, colour, dash) {
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.setLineDash(dash);
  context.beginPath();
  context.moveTo(...depthPlace(me, 0, share));
  context.lineTo(...depthPlace(me, lastOf(me), share));
  context.stroke();
}

/**
 * @param {Group} me
 * @param {number | null} number
 */
function pointAtStep(me, number) {
  me.depthAt = number;
  markStep(me);
}

/** @param {Group} me */
function markStep(me) {
  const { steps, pixelShare } = me.header;
  const context = me.depthContext;
  if (!context || pixelShare.share === null) return;
  const style = getComputedStyle(me.root);
  context.clearRect(0, 0, me.depthOver.width, me.depthOver.height);
  /** @type {(number: number, colour: string) => void} */
  const ring = (number, colour) => {
    const { share } = steps[number];
    context.strokeStyle = colour;
    context.lineWidth = 3;
    context.beginPath();
    const [x] = depthPlace(me, number, 0);
    if (share === null) {
      context.moveTo(x, DEPTH_SIDES.top);
      context.lineTo(x, DEPTH_TALL - DEPTH_SIDES.bottom);
    } else context.arc(...depthPlace(me, number, share), 7, 0, 2 * Math.PI);
    context.stroke();
  };
  ring(stepNumber(me), style.getPropertyValue("--st-primary-color"));
  if (me.depthAt !== null) ring(Math.min(me.depthAt, lastOf(me)), style.color);
  const step = steps[Math.min(me.depthAt ?? stepNumber(me), lastOf(me))];
  const best = steps.reduce((top, each) => ((each.share ?? -1) > (top.share ?? -1) ? each : top));
  const words =
    step.share === null
      ? "some pictures have no finite features"
      : `${step.right} of ${step.count}, ${shareInWords(step.share)}`;
  me.depthSaid.textContent = `${step.name}: ${words}. Raw pixels: ${shareInWords(pixelShare.share)}. Best: ${best.name}, ${shareInWords(best.share ?? 0)}.`;
}
