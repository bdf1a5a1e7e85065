// Which pixels paint covers, and how a mark is moved and sized: as `ali5.pictures.edits`.

/** @import { Mark } from "./codes.js" */

import { GREY_SHARES } from "../../canvas/photo.js";

/**
 * The points of a mark: corners of a rectangle, or those of a stroke.
 * @param {Mark} mark
 * @returns {[number, number][]}
 */
export function pointsOf({ kind, numbers }) {
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

/**
 * Whether a place, in percent, is under a mark.
 * @param {Mark} mark
 * @param {number} x
 * @param {number} y
 */
export function covers(mark, x, y) {
  const { kind, numbers } = mark;
  if (kind === "r") {
    const [left, top, width, height] = numbers;
    return x >= left && x < left + width && y >= top && y < top + height;
  }
  const points = pointsOf(mark);
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

/**
 * Paint marks over a square of RGB bytes; returns them.
 * @param {{ [index: number]: number }} bytes
 * @param {number} size
 * @param {Mark[]} marks
 * @param {boolean} grey whether the network reads grey pictures
 */
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
        if (!covers(mark, x, y)) continue;
        colour.forEach((level, i) => {
          bytes[3 * (row * size + column) + i] = level;
        });
      }
    }
  }
  return bytes;
}

/**
 * Move a mark as far as it goes without leaving the picture.
 * @param {Mark} mark
 * @param {number} right
 * @param {number} down
 * @returns {Mark}
 */
export function movedMark(mark, right, down) {
  const points = pointsOf(mark);
  const [xs, ys] = [0, 1].map((axis) => points.map((point) => point[axis]));
  /** @type {(by: number, all: number[]) => number} */
  const within = (by, all) =>
    Math.round(Math.max(-Math.min(...all), Math.min(100 - Math.max(...all), by)));
  const [dx, dy] = [within(right, xs), within(down, ys)];
  const numbers =
    mark.kind === "r"
      ? [mark.numbers[0] + dx, mark.numbers[1] + dy, mark.numbers[2], mark.numbers[3]]
      : mark.numbers.map((each, i) => (i === 0 ? each : i % 2 ? each + dx : each + dy));
  return { ...mark, numbers };
}

/**
 * Make a rectangle or a brush larger or smaller about its middle.
 * @param {Mark} mark
 * @param {number} by
 * @returns {Mark}
 */
export function grownMark(mark, by) {
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

/** @param {Mark} mark */
export function markInWords(mark) {
  if (mark.kind === "b") return `a stroke of ${pointsOf(mark).length} points`;
  const [left, top, width, height] = mark.numbers;
  return `a rectangle of ${width} by ${height} %, ${left} % from the left and ${top} % from the top`;
}
