// What the network has become: the kernels of its first layer and the maps of one fixed picture;
// `Header` in types.js says what Python sends.
// Trigger "settings": {watch, maps} as JSON.

import { show, truly } from "../../canvas/figures.js";
import {
  MARKED,
  colourOf,
  element,
  inkOn,
  legend,
  makeScale,
  usePalette,
} from "../../canvas/shared.js";
import { choice } from "../../canvas/controls.js";
import { Grid, table } from "../../canvas/grid.js";
import { bounds, foldAway, mountLab } from "../../canvas/lab.js";

/** @import { Bytes, Given, Sent } from "../../canvas/types.js" */
/** @import { Inside, Kind, Shape } from "./types.js" */

/** @type {Record<string, number>} */
const TURNS = { PageDown: 1, PageUp: -1 };
/** @type {Kind[]} */
const KINDS = ["kernels", "maps"];

/** A kernel, with all its numbers as short as those of its neighbours. */
class Kernel extends Grid {
  /** @param {CanvasRenderingContext2D} context */
  drawNumbers(context) {
    const size = Math.min(12, this.cell * 0.3);
    if (size < 8) return; // they are said when they are pointed at
    context.font = `${size}px system-ui, sans-serif`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    this.values.forEach((value, i) => {
      context.fillStyle = inkOn(colourOf(value, this.scale));
      const [row, column] = [Math.floor(i / this.width), i % this.width];
      context.fillText(
        truly(value.toFixed(2)),
        (column + 0.5) * this.cell,
        (row + 0.5) * this.cell,
      );
    });
  }
}

/** @param {Given<Sent>} given */
export default function (given) {
  mountLab(given, { build, take, layOut });
}

/** @param {HTMLElement | ShadowRoot} parent */
function build(parent) {
  const me = /** @type {Inside} */ ({
    pointed: null,
    kernels: /** @type {Grid[]} */ ([]),
    maps: /** @type {Grid[]} */ ([]),
  });
  /** @param {{ watch?: number, maps?: number }} change */
  const send = (change) => me.send(JSON.stringify(change));
  me.controls = {
    watch: choice({
      label: "Fixed picture",
      help: "",
      options: [],
      onChoose: (value) => send({ watch: Number(value) }),
    }),
    stage: choice({
      label: "Maps of",
      help: "",
      options: [],
      onChoose: (value) => send({ maps: Number(value) }),
    }),
  };
  me.kernelRow = element("div", { className: "tiles kernels" });
  me.kernelLegend = element("div");
  me.mapRow = element("div", { className: "tiles" });
  me.mapLegend = element("div");
  me.picture = new Grid({
    label: "The fixed picture",
    onPoint: (place) => {
      me.pointed = place && { kind: "picture", place };
      mark(me);
    },
  });
  me.answer = element("p", { className: "answer" });
  me.said = element("p", { className: "said", aria: { live: "polite" } });
  me.mapTitle = element("h3");
  const twin = foldAway(me, "The kernels as tables", drawTwin);
  me.root = element(
    "div",
    { className: "root lab learning" },
    element("h3", {}, "Kernels of the first layer, C1"),
    me.kernelRow,
    me.kernelLegend,
    me.mapTitle,
    element("div", { className: "choices" }, me.controls.watch.root, me.controls.stage.root),
    element(
      "div",
      { className: "watched" },
      element("div", { className: "seen" }, me.picture.figure, me.answer),
      element("div", { className: "seen-maps" }, me.mapRow, me.mapLegend),
    ),
    me.said,
    twin,
  );
  parent.append(me.root);
  return me;
}

/**
 * @param {Inside} me
 * @param {Bytes} body
 */
function take(me, body) {
  const { header } = me;
  usePalette(header.colours);
  const floats = new Float32Array(body.buffer, body.byteOffset, body.byteLength / 4);
  let at = 0;
  /** @param {number[]} shape */
  const next = (shape) => {
    const length = shape.reduce((one, two) => one * two, 1);
    at += length;
    return floats.subarray(at - length, at);
  };
  me.values = {
    kernels: next(header.kernels),
    maps: next(header.maps),
    picture: next(header.picture),
  };
  for (const kind of KINDS) {
    const row = kind === "kernels" ? me.kernelRow : me.mapRow;
    if (me[kind].length !== header[kind][0]) {
      me[kind] = Array.from({ length: header[kind][0] }, (_, index) => tile(me, kind, index));
      row.replaceChildren(...me[kind].map(({ figure }) => figure));
    }
  }
  const names = header.classes.map(
    /** @returns {[string, string]} */ (name, index) => [String(index), name],
  );
  if (me.offered !== JSON.stringify(names)) me.controls.watch.offer(names);
  me.offered = JSON.stringify(names);
  const stages = header.stages.map(
    /** @returns {[string, string]} */ (name, index) => [String(index + 1), name],
  );
  if (me.staged !== JSON.stringify(stages)) me.controls.stage.offer(stages);
  me.staged = JSON.stringify(stages);
  me.controls.watch.update({ value: String(header.watch), words: "Never learned from." });
  me.controls.stage.update({ value: String(header.stage), words: "Before the activation." });
  me.root.dataset.seen = String(header.seen);
  layOut(me);
}

/**
 * @param {Inside} me
 * @param {Kind} kind
 * @param {number} index
 * @returns {Grid}
 */
