// Paint over the picture: marks as text, and which pixels they cover, as `ali5.pictures.edits`.

import { GREY_SHARES } from "../../canvas/photo.js";
import { JOINT } from "./what_if.js";

const LEAST_STEP = 2; // between the points of a stroke, in percent of the edge

export function readMarks(text) {
  return text
    .split(JOINT)
    .filter(Boolean)
    .map((code) => {
      const [kind, colour, ...numbers] = code.split(".");
      return { kind, colour, numbers: numbers.map(Number) };
    });
}

export function writeMarks(marks) {
  return marks.map(({ kind, colour, numbers }) => [kind, colour, ...numbers].join(".")).join(JOINT);
}

/** The points of a mark: corners of a rectangle, or those of a stroke. */
function pointsOf({ kind, numbers }) {
  if (kind === "r") {
    const [left, top, width, height] = numbers;
    return [
      [left, top],
      [left + width, top + height],
    ];
  }
  return Array.from({ length: (numbers.length - 1) / 2 }, (_, i) => [
    numbers[1 + 2 * i],
    numbers[2 + 2 * i],
  ]);
}

function covers({ kind, numbers }, x, y) {
  if (kind === "r") {
    const [left, top, width, height] = numbers;
    return x >= left && x < left + width && y >= top && y < top + height;
  }
  const points = pointsOf({ kind, numbers });
  return points.some(([x0, y0], i) => {
    const [x1, y1] = points[i + 1] ?? [x0, y0];
    const length = (x1 - x0) ** 2 + (y1 - y0) ** 2;
    const along = Math.max(
      0,
      Math.min(1, ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / (length || 1)),
    );
    return (x - x0 - along * (x1 - x0)) ** 2 + (y - y0 - along * (y1 - y0)) ** 2 <= numbers[0] ** 2;
  });
}

/** Paint marks over RGB bytes. */
export function paintOver(bytes, size, marks, grey) {
  for (const mark of marks) {
    let colour = [0, 2, 4].map((at) => parseInt(mark.colour.slice(at, at + 2), 16));
    if (grey)
      colour = Array(3).fill(
        Math.round(GREY_SHARES.reduce((sum, share, i) => sum + share * colour[i], 0)),
      );
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) {
        const [x, y] = [((column + 0.5) * 100) / size, ((row + 0.5) * 100) / size];
        if (covers(mark, x, y)) bytes.set(colour, 3 * (row * size + column));
      }
    }
  }
}

/** Move a mark as far as it goes without leaving the picture. */
function movedMark(mark, right, down) {
  const points = pointsOf(mark);
  const [xs, ys] = [0, 1].map((axis) => points.map((point) => point[axis]));
  const within = (by, all) =>
    Math.round(Math.max(-Math.min(...all), Math.min(100 - Math.max(...all), by)));
  const [dx, dy] = [within(right, xs), within(down, ys)];
  const numbers =
    mark.kind === "r"
      ? [mark.numbers[0] + dx, mark.numbers[1] + dy, mark.numbers[2], mark.numbers[3]]
      : mark.numbers.map((each, i) => (i === 0 ? each : i % 2 ? each + dx : each + dy));
  return { ...mark, numbers };
}

/** Make a rectangle or a brush larger or smaller about its middle. */
function grownMark(mark, by) {
  const numbers = [...mark.numbers];
  if (mark.kind === "b") numbers[0] = Math.max(1, Math.min(50, numbers[0] + by));
  else {
    for (const axis of [0, 1]) {
      const size = Math.max(2, Math.min(100, numbers[axis + 2] + 2 * by));
      const start = Math.round(numbers[axis] + (numbers[axis + 2] - size) / 2);
      numbers[axis] = Math.max(0, Math.min(100 - size, start));
      numbers[axis + 2] = size;
    }
  }
  return { ...mark, numbers };
}

function markInWords(mark) {
  if (mark.kind === "b") return `a stroke of ${pointsOf(mark).length} points`;
  const [left, top, width, height] = mark.numbers;
  return `a rectangle of ${width} by ${height} %, ${left} % from the left and ${top} % from the top`;
}

export function listenToPaint(me) {
  const canvas = me.canvas;
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height].map(
      (share) => Math.round(Math.max(0, Math.min(1, share)) * 100),
    );
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
    if (marks.length >= me.header.limits.marks)
      return sayPaint(me, `There are ${marks.length} marks already, the most that fit.`);
    const colour = me.colour.value.slice(1);
    const mark =
      me.tool === "brush"
        ? { kind: "b", colour, numbers: [me.radius, x, y] }
        : { kind: "r", colour, numbers: [x, y, 0, 0] };
    me.stroke = { index: marks.length, from: [x, y], was: mark, before: me.s.paint };
    if (me.tool === "brush") putMark(me, mark);
  };
  canvas.onpointermove = (event) => {
    if (!me.stroke) return;
    const [x, y] = place(event);
    const [x0, y0] = me.stroke.from;
    const marks = readMarks(me.s.paint);
    if (me.tool === "move") return putMark(me, movedMark(me.stroke.was, x - x0, y - y0));
    if (me.tool === "rectangle") {
      const numbers = [Math.min(x, x0), Math.min(y, y0), Math.abs(x - x0), Math.abs(y - y0)];
      if (numbers[2] && numbers[3]) putMark(me, { ...me.stroke.was, numbers });
      return;
    }
    const mark = marks[me.stroke.index];
    const last = mark && pointsOf(mark).at(-1);
    if (!last || Math.hypot(x - last[0], y - last[1]) < LEAST_STEP) return;
    if (pointsOf(mark).length < me.header.limits.points)
      putMark(me, { ...mark, numbers: [...mark.numbers, x, y] });
  };
  canvas.onpointerup = canvas.onpointercancel = () => {
    if (!me.stroke) return;
    const changed = me.s.paint !== me.stroke.before;
    me.stroke = null;
    if (changed) me.commit();
  };
  canvas.onkeydown = (event) => paintByKey(me, event);
}

/** Put the mark that is being drawn or moved in its place, if it still fits into an address. */
function putMark(me, mark) {
  const marks = readMarks(me.s.paint);
  marks[me.stroke?.index ?? marks.length - 1] = mark;
  const text = writeMarks(marks);
  if (text.length > me.header.limits.letters)
    return sayPaint(me, "There is too much paint for one address: take some back first.");
  if (text !== me.s.paint) me.drag("paint", text);
}

function paintByKey(me, event) {
  if (me.header.pictureRefusal) return;
  const by = event.shiftKey ? 10 : 2;
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
  if (text.length > me.header.limits.letters)
    return sayPaint(me, "There is too much paint for one address: take some back first.");
  me.drag("paint", text);
  sayPaint(me, marks.length ? `Painted over: ${markInWords(marks.at(-1))}.` : "No paint is left.");
  clearTimeout(me.keyTimer);
  me.keyTimer = setTimeout(me.commit, 500); // a step of the history for a walk, not for each key
}

function sayPaint(me, words) {
  me.paintSaid.textContent = words;
}
