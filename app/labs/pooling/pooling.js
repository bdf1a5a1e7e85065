// The pooling lab: a window keeps the largest value under it, or the average; then noise and a shift.
// Header: settings, opening, toy (16 x 16 numbers), photo {height, width}. Body: brightness, one byte
// a pixel. Trigger "settings": all settings as JSON, when a control is let go.

import { show } from "../../canvas/figures.js";
import { MARKED, element, legend, makeScale } from "../../canvas/shared.js";
import { choice, slider } from "../../canvas/controls.js";
import { Grid, table } from "../../canvas/grid.js";
import {
  Player,
  adopt,
  bounds,
  foldAway,
  frameLab,
  handsOf,
  mountLab,
  startAgain,
} from "../../canvas/lab.js";

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
const RESULTS = { max: "Maxima", average: "Averages", l2: "L2 norms" };
const WINDOWS = [
  ["moving", "Of one size, moving"],
  ["adaptive", "As many as wanted"],
];
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
const TOY_EDGE = 16;
const TOUCHED = "rgb(245 158 11 / 45%)";

export default function (given) {
  mountLab(given, { build, take, layOut });
}

function take(me, body) {
  me.photo = body;
  adopt(me, me.header.settings);
  update(me);
}

function build(parent) {
  const me = { s: null, pointed: null };
  const { change, commit, choose } = handsOf(me, () => {
    settle(me);
    update(me);
  });
  const control = (name, label, help, more = {}) =>
    slider({ label, help, onInput: change(name), onCommit: commit, ...more });
  const percent = (value) => `${value} %`;
  me.controls = {
    input: choice({
      label: "Picture",
      help: "",
      options: [
        ["toy", "Cells"],
        ["photo", "The photograph"],
      ],
      onChoose: choose("input"),
    }),
    size: control("size", "Size", "Rows and columns of cells."),
    kind: choice({ label: "Keep", help: "", options: KINDS, onChoose: choose("kind") }),
    windows: choice({ label: "Windows", help: "", options: WINDOWS, onChoose: choose("windows") }),
    bins: control("bins", "Size of the result", "The picture is divided among so many windows.", {
      format: (value) => `${value} × ${value}`,
    }),
    kernel: control("kernel", "Window", "How much is looked at together.", {
      format: (value) => `${value} × ${value}`,
    }),
    stride: control("stride", "Stride", "How far the window moves each time."),
    padding: control("padding", "Padding", "Border on each side, at most half the window."),
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
    amount: control(
      "amount",
      "How much noise",
      "Share of the pixels, or spread of the random amounts.",
      { format: percent },
    ),
    shift: control("shift", "Move the picture", "To the right, in pixels; its edge is repeated."),
  };
  me.formula = element("p", { className: "formula" });
  me.stageRow = element("div", { className: "stages" });
  me.legend = element("div");
  me.said = element("p", { className: "said", aria: { live: "polite" } });
  me.story = element("div", { className: "story" });
  me.input = new Grid({
    label: "Picture",
    onPoint: (place) => point(me, place && { kind: "input", place }),
  });
  me.output = new Grid({
    label: "Result",
    onPoint: (place) => point(me, place && { kind: "output", place }),
  });
  const sign = element(
    "div",
    { className: "sign", title: "becomes", aria: { label: "becomes", role: "img" } },
    "→",
  );
  me.stageRow.append(me.input.figure, sign, me.output.figure);
  me.pictures = Object.fromEntries(
    ["picture", "max", "average"].map((name) => [name, new Grid({ label: name })]),
  );
  me.measured = element("div", { className: "measured" });
  me.story.append(
    element("h3", {}, "What it does to noise and to a shift"),
    element(
      "div",
      { className: "trio" },
      ...Object.values(me.pictures).map(({ figure }) => figure),
    ),
    me.measured,
  );
  me.player = new Player({
    count: () => positions(me),
    draw: () => layOut(me),
    yields: () => me.pointed !== null,
    reset: () => startAgain(me, update),
  });
  const twin = foldAway(me, "All numbers as tables", drawTwin);
  parent.append(
    frameLab(
      me,
      "pooling",
      me.player.bar,
      me.formula,
      me.stageRow,
      me.legend,
      me.said,
      me.story,
      twin,
    ),
  );
  return me;
}

