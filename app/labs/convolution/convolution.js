// The convolution lab: a window moves over cells or over the photograph.
// Header: settings, opening (settings to start again with), toy (3 x 16 x 16 numbers),
// kernels {id: {title, does, least, tables: [size - 1]}}, layers [{title, size, channels, filters}],
// photo {height, width}.
// Body: the photograph, RGB bytes.
// Trigger "settings": all settings as JSON, when a control is let go.

import { inBrackets, show } from "../../canvas/figures.js";
import { MARKED, element, legend, makeScale } from "../../canvas/shared.js";
import { choice, slider } from "../../canvas/controls.js";
import { Grid, table } from "../../canvas/grid.js";
import {
  Player,
  adopt,
  bounds,
  foldAway,
  frameLab,
  hand,
  handsOf,
  mountLab,
  startAgain,
} from "../../canvas/lab.js";
import { axisOf, convolved, padded } from "./sums.js";
import { StrideStory } from "./stride.js";

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
const COLOURS = {
  channels: ["red", "green", "blue"],
  window: "#fff",
  touched: "rgb(245 158 11 / 45%)",
};
const LARGEST = { size: 16, kernel: 11, stride: 4, dilation: 3, border: 10 };
const TOY_EDGE = 16;

export default function (given) {
  mountLab(given, { build, take, layOut });
}

function take(me, body) {
  const { header } = me;
  me.photo = body;
  if (!me.controls.preset.select.length) {
    me.controls.preset.offer([
      ...Object.entries(header.kernels).map(([id, { title }]) => [id, title]),
      ...header.layers.map(({ title }, i) => [`layer${i}`, `Trained: ${title}`]),
      ["custom", "My own numbers"],
    ]);
  }
  adopt(me, header.settings);
  me.planes = null;
  update(me);
}

function build(parent) {
  const me = { s: null, pointed: null, slide: 0 };
  const { change, commit, choose } = handsOf(me, () => {
    settle(me);
    update(me);
  });
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
    size: slider({
      label: "Size",
      help: "Rows and columns of cells.",
      onInput: change("size"),
      onCommit: commit,
    }),
    channels: slider({
      label: "Channels",
      help: "With several, each has its own kernel and the results are added.",
      onInput: change("channels"),
      onCommit: commit,
    }),
    preset: choice({ label: "Kernel", help: "", options: [], onChoose: choose("preset") }),
    filter: slider({
      label: "Filter",
      help: "Which filter of the trained layer.",
      onInput: change("filter"),
      onCommit: commit,
    }),
    kernel: slider({
      label: "Kernel size",
      help: "How much the window covers.",
      onInput: change("kernel"),
      onCommit: commit,
      format: (value) => `${value} × ${value}`,
    }),
    stride: slider({
      label: "Stride",
      help: "How far the window moves each time.",
      onInput: change("stride"),
      onCommit: commit,
    }),
    padding: choice({ label: "Padding", help: "", options: PADDINGS, onChoose: choose("padding") }),
    border: slider({
      label: "Border",
      help: "Pixels added on each side.",
      onInput: change("border"),
      onCommit: commit,
    }),
    mode: choice({ label: "Border holds", help: "", options: MODES, onChoose: choose("mode") }),
    dilation: slider({
      label: "Dilation",
      help: "Pixels from one tap of the kernel to the next.",
      onInput: change("dilation"),
      onCommit: commit,
    }),
    bias: slider({
      label: "Bias",
      help: "Added to every result.",
      onInput: change("bias"),
      onCommit: commit,
      format: (value) => show(value, 3),
    }),
  };
  me.formula = element("p", { className: "formula" });
  me.stageRow = element("div", { className: "stages" });
  me.said = element("p", { className: "said", aria: { live: "polite" } });
  me.legend = element("div");
  me.player = new Player({
    count: () => positions(me),
    draw: () => {
      me.slide = 0;
      refresh(me);
    },
    slide: (part) => {
      me.slide = part;
      refreshMarks(me);
    },
    yields: () => me.pointed !== null,
    reset: () => startAgain(me, update),
  });
  me.story = new StrideStory((moved) => {
    me.s.moved = moved;
    drawStory(me);
  }, commit);
  const twin = foldAway(me, "All numbers as tables", drawTwin);
  parent.append(
    frameLab(
      me,
      "convolution",
      me.player.bar,
      me.formula,
      me.stageRow,
      me.legend,
      me.said,
      twin,
      me.story.root,
    ),
  );
  return me;
}

