// What is possible in the convolution lab, as `settings.py` has it, and the numbers that follow.

/** @import { Bytes } from "../../canvas/types.js" */
/** @import { Count, Header, Settings } from "./types.js" */

import { axisOf } from "./sums.js";

/**
 * Rows and columns of the picture.
 * @param {Settings} s
 * @param {Header} header
 * @returns {[number, number]}
 */
export function edgesOf(s, header) {
  return s.input === "photo" ? [header.photo.height, header.photo.width] : [s.size, s.size];
}

/**
 * What forbids a change of the settings; null if it is possible.
 * @param {Settings} settings
 * @param {Header} header
 * @param {Partial<Settings>} change
 */
export function whyNot(settings, header, change) {
  const s = { ...settings, ...change };
  for (const size of edgesOf(s, header)) {
    const { why } = axisOf(size, s);
    if (why) return why;
  }
  return null;
}

/**
 * The range around the present value in which everything is possible, and what limits it.
 * @param {Settings} s
 * @param {Header} header
 * @param {Count} name
 */
export function rangeOf(s, header, name) {
  const [least, most] = header.limits[name];
  let [min, max] = [s[name], s[name]];
  while (min > least && !whyNot(s, header, { [name]: min - 1 })) min--;
  while (max < most && !whyNot(s, header, { [name]: max + 1 })) max++;
  const limit =
    max < most
      ? whyNot(s, header, { [name]: max + 1 })
      : min > least
        ? whyNot(s, header, { [name]: min - 1 })
        : null;
  const why = limit ? `${min === max ? `Only ${min}` : `${min} to ${max}`}: ${limit}.` : "";
  return { min, max, value: s[name], why };
}

/**
 * The trained layer that is chosen, or null.
 * @param {Settings} s
 * @param {Header} header
 */
export function layerOf(s, header) {
  return s.preset.startsWith("layer") ? header.layers[Number(s.preset.slice(5))] : null;
}

/**
 * Bring the settings in line after one of them was changed.
 * @param {Settings} s Is changed.
 * @param {Header} header
 */
export function settle(s, header) {
  const layer = layerOf(s, header);
  if (layer) {
    s.kernel = layer.size;
    s.channels = layer.channels;
    s.filter = Math.min(s.filter, layer.filters.length - 1);
  } else if (s.preset !== "custom" && s.kernel < header.kernels[s.preset].least) {
    s.preset = "identity";
  }
  if (s.preset === "custom") {
    s.weights = fitted(s.weights ?? weightsOf(s, header), s.channels, s.kernel);
  } else s.weights = null;
  if (whyNot(s, header, {})) Object.assign(s, { padding: "same", mode: "zeros" });
  return s;
}

/**
 * Numbers of a kernel brought to another size: what is new is zero.
 * @param {number[][][]} weights
 * @param {number} channels
 * @param {number} size
 */
function fitted(weights, channels, size) {
  return Array.from({ length: channels }, (_, c) =>
    Array.from({ length: size }, (_, i) =>
      Array.from({ length: size }, (_, j) => weights[c]?.[i]?.[j] ?? 0),
    ),
  );
}

/**
 * The kernels, one for each channel.
 * @param {Settings} s
 * @param {Header} header
 */
export function weightsOf(s, header) {
  if (s.preset === "custom" && s.weights) return fitted(s.weights, s.channels, s.kernel);
  const layer = layerOf(s, header);
  if (layer) return layer.filters[s.filter];
  const { identity } = header.kernels;
  const { tables } = header.kernels[s.preset] ?? identity;
  const table = tables[s.kernel - 1] ?? identity.tables[s.kernel - 1] ?? [];
  return Array.from({ length: s.channels }, () => table);
}

/**
 * The channels of the toy picture, each as numbers row by row.
 * @param {Settings} s
 * @param {Header} header
 */
export function toyPlanes(s, header) {
  const edge = header.limits.size[1];
  return Array.from({ length: s.channels }, (_, c) =>
    Float64Array.from({ length: s.size * s.size }, (_, i) => {
      const [row, column] = [Math.floor(i / s.size), i % s.size];
      return s.cells[`${c},${row},${column}`] ?? header.toy[(c * edge + row) * edge + column];
    }),
  );
}

/**
 * The channels of the photograph; one is its brightness, two are red and green.
 * @param {Bytes | number[]} photo RGB.
 * @param {number} channels
 * @param {Header} header
 */
export function photoPlanes(photo, channels, header) {
  const count = header.photo.height * header.photo.width;
  const [red, green, blue] = header.brightness;
  /** @type {(i: number, c: number) => number} */
  const read = (i, c) => photo[3 * i + c] / 255;
  /** @type {(i: number) => number} */
  const grey = (i) => red * read(i, 0) + green * read(i, 1) + blue * read(i, 2);
  return Array.from({ length: channels }, (_, c) =>
    Float64Array.from({ length: count }, (_, i) => (channels === 1 ? grey(i) : read(i, c))),
  );
}