function tile(me, kind, index) {
  const noun = kind === "kernels" ? "Kernel" : "Map";
  const grid = new (kind === "kernels" ? Kernel : Grid)({
    label: `${noun} ${index}. Arrow keys move over it, page up and page down go to the next one.`,
    onPoint: (place) => {
      me.pointed = place && { kind, index, place };
      mark(me);
    },
  });
  grid.base.tabIndex = index ? -1 : 0; // one of a row is in the tab order at a time
  grid.base.addEventListener("keydown", (event) => {
    const next = me[kind][index + (TURNS[event.key] ?? NaN)];
    if (!next) return;
    event.preventDefault();
    grid.base.tabIndex = -1;
    next.base.tabIndex = 0;
    next.base.focus();
    next.point(grid.at ?? [0, 0]);
  });
  return grid;
}

/**
 * @param {Inside} me
 * @param {Kind} kind
 * @param {number} index
 */
function part(me, kind, index) {
  const [, height, width] = me.header[kind];
  return me.values[kind].subarray(index * height * width, (index + 1) * height * width);
}

/** @param {Inside} me */
function layOut(me) {
  if (!me.header || !me.root.clientWidth) return;
  const room = me.root.clientWidth;
  for (const kind of KINDS) {
    const [count, height, width] = me.header[kind];
    const scale = scaleOf(me.values[kind]);
    const own = kind === "kernels" ? kernelSide(room, count) : mapSide(me, count);
    me[kind].forEach((grid, index) => {
      grid.set({ height, width, values: part(me, kind, index), scale, caption: String(index) });
      grid.draw(own);
    });
    const words = kind === "kernels" ? "one range for all kernels" : "one range for all maps";
    (kind === "kernels" ? me.kernelLegend : me.mapLegend).replaceChildren(legend(scale, words));
  }
  const [height, width] = me.header.picture;
  me.picture.set({
    height,
    width,
    values: me.values.picture,
    scale: scaleOf(me.values.picture),
    caption: "The picture",
  });
  me.picture.draw(128);
  me.answer.textContent = me.header.answer;
  me.mapTitle.textContent = `One fixed picture and its maps after ${me.header.layer}`;
  mark(me);
  drawTwin(me);
}

/** @param {Float32Array} values */
function scaleOf(values) {
  const found = bounds(values.filter(Number.isFinite));
  return makeScale(found[0] <= found[1] ? found : [0, 0]);
}

/**
 * As large as fits into one row, or two on a phone.
 * @param {number} room
 * @param {number} count
 */
function kernelSide(room, count) {
  const columns = room < 560 ? Math.ceil(count / 2) : count;
  return Math.min(160, (room - 10 * (columns - 1)) / columns);
}

/**
 * Few maps are shown large, many small.
 * @param {Inside} me
 * @param {number} count
 */
function mapSide(me, count) {
  const [, height] = me.header.maps;
  const most = count > 6 ? 60 : me.root.clientWidth < 500 ? 100 : 112;
  return Math.max(height, Math.floor(most / height) * height);
}

/** @param {Inside} me */
function mark(me) {
  for (const grid of [...me.kernels, ...me.maps, me.picture]) grid.mark([]);
  const { header } = me;
  if (me.pointed?.kind === "picture") return markUses(me, ...me.pointed.place);
  if (!me.pointed || me.pointed.index >= me[me.pointed.kind].length) {
    me.said.textContent = "Point at a kernel or a map: what belongs together is framed.";
    return;
  }
  const {
    kind,
    index,
    place: [row, column],
  } = me.pointed;
  const [, , width] = header[kind];
  const value = part(me, kind, index)[row * width + column];
  me[kind][index].mark([{ row, column }]);
  /** @param {Shape} shape */
  const whole = (shape) => ({
    row: 0,
    column: 0,
    height: shape[1],
    width: shape[2],
    colour: MARKED,
  });
  if (kind === "kernels") {
    if (header.stage === 1) me.maps[index].mark([whole(header.maps)]);
    me.said.textContent = `Kernel ${index}, row ${row}, column ${column}: weight ${show(value)}.${header.stage === 1 ? ` Map ${index} is the picture seen through this kernel.` : ""}`;
  } else if (header.stage === 1) {
    me.kernels[index].mark([whole(header.kernels)]);
    const edge = header.kernels[1];
    me.picture.mark([{ row, column, height: edge, width: edge }]);
    me.said.textContent = `Map ${index}, row ${row}, column ${column}: ${show(value)}. It is the framed window times kernel ${index}, plus the bias.`;
  } else {
    me.said.textContent = `Map ${index}, row ${row}, column ${column}: ${show(value)}.`;
  }
}

/**
 * Frame the pixels of the first maps that look at a pixel of the picture.
 * @param {Inside} me
 * @param {number} row
 * @param {number} column
 */
function markUses(me, row, column) {
  const { header } = me;
  me.picture.mark([{ row, column }]);
  const value = show(me.values.picture[row * header.picture[1] + column]);
  let words = "";
  if (header.stage === 1) {
    const [edge, [, height, width]] = [header.kernels[1], header.maps];
    const [top, left] = [row, column].map((place) => Math.max(0, place - edge + 1));
    const frame = {
      row: top,
      column: left,
      height: Math.min(row, height - 1) - top + 1,
      width: Math.min(column, width - 1) - left + 1,
    };
    for (const grid of me.maps) grid.mark([frame]);
    words = " The framed pixels of the maps look at it.";
  }
  me.said.textContent = `The picture, row ${row}, column ${column}: ${value} (normalised).${words}`;
}

/** @param {Inside} me */
function drawTwin(me) {
  if (!me.details.open || !me.values) return;
  const width = me.header.kernels[2];
  me.twin.replaceChildren(
    ...me.kernels.map((_, index) => table(`Kernel ${index}`, part(me, "kernels", index), width)),
  );
}