// --- What is possible -------------------------------------------------------------------------

function edges(me, s = me.s) {
  return s.input === "photo" ? [me.header.photo.height, me.header.photo.width] : [s.size, s.size];
}

function whyNot(me, change) {
  const s = { ...me.s, ...change };
  for (const size of edges(me, s)) {
    const { why } = axisOf(size, s);
    if (why) return why;
  }
  return null;
}

/** The range around the present value in which everything is possible, and what limits it. */
function rangeOf(me, name, least, most) {
  let [min, max] = [me.s[name], me.s[name]];
  while (min > least && !whyNot(me, { [name]: min - 1 })) min--;
  while (max < most && !whyNot(me, { [name]: max + 1 })) max++;
  const limit =
    max < most
      ? whyNot(me, { [name]: max + 1 })
      : min > least
        ? whyNot(me, { [name]: min - 1 })
        : null;
  const why = limit ? `${min === max ? `Only ${min}` : `${min} to ${max}`}: ${limit}.` : "";
  return { min, max, value: me.s[name], why };
}

/** Bring the settings in line after one of them was changed. */
function settle(me) {
  const { s, header } = me;
  if (s.preset.startsWith("layer")) {
    const layer = header.layers[Number(s.preset.slice(5))];
    s.kernel = layer.size;
    s.channels = layer.channels;
    s.filter = Math.min(s.filter, layer.filters.length - 1);
  } else if (s.preset !== "custom" && s.kernel < header.kernels[s.preset].least) {
    s.preset = "identity";
  }
  if (s.preset === "custom") s.weights = fitted(s.weights ?? weightsOf(me), s.channels, s.kernel);
  else s.weights = null;
  if (whyNot(me, {})) Object.assign(s, { padding: "same", mode: "zeros" });
}

/** Numbers of a kernel brought to another size: what is new is zero. */
function fitted(weights, channels, size) {
  return Array.from({ length: channels }, (_, c) =>
    Array.from({ length: size }, (_, i) =>
      Array.from({ length: size }, (_, j) => weights[c]?.[i]?.[j] ?? 0),
    ),
  );
}

function weightsOf(me) {
  const { s, header } = me;
  if (s.preset === "custom" && s.weights) return fitted(s.weights, s.channels, s.kernel);
  if (s.preset.startsWith("layer"))
    return header.layers[Number(s.preset.slice(5))].filters[s.filter];
  const { tables } = header.kernels[s.preset] ?? header.kernels.identity;
  return Array.from(
    { length: s.channels },
    () => tables[s.kernel - 1] ?? header.kernels.identity.tables[s.kernel - 1],
  );
}

// --- The arithmetic ---------------------------------------------------------------------------

/** The channels of the picture, each as numbers row by row. */
function planesOf(me) {
  const { s, header } = me;
  if (s.input === "toy") {
    return Array.from({ length: s.channels }, (_, c) =>
      Float64Array.from({ length: s.size * s.size }, (_, i) => {
        const [row, column] = [Math.floor(i / s.size), i % s.size];
        return (
          s.cells[`${c},${row},${column}`] ?? header.toy[(c * TOY_EDGE + row) * TOY_EDGE + column]
        );
      }),
    );
  }
  const count = header.photo.height * header.photo.width;
  const key = s.channels;
  if (me.planes?.key !== key) {
    const read = (i, c) => me.photo[3 * i + c] / 255;
    const grey = (i) => 0.299 * read(i, 0) + 0.587 * read(i, 1) + 0.114 * read(i, 2);
    me.planes = {
      key,
      all: Array.from({ length: s.channels }, (_, c) =>
        Float64Array.from({ length: count }, (_, i) => (s.channels === 1 ? grey(i) : read(i, c))),
      ),
    };
  }
  return me.planes.all;
}

function compute(me) {
  const { s } = me;
  const [rows, columns] = edges(me).map((size) => axisOf(size, s));
  const weights = weightsOf(me);
  const planes = planesOf(me);
  const borders = planes.map((plane) => padded(plane, rows, columns, s.mode));
  const parts = borders.map((border, c) => convolved(border, weights[c], rows, columns, s));
  const output = new Float64Array(rows.count * columns.count).fill(s.bias);
  for (const part of parts) for (let i = 0; i < output.length; i++) output[i] += part[i];
  me.result = { rows, columns, weights, planes, borders, parts, output };
}

