// The controls of the learning lab; `ControlsHeader` in types.js says what Python sends.
// Trigger "settings": all settings as JSON.

import { element } from "../../canvas/shared.js";
import { choice, slider } from "../../canvas/controls.js";
import { adopt, handsOf, mountLab } from "../../canvas/lab.js";

/** @import { Choice, Slider } from "../../canvas/controls.js" */
/** @import { Given, Sent } from "../../canvas/types.js" */
/** @import { Controls, Ranged, Settings, Training } from "./types.js" */

/** @type {Ranged[]} */
const RANGED = ["difficulty", "stages", "seed"];
/** @type {Worded[]} */
const WORDED = ["data", "pictures", "optimiser", "pooling", "activation"];
const LATER = "Takes effect with Reset.";

/** @param {Given<Sent>} given */
export default function (given) {
  mountLab(given, { build, take, layOut: () => {} });
}

/** @param {Training} me */
function take(me) {
  adopt(me, me.header.settings);
  update(me);
}

/** @param {HTMLElement | ShadowRoot} parent */
function build(parent) {
  const me = /** @type {Training} */ ({});
  const { change, commit, choose } = handsOf(me, update);
  /** @type {<N extends Worded>(name: N, label: string, options: [Settings[N], string][]) => Choice<Settings[N]>} */
  const pick = (name, label, options) =>
    choice({ label, help: "", options, onChoose: choose(name) });
  /** @type {(name: Ranged, label: string, help: string, more?: { format?: (value: number) => string }) => Slider} */
  const slide = (name, label, help, more = {}) =>
    slider({ label, help, onInput: change(name), onCommit: commit, ...more });
  /** @type {(name: "rate" | "batch", list: "rates" | "batches", label: string, help: string) => Slider} */
  const listed = (name, list, label, help) =>
    slider({
      label,
      help,
      onInput: (index) => change(name)(me.header[list][index]),
      onCommit: commit,
      format: (index) => me.header[list][index],
    });
  me.controls = {
    data: pick("data", "Learn from", [
      ["digits", "Drawn digits"],
      ["shapes", "Drawn shapes"],
      ["mnist", "MNIST"],
    ]),
    difficulty: slide(
      "difficulty",
      "Difficulty",
      "How distorted, faint and noisy the drawings are.",
      { format: (value) => `${value} %` },
    ),
    pictures: pick("pictures", "Drawings", [
      ["new", "Always new ones"],
      ["same", "The same 200 again"],
    ]),
    rate: listed(
      "rate",
      "rates",
      "Learning rate",
      "How far the weights go against the gradient. At once.",
    ),
    batch: listed("batch", "batches", "Batch size", "Pictures that one step looks at. At once."),
    optimiser: pick("optimiser", "Optimiser", [
      ["sgd", "SGD"],
      ["momentum", "SGD with momentum"],
      ["adam", "Adam"],
    ]),
    stages: slide("stages", "Convolution stages", "Convolution and pooling; LeNet-5 has two."),
    pooling: pick("pooling", "Pooling", [
      ["average", "Average"],
      ["max", "Maximum"],
    ]),
    activation: pick("activation", "Activation", [
      ["tanh", "tanh"],
      ["relu", "ReLU"],
    ]),
    seed: slide("seed", "Seed", "Another seed: other random weights, other drawings."),
  };
  me.root = element(
    "div",
    { className: "root lab training" },
    element(
      "div",
      { className: "controls" },
      ...Object.values(me.controls).map(({ root }) => root),
    ),
  );
  parent.append(me.root);
  return me;
}

/** @typedef {"data" | "pictures" | "optimiser" | "pooling" | "activation"} Worded */

/** @type {{ [name in Worded]: Record<Settings[name], string> }} */
const WORDS = {
  data: {
    digits: "By our own code, never the same one twice.",
    shapes: "Eight shapes, outlined or filled.",
    mnist: "60,000 digits written by hand.",
  },
  pictures: {
    new: "It cannot learn them by heart.",
    same: "It can learn them by heart: compare training with validation.",
  },
  optimiser: {
    sgd: "Each weight moves by rate × gradient.",
    momentum: "A step also goes on with 0.9 of the last one.",
    adam: "Each weight has its own pace. Rates near 0.002 fit.",
  },
  pooling: {
    average: "The mean of 2 × 2 values, as in LeNet-5.",
    max: "The largest of 2 × 2 values.",
  },
  activation: {
    tanh: "Squashes every value, as in LeNet-5.",
    relu: "Negative values become zero.",
  },
};

/** @param {Training} me */
function update(me) {
  const { s, controls } = me;
  const { begun, rates, batches, limits } = me.header;
  /** @param {keyof Settings} name */
  const later = (name) => (begun && begun[name] !== s[name] ? LATER : "");
  /** @param {Worded} name */
  const say = (name) => {
    const control = /** @type {Choice<string>} */ (controls[name]);
    const words = /** @type {Record<string, string>} */ (WORDS[name]);
    control.update({ value: s[name], words: later(name) || words[s[name]] });
    control.root.classList.toggle("later", Boolean(later(name)));
  };
  for (const name of WORDED) say(name);
  const drawn = s.data !== "mnist";
  controls.difficulty.root.hidden = controls.pictures.root.hidden = !drawn;
  for (const name of RANGED) {
    const [min, max] = limits[name];
    const step = name === "difficulty" ? 5 : 1;
    controls[name].update({ min, max, step, value: s[name], why: later(name) });
  }
  controls.rate.update({ min: 0, max: rates.length - 1, value: rates.indexOf(s.rate) });
  controls.batch.update({ min: 0, max: batches.length - 1, value: batches.indexOf(s.batch) });
}
