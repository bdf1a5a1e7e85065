// The controls of the convolution lab, and what they say of what is possible.

/** @import { Convolution, Controls, Mode, Padding } from "./types.js" */

import { show } from "../../canvas/figures.js";
import { choice, slider } from "../../canvas/controls.js";
import { handsOf } from "../../canvas/lab.js";
import { layerOf, rangeOf, whyNot } from "./possible.js";

/** @type {[Mode, string][]} */
const MODES = [
  ["zeros", "Zeros"],
  ["reflect", "Mirrored"],
  ["replicate", "Edge repeated"],
  ["circular", "Other side"],
];
const MODE_WORDS = {
  zeros: "Outside the picture there is nothing: zeros.",
  reflect: "Outside, the picture is mirrored at its edge pixel.",
  replicate: "Outside, the edge pixel goes on.",
  circular: "Outside, the picture begins again on its other side.",
};
/** @type {[Padding, string][]} */
const PADDINGS = [
  ["valid", "Valid: none"],
  ["same", "Same size"],
  ["full", "Full"],
  ["number", "A number"],
];
const PADDING_WORDS = {
  valid: "The window stays inside: the map shrinks.",
  same: "As much border as keeps the size (divided by the stride).",
  full: "So much border that every pixel meets every weight.",
  number: "The same border on all four sides.",
};

/**
 * @param {Convolution} me
 * @param {(me: Convolution) => void} changed Called when a setting was changed.
 * @returns {Controls}
 */
export function makeControls(me, changed) {
  const { change, commit, choose } = handsOf(me, changed);
  /** @type {(name: import("./types.js").Count | "bias", label: string, help: string, format?: (value: number) => string) => import("../../canvas/controls.js").Slider} */
  const number = (name, label, help, format) =>
    slider({ label, help, onInput: change(name), onCommit: commit, format });
  return {
    input: choice({
      label: "Picture",
      help: "",
      options: [
        ["toy", "Cells"],
        ["photo", "The photograph"],
      ],
      onChoose: choose("input"),
    }),
    size: number("size", "Size", "Rows and columns of cells."),
    channels: number(
      "channels",
      "Channels",
      "With several, each has its own kernel and the results are added.",
    ),
    preset: choice({ label: "Kernel", help: "", options: [], onChoose: choose("preset") }),
    filter: number("filter", "Filter", "Which filter of the trained layer."),
    kernel: number(
      "kernel",
      "Kernel size",
      "How much the window covers.",
      (value) => `${value} × ${value}`,
    ),
    stride: number("stride", "Stride", "How far the window moves each time."),
    padding: choice({ label: "Padding", help: "", options: PADDINGS, onChoose: choose("padding") }),
    border: number("border", "Border", "Pixels added on each side."),
    mode: choice({ label: "Border holds", help: "", options: MODES, onChoose: choose("mode") }),
    dilation: number("dilation", "Dilation", "Pixels from one tap of the kernel to the next."),
    bias: number("bias", "Bias", "Added to every result.", (value) => show(value, 3)),
  };
}

/**
 * Offer the kernels that Python knows, once.
 * @param {Convolution} me
 */
export function offerKernels({ controls, header }) {
  if (controls.preset.select.length) return;
  controls.preset.offer([
    ...Object.entries(header.kernels).map(
      ([id, { title }]) => /** @type {[string, string]} */ ([id, title]),
    ),
    ...header.layers.map(
      ({ title }, i) => /** @type {[string, string]} */ ([`layer${i}`, `Trained: ${title}`]),
    ),
    ["custom", "My own numbers"],
  ]);
}

/**
 * Show the settings, what is possible and what is not.
 * @param {Convolution} me
 */
export function updateControls({ s, controls, header }) {
  const toy = s.input === "toy";
  const layer = layerOf(s, header);
  const locked = layer ? `Given by ${layer.title}.` : "";
  /** @param {number} value */
  const fix = (value) => ({ min: value, max: value, value, why: locked });
  /** @param {"channels" | "bias"} name */
  const free = (name) => {
    const [min, max] = header.limits[name];
    return { min, max, value: s[name] };
  };
  controls.input.update({
    value: s.input,
    words: toy
      ? "Double-click a cell to change it, or walk there and type."
      : "Values from 0 (dark) to 1 (light).",
  });
  controls.size.root.hidden = !toy;
  controls.size.update(rangeOf(s, header, "size"));
  controls.channels.update(layer ? fix(s.channels) : free("channels"));
  controls.filter.root.hidden = !layer;
  if (layer) controls.filter.update({ min: 0, max: layer.filters.length - 1, value: s.filter });
  controls.kernel.update(layer ? fix(s.kernel) : rangeOf(s, header, "kernel"));
  controls.stride.update(rangeOf(s, header, "stride"));
  controls.dilation.update(rangeOf(s, header, "dilation"));
  controls.border.root.hidden = s.padding !== "number";
  controls.border.update(rangeOf(s, header, "border"));
  controls.bias.update({ ...free("bias"), step: 0.5 });
  /** @type {(change: Partial<typeof s>) => string} */
  const forbidden = (change) => (whyNot(s, header, change) ? "not with these settings" : "");
  controls.padding.update({
    value: s.padding,
    disabled: Object.fromEntries(PADDINGS.map(([padding]) => [padding, forbidden({ padding })])),
    words: PADDING_WORDS[s.padding],
  });
  controls.mode.update({
    value: s.mode,
    disabled: Object.fromEntries(MODES.map(([mode]) => [mode, forbidden({ mode })])),
    words: MODE_WORDS[s.mode],
  });
  controls.preset.update({
    value: s.preset,
    disabled: Object.fromEntries(
      Object.entries(header.kernels).map(([id, { least }]) => [
        id,
        s.kernel < least ? `needs ${least} × ${least}` : "",
      ]),
    ),
    words: layer
      ? "Learned, not chosen: these numbers came out of training."
      : (header.kernels[s.preset]?.does ?? "Double-click a weight to change it."),
  });
}