// --- The picture ------------------------------------------------------------------------------

function update(me) {
  me.pointed = null; // it may be gone
  me.stageKey ??= null;
  compute(me);
  updateControls(me);
  const key = `${me.s.input} ${me.s.channels}`;
  if (key !== me.stageKey) {
    me.stageKey = key;
    makeStages(me);
  }
  me.player.settle();
  layOut(me);
  for (const grid of gridsOf(me)) grid.pointAgain();
}

function gridsOf(me) {
  return [...me.inputs, ...me.kernels, ...me.partGrids, me.output];
}

function updateControls(me) {
  const { s, controls, header } = me;
  const toy = s.input === "toy";
  const layer = s.preset.startsWith("layer") ? header.layers[Number(s.preset.slice(5))] : null;
  const locked = layer ? `Given by ${layer.title}.` : "";
  const fix = (value) => ({ min: value, max: value, value, why: locked });
  controls.input.update({
    value: s.input,
    words: toy
      ? "Double-click a cell to change it, or walk there and type."
      : "Values from 0 (dark) to 1 (light).",
  });
  controls.size.root.hidden = !toy;
  controls.size.update(rangeOf(me, "size", 3, LARGEST.size));
  controls.channels.update(layer ? fix(s.channels) : { min: 1, max: 3, value: s.channels });
  controls.filter.root.hidden = !layer;
  if (layer) controls.filter.update({ min: 0, max: layer.filters.length - 1, value: s.filter });
  controls.kernel.update(layer ? fix(s.kernel) : rangeOf(me, "kernel", 1, LARGEST.kernel));
  controls.stride.update(rangeOf(me, "stride", 1, LARGEST.stride));
  controls.dilation.update(rangeOf(me, "dilation", 1, LARGEST.dilation));
  controls.border.root.hidden = s.padding !== "number";
  controls.border.update(rangeOf(me, "border", 0, LARGEST.border));
  controls.bias.update({ min: -10, max: 10, value: s.bias, step: 0.5 });
  const why = (name, options) =>
    Object.fromEntries(
      options.map(([value]) => [value, whyNot(me, { [name]: value }) && "not with these settings"]),
    );
  controls.padding.update({
    value: s.padding,
    disabled: why("padding", PADDINGS),
    words: PADDING_WORDS[s.padding],
  });
  controls.mode.update({ value: s.mode, disabled: why("mode", MODES), words: MODE_WORDS[s.mode] });
  controls.preset.update({
    value: s.preset,
    disabled: Object.fromEntries(
      Object.entries(header.kernels).map(([id, { least }]) => [
        id,
        s.kernel < least && `needs ${least} × ${least}`,
      ]),
    ),
    words: layer
      ? "Learned, not chosen: these numbers came out of training."
      : (header.kernels[s.preset]?.does ?? "Double-click a weight to change it."),
  });
  const { rows, columns } = me.result;
  const words = ({ size, before, after, extent, count }) =>
    `⌊(${size} + ${before + after} − ${extent}) / ${s.stride}⌋ + 1 = ${count}`;
  me.formula.textContent =
    rows.count === columns.count && rows.size === columns.size
      ? `Size of the result: (size + padding − window) / stride, rounded down, + 1:  ${words(rows)}`
      : `Size of the result: (size + padding − window) / stride, rounded down, + 1:  rows ${words(rows)}; columns ${words(columns)}`;
}

