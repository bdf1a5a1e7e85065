// A picture is numbers: a patch of it in colour, and as three planes of numbers.
// Header: as in `types.js`. Body: RGB bytes.
// Trigger "settings": all settings as JSON, when a control or the patch is let go.

/** @import { Bytes, Given, Place, Sent } from "../../canvas/types.js" */
/** @import { Pixels, Settings } from "./types.js" */

import { show } from "../../canvas/figures.js";
import { element, makeScale } from "../../canvas/shared.js";
import { choice, slider } from "../../canvas/controls.js";
import { Grid, table } from "../../canvas/grid.js";
import {
  Player,
  adopt,
  foldAway,
  frameLab,
  hand,
  handsOf,
  mountLab,
  startAgain,
} from "../../canvas/lab.js";
import { byteAt, cornerOf, inUnits, levelOf, patchOf, settle } from "./patch.js";

const NAMES = ["red", "green", "blue"];
/** @type {[Settings["light"], string][]} */
const LIGHTS = [
  ["all", "All three colours"],
  ["red", "Only red"],
  ["green", "Only green"],
  ["blue", "Only blue"],
];
/** @type {[Settings["units"], string][]} */
const UNITS = [
  ["bytes", "0 to 255, as in the file"],
  ["shares", "0 to 1, divided by 255"],
  ["normalised", "As the network below wants it"],
];
const UNIT_WORDS = {
  bytes: "One byte for each colour of a pixel: 256 levels.",
  shares: "The same light as a share of the brightest.",
  normalised: "The mean taken away, then divided by the deviation: typical values lie around zero.",
};

/** @param {Given<Sent>} given */
export default function (given) {
  mountLab(given, { build, take, layOut });
}

/**
 * @param {Pixels} me
 * @param {Bytes} body
 */
function take(me, body) {
  me.photo = body;
  adopt(me, me.header.settings);
  update(me);
}

/** @param {Pixels} me */
function makeControls(me) {
  const { change, commit, choose } = handsOf(me, update);
  return {
    patch: slider({
      label: "Patch",
      help: "How much of the picture is looked at closely.",
      onInput: change("patch"),
      onCommit: commit,
      format: (value) => `${value} × ${value}`,
    }),
    row: slider({
      label: "From row",
      help: "Drag the square, or use the arrow keys on the picture.",
      onInput: change("row"),
      onCommit: commit,
    }),
    column: slider({
      label: "From column",
      help: "Rows and columns are counted from zero.",
      onInput: change("column"),
      onCommit: commit,
    }),
    units: choice({ label: "Numbers", help: "", options: UNITS, onChoose: choose("units") }),
    light: choice({
      label: "Light",
      help: "A pixel shines in three colours; let one of them through.",
      options: LIGHTS,
      onChoose: choose("light"),
    }),
  };
}

/** @param {HTMLElement | ShadowRoot} parent */
function build(parent) {
  const me = /** @type {Pixels} */ ({ pointed: null });
  me.controls = makeControls(me);
  me.formula = element("p", { className: "formula" });
  me.said = element("p", { className: "said", aria: { live: "polite" } });
  me.whole = new Grid({ label: "The picture. Arrow keys move the square." });
  me.close = new Grid({ label: "The patch", onPoint: (place) => point(me, place) });
  me.planes = NAMES.map(
    (name, c) =>
      new Grid({
        label: `${name[0].toUpperCase()}${name.slice(1)}`,
        onPoint: (place) => point(me, place),
        onEdit: (row, column, value) => edit(me, c, row, column, value),
      }),
  );
  me.player = new Player({
    count: () => me.s.patch ** 2,
    draw: () => refreshMarks(me),
    yields: () => me.pointed !== null,
    reset: () => startAgain(me, update),
  });
  const twin = foldAway(me, "All numbers as tables", drawTwin);
  const pictures = element("div", { className: "pictures" }, me.whole.figure, me.close.figure);
  const planes = element("div", { className: "planes" }, ...me.planes.map(({ figure }) => figure));
  parent.append(
    frameLab(
      me,
      "pixels",
      me.player.bar,
      me.formula,
      element("div", { className: "sides" }, pictures, planes),
      me.said,
      twin,
    ),
  );
  listen(me);
  return me;
}

/**
 * The square is dragged with the pointer or moved with the arrow keys.
 * @param {Pixels} me
 */
