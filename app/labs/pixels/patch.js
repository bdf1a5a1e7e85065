// The arithmetic of the patch, as `numbers.py` does it, and where it can lie.

/** @import { Numbers } from "../../canvas/types.js" */
/** @import { Header, Patch, Settings } from "./types.js" */

/**
 * Bring the settings in line after one of them was changed, as `made_possible` in `settings.py` does.
 * @param {Settings} s Is changed.
 * @param {Header} header
 */
export function settle(s, header) {
  s.patch = Math.min(s.patch, header.height, header.width);
  const [row, column] = cornerOf(s, header);
  if (s.row >= 0) s.row = row;
  if (s.column >= 0) s.column = column;
  return s;
}

/**
 * Row and column of the first pixel of the patch: it stays within the picture.
 * @param {Settings} s
 * @param {Header} header
 */
export function cornerOf(s, { start, height, width }) {
  /** @type {(chosen: number, opening: number, edge: number) => number} */
  const within = (chosen, opening, edge) => Math.min(chosen < 0 ? opening : chosen, edge - s.patch);
  return [within(s.row, start[0], height), within(s.column, start[1], width)];
}

/**
 * A number of the picture, 0 to 255, as it is now.
 * @param {Settings} s
 * @param {Header} header
 * @param {Numbers} photo
 * @param {number} row
 * @param {number} column
 * @param {number} channel
 */
export function byteAt(s, header, photo, row, column, channel) {
  return (
    s.cells[`${row},${column},${channel}`] ?? photo[3 * (row * header.width + column) + channel]
  );
}

/**
 * A byte in the chosen units.
 * @param {Settings} s
 * @param {Header} header
 * @param {number} level
 * @param {number} channel
 */
export function inUnits({ units }, { mean, std }, level, channel) {
  if (units === "bytes") return level;
  return units === "shares" ? level / 255 : (level / 255 - mean[channel]) / std[channel];
}

/**
 * The byte nearest to a number in the chosen units.
 * @param {Settings} s
 * @param {Header} header
 * @param {number} value
 * @param {number} channel
 */
export function levelOf({ units }, { mean, std }, value, channel) {
  const level = {
    bytes: value,
    shares: value * 255,
    normalised: (value * std[channel] + mean[channel]) * 255,
  }[units];
  return Math.max(0, Math.min(255, Math.round(level)));
}

/**
 * @param {Settings} s
 * @param {Header} header
 * @param {Numbers} photo
 * @returns {Patch}
 */
export function patchOf(s, header, photo) {
  const [row, column] = cornerOf(s, header);
  const count = s.patch ** 2;
  const bytes = new Uint8Array(3 * count);
  const values = [0, 1, 2].map(() => new Float64Array(count));
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < 3; c++) {
      const [y, x] = [row + Math.floor(i / s.patch), column + (i % s.patch)];
      const level = byteAt(s, header, photo, y, x, c);
      bytes[3 * i + c] = level;
      values[c][i] = inUnits(s, header, level, c);
    }
  }
  return { row, column, bytes, values };
}