function makeStages(me) {
  const { s } = me;
  const channelName = (c) =>
    s.channels === 1 ? "" : s.input === "photo" ? `, ${COLOURS.channels[c]}` : `, channel ${c}`;
  const each = (make) => Array.from({ length: s.channels }, (_, c) => make(c));
  const photo = s.input === "photo";
  me.inputs = (photo ? [0] : each((c) => c)).map(
    (c) =>
      new Grid({
        label: `Picture${photo ? "" : channelName(c)}`,
        onPoint: (place) => point(me, place && { kind: "input", place }),
        onEdit: photo ? null : (row, column, value) => editCell(me, c, row, column, value),
      }),
  );
  me.kernels = each(
    (c) =>
      new Grid({
        label: `Kernel${channelName(c)}`,
        onPoint: (place) => point(me, place && { kind: "weight", place }),
        onEdit: (row, column, value) => editWeight(me, c, row, column, value),
      }),
  );
  me.partGrids =
    s.channels === 1
      ? []
      : each(
          (c) =>
            new Grid({
              label: `Its result${channelName(c)}`,
              onPoint: (place) => point(me, place && { kind: "output", place }),
            }),
        );
  me.output = new Grid({
    label: "Feature map",
    onPoint: (place) => point(me, place && { kind: "output", place }),
  });
  const sign = (text, words) =>
    element("div", { className: "sign", title: words, aria: { label: words, role: "img" } }, text);
  const cells = [];
  const put = (node, row, column, span = 1) => {
    node.style.gridArea = `${row} / ${column} / span ${span} / span 1`;
    cells.push(node);
  };
  each((c) => {
    if (me.inputs[c]) put(me.inputs[c].figure, c + 1, 1, photo ? s.channels : 1);
    put(sign("∗", "convolved with"), c + 1, 2);
    put(me.kernels[c].figure, c + 1, 3);
    cells.push(element("div", { className: "break" })); // a new line on narrow screens
    put(sign("=", "gives"), c + 1, 4);
    if (me.partGrids[c]) put(me.partGrids[c].figure, c + 1, 5);
    if (me.partGrids[c]) cells.push(element("div", { className: "break" }));
  });
  if (me.partGrids.length) put(sign("Σ", "all the results are added"), 1, 6, s.channels);
  put(me.output.figure, 1, me.partGrids.length ? 7 : 5, s.channels);
  me.stageRow.replaceChildren(...cells);
}

function layOut(me) {
  const room = me.bench.clientWidth;
  if (!room || !me.result) return;
  const { s, result } = me;
  const photo = s.input === "photo";
  const many = s.channels > 1;
  const narrow = room < 560;
  me.stageRow.classList.toggle("narrow", narrow);
  const side = narrow
    ? Math.min(room * 0.58, 240)
    : Math.min(360, (room - 150) * (many ? 0.25 : 0.39));
  const small = narrow ? Math.min(room * 0.36, 150) : Math.min(side, 200);
  const { rows, columns, borders, weights, parts, output } = result;
  const wide = (border) => Math.max(border.height, border.width);
  const whole = new Float64Array(borders.reduce((sum, { values }) => sum + values.length, 0));
  let at = 0;
  for (const { values } of borders) {
    whole.set(values, at);
    at += values.length;
  }
  const inputScale = makeScale(bounds(whole));
  const border = [rows.before, columns.before, rows.after, columns.after];
  me.inputs.forEach((grid, c) => {
    const { height, width, values } = borders[c];
    grid.set({
      height,
      width,
      values,
      scale: inputScale,
      border,
      colours: photo ? colourBytes(borders) : null,
    });
    grid.draw(many && !photo ? small : side);
  });
  const kernelScale = makeScale(bounds(weights.flat(2)));
  me.kernels.forEach((grid, c) => {
    grid.set({ height: s.kernel, width: s.kernel, values: weights[c].flat(), scale: kernelScale });
    // On the same scale as the picture where its numbers stay legible.
    const cell = (many && !photo ? small : side) / wide(borders[0]);
    grid.draw(Math.min(many ? small : 200, Math.max(cell * s.kernel, 26 * s.kernel)));
  });
  const scale = makeScale(bounds(output));
  const shown = me.player.at === null || photo ? Infinity : me.player.at + 1;
  const partScale =
    parts.length > 1 ? makeScale(bounds(parts.flatMap((part) => bounds(part)))) : scale;
  me.partGrids.forEach((grid, c) => {
    grid.set({
      height: rows.count,
      width: columns.count,
      values: parts[c],
      scale: partScale,
      shown,
    });
    grid.draw(small);
  });
  me.output.set({
    height: rows.count,
    width: columns.count,
    values: output,
    scale,
    shown,
    caption: `Feature map, ${rows.count} × ${columns.count}`,
  });
  const share = Math.max(rows.count, columns.count) / wide(borders[0]); // true to the picture's scale
  me.output.draw(many ? small : Math.max(40, side * Math.min(1, share)));
  me.legend.replaceChildren(legend(scale, "values of the feature map"));
  refreshMarks(me);
  drawTwin(me);
  clearTimeout(me.waiting);
  if (me.player.at === null) {
    // a photograph's is not told while a slider is dragged
    if (photo) me.waiting = setTimeout(() => drawStory(me), 200);
    else drawStory(me);
  }
}