// --- What is possible -------------------------------------------------------------------------

function edges(me) {
  return me.s.input === "photo"
    ? [me.header.photo.height, me.header.photo.width]
    : [me.s.size, me.s.size];
}

function settle(me) {
  const { s } = me;
  s.kernel = Math.min(s.kernel, ...edges(me));
  s.padding = Math.min(s.padding, Math.floor(s.kernel / 2));
  s.bins = Math.min(s.bins, ...edges(me));
  if (s.kind === "l2") s.windows = "moving";
}

function axisOf(size, s) {
  if (s.windows === "adaptive") return { size, count: s.bins, dropped: false };
  const free = size + 2 * s.padding - s.kernel;
  let count = Math.floor(free / s.stride) + 1;
  const over = s.ceil === "ceil" && free % s.stride !== 0;
  const begins = count * s.stride < size + s.padding; // it must begin in the picture or its border
  if (over && begins) count++;
  return { size, count, dropped: over && !begins };
}

// --- The arithmetic ---------------------------------------------------------------------------

/** The same random numbers as `uniform` in `view.py`: 0 <= x < 1. */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function cleanOf(me) {
  const { s, header } = me;
  const [height, width] = edges(me);
  return Float64Array.from({ length: height * width }, (_, i) => {
    const [row, column] = [Math.floor(i / width), i % width];
    return s.input === "toy" ? header.toy[row * TOY_EDGE + column] / 10 : me.photo[i] / 255;
  });
}

/** The picture moved to the right and with noise, both as set. */
function changedOf(me, clean) {
  const { s } = me;
  const [, width] = edges(me);
  const next = generator(7);
  return clean.map((_, i) => {
    const [row, column] = [Math.floor(i / width), i % width];
    const value = clean[row * width + Math.max(0, column - s.shift)];
    const [one, two] = [next(), next()];
    const amount = s.amount / 100;
    if (s.noise === "pepper") return one < amount ? 0 : value;
    if (s.noise === "salt") return one < amount ? (two < 0.5 ? 0 : 1) : value;
    if (s.noise === "gauss")
      return value + amount * Math.sqrt(-2 * Math.log(1 - one)) * Math.cos(2 * Math.PI * two);
    return value;
  });
}

