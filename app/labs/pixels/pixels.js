// A picture is numbers: a patch of it in colour, and as three planes of numbers.
// Header: settings, opening, height, width, start [row, column], mean and std of the network [3]. Body: RGB bytes.
// Trigger "settings": all settings as JSON, when a control or the patch is let go.

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

const NAMES = ["red", "green", "blue"];
const LIGHTS = [
  ["all", "All three colours"],
  ["red", "Only red"],
  ["green", "Only green"],
  ["blue", "Only blue"],
];
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
  const { change, commit, choose } = handsOf(me, update);
  me.controls = {
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
  me.planeRow = element("div", { className: "planes" }, ...me.planes.map(({ figure }) => figure));
  me.pictureRow = element("div", { className: "pictures" }, me.whole.figure, me.close.figure);
  me.player = new Player({
    count: () => me.s.patch ** 2,
    draw: () => refreshMarks(me),
    yields: () => me.pointed !== null,
    reset: () => startAgain(me, update),
  });
  const twin = foldAway(me, "All numbers as tables", drawTwin);
  parent.append(
    frameLab(
      me,
      "pixels",
      me.player.bar,
      me.formula,
      element("div", { className: "sides" }, me.pictureRow, me.planeRow),
      me.said,
      twin,
    ),
  );
  listen(me, commit);
  return me;
}

/** The square is dragged with the pointer or moved with the arrow keys. */
function listen(me, commit) {
  const { base } = me.whole;
  let held = false;
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
      commit();
    }
  };
  base.onpointerleave = base.onblur = base.ondblclick = null;
  base.onkeydown = (event) => {
    const moves = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
    if (!(event.key in moves) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const [down, right] = moves[event.key].map((way) => way * (event.shiftKey ? me.s.patch : 1));
    const { row, column } = corner(me);
    Object.assign(me.s, { row: Math.max(0, row + down), column: Math.max(0, column + right) });
    update(me);
    clearTimeout(me.waiting);
    me.waiting = setTimeout(commit, 400);
  };
}

/** The first pixel of the patch: it stays within the picture. */
function corner(me) {
  const { s, header } = me;
  const within = (chosen, start, edge) => Math.min(chosen < 0 ? start : chosen, edge - s.patch);
  const [row, column] = header.start;
  return { row: within(s.row, row, header.height), column: within(s.column, column, header.width) };
}

function byteAt(me, row, column, channel) {
  return (
    me.s.cells[`${row},${column},${channel}`] ??
    me.photo[3 * (row * me.header.width + column) + channel]
  );
}

function inUnits(me, level, channel) {
  const { mean, std } = me.header;
  if (me.s.units === "bytes") return level;
  return me.s.units === "shares" ? level / 255 : (level / 255 - mean[channel]) / std[channel];
}

function update(me) {
  const { s, header, controls } = me;
  s.patch = Math.min(s.patch, header.height, header.width);
  if (s.row >= 0) s.row = corner(me).row;
  if (s.column >= 0) s.column = corner(me).column;
  const { row, column } = corner(me);
  const least = Math.min(4, header.height, header.width);
  const most = Math.min(12, header.height, header.width);
  controls.patch.update({
    min: least,
    max: most,
    value: s.patch,
    why: most < 12 ? `At most ${most}: the picture has no more pixels.` : "",
  });
  controls.row.update({ min: 0, max: header.height - s.patch, value: row });
  controls.column.update({ min: 0, max: header.width - s.patch, value: column });
  controls.units.update({ value: s.units, words: UNIT_WORDS[s.units] });
  controls.light.update({ value: s.light });
  const count = header.height * header.width * 3;
  const many = (value) => value.toLocaleString("en");
  me.formula.textContent = `${many(header.width)} × ${many(header.height)} pixels × 3 colours = ${many(count)} numbers. The patch: ${s.patch} × ${s.patch} × 3 = ${s.patch ** 2 * 3}.`;
  me.player.settle();
  layOut(me);
}

