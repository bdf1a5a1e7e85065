// A map over a photograph, with its legend, its numbers and what it says.

/** @import { Choice, Slider } from "../../canvas/controls.js" */
/** @import { Folded, Lab } from "../../canvas/lab.js" */
/** @import { Bytes, Given, Place, Sent } from "../../canvas/types.js" */
/** @import { Heat, Size } from "./heat.js" */

import { show } from "../../canvas/figures.js";
import { bitmap, contextOf, drawScaled, element, legend, usePalette } from "../../canvas/shared.js";
import { choice, slider } from "../../canvas/controls.js";
import { table } from "../../canvas/grid.js";
import { adopt, foldAway, handsOf, mountLab } from "../../canvas/lab.js";
import { RegionGrid } from "../../canvas/regions.js";
import { drawHeat, heatRange, legendWords } from "./heat.js";
import { handOver, paintLegend, wrapped } from "../../canvas/paper.js";

/** @typedef {"smooth" | "cells"} Look */

/** @typedef {"full" | "trim"} Ends */

/**
 * How a map is shown.
 * @typedef {object} Settings
 * @property {number} opacity how much of the photo it covers, in percent
 * @property {Look} look
 * @property {Ends} range where the colours end
 */

/**
 * What Python sends. The body has the map (float32), the cells (float32) and the photo (RGB bytes).
 * @typedef {object} Header
 * @property {Settings} settings
 * @property {Settings} opening
 * @property {{ opacity: [number, number] }} limits
 * @property {Size} map
 * @property {Size | null} cells the places as they were computed, where these are not the pixels
 * @property {Size} photo
 * @property {boolean} signed
 * @property {string} colours name of the colour map
 * @property {boolean} drops whether values are drops of the logit
 * @property {string} unit what a value is, in words
 * @property {string | null} step whose maps were looked at
 * @property {string} name of the class
 * @property {number | null} score logit of the class; null for what is not a number
 * @property {string} caption
 * @property {string[]} words what the map says
 * @property {string[]} lines under the map when it is saved
 * @property {string} file what a saved file is called, without its ending
 */

/**
 * @typedef {object} Parts
 * @property {{ opacity: Slider, look: Choice<Look>, range: Choice<Ends> }} controls
 * @property {HeatGrid} grid
 * @property {HTMLElement} legend
 * @property {HTMLElement} said
 * @property {HTMLElement} words
 * @property {HTMLElement} side
 * @property {Float32Array} map
 * @property {Float32Array} cells
 * @property {HTMLCanvasElement} photo
 * @property {Heat} heat
 */

/** @typedef {Lab<Settings, Header> & Folded & Parts} Overlay */

const LARGEST = 600; // edge of the map in CSS pixels
const BLOCKS = 8; // the text twin adds a large map up in so many rows and columns
const POINT =
  "Point at a place of the picture, or walk over it with the arrow keys, to read its value.";

/** Lines and numbers only where cells are large enough not to be hidden by them. */
class HeatGrid extends RegionGrid {
  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} w
   * @param {number} h
   */
  drawLines(context, w, h) {
    if (this.cell >= 16) super.drawLines(context, w, h);
  }
}

/**
 * Trigger "settings": JSON, on release.
 * @param {Given<Sent>} given
 */
export default function (given) {
  mountLab(given, { build, take, layOut });
}

