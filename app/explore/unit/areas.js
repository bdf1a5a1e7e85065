// Where units look: rectangles of a picture or of a map, and which pixels are in them.

/** @import { Place } from "../../canvas/types.js" */

/**
 * Rows and columns from top and left up to, but without, bottom and right: [top, left, bottom, right].
 * @typedef {[number, number, number, number]} Area
 */

/**
 * Where the units of a channel look on the picture: size, stride and offset, down and across.
 * @typedef {{rows: [number, number, number], columns: [number, number, number]}} Field
 */

/**
 * Which rows and columns of a source each row and column of a step looks at: from, and up to.
 * @typedef {{rows: [number, number][], columns: [number, number][]}} Windows
 */

/**
 * Where a unit looks on the picture.
 * @param {Field} field
 * @param {Place} place
 * @returns {Area}
 */
export function fieldArea(field, [row, column]) {
  const top = field.rows[2] + row * field.rows[1];
  const left = field.columns[2] + column * field.columns[1];
  return [top, left, top + field.rows[0], left + field.columns[0]];
}

/**
 * Which part of a source's map lies under the window of a unit.
 * @param {Windows} windows
 * @param {Place} place
 * @returns {Area}
 */
export function windowArea(windows, [row, column]) {
  const [[top, bottom], [left, right]] = [windows.rows[row], windows.columns[column]];
  return [top, left, bottom, right];
}

/**
 * @param {Area} area
 * @param {number} down Times so many.
 * @param {number} across
 * @returns {Area}
 */
export function scaledArea([top, left, bottom, right], down, across) {
  return [top * down, left * across, bottom * down, right * across];
}

/**
 * The places of an area that are within a map, row by row.
 * @param {Area} area
 * @param {{height: number, width: number}} map
 */
export function placesIn([top, left, bottom, right], { height, width }) {
  /** @type {Place[]} */
  const found = [];
  for (let row = Math.max(0, top); row < Math.min(height, bottom); row++)
    for (let column = Math.max(0, left); column < Math.min(width, right); column++)
      found.push([row, column]);
  return found;
}
