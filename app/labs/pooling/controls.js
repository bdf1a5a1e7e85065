// The controls of the pooling lab, and what they say of what is possible.

/** @import { Slider } from "../../canvas/controls.js" */
/** @import { Controls, Count, Kind, Noise, Pooling, Settings } from "./types.js" */

import { choice, slider } from "../../canvas/controls.js";
import { handsOf } from "../../canvas/lab.js";
import { rangeOf } from "./windows.js";

/** @type {[Kind, string][]} */
const KINDS = [
  ["max", "Maximum"],
  ["average", "Average"],
  ["l2", "L2 norm"],
];
const KIND_WORDS = {
  max: "The largest value stays: what was found, not exactly where.",
  average: "The mean of all values: smoother, nothing stands out.",
  l2: "The root of the sum of squares: all count, large ones most.",
};
/** @type {[Settings["windows"], string][]} */
const WINDOWS = [
  ["moving", "Of one size, moving"],
  ["adaptive", "As many as wanted"],
];
/** @type {[Noise, string][]} */
const NOISES = [
  ["none", "No noise"],
  ["pepper", "Pepper"],
  ["salt", "Salt and pepper"],
  ["gauss", "Gaussian"],
];
const NOISE_WORDS = {
  none: "The picture as it is.",
  pepper: "Some pixels become black.",
  salt: "Some pixels become black or white.",
  gauss: "Every pixel gets a random amount, more often small than large.",
};

/**
 * @param {Pooling} me
 * @param {(me: Pooling) => void} changed Called when a setting was changed.
 * @returns {Controls}
 */
export function makeControls(me, changed) {
  const { change, commit, choose } = handsOf(me, changed);
  /** @type {(name: Count, label: string, help: string, format?: (value: number) => string) => Slider} */
  const number = (name, label, help, format) =>
    slider({ label, help, onInput: change(name), onCommit: commit, format });
  /** @param {number} value */
  const square = (value) => `${value} × ${value}`;
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
    kind: choice({ label: "Keep", help: "", options: KINDS, onChoose: choose("kind") }),
    windows: choice({ label: "Windows", help: "", options: WINDOWS, onChoose: choose("windows") }),
    bins: number(
      "bins",
      "Size of the result",
      "The picture is divided among so many windows.",
      square,
    ),
    kernel: number("kernel", "Window", "How much is looked at together.", square),
    stride: number("stride", "Stride", "How far the window moves each time."),
    padding: number("padding", "Padding", "Border on each side, at most half the window."),
    ceil: choice({
      label: "At the end",
      help: "",
      options: [
        ["floor", "Only whole windows"],
        ["ceil", "Windows may hang over"],
      ],
      onChoose: choose("ceil"),
    }),
    noise: choice({ label: "Noise", help: "", options: NOISES, onChoose: choose("noise") }),
    amount: number(
      "amount",
      "How much noise",
      "Share of the pixels, or spread of the random amounts.",
      (value) => `${value} %`,
    ),
    shift: number("shift", "Move the picture", "To the right, in pixels; its edge is repeated."),
  };
}

/**
 * Show the settings, what is possible and what is not.
 * @param {Pooling} me
 */
export function updateControls({ s, controls, header }) {
  const toy = s.input === "toy";
  const moving = s.windows === "moving";
  /** @type {(name: Count, limit?: (most: number) => string) => void} */
  const update = (name, limit = () => "") => {
    const [min, max] = rangeOf(s, header, name);
    const why = max < header.limits[name][1] ? limit(max) : "";
    controls[name].update({ min, max, value: s[name], why });
  };
  controls.input.update({
    value: s.input,
    words: toy ? "Numbers from 0 (dark) to 1 (light)." : "Its brightness, 0 (dark) to 1 (light).",
  });
  controls.size.root.hidden = !toy;
  update("size");
  controls.kind.update({ value: s.kind, words: KIND_WORDS[s.kind] });
  controls.windows.update({
    value: s.windows,
    disabled: { adaptive: s.kind === "l2" ? "not with the L2 norm" : "" },
    words: moving
      ? "It takes its steps; the size follows."
      : "The size is given; the windows follow. Networks that take any picture use it.",
  });
  /** @type {const} */ (["kernel", "stride", "padding", "ceil"]).forEach((name) => {
    controls[name].root.hidden = !moving;
  });
  controls.bins.root.hidden = moving;
  update("bins", (most) => `1 to ${most}: every window needs a pixel of its own.`);
  update("kernel", (most) => `1 to ${most}: the window must fit into the picture.`);
  update("stride");
  update("padding", (most) => (most ? "" : "Only 0: at most half the window."));
  controls.ceil.update({
    value: s.ceil,
    words:
      s.ceil === "ceil"
        ? "A last window may stick out, as long as it begins inside."
        : "What does not fill a window is left out.",
  });
  controls.noise.update({ value: s.noise, words: NOISE_WORDS[s.noise] });
  controls.amount.root.hidden = s.noise === "none";
  update("amount");
  update("shift");
}
