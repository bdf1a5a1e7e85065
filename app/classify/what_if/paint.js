// Paint over the picture, by hand and by keys.

/** @import { Mark } from "./codes.js" */
/** @import { WhatIf } from "./what_if.js" */

import { readMarks, writeMarks } from "./codes.js";
import { covers, grownMark, markInWords, movedMark, pointsOf } from "./marks.js";

/**
 * A mark that is being drawn or moved.
 * @typedef {object} Stroke
 * @property {number} index which mark it is
 * @property {[number, number]} from where the hand began
 * @property {Mark} was the mark at that moment
 * @property {string} before all paint at that moment
 */

const LEAST_STEP = 2; // between the points of a stroke, in percent of the edge

/** @param {WhatIf} me */
export function listenToPaint(me) {
  const canvas = me.canvas;
  /**
   * @param {PointerEvent} event
   * @returns {[number, number]}
   */
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    /** @param {number} share */
    const percent = (share) => Math.round(Math.max(0, Math.min(1, share)) * 100);
    return [
      percent((event.clientX - box.left) / box.width),
      percent((event.clientY - box.top) / box.height),
    ];
  };
  canvas.onpointerdown = (event) => {
    if (event.button || me.header.pictureRefusal) return;
    canvas.setPointerCapture(event.pointerId);
    const [x, y] = place(event);
    const marks = readMarks(me.s.paint);
    if (me.tool === "move") {
      const index = marks.findLastIndex((mark) => covers(mark, x, y));
      if (index >= 0) me.stroke = { index, from: [x, y], was: marks[index], before: me.s.paint };
      return;
    }
    if (marks.length >= me.header.limits.marks) {
      sayPaint(me, `There are ${marks.length} marks already, the most that fit.`);
      return;
    }
    const colour = me.colour.value.slice(1);
    const mark =
      me.tool === "brush"
        ? { kind: "b", colour, numbers: [me.radius, x, y] }
        : { kind: "r", colour, numbers: [x, y, 0, 0] };
    me.stroke = { index: marks.length, from: [x, y], was: mark, before: me.s.paint };
    if (me.tool === "brush") putMark(me, me.stroke, mark);
  };
  canvas.onpointermove = (event) => {
    if (me.stroke) drawOn(me, me.stroke, place(event));
  };
  canvas.onpointerup = canvas.onpointercancel = () => {
    if (!me.stroke) return;
    const changed = me.s.paint !== me.stroke.before;
    me.stroke = null;
    if (changed) me.commit();
  };
  canvas.onkeydown = (event) => paintByKey(me, event);
}

/**
 * Go on with what the hand is doing, to a place in percent.
 * @param {WhatIf} me
 * @param {Stroke} stroke
 * @param {[number, number]} to
 */
function drawOn(me, stroke, [x, y]) {
  const [x0, y0] = stroke.from;
  if (me.tool === "move") putMark(me, stroke, movedMark(stroke.was, x - x0, y - y0));
  else if (me.tool === "rectangle") {
    const numbers = [Math.min(x, x0), Math.min(y, y0), Math.abs(x - x0), Math.abs(y - y0)];
    if (numbers[2] && numbers[3]) putMark(me, stroke, { ...stroke.was, numbers });
  } else {
    const mark = readMarks(me.s.paint)[stroke.index];
    const points = mark ? pointsOf(mark) : [];
    const last = points.at(-1);
    if (!last || Math.hypot(x - last[0], y - last[1]) < LEAST_STEP) return;
    if (points.length < me.header.limits.points)
      putMark(me, stroke, { ...mark, numbers: [...mark.numbers, x, y] });
  }
}

/**
 * Put the mark that is being drawn or moved in its place, if it still fits into an address.
 * @param {WhatIf} me
 * @param {Stroke} stroke
 * @param {Mark} mark
 */
function putMark(me, { index }, mark) {
  const marks = readMarks(me.s.paint);
  marks[index] = mark;
  const text = writeMarks(marks);
  if (text.length > me.header.limits.letters) sayFull(me);
  else if (text !== me.s.paint) me.drag("paint", text);
}

/**
 * @param {WhatIf} me
 * @param {KeyboardEvent} event
 */
function paintByKey(me, event) {
  if (me.header.pictureRefusal) return;
  const by = event.shiftKey ? 10 : 2;
  /** @type {Record<string, [number, number]>} */
  const moves = { ArrowRight: [by, 0], ArrowLeft: [-by, 0], ArrowDown: [0, by], ArrowUp: [0, -by] };
  const marks = readMarks(me.s.paint);
  const last = marks.at(-1);
  if (event.key === "Enter" || event.key === " ") {
    if (marks.length >= me.header.limits.marks) return;
    marks.push({ kind: "r", colour: me.colour.value.slice(1), numbers: [35, 35, 30, 30] });
  } else if (last && event.key in moves) marks.splice(-1, 1, movedMark(last, ...moves[event.key]));
  else if (last && (event.key === "+" || event.key === "-"))
    marks.splice(-1, 1, grownMark(last, event.key === "+" ? 2 : -2));
  else if (last && (event.key === "Delete" || event.key === "Backspace")) marks.pop();
  else return;
  event.preventDefault();
  const text = writeMarks(marks);
  if (text.length > me.header.limits.letters) {
    sayFull(me);
    return;
  }
  me.drag("paint", text);
  const now = marks.at(-1);
  sayPaint(me, now ? `Painted over: ${markInWords(now)}.` : "No paint is left.");
  clearTimeout(me.keyTimer);
  me.keyTimer = setTimeout(me.commit, 500); // a step of the history for a walk, not for each key
}

/** @param {WhatIf} me */
function sayFull(me) {
  sayPaint(me, "There is too much paint for one address: take some back first.");
}

/**
 * @param {WhatIf} me
 * @param {string} words
 */
function sayPaint(me, words) {
  me.paintSaid.textContent = words;
}
