// The controls of the learning lab.
// Header: settings; begun (settings of the training that has learned something already, or null);
// rates, batches (what can be chosen, as words). Trigger "settings": all settings as JSON.

import { element } from "../../canvas/shared.js";
import { choice, slider } from "../../canvas/controls.js";
import { adopt, handsOf, mountLab } from "../../canvas/lab.js";

const LATER = "Takes effect with Reset.";

export default function (given) {
  mountLab(given, { build, take, layOut: () => {} });
}

function take(me) {
  adopt(me, me.header.settings);
  update(me);
}

function build(parent) {
  const me = { s: null };
  const { change, commit, choose } = handsOf(me, update);
  const pick = (name, label, options) =>
    choice({ label, help: "", options, onChoose: choose(name) });
  const slide = (name, label, help, more = {}) =>
    slider({ label, help, onInput: change(name), onCommit: commit, ...more });
  const listed = (name, list, label, help) =>
    slide(name, label, help, {
      onInput: (index) => change(name)(me.header[list][index]),
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

function update(me) {
  const { s, controls } = me;
  const { begun, rates, batches } = me.header;
  const later = (name) => (begun && begun[name] !== s[name] ? LATER : "");
  for (const [name, words] of Object.entries(WORDS)) {
    controls[name].update({ value: s[name], words: later(name) || words[s[name]] });
    controls[name].root.classList.toggle("later", Boolean(later(name)));
  }
  const drawn = s.data !== "mnist";
  controls.difficulty.root.hidden = controls.pictures.root.hidden = !drawn;
  controls.difficulty.update({
    min: 0,
    max: 100,
    step: 5,
    value: s.difficulty,
    why: later("difficulty"),
  });
  controls.stages.update({ min: 1, max: 3, value: s.stages, why: later("stages") });
  controls.seed.update({ min: 1, max: 99, value: s.seed, why: later("seed") });
  controls.rate.update({ min: 0, max: rates.length - 1, value: rates.indexOf(s.rate) });
  controls.batch.update({ min: 0, max: batches.length - 1, value: batches.indexOf(s.batch) });
}