/** @param {Node & ParentNode} parent */
function build(parent) {
  const me = /** @type {Overlay} */ ({});
  const { change, commit, choose } = handsOf(me, update);
  me.controls = {
    opacity: slider({
      label: "Cover",
      help: "How much of the picture the map covers.",
      format: (value) => `${value} %`,
      onInput: change("opacity"),
      onCommit: commit,
    }),
    look: choice({
      label: "Look",
      help: "",
      options: [
        ["smooth", "Smooth"],
        ["cells", "Cells, as computed"],
      ],
      onChoose: choose("look"),
    }),
    range: choice({
      label: "Colours end",
      help: "",
      options: [
        ["full", "at the maximum"],
        ["trim", "at the top 1 %"],
      ],
      onChoose: choose("range"),
    }),
  };
  me.grid = new HeatGrid({ label: "Map", onPoint: (place) => point(me, place) });
  me.legend = element("div");
  me.said = element("p", { className: "said short", aria: { live: "polite" } });
  me.words = element("p", { className: "reading" });
  /** @type {(words: string, act: () => void) => HTMLButtonElement} */
  const save = (words, act) => {
    const button = element("button", { type: "button" }, words);
    button.onclick = act;
    return button;
  };
  const saves = element(
    "div",
    { className: "row" },
    save("Save as PNG", () => savePicture(me)),
    save("Save numbers as CSV", () => saveNumbers(me)),
  );
  me.side = element("div", { className: "side" }, me.grid.figure, me.legend);
  me.root = element(
    "div",
    { className: "root lab overlay" },
    me.side,
    me.said,
    element(
      "div",
      { className: "controls" },
      ...Object.values(me.controls).map(({ root }) => root),
    ),
    me.words,
    saves,
    foldAway(me, "The map as numbers", fillTwin),
  );
  parent.append(me.root);
  return me;
}

/**
 * @param {Overlay} me
 * @param {Bytes} body
 */
function take(me, body) {
  const { header } = me;
  adopt(me, header.settings);
  /** @param {Size} size */
  const count = ({ height, width }) => height * width;
  const inMap = count(header.map);
  const inCells = header.cells ? count(header.cells) : 0;
  me.map = new Float32Array(body.buffer, body.byteOffset, inMap);
  me.cells = new Float32Array(body.buffer, body.byteOffset + 4 * inMap, inCells);
  me.photo = bitmap(
    header.photo.width,
    header.photo.height,
    body.subarray(4 * (inMap + inCells)),
    "rgb",
  );
  update(me);
}

/**
 * What is shown: the places of the maps as they are, or the pixels.
 * @param {Overlay} me
 * @returns {{ size: Size, values: Float32Array }}
 */
function shownOf({ header, s, map, cells }) {
  return header.cells && s.look === "cells"
    ? { size: header.cells, values: cells }
    : { size: header.map, values: map };
}

/** @param {Overlay} me */
function update(me) {
  const { header, s, controls } = me;
  usePalette(header.colours);
  const [min, max] = header.limits.opacity;
  controls.opacity.update({ min, max, step: 5, value: s.opacity });
  const cells = header.cells
    ? `${header.cells.height} × ${header.cells.width} places of ${header.step}.`
    : "One for each pixel of the input.";
  controls.look.update({
    value: s.look,
    words:
      s.look === "cells"
        ? cells
        : header.cells
          ? "Linear between the places."
          : "Only the colours are blended.",
  });
  const { size, values } = shownOf(me);
  me.heat = heatRange(values, header.signed, s.range === "trim");
  controls.range.update({ value: s.range, words: beyondWords(me.heat) });
  me.legend.replaceChildren(legend(me.heat.scale, legendWords(header)));
  me.words.textContent = header.words.join(" ");
  me.grid.set({ ...size, values, scale: me.heat.scale, caption: header.caption });
  me.grid.base.setAttribute(
    "aria-label",
    `${header.caption}. ${header.words.join(" ")} Arrow keys read it place by place.`,
  );
  fillTwin(me);
  layOut(me);
}

/** @param {Heat} heat */
function beyondWords({ beyond, top }) {
  return beyond
    ? `${beyond.toLocaleString("en")} ${beyond === 1 ? "place is" : "places are"} beyond, up to ${show(top, 3)}.`
    : "No place is beyond.";
}

/** @param {Overlay} me */
function layOut(me) {
  if (!me.side.clientWidth || !me.header) return;
  me.grid.drawOver(
    me.photo,
    Math.min(LARGEST, me.side.clientWidth),
    me.s.opacity,
    me.s.look === "smooth",
  );
  if (me.grid.at) me.grid.pointAgain();
  else point(me, null);
}

/**
 * @param {Overlay} me
 * @param {Place | null} place
 */
