// The arithmetic of pooling, as `ali5.labs.arithmetic` does it, and what is possible.

/** @import { Numbers, Place } from "../../canvas/types.js" */
/** @import { Along, Count, Header, Kind, Result, Settings, Span, Window } from "./types.js" */

/**
 * Rows and columns of the picture.
 * @param {Settings} s
 * @param {Header} header
 * @returns {[number, number]}
 */
function edgesOf(s, header) {
  return s.input === "photo" ? [header.photo.height, header.photo.width] : [s.size, s.size];
}

/**
 * Bring the settings in line after one of them was changed, as `made_possible` in `settings.py` does.
 * @param {Settings} s Is changed.
 * @param {Header} header
 */
export function settle(s, header) {
  const edges = edgesOf(s, header);
  s.kernel = Math.min(s.kernel, ...edges);
  s.padding = Math.min(s.padding, mostPadding(s));
  s.bins = Math.min(s.bins, ...edges);
  if (s.kind === "l2") s.windows = "moving";
  return s;
}

/**
 * Half the window: more would make windows that see nothing of the picture.
 * @param {Settings} s
 */
function mostPadding(s) {
  return Math.floor(s.kernel / 2);
}

/**
 * The smallest and the largest value that are possible with the other settings.
 * @param {Settings} s
 * @param {Header} header
 * @param {Count} name
 */
export function rangeOf(s, header, name) {
  const [least, most] = header.limits[name];
  const edge = Math.min(...edgesOf(s, header));
  if (name === "padding") return [least, Math.min(most, mostPadding(s))];
  return [least, name === "kernel" || name === "bins" ? Math.min(most, edge) : most];
}

/**
 * @param {number} size
 * @param {Settings} s
 * @returns {Along}
 */
function axisOf(size, s) {
  if (s.windows === "adaptive") return { size, count: s.bins, dropped: false };
  const free = size + 2 * s.padding - s.kernel;
  let count = Math.floor(free / s.stride) + 1;
  const over = s.ceil === "ceil" && free % s.stride !== 0;
  const begins = count * s.stride < size + s.padding; // it must begin in the picture or its border
  if (over && begins) count++;
  return { size, count, dropped: over && !begins };
}

/**
 * The same random numbers as `uniform` in `numbers.py`, 0 <= x < 1: the generator "mulberry32".
 * @param {number} count
 * @param {number} seed
 */
export function uniform(count, seed) {
  let state = seed >>> 0;
  return Float64Array.from({ length: count }, () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  });
}

/**
 * The picture before noise and shift, row by row.
 * @param {Settings} s
 * @param {Header} header
 * @param {Numbers} photo
 */
function cleanOf(s, header, photo) {
  const [height, width] = edgesOf(s, header);
  const toyEdge = header.limits.size[1];
  return Float64Array.from({ length: height * width }, (_, i) => {
    const [row, column] = [Math.floor(i / width), i % width];
    return s.input === "toy" ? header.toy[row * toyEdge + column] / 10 : photo[i] / 255;
  });
}

/**
 * The picture moved to the right and with noise, both as set.
 * @param {Settings} s
 * @param {Float64Array} clean
 * @param {number} width
 * @param {number} seed
 */
function changedOf(s, clean, width, seed) {
  const random = uniform(2 * clean.length, seed);
  return clean.map((_, i) => {
    const [row, column] = [Math.floor(i / width), i % width];
    const value = clean[row * width + Math.max(0, column - s.shift)];
    const [one, two] = [random[2 * i], random[2 * i + 1]];
    const amount = s.amount / 100;
    if (s.noise === "pepper") return one < amount ? 0 : value;
    if (s.noise === "salt") return one < amount ? (two < 0.5 ? 0 : 1) : value;
    if (s.noise === "gauss")
      return value + amount * Math.sqrt(-2 * Math.log(1 - one)) * Math.cos(2 * Math.PI * two);
    return value;
  });
}

