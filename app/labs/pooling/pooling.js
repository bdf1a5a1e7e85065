// The pooling lab: a window keeps the largest value under it, or the average; then noise and a shift.
// Header: as in `types.js`. Body: brightness of the photograph, one byte a pixel.
// Trigger "settings": all settings as JSON, when a control is let go.

/** @import { Bytes, Given, Sent } from "../../canvas/types.js" */
/** @import { Along, Pooling } from "./types.js" */

import { show } from "../../canvas/figures.js";
import { element, legend, makeScale, usePalette } from "../../canvas/shared.js";
import { Grid, table } from "../../canvas/grid.js";
import {
  Player,
  adopt,
  bounds,
  foldAway,
  frameLab,
  mountLab,
  startAgain,
} from "../../canvas/lab.js";
import { makeControls, updateControls } from "./controls.js";
import { point, refreshMarks } from "./pointing.js";
import { drawStory, makeStory } from "./story.js";
import { resultOf, settle } from "./windows.js";

const RESULTS = { max: "Maxima", average: "Averages", l2: "L2 norms" };

/** @param {Given<Sent>} given */
export default function (given) {
  mountLab(given, { build, take, layOut });
}

/**
 * @param {Pooling} me
 * @param {Bytes} body
 */
function take(me, body) {
  usePalette(me.header.colours);
  me.photo = body;
  adopt(me, me.header.settings);
  update(me);
}

/** @param {HTMLElement | ShadowRoot} parent */
function build(parent) {
  const me = /** @type {Pooling} */ ({ pointed: null });
  me.controls = { ...makeControls(me, changed) };
  me.formula = element("p", { className: "formula" });
  me.stageRow = element("div", { className: "stages" });
  me.legend = element("div");
  me.said = element("p", { className: "said", aria: { live: "polite" } });
  Object.assign(me, makeStory());
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
  me.player = new Player({
    count: () => me.result.output.length,
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

/** @param {Pooling} me */
function changed(me) {
  settle(me.s, me.header);
  update(me);
}

/** @param {Pooling} me */
function update(me) {
  me.pointed = null; // it may be gone
  me.result = resultOf(me.s, me.header, me.photo);
  updateControls(me);
  me.formula.textContent = formulaOf(me);
  me.player.settle();
  layOut(me);
  for (const grid of [me.input, me.output]) grid.pointAgain();
}

/** @param {Pooling} me */
function formulaOf({ s, result }) {
  const [height, width] = result.edges;
  const kept = show((100 * result.output.length) / result.clean.length, 3);
  if (s.windows === "adaptive") {
    const all = s.bins === 1 ? ": the whole map, called global pooling" : "";
    return `Window i of ${s.bins}, counted from 0, goes from ⌊i · ${width} / ${s.bins}⌋ to ⌈(i + 1) · ${width} / ${s.bins}⌉${all}. It keeps ${kept} % of the numbers.`;
  }
  const [open, close] = s.ceil === "ceil" ? ["⌈", "⌉"] : ["⌊", "⌋"];
  /** @param {Along} axis */
  const words = ({ size, count, dropped }) =>
    `${open}(${size} + ${2 * s.padding} − ${s.kernel}) / ${s.stride}${close} + 1${dropped ? " − 1 (the last window would begin outside)" : ""} = ${count}`;
  const sizes =
    height === width
      ? words(result.rows)
      : `rows ${words(result.rows)}; columns ${words(result.columns)}`;
  return `Size of the result: ${sizes}. It keeps ${kept} % of the numbers.`;
}

/** @param {Pooling} me */
function layOut(me) {
  const room = me.bench.clientWidth;
  if (!room || !me.result) return;
  const { s, result } = me;
  const { rows, columns, edges } = result;
  const [height, width] = edges;
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

/**
 * All numbers as tables.
 * @param {Pooling} me
 */
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
    table("Picture", result.changed, result.edges[1]),
    table("Result", result.output, result.columns.count),
  );
}
