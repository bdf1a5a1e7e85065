// The convolution lab: a window moves over cells or over the photograph.
// Header: as in `types.js`. Body: the photograph, RGB bytes.
// Trigger "settings": all settings as JSON, when a control is let go.

/** @import { Bytes, Given, Sent } from "../../canvas/types.js" */
/** @import { Along, Convolution } from "./types.js" */

import { element, usePalette } from "../../canvas/shared.js";
import { Player, adopt, foldAway, frameLab, hand, mountLab, startAgain } from "../../canvas/lab.js";
import { makeControls, offerKernels, updateControls } from "./controls.js";
import { gridsOf, refreshMarks } from "./pointing.js";
import { edgesOf, photoPlanes, settle, toyPlanes, weightsOf } from "./possible.js";
import { drawStory, drawTwin, layOut, makeStages } from "./stages.js";
import { StrideStory } from "./stride.js";
import { resultOf } from "./sums.js";

/** @param {Given<Sent>} given */
export default function (given) {
  mountLab(given, { build, take, layOut });
}

/**
 * @param {Convolution} me
 * @param {Bytes} body
 */
function take(me, body) {
  usePalette(me.header.colours);
  me.photo = body;
  offerKernels(me);
  adopt(me, me.header.settings);
  me.planes = null;
  update(me);
}

/** @param {HTMLElement | ShadowRoot} parent */
function build(parent) {
  const me = /** @type {Convolution} */ ({ pointed: null, slide: 0, staged: "" });
  me.controls = { ...makeControls(me, changed) };
  me.formula = element("p", { className: "formula" });
  me.stageRow = element("div", { className: "stages" });
  me.said = element("p", { className: "said", aria: { live: "polite" } });
  me.legend = element("div");
  me.player = new Player({
    count: () => me.result.output.length,
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
  me.story = new StrideStory(
    (moved) => {
      me.s.moved = moved;
      drawStory(me);
    },
    () => hand(me),
  );
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

/** @param {Convolution} me */
function changed(me) {
  settle(me.s, me.header);
  update(me);
}

/** @param {Convolution} me */
function update(me) {
  const { s, header } = me;
  me.pointed = null; // it may be gone
  me.result = resultOf(planesOf(me), edgesOf(s, header), weightsOf(s, header), s);
  updateControls(me);
  me.formula.textContent = formulaOf(me);
  const stages = `${s.input} ${s.channels}`;
  if (stages !== me.staged) {
    me.staged = stages;
    makeStages(me, {
      cell: (...given) => editCell(me, ...given),
      weight: (...given) => editWeight(me, ...given),
    });
  }
  me.player.settle();
  layOut(me);
  for (const grid of gridsOf(me)) grid.pointAgain();
}

/**
 * The channels of the picture; those of the photograph are kept.
 * @param {Convolution} me
 */
function planesOf(me) {
  const { s, header, photo } = me;
  if (s.input === "toy") return toyPlanes(s, header);
  const { channels } = s;
  if (me.planes?.channels !== channels) {
    me.planes = { channels, all: photoPlanes(photo, channels, header) };
  }
  return me.planes.all;
}

/** @param {Convolution} me */
function formulaOf({ s, result }) {
  const { rows, columns } = result;
  /** @param {Along} axis */
  const words = ({ size, before, after, extent, count }) =>
    `⌊(${size} + ${before + after} − ${extent}) / ${s.stride}⌋ + 1 = ${count}`;
  const same = rows.count === columns.count && rows.size === columns.size;
  const sizes = same ? words(rows) : `rows ${words(rows)}; columns ${words(columns)}`;
  return `Size of the result: (size + padding − window) / stride, rounded down, + 1:  ${sizes}`;
}

/**
 * Only what changes from one position to the next.
 * @param {Convolution} me
 */
function refresh(me) {
  if (me.s.input === "photo") return refreshMarks(me);
  return layOut(me);
}

/**
 * @param {Convolution} me
 * @param {number} channel
 * @param {number} row Of the picture with its border.
 * @param {number} column
 * @param {number} value
 */
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

/**
 * @param {Convolution} me
 * @param {number} channel
 * @param {number} row
 * @param {number} column
 * @param {number} value
 */
function editWeight(me, channel, row, column, value) {
  const weights = weightsOf(me.s, me.header).map((kernel) => kernel.map((line) => [...line]));
  weights[channel][row][column] = value;
  Object.assign(me.s, { preset: "custom", weights });
  update(me);
  hand(me);
}