function point(me, place) {
  const { header } = me;
  me.grid.mark(place ? [{ row: place[0], column: place[1] }] : []);
  if (!place) {
    me.said.textContent = POINT;
    return;
  }
  const { size, values } = shownOf(me);
  const [row, column] = place;
  const value = values[row * size.width + column];
  const share = Math.round((100 * Math.abs(value)) / me.heat.top);
  const strong = Number.isFinite(share) ? `, ${share} % of the strongest` : "";
  me.said.textContent = `Row ${row}, column ${column}: ${show(value)}${strong}. ${header.drops ? dropWords(header, value) : `It is ${header.unit}.`}`;
}

/**
 * @param {Header} header
 * @param {number} value
 */
function dropWords({ score, name }, value) {
  if (!Number.isFinite(value) || score === null) return "It cannot be compared.";
  const verb = value < 0 ? "raises" : "lowers";
  return `Covering this place ${verb} the logit of “${name}” by ${show(Math.abs(value), 3)} on average, from ${show(score, 3)} to ${show(score - value, 3)}.`;
}

// --- Numbers ------------------------------------------------------------------------------------

/** @param {Overlay} me */
function fillTwin(me) {
  if (!me.details.open || !me.header) return;
  const { size, values } = shownOf(me);
  if (size.height * size.width <= 400) {
    me.twin.replaceChildren(table(`${me.header.caption}, each place`, values, size.width));
    return;
  }
  const sums = new Float64Array(BLOCKS * BLOCKS);
  let total = 0;
  values.forEach((value, i) => {
    if (!Number.isFinite(value)) return;
    const [row, column] = [Math.floor(i / size.width), i % size.width];
    sums[
      Math.floor((row * BLOCKS) / size.height) * BLOCKS + Math.floor((column * BLOCKS) / size.width)
    ] += value;
    total += Math.abs(value);
  });
  const shares = sums.map((sum) => (total ? Number(((100 * sum) / total).toFixed(1)) : 0));
  me.twin.replaceChildren(
    table(
      `${me.header.caption}: percent of the weight in each of ${BLOCKS} × ${BLOCKS} fields`,
      shares,
      BLOCKS,
    ),
  );
}

// --- Saving -------------------------------------------------------------------------------------

/** @param {Overlay} me */
function saveNumbers(me) {
  const { size, values } = shownOf(me);
  const lines = Array.from({ length: size.height }, (_, row) =>
    Array.from(values.subarray(row * size.width, (row + 1) * size.width), (value) =>
      Number(value.toPrecision(7)),
    ).join(","),
  );
  handOver(`${me.header.file}.csv`, new Blob([`${lines.join("\n")}\n`], { type: "text/csv" }));
}

/**
 * The picture, its legend and what it is, on white, for slides.
 * @param {Overlay} me
 */
function savePicture(me) {
  const [edge, margin, line] = [800, 24, 24];
  const { header, s, heat } = me;
  const font = "17px system-ui, sans-serif";
  const canvas = element("canvas", { width: edge + 2 * margin });
  const context = contextOf(canvas);
  context.font = font;
  const ends =
    s.range === "trim"
      ? "end where the strongest 1 % of the places begins"
      : "span the whole range";
  const lines = [...header.lines, `Colours ${ends}: ${legendWords(header)}.`].flatMap((text) =>
    wrapped(context, text, edge),
  );
  canvas.height = edge + 2 * margin + 34 + lines.length * line;
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  drawScaled(context, me.photo, margin, margin, edge, edge);
  const { size, values } = shownOf(me);
  drawHeat(context, size, values, heat.scale, s.opacity, s.look === "smooth", [
    margin,
    margin,
    edge,
    edge,
  ]);
  context.fillStyle = "#000";
  let y = margin + edge + 12;
  y += paintLegend(context, heat.scale, margin, y) + 14;
  context.font = font;
  context.fillStyle = "#000";
  for (const text of lines) {
    context.fillText(text, margin, y);
    y += line;
  }
  canvas.toBlob((blob) => {
    if (blob) handOver(`${header.file}.png`, blob);
  });
}
