// The picture, its kernels and the results of the convolution lab, side by side.

/** @import { Border, Convolution } from "./types.js" */

import { element, legend, makeScale } from "../../canvas/shared.js";
import { Grid, table } from "../../canvas/grid.js";
import { bounds } from "../../canvas/lab.js";
import { CHANNELS, point, refreshMarks } from "./pointing.js";

/**
 * What is called when a number is typed in, with its channel and place.
 * @typedef {(channel: number, row: number, column: number, value: number) => void} Edited
 */

/**
 * Make the grids for as many channels as there are.
 * @param {Convolution} me
 * @param {{ cell: Edited, weight: Edited }} edited
 */
export function makeStages(me, edited) {
  const { s } = me;
  /** @param {number} c */
  const channelName = (c) =>
    s.channels === 1 ? "" : s.input === "photo" ? `, ${CHANNELS[c]}` : `, channel ${c}`;
  /** @type {<T>(make: (c: number) => T) => T[]} */
  const each = (make) => Array.from({ length: s.channels }, (_, c) => make(c));
  const photo = s.input === "photo";
  const largest = me.header.limits.number[1];
  me.inputs = (photo ? [0] : each((c) => c)).map(
    (c) =>
      new Grid({
        label: `Picture${photo ? "" : channelName(c)}`,
        onPoint: (place) => point(me, place && { kind: "input", place }),
        onEdit: photo ? null : (...given) => edited.cell(c, ...given),
        largest,
      }),
  );
  me.kernels = each(
    (c) =>
      new Grid({
        label: `Kernel${channelName(c)}`,
        onPoint: (place) => point(me, place && { kind: "weight", place }),
        onEdit: (...given) => edited.weight(c, ...given),
        largest,
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
  arrange(me);
}

/**
 * A line for each channel: picture, kernel and its result; the sum of all behind them.
 * @param {Convolution} me
 */
function arrange(me) {
  const { channels, input } = me.s;
  /** @type {(text: string, words: string) => HTMLElement} */
  const sign = (text, words) =>
    element("div", { className: "sign", title: words, aria: { label: words, role: "img" } }, text);
  /** @type {HTMLElement[]} */
  const cells = [];
  /** @type {(node: HTMLElement, row: number, column: number, span?: number) => void} */
  const put = (node, row, column, span = 1) => {
    node.style.gridArea = `${row} / ${column} / span ${span} / span 1`;
    cells.push(node);
  };
  for (let c = 0; c < channels; c++) {
    if (me.inputs[c]) put(me.inputs[c].figure, c + 1, 1, input === "photo" ? channels : 1);
    put(sign("∗", "convolved with"), c + 1, 2);
    put(me.kernels[c].figure, c + 1, 3);
    cells.push(element("div", { className: "break" })); // a new line on narrow screens
    put(sign("=", "gives"), c + 1, 4);
    if (me.partGrids[c]) put(me.partGrids[c].figure, c + 1, 5);
    if (me.partGrids[c]) cells.push(element("div", { className: "break" }));
  }
  if (me.partGrids.length) put(sign("Σ", "all the results are added"), 1, 6, channels);
  put(me.output.figure, 1, me.partGrids.length ? 7 : 5, channels);
  me.stageRow.replaceChildren(...cells);
}

/** @param {Convolution} me */
export function layOut(me) {
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
  drawInputs(me, many && !photo ? small : side, many ? small : 200);
  const { rows, columns, borders, parts, output } = result;
  const scale = makeScale(bounds(output));
  const shown = me.player.at === null || photo ? Infinity : me.player.at + 1;
  const size = { height: rows.count, width: columns.count, shown };
  const partScale =
    parts.length > 1 ? makeScale(bounds(parts.flatMap((part) => bounds(part)))) : scale;
  me.partGrids.forEach((grid, c) => {
    grid.set({ ...size, values: parts[c], scale: partScale });
    grid.draw(small);
  });
  const caption = `Feature map, ${rows.count} × ${columns.count}`;
  me.output.set({ ...size, values: output, scale, caption });
  const share = Math.max(rows.count, columns.count) / edgeOf(borders[0]); // true to the picture's scale
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

/** @param {Border} border */
function edgeOf(border) {
  return Math.max(border.height, border.width);
}

/**
 * Draw the picture with its border, and the kernels.
 * @param {Convolution} me
 * @param {number} side Of the picture, in CSS pixels.
 * @param {number} most Of a kernel.
 */
function drawInputs(me, side, most) {
  const { s } = me;
  const { rows, columns, borders, weights } = me.result;
  const scale = makeScale(bounds(borders.flatMap(({ values }) => bounds(values))));
  const border = [rows.before, columns.before, rows.after, columns.after];
  const colours = s.input === "photo" ? colourBytes(borders) : null;
  me.inputs.forEach((grid, c) => {
    grid.set({ ...borders[c], scale, border, colours });
    grid.draw(side);
  });
  const kernelScale = makeScale(bounds(weights.flat(2)));
  me.kernels.forEach((grid, c) => {
    grid.set({ height: s.kernel, width: s.kernel, values: weights[c].flat(), scale: kernelScale });
    // On the same scale as the picture where its numbers stay legible.
    const cell = side / edgeOf(borders[0]);
    grid.draw(Math.min(most, Math.max(cell * s.kernel, 26 * s.kernel)));
  });
}

/**
 * The colours of a photograph with its border.
 * @param {Border[]} borders
 */
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

/** @param {Convolution} me */
export function drawStory(me) {
  const narrow = me.bench.clientWidth < 560;
  me.story.draw(me.result, me.s, narrow ? Math.min(240, me.bench.clientWidth * 0.6) : 240);
}

/**
 * All numbers as tables.
 * @param {Convolution} me
 */
export function drawTwin(me) {
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
  /** @type {(word: string, c: number) => string} */
  const name = (word, c) => (s.channels > 1 ? `${word}, channel ${c}` : word);
  me.twin.replaceChildren(
    ...result.borders.map(({ values, width }, c) =>
      table(name("Picture with its border", c), values, width),
    ),
    ...result.weights.map((kernel, c) => table(name("Kernel", c), kernel.flat(), s.kernel)),
    table("Feature map", result.output, result.columns.count),
  );
}