function drawStory(me) {
  const narrow = me.bench.clientWidth < 560;
  me.story.draw(me.result, me.s, narrow ? Math.min(240, me.bench.clientWidth * 0.6) : 240);
}

/** Only what changes from one position to the next. */
function refresh(me) {
  if (me.s.input === "photo") return refreshMarks(me);
  return layOut(me);
}

function colourBytes(borders) {
  const count = borders[0].values.length;
  const bytes = new Uint8Array(3 * count);
  for (let c = 0; c < 3; c++) {
    const plane = borders.length === 1 ? borders[0] : borders[c];
    for (let i = 0; i < count; i++)
      bytes[3 * i + c] = plane ? 255 * Math.max(0, Math.min(1, plane.values[i])) : 0;
  }
  return bytes;
}

// --- Pointing ---------------------------------------------------------------------------------

function point(me, pointed) {
  me.pointed = pointed;
  refreshMarks(me);
}

function refreshMarks(me) {
  if (!me.result || !me.output.context) return;
  const { pointed } = me;
  for (const grid of gridsOf(me)) grid.mark([]);
  if (pointed?.kind === "input") markUses(me, pointed.place);
  else if (pointed?.kind === "weight") markMeetings(me, pointed.place);
  else if (pointed?.kind === "output") markWindow(me, ...pointed.place);
  else if (me.player.at !== null) {
    const { count } = me.result.columns;
    markWindow(me, Math.floor(me.player.at / count), me.player.at % count, me.slide);
  } else
    me.said.textContent =
      "Point at any cell: of the result, to see the sum behind it; of the picture, to see where it is used; of the kernel, to see what it meets.";
}

/** The window of one output cell, `slide` of the way (0..1) to the next position. */
function markWindow(me, row, column, slide = 0) {
  const { s, result } = me;
  const { rows, columns } = result;
  if (row >= rows.count || column >= columns.count) return;
  const move = column + 1 < columns.count ? slide : 0;
  const frame = {
    row: row * s.stride,
    column: (column + move) * s.stride,
    height: rows.extent,
    width: columns.extent,
  };
  const taps =
    s.dilation > 1 && s.kernel <= 11
      ? tapsOf(s.kernel).map(([i, j]) => ({
          row: frame.row + i * s.dilation,
          column: frame.column + j * s.dilation,
          colour: MARKED,
        }))
      : [];
  for (const grid of me.inputs) grid.mark([frame, ...taps]);
  for (const grid of [...me.partGrids, me.output]) grid.mark([{ row, column: column + move }]);
  if (slide) return;
  me.said.textContent = sumWords(me, row, column);
}

function tapsOf(size) {
  return Array.from({ length: size * size }, (_, i) => [Math.floor(i / size), i % size]);
}

/** The whole sum in words: for each channel its products, then the bias. */
function sumWords(me, row, column) {
  const { s, result } = me;
  const { borders, weights, parts, columns, output } = result;
  const at = row * columns.count + column;
  const lines = borders.map((border, c) => {
    const terms = tapsOf(s.kernel).map(([i, j]) => {
      const y = row * s.stride + i * s.dilation;
      const x = column * s.stride + j * s.dilation;
      return `${show(border.values[y * border.width + x], 3)}·${inBrackets(weights[c][i][j])}`;
    });
    const sum =
      terms.length <= 25
        ? terms.join(" + ")
        : `${terms.slice(0, 8).join(" + ")} + … (${terms.length} products)`;
    const name =
      s.channels > 1 ? `${s.input === "photo" ? COLOURS.channels[c] : `channel ${c}`}: ` : "";
    return `${name}${sum} = ${show(parts[c][at], 5)}`;
  });
  const adds =
    s.channels > 1
      ? ` All the results are added: ${parts.map((part) => inBrackets(part[at], 5)).join(" + ")}.`
      : "";
  const bias = s.bias ? ` Plus the bias ${inBrackets(s.bias)}.` : "";
  return `Row ${row}, column ${column}: ${lines.join("; ")}.${adds}${bias} Result: ${show(output[at], 6)}`;
}