/** What shines of a pixel: all of it, or one colour. */
function shining(me, bytes) {
  const kept = NAMES.indexOf(me.s.light);
  if (kept < 0) return bytes;
  const out = new Uint8Array(bytes.length);
  for (let i = kept; i < bytes.length; i += 3) out[i] = bytes[i];
  return out;
}

function layOut(me) {
  const room = me.bench.clientWidth;
  if (!room || !me.s) return;
  const { s, header } = me;
  const { row, column } = corner(me);
  const narrow = room < 620;
  const bytes = new Uint8Array(3 * s.patch ** 2);
  me.values = NAMES.map(() => new Float64Array(s.patch ** 2));
  for (let i = 0; i < s.patch ** 2; i++) {
    for (let c = 0; c < 3; c++) {
      const level = byteAt(me, row + Math.floor(i / s.patch), column + (i % s.patch), c);
      bytes[3 * i + c] = level;
      me.values[c][i] = inUnits(me, level, c);
    }
  }
  const photo = me.photo.slice();
  for (const [place, level] of Object.entries(s.cells)) {
    const [y, x, c] = place.split(",").map(Number);
    photo[3 * (y * header.width + x) + c] = level;
  }
  const scale = makeScale([0, 1]); // only the numbers are shown, the colours are the picture's own
  me.whole.set({
    height: header.height,
    width: header.width,
    values: [],
    scale,
    colours: shining(me, photo),
    caption: `The picture, ${header.width} × ${header.height}`,
  });
  me.whole.draw(narrow ? Math.min(room * 0.62, 300) : Math.min(330, room * 0.34));
  me.close.set({
    height: s.patch,
    width: s.patch,
    values: [],
    scale,
    colours: shining(me, bytes),
    caption: "The patch",
  });
  me.close.draw(narrow ? Math.min(room * 0.3, 160) : Math.min(160, room * 0.17));
  const side = Math.min(300, room - 4);
  me.planes.forEach((grid, c) => {
    const colours = new Uint8Array(bytes.length);
    for (let i = c; i < bytes.length; i += 3) colours[i] = bytes[i];
    grid.set({ height: s.patch, width: s.patch, values: me.values[c], scale, colours });
    grid.draw(side);
  });
  me.whole.mark([{ row, column, height: s.patch, width: s.patch }]);
  refreshMarks(me);
  drawTwin(me);
}

function point(me, place) {
  me.pointed = place;
  refreshMarks(me);
}

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
  const { row, column } = corner(me);
  const [y, x] = [row + place[0], column + place[1]];
  const words = NAMES.map((name, c) => {
    const level = byteAt(me, y, x, c);
    const { mean, std } = me.header;
    const share = `${level} / 255 = ${show(level / 255, 3)}`;
    if (s.units === "bytes") return `${name} ${level}`;
    if (s.units === "shares") return `${name} ${share}`;
    return `${name} (${share.split(" = ")[1]} − ${show(mean[c], 3)}) / ${show(std[c], 3)} = ${show(inUnits(me, level, c), 4)}`;
  });
  const swatch = element("span", {
    className: "swatch",
    style: { background: `rgb(${NAMES.map((_, c) => byteAt(me, y, x, c)).join(",")})` },
  });
  me.said.replaceChildren(swatch, `Row ${y}, column ${x}: ${words.join(", ")}.`);
}

function edit(me, channel, row, column, value) {
  const { mean, std } = me.header;
  const level = {
    bytes: value,
    shares: value * 255,
    normalised: (value * std[channel] + mean[channel]) * 255,
  }[me.s.units];
  const start = corner(me);
  const kept = Object.entries(me.s.cells).slice(-431); // as many as a link can carry
  me.s.cells = Object.fromEntries(kept);
  me.s.cells[`${start.row + row},${start.column + column},${channel}`] = Math.max(
    0,
    Math.min(255, Math.round(level)),
  );
  update(me);
  hand(me);
}

function drawTwin(me) {
  if (!me.details.open) return;
  me.twin.replaceChildren(
    ...NAMES.map((name, c) => table(`The patch, ${name}`, me.values[c], me.s.patch)),
  );
}