/**
 * Where a window lies along an axis.
 * @param {number} size
 * @param {number} index
 * @param {Settings} s
 * @returns {Span}
 */
export function spanOf(size, index, s) {
  if (s.windows === "adaptive") {
    const [start, end] = [
      Math.floor((index * size) / s.bins),
      Math.ceil(((index + 1) * size) / s.bins),
    ];
    return { start, end, counted: end - start };
  }
  const start = index * s.stride - s.padding;
  const end = start + s.kernel;
  return { start, end, counted: Math.min(end, size + s.padding) - start };
}

/**
 * @param {Settings} s
 * @param {[number, number]} edges
 * @param {number} row
 * @param {number} column
 * @returns {Window}
 */
export function windowAt(s, [height, width], row, column) {
  const [rows, columns] = [spanOf(height, row, s), spanOf(width, column, s)];
  /** @type {Place[]} */
  const cells = [];
  for (let y = Math.max(0, rows.start); y < Math.min(height, rows.end); y++) {
    for (let x = Math.max(0, columns.start); x < Math.min(width, columns.end); x++)
      cells.push([y, x]);
  }
  return { rows, columns, cells, divisor: rows.counted * columns.counted };
}

/**
 * The first of the largest values under a window.
 * @param {Settings} s
 * @param {Result} result
 * @param {number} row
 * @param {number} column
 */
export function winnerAt(s, { edges, changed }, row, column) {
  const { cells } = windowAt(s, edges, row, column);
  const values = cells.map(([y, x]) => changed[y * edges[1] + x]);
  return cells[values.indexOf(Math.max(...values))];
}

/**
 * @param {Settings} s
 * @param {Float64Array} values
 * @param {[number, number]} edges
 * @param {Kind} kind
 */
function pooled(s, values, edges, kind) {
  const [rows, columns] = edges.map((size) => axisOf(size, s));
  const out = new Float64Array(rows.count * columns.count);
  for (let r = 0; r < rows.count; r++) {
    for (let c = 0; c < columns.count; c++) {
      const { cells, divisor } = windowAt(s, edges, r, c);
      let found = kind === "max" ? -Infinity : 0;
      for (const [y, x] of cells) {
        const value = values[y * edges[1] + x];
        if (kind === "max") {
          if (value > found) found = value;
        } else found += kind === "l2" ? value * value : value;
      }
      out[r * columns.count + c] = { max: found, average: found / divisor, l2: Math.sqrt(found) }[
        kind
      ];
    }
  }
  return out;
}

/**
 * All that is shown.
 * @param {Settings} s
 * @param {Header} header
 * @param {Numbers} photo
 * @returns {Result}
 */
export function resultOf(s, header, photo) {
  const edges = edgesOf(s, header);
  const clean = cleanOf(s, header, photo);
  const changed = changedOf(s, clean, edges[1], header.seed);
  const [rows, columns] = edges.map((size) => axisOf(size, s));
  /** @param {Float64Array} values */
  const of = (values) => ({
    max: pooled(s, values, edges, "max"),
    average: pooled(s, values, edges, "average"),
  });
  const both = of(changed);
  const output = s.kind === "l2" ? pooled(s, changed, edges, "l2") : both[s.kind];
  return { edges, clean, changed, rows, columns, both, before: of(clean), output };
}

/**
 * What noise and shift change: root of the mean squared difference, by place.
 * @param {Result} result
 */
export function errorsOf({ clean, changed, both, before }) {
  return {
    picture: difference(changed, clean),
    max: difference(both.max, before.max),
    average: difference(both.average, before.average),
  };
}

/**
 * @param {Float64Array} one
 * @param {Float64Array} two
 */
function difference(one, two) {
  let sum = 0;
  for (let i = 0; i < one.length; i++) sum += (one[i] - two[i]) ** 2;
  return Math.sqrt(sum / one.length);
}