/** Every output that looks at one pixel of the picture with its border. */
function markUses(me, [y, x]) {
  const { s, result } = me;
  const { rows, columns, borders } = result;
  const along = (place, axis) => {
    const found = [];
    for (let i = 0; i < s.kernel; i++) {
      const start = place - i * s.dilation;
      if (start >= 0 && start % s.stride === 0 && start / s.stride < axis.count)
        found.push(start / s.stride);
    }
    return found;
  };
  const [down, right] = [along(y, rows), along(x, columns)];
  const cells = down.flatMap((row) =>
    right.map((column) => ({ row, column, fill: COLOURS.touched })),
  );
  for (const grid of me.inputs) grid.mark([{ row: y, column: x }]);
  for (const grid of [...me.partGrids, me.output]) grid.mark(cells);
  const inside =
    y >= rows.before &&
    x >= columns.before &&
    y < rows.before + rows.size &&
    x < columns.before + columns.size;
  const value = borders.map((border) => show(border.values[y * border.width + x], 4)).join(", ");
  const where = inside
    ? `Pixel in row ${y - rows.before}, column ${x - columns.before}`
    : "This is border, not picture";
  const times = cells.length === 1 ? "one number" : `${cells.length} numbers`;
  me.said.textContent = `${where} (${value}): ${cells.length ? `${times} of the result look at it.` : "no window ever meets it."}`;
}

/** Every pixel that one weight is multiplied with. */
function markMeetings(me, [i, j]) {
  const { s, result } = me;
  const { rows, columns, weights } = result;
  const top = i * s.dilation;
  const left = j * s.dilation;
  const cells = [];
  if (rows.count * columns.count <= 1024) {
    for (let r = 0; r < rows.count; r++) {
      for (let c = 0; c < columns.count; c++) {
        cells.push({ row: top + r * s.stride, column: left + c * s.stride, fill: COLOURS.touched });
      }
    }
  } else {
    cells.push({
      row: top,
      column: left,
      fill: COLOURS.touched,
      height: (rows.count - 1) * s.stride + 1,
      width: (columns.count - 1) * s.stride + 1,
    });
  }
  for (const grid of me.inputs) grid.mark(cells);
  for (const grid of me.kernels) grid.mark([{ row: i, column: j }]);
  const values = weights.map((kernel) => show(kernel[i][j], 4)).join(", ");
  me.said.textContent = `Weight ${values} in row ${i}, column ${j}: it is multiplied with ${(rows.count * columns.count).toLocaleString("en")} pixels of each channel, one for each number of the result. The same weight everywhere: that is what makes it a convolution.`;
}

// --- Changing numbers -------------------------------------------------------------------------

function editCell(me, channel, row, column, value) {
  const { rows, columns } = me.result;
  const [y, x] = [row - rows.before, column - columns.before];
  if (y < 0 || x < 0 || y >= rows.size || x >= columns.size) {
    me.said.textContent = "The border cannot be changed: choose what it holds above.";
    return;
  }
  me.s.cells = { ...me.s.cells, [`${channel},${y},${x}`]: value };
  update(me);
  hand(me);
}

function editWeight(me, channel, row, column, value) {
  const weights = weightsOf(me).map((kernel) => kernel.map((line) => [...line]));
  weights[channel][row][column] = value;
  Object.assign(me.s, { preset: "custom", weights });
  update(me);
  hand(me);
}

// --- Moving -----------------------------------------------------------------------------------

function positions(me) {
  return me.result.rows.count * me.result.columns.count;
}

// --- The text twin ----------------------------------------------------------------------------

function drawTwin(me) {
  if (!me.details.open) return;
  const { s, result } = me;
  if (result.output.length > 1024) {
    me.twin.replaceChildren(
      element(
        "p",
        {},
        "These are too many numbers for a table: take the cells, or a larger stride.",
      ),
    );
    return;
  }
  const name = (word, c) => (s.channels > 1 ? `${word}, channel ${c}` : word);
  me.twin.replaceChildren(
    ...result.borders.map(({ values, width }, c) =>
      table(name("Picture with its border", c), values, width),
    ),
    ...result.weights.map((kernel, c) => table(name("Kernel", c), kernel.flat(), s.kernel)),
    table("Feature map", result.output, result.columns.count),
  );
}