/** Where a window begins along an axis, where it ends, and by how many pixels an average divides. */
function span(size, index, s) {
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

function windowAt(me, row, column) {
  const [height, width] = edges(me);
  const [rows, columns] = [span(height, row, me.s), span(width, column, me.s)];
  const cells = [];
  for (let y = Math.max(0, rows.start); y < Math.min(height, rows.end); y++) {
    for (let x = Math.max(0, columns.start); x < Math.min(width, columns.end); x++)
      cells.push([y, x]);
  }
  return { rows, columns, cells, divisor: rows.counted * columns.counted };
}

/** The first of the largest values under a window. */
function winnerAt(me, row, column) {
  const width = edges(me)[1];
  const { cells } = windowAt(me, row, column);
  const values = cells.map(([y, x]) => me.result.changed[y * width + x]);
  return cells[values.indexOf(Math.max(...values))];
}

function pooled(me, values, kind) {
  const [rows, columns] = edges(me).map((size) => axisOf(size, me.s));
  const width = edges(me)[1];
  const out = new Float64Array(rows.count * columns.count);
  for (let r = 0; r < rows.count; r++) {
    for (let c = 0; c < columns.count; c++) {
      const { cells, divisor } = windowAt(me, r, c);
      let found = kind === "max" ? -Infinity : 0;
      for (const [y, x] of cells) {
        const value = values[y * width + x];
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

/** Root of the mean squared difference. */
function difference(one, two) {
  let sum = 0;
  for (let i = 0; i < one.length; i++) sum += (one[i] - two[i]) ** 2;
  return Math.sqrt(sum / one.length);
}

function compute(me) {
  const clean = cleanOf(me);
  const changed = changedOf(me, clean);
  const [rows, columns] = edges(me).map((size) => axisOf(size, me.s));
  const of = (values) => ({
    max: pooled(me, values, "max"),
    average: pooled(me, values, "average"),
  });
  const both = of(changed);
  const output = both[me.s.kind] ?? pooled(me, changed, me.s.kind);
  me.result = { clean, changed, rows, columns, both, before: of(clean), output };
}

// --- The picture ------------------------------------------------------------------------------

function update(me) {
  me.pointed = null; // it may be gone
  compute(me);
  const { s, controls, result } = me;
  const [height, width] = edges(me);
  const least = Math.min(height, width);
  controls.input.update({
    value: s.input,
    words:
      s.input === "toy"
        ? "Numbers from 0 (dark) to 1 (light)."
        : "Its brightness, 0 (dark) to 1 (light).",
  });
  controls.size.root.hidden = s.input !== "toy";
  controls.size.update({ min: 3, max: TOY_EDGE, value: s.size });
  controls.kind.update({
    value: s.kind,
    words: KIND_WORDS[s.kind],
  });
  const moving = s.windows === "moving";
  controls.windows.update({
    value: s.windows,
    disabled: { adaptive: s.kind === "l2" && "not with the L2 norm" },
    words: moving
      ? "It takes its steps; the size follows."
      : "The size is given; the windows follow. Networks that take any picture use it.",
  });
  for (const name of ["kernel", "stride", "padding", "ceil"]) controls[name].root.hidden = !moving;
  controls.bins.root.hidden = moving;
  const most = Math.min(8, least);
  controls.bins.update({
    min: 1,
    max: most,
    value: s.bins,
    why: most < 8 ? `1 to ${most}: every window needs a pixel of its own.` : "",
  });
  controls.kernel.update({
    min: 1,
    max: most,
    value: s.kernel,
    why: most < 8 ? `1 to ${most}: the window must fit into the picture.` : "",
  });
  controls.stride.update({ min: 1, max: 8, value: s.stride });
  const half = Math.floor(s.kernel / 2);
  controls.padding.update({
    min: 0,
    max: half,
    value: s.padding,
    why: half ? "" : "Only 0: at most half the window.",
  });
  controls.ceil.update({
    value: s.ceil,
    words:
      s.ceil === "ceil"
        ? "A last window may stick out, as long as it begins inside."
        : "What does not fill a window is left out.",
  });
  controls.noise.update({ value: s.noise, words: NOISE_WORDS[s.noise] });
  controls.amount.root.hidden = s.noise === "none";
  controls.amount.update({ min: 1, max: 50, value: s.amount });
  controls.shift.update({ min: 0, max: 8, value: s.shift });
  const words = ({ size, count, dropped }) =>
    `${s.ceil === "ceil" ? "⌈" : "⌊"}(${size} + ${2 * s.padding} − ${s.kernel}) / ${s.stride}${s.ceil === "ceil" ? "⌉" : "⌋"} + 1${dropped ? " − 1 (the last window would begin outside)" : ""} = ${count}`;
  const same = height === width;
  const sizes = same
    ? words(result.rows)
    : `rows ${words(result.rows)}; columns ${words(result.columns)}`;
  const shares = `Window i of ${s.bins}, counted from 0, goes from ⌊i · ${width} / ${s.bins}⌋ to ⌈(i + 1) · ${width} / ${s.bins}⌉${s.bins === 1 ? ": the whole map, called global pooling" : ""}`;
  me.formula.textContent = `${moving ? `Size of the result: ${sizes}` : shares}. It keeps ${show((100 * result.output.length) / result.clean.length, 3)} % of the numbers.`;
  me.player.settle();
  layOut(me);
  for (const grid of [me.input, me.output]) grid.pointAgain();
}

function layOut(me) {
  const room = me.bench.clientWidth;
  if (!room || !me.result) return;
  const { s, result } = me;
  const [height, width] = edges(me);
  const { rows, columns } = result;
  const scale = makeScale(bounds([0, 1, ...bounds(result.changed), ...bounds(result.output)]));
  const side = Math.min(380, room * (room < 560 ? 0.52 : 0.44));
  me.input.set({
    height,
    width,
    values: result.changed,
    scale,
    caption: `Picture, ${height} × ${width}`,
  });
  me.input.draw(side);
  const photo = s.input === "photo";
  me.output.set({
    height: rows.count,
    width: columns.count,
    values: result.output,
    scale,
    shown: me.player.at === null || photo ? Infinity : me.player.at + 1,
    caption: `${RESULTS[s.kind]}, ${rows.count} × ${columns.count}`,
  });
  const share = Math.max(rows.count, columns.count) / Math.max(height, width);
  me.output.draw(
    Math.max(60, photo ? side * Math.min(1, Math.max(share, 0.5)) : side * Math.min(1, share)),
  );
  me.legend.replaceChildren(legend(scale, "one range for all of them"));
  drawStory(me, scale, room);
  refreshMarks(me);
  drawTwin(me);
}

function drawStory(me, scale, room) {
  const { s, result } = me;
  const [height, width] = edges(me);
  const { rows, columns, both, before, clean, changed } = result;
  const side = Math.min(240, room / (room < 560 ? 2.2 : 3.3));
  const sets = {
    picture: [height, width, changed, clean, "The picture"],
    max: [rows.count, columns.count, both.max, before.max, "After maxima"],
    average: [rows.count, columns.count, both.average, before.average, "After averages"],
  };
  const errors = {};
  for (const [name, [h, w, now, then, title]] of Object.entries(sets)) {
    errors[name] = difference(now, then);
    me.pictures[name].set({
      height: h,
      width: w,
      values: now,
      scale,
      caption: `${title}: changed by ${show(errors[name], 3)}`,
    });
    me.pictures[name].draw(side);
  }
  me.measured.dataset.errors = JSON.stringify(errors);
  me.measured.textContent = storyWords(s, errors);
}

function storyWords(s, { picture, max, average }) {
  if (!picture)
    return "Add noise or move the picture, and see how much of the change is left after pooling (root of the mean squared difference to the unchanged picture).";
  const what = [s.noise !== "none" ? "the noise" : "", s.shift ? "the shift" : ""]
    .filter(Boolean)
    .join(" and ");
  const left = (value) => `${show((100 * value) / picture, 3)} %`;
  const near = (one, two) => Math.abs(one - two) < 1e-9;
  const better = near(max, average)
    ? "both keep out alike"
    : max < average
      ? "the maximum keeps out more"
      : "the average keeps out more";
  const verdict = (value) =>
    near(value, picture)
      ? "as much as in the picture"
      : value < picture
        ? "less than in the picture"
        : "more than in the picture";
  let why = "";
  if (s.noise === "pepper")
    why =
      " A black pixel wins only where all are black, so maxima drop it: this is the noise they suppress.";
  if (s.noise === "salt")
    why =
      " A single white pixel wins its whole window, so maxima carry salt on and make it larger; they only hide pepper.";
  if (s.noise === "gauss")
    why =
      " Random amounts cancel out in an average; a maximum picks the largest of them, so all its values rise.";
  if (s.noise === "none")
    why =
      " Within a window it does not matter where a value stands; what crosses the border of a window does.";
  return `Of ${what} there is left: ${left(max)} after maxima (${verdict(max)}), ${left(average)} after averages (${verdict(average)}). Here ${better}.${why}`;
}

// --- Pointing and moving ----------------------------------------------------------------------

function point(me, pointed) {
  me.pointed = pointed;
  refreshMarks(me);
}

function refreshMarks(me) {
  if (!me.result || !me.output.context) return;
  me.input.mark([]);
  me.output.mark([]);
  const { pointed } = me;
  const step = me.player.at;
  if (pointed?.kind === "input") markUses(me, pointed.place);
  else if (pointed?.kind === "output") markWindow(me, ...pointed.place);
  else if (step !== null)
    markWindow(me, Math.floor(step / me.result.columns.count), step % me.result.columns.count);
  else
    me.said.textContent =
      "Point at a cell of the result, to see what it came from; at a cell of the picture, to see where it is used.";
}

function markWindow(me, row, column) {
  const { s, result } = me;
  if (row >= result.rows.count || column >= result.columns.count) return;
  const width = edges(me)[1];
  const { rows, columns, cells, divisor } = windowAt(me, row, column);
  const frames = [
    {
      row: rows.start,
      column: columns.start,
      height: rows.end - rows.start,
      width: columns.end - columns.start,
    },
  ];
  const values = cells.map(([y, x]) => result.changed[y * width + x]);
  const text =
    values.length <= 16 ? values.map((value) => show(value, 3)) : [`${values.length} values`];
  const total = result.output[row * result.columns.count + column];
  let words;
  if (s.kind === "max") {
    const [y, x] = winnerAt(me, row, column);
    frames.push({ row: y, column: x, colour: MARKED, fill: TOUCHED });
    words = `the largest of ${text.join(", ")} is ${show(total, 4)}, from row ${y}, column ${x}`;
  } else if (s.kind === "l2") {
    words = `the root of ${text.map((value) => (values.length <= 16 ? `${value}²` : value)).join(" + ")} is ${show(total, 4)}`;
  } else {
    const border =
      divisor > values.length ? ` (with ${divisor - values.length} zeros of the border)` : "";
    words = `${text.join(" + ")}${border}, divided by ${divisor}, is ${show(total, 4)}`;
  }
  me.input.mark(frames);
  me.output.mark([{ row, column }]);
  me.said.textContent = `Row ${row}, column ${column}: ${words}.`;
}

function markUses(me, [y, x]) {
  const { s, result } = me;
  const width = edges(me)[1];
  const cells = [];
  let wins = 0;
  for (let r = 0; r < result.rows.count; r++) {
    const down = span(edges(me)[0], r, s);
    if (y < down.start || y >= down.end) continue;
    for (let c = 0; c < result.columns.count; c++) {
      const right = span(width, c, s);
      if (x < right.start || x >= right.end) continue;
      cells.push({ row: r, column: c, fill: TOUCHED });
      if (s.kind === "max" && winnerAt(me, r, c).join() === [y, x].join()) wins++;
    }
  }
  me.input.mark([{ row: y, column: x }]);
  me.output.mark(cells);
  const count = cells.length === 1 ? "one window looks" : `${cells.length} windows look`;
  const won =
    s.kind === "max" && cells.length
      ? ` ${cells.length === 1 ? (wins ? "It wins." : "It does not win.") : `It wins in ${wins} of them.`}`
      : "";
  me.said.textContent = `Row ${y}, column ${x} (${show(result.changed[y * width + x], 4)}): ${cells.length ? `${count} at it.${won}` : "no window looks at it."}`;
}

function positions(me) {
  return me.result.rows.count * me.result.columns.count;
}

function drawTwin(me) {
  if (!me.details.open) return;
  const { result } = me;
  if (result.clean.length > 1024) {
    me.twin.replaceChildren(
      element("p", {}, "These are too many numbers for a table: take the cells."),
    );
    return;
  }
  me.twin.replaceChildren(
    table("Picture", result.changed, edges(me)[1]),
    table("Result", result.output, result.columns.count),
  );
}