function listen(me) {
  const { base } = me.whole;
  let held = false;
  /** @param {PointerEvent} event */
  const place = (event) => {
    const bounds = base.getBoundingClientRect();
    const half = me.s.patch / 2;
    me.s.row = Math.max(0, Math.round((event.clientY - bounds.top) / me.whole.cell - half));
    me.s.column = Math.max(0, Math.round((event.clientX - bounds.left) / me.whole.cell - half));
    update(me);
  };
  base.onpointerdown = (event) => {
    held = true;
    base.setPointerCapture(event.pointerId);
    place(event);
  };
  base.onpointermove = (event) => {
    if (held) place(event);
  };
  base.onpointerup = base.onpointercancel = () => {
    if (held) {
      held = false;
      hand(me);
    }
  };
  base.onpointerleave = base.onblur = base.ondblclick = null;
  base.onkeydown = (event) => {
    /** @type {Record<string, Place>} */
    const moves = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
    if (!(event.key in moves) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const [down, right] = moves[event.key].map((way) => way * (event.shiftKey ? me.s.patch : 1));
    const [row, column] = cornerOf(me.s, me.header);
    Object.assign(me.s, { row: Math.max(0, row + down), column: Math.max(0, column + right) });
    update(me);
    clearTimeout(me.waiting);
    me.waiting = setTimeout(() => hand(me), 400);
  };
}

/** @param {Pixels} me */
function update(me) {
  const { s, header, controls } = me;
  settle(s, header);
  const [row, column] = cornerOf(s, header);
  const [smallest, largest] = header.limits.patch.map((edge) =>
    Math.min(edge, header.height, header.width),
  );
  controls.patch.update({
    min: smallest,
    max: largest,
    value: s.patch,
    why:
      largest < header.limits.patch[1] ? `At most ${largest}: the picture has no more pixels.` : "",
  });
  controls.row.update({ min: 0, max: header.height - s.patch, value: row });
  controls.column.update({ min: 0, max: header.width - s.patch, value: column });
  controls.units.update({ value: s.units, words: UNIT_WORDS[s.units] });
  controls.light.update({ value: s.light });
  const count = header.height * header.width * 3;
  /** @param {number} value */
  const many = (value) => value.toLocaleString("en");
  me.formula.textContent = `${many(header.width)} × ${many(header.height)} pixels × 3 colours = ${many(count)} numbers. The patch: ${s.patch} × ${s.patch} × 3 = ${s.patch ** 2 * 3}.`;
  me.player.settle();
  layOut(me);
}

/**
 * What shines of pixels: all of it, or one colour.
 * @param {Bytes} bytes
 * @param {number} kept Which colour; -1 for all.
 */
function shining(bytes, kept) {
  if (kept < 0) return bytes;
  const out = new Uint8Array(bytes.length);
  for (let i = kept; i < bytes.length; i += 3) out[i] = bytes[i];
  return out;
}

/** @param {Pixels} me */
function layOut(me) {
  const room = me.bench.clientWidth;
  if (!room || !me.s) return;
  const { s, header } = me;
  const narrow = room < 620;
  me.found = patchOf(s, header, me.photo);
  const { row, column, bytes, values } = me.found;
  const photo = me.photo.slice();
  for (const [place, level] of Object.entries(s.cells)) {
    const [y, x, c] = place.split(",").map(Number);
    photo[3 * (y * header.width + x) + c] = level;
  }
  const light = NAMES.indexOf(s.light);
  const scale = makeScale([0, 1]); // only the numbers are shown, the colours are the picture's own
  me.whole.set({
    height: header.height,
    width: header.width,
    values: [],
    scale,
    colours: shining(photo, light),
    caption: `The picture, ${header.width} × ${header.height}`,
  });
  me.whole.draw(narrow ? Math.min(room * 0.62, 300) : Math.min(330, room * 0.34));
  me.close.set({
    height: s.patch,
    width: s.patch,
    values: [],
    scale,
    colours: shining(bytes, light),
    caption: "The patch",
  });
  me.close.draw(narrow ? Math.min(room * 0.3, 160) : Math.min(160, room * 0.17));
  const side = Math.min(300, room - 4);
  me.planes.forEach((grid, c) => {
    const colours = shining(bytes, c);
    grid.set({ height: s.patch, width: s.patch, values: values[c], scale, colours });
    grid.draw(side);
  });
  me.whole.mark([{ row, column, height: s.patch, width: s.patch }]);
  refreshMarks(me);
  drawTwin(me);
}

/**
 * @param {Pixels} me
 * @param {Place | null} place
 */
function point(me, place) {
  me.pointed = place;
  refreshMarks(me);
}

/** @param {Pixels} me */
function refreshMarks(me) {
  if (!me.s || !me.close.context) return;
  const { s, player } = me;
  const place =
    me.pointed ??
    (player.at === null ? null : [Math.floor(player.at / s.patch), player.at % s.patch]);
  const frame = place ? [{ row: place[0], column: place[1] }] : [];
  for (const grid of [me.close, ...me.planes]) grid.mark(frame);
  if (!place || place[0] >= s.patch || place[1] >= s.patch) {
    me.said.textContent =
      "Point at a pixel of the patch to see its three numbers. Double-click a number, or walk there and type, to change it.";
    return;
  }
  const [row, column] = cornerOf(s, me.header);
  sayPixel(me, row + place[0], column + place[1]);
}

/**
 * Say the three numbers of a pixel, and what becomes of them.
 * @param {Pixels} me
 * @param {number} y
 * @param {number} x
 */
function sayPixel({ s, header, photo, said }, y, x) {
  const { mean, std } = header;
  const levels = NAMES.map((_, c) => byteAt(s, header, photo, y, x, c));
  const words = levels.map((level, c) => {
    const share = show(level / 255, 3);
    if (s.units === "bytes") return `${NAMES[c]} ${level}`;
    if (s.units === "shares") return `${NAMES[c]} ${level} / 255 = ${share}`;
    return `${NAMES[c]} (${share} − ${show(mean[c], 3)}) / ${show(std[c], 3)} = ${show(inUnits(s, header, level, c), 4)}`;
  });
  const swatch = element("span", {
    className: "swatch",
    style: { background: `rgb(${levels.join(",")})` },
  });
  said.replaceChildren(swatch, `Row ${y}, column ${x}: ${words.join(", ")}.`);
}

/**
 * @param {Pixels} me
 * @param {number} channel
 * @param {number} row Of the patch.
 * @param {number} column
 * @param {number} value In the chosen units.
 */
function edit(me, channel, row, column, value) {
  const { s, header } = me;
  const [top, left] = cornerOf(s, header);
  const kept = Object.entries(s.cells).slice(1 - header.limits.changed); // as many as a link can carry
  s.cells = Object.fromEntries(kept);
  s.cells[`${top + row},${left + column},${channel}`] = levelOf(s, header, value, channel);
  update(me);
  hand(me);
}

/** @param {Pixels} me */
function drawTwin(me) {
  if (!me.details.open) return;
  me.twin.replaceChildren(
    ...NAMES.map((name, c) => table(`The patch, ${name}`, me.found.values[c], me.s.patch)),
  );
}
