// One step at several moments of its training, for the same picture.
// Header: step, chosen {moment, span}, channels (shown; none of a vector), count (all channels), maps
// {count, height, width, size, scales, cells}, kernels {count, height, width, colour, scales} or null,
// followed (the class that the trained network finds most likely), moments [{name, label, words, right,
// rightWords, classes [[label, share, words]], followed}]. Body: the maps' codes, moment after moment,
// each on a scale of its own, then the kernels'. Trigger "select": {moment, span}, once the visitor stays.

import { show } from "../../canvas/figures.js";
import {
  LEVELS,
  bitmap,
  colourOf,
  columnsOf,
  drawScaled,
  element,
  legend,
  makeScale,
  memories,
  onResize,
  remember,
  sharpen,
  unpack,
  usePalette,
  valueOfCode,
  walk,
} from "../../canvas/shared.js";
import { choice, slider } from "../../canvas/controls.js";
import { Player, foldAway } from "../../canvas/lab.js";

const GAP_PX = { maps: 4, kernels: 10 };
const PATIENCE_MS = 500; // after the last change, before Python is told
const CURVE = [280, 104];

export default function ({ data, parentElement, setTriggerValue }) {
  const first = !memories.has(parentElement);
  const me = remember(parentElement, () => build(parentElement));
  me.send = (chosen) => setTriggerValue("select", chosen);
  if (me.data !== data) take(me, data);
  if (first) onResize(me.root, () => layOut(me));
}

function build(parent) {
  const me = { pointed: null, sent: [], span: "all" };
  me.player = new Player({
    count: () => me.header.moments.length,
    draw: () => present(me),
    yields: () => me.pointed !== null,
    reset: () => {},
    speed: 1,
  });
  me.slider = slider({
    label: "Moment",
    help: "",
    onInput: (value) => go(me, value),
    onCommit: () => tell(me),
    format: (value) => me.header?.moments[value].label ?? String(value),
  });
  me.range = choice({
    label: "Colours span",
    help: "",
    options: [
      ["all", "All moments"],
      ["own", "Each moment alone"],
    ],
    onChoose: (span) => {
      me.span = span;
      layOut(me);
      tell(me);
    },
  });
  me.ticks = element("div", {
    className: "ticks",
    aria: { role: "group", label: "Moments of the training" },
  });
  me.said = element("p", { className: "said", aria: { live: "polite" } });
  me.maps = figure("maps", "application");
  me.kernels = figure("kernels", "img");
  me.classes = element("ol", {
    className: "classes",
    aria: { label: "The five most likely classes" },
  });
  me.curve = element("canvas", { className: "curve", aria: { role: "img" } });
  me.curveWords = element("figcaption");
  const right = element(
    "div",
    { className: "answers" },
    element("h4", {}, "What it says"),
    me.classes,
    element("figure", {}, me.curve, me.curveWords),
  );
  me.tip = element("div", { className: "value faint", aria: { live: "polite" } });
  me.mapPlace = element("div", {}, me.maps.root, me.tip);
  me.kernelPlace = element("div", {}, me.kernels.root);
  const bar = element(
    "div",
    { className: "scrub" },
    element("div", { className: "row" }, me.player.toggle),
    me.slider.root,
    me.range.root,
  );
  const twin = foldAway(me, "All moments as a table", drawTwin);
  me.root = element(
    "div",
    { className: "root lab snapshots" },
    bar,
    me.ticks,
    me.said,
    element("div", { className: "views" }, me.mapPlace, me.kernelPlace, right),
    twin,
  );
  parent.append(me.root);
  listen(me);
  walk(me.ticks, () => [...me.ticks.children], columnsOf);
  return me;
}

function figure(name, role) {
  const base = element("canvas", { className: "base", aria: { role, label: name } });
  const over = element("canvas", { className: "over" });
  const caption = element("figcaption");
  const below = element("div");
  const root = element(
    "figure",
    { className: name },
    caption,
    element("div", { className: "stage" }, base, over),
    below,
  );
  return { root, base, over, caption, below };
}

function take(me, data) {
  const { header, body } = unpack(data);
  usePalette(header.colours);
  const { maps, kernels, moments, chosen } = header;
  const fresh = me.header?.step !== header.step || me.header.moments.length !== moments.length;
  Object.assign(me, { data, header });
  const length = maps.count * maps.height * maps.width * moments.length;
  me.codes = body.subarray(0, length);
  me.kernelCodes = body.subarray(length);
  for (const each of [maps, kernels]) if (each) each.ranges = each.scales.map(makeScale);
  const answered = me.sent.indexOf(JSON.stringify(chosen));
  if (fresh || answered < 0) {
    me.player.pause();
    me.player.at = moments.findIndex(({ name }) => name === chosen.moment);
    me.span = chosen.span;
    me.sent = [];
  } else me.sent.splice(0, answered + 1); // what was told has come back: the visitor may be further on
  me.root.dataset.waiting = me.sent.length;
  if (fresh) me.pointed = null;
  const focused = [...me.ticks.children].indexOf(me.root.getRootNode().activeElement);
  me.ticks.replaceChildren(...moments.map((moment, number) => tick(me, moment, number)));
  me.ticks.children[focused]?.focus({ preventScroll: true });
  layOut(me);
}

/** The range that colours span at a moment. */
function rangeOf(me, { scales, ranges }, number) {
  if (me.span === "own") return ranges[number];
  return makeScale([
    Math.min(...scales.map(([low]) => low)),
    Math.max(...scales.map(([, high]) => high)),
  ]);
}

/** The maps or kernels of a moment. */
function tilesOf(me, part, codes, number) {
  const { count, height, width, colour, cells } = part;
  const [own, range] = [part.ranges[number], rangeOf(me, part, number)];
  const size = height * width * (colour ? 3 : 1);
  const values = Array.from({ length: 256 }, (_, code) => valueOfCode(code, own));
  const shades = values.map((value) =>
    Math.round(127.5 + 127.5 * (Number.isFinite(value) && range.high ? value / range.high : 0)),
  );
  const palette = Uint32Array.from(values, (value) => {
    const [r, g, b] = colourOf(value, range);
    return (255 << 24) | (b << 16) | (g << 8) | r;
  });
  if (cells) palette[LEVELS + 1] = 0; // what a vector does not fill
  return Array.from({ length: count }, (_, index) => {
    const from = (number * count + index) * size;
    const part = codes.subarray(from, from + size);
    return colour
      ? bitmap(
          width,
          height,
          part.map((code) => shades[code]),
          "rgb",
        )
      : bitmap(width, height, part, palette);
  });
}

function tick(me, moment, number) {
  const made = element(
    "button",
    { type: "button", dataset: { name: moment.name } },
    element("span", {}, moment.label),
    element("span", { className: "faint number" }, moment.rightWords ?? "–"),
  );
  made.onclick = () => {
    go(me, number);
    tell(me);
  };
  return made;
}

function go(me, number) {
  me.player.pause();
  me.player.goTo(number);
}

/** Tell Python what is chosen, once the visitor stays there. */
function tell(me) {
  clearTimeout(me.timer);
  me.timer = setTimeout(() => {
    const chosen = { moment: me.header.moments[me.player.at].name, span: me.span };
    const text = JSON.stringify(chosen);
    if (text === (me.sent.at(-1) ?? JSON.stringify(me.header.chosen))) return;
    me.sent.push(text);
    me.root.dataset.waiting = me.sent.length;
    me.send(chosen);
  }, PATIENCE_MS);
}

// --- The picture -------------------------------------------------------------------------------

function layOut(me) {
  const room = me.root.clientWidth;
  if (!room || !me.header) return;
  const { maps, kernels, channels, count } = me.header;
  const narrow = room < 620;
  me.side = narrow
    ? Math.min(room, 400)
    : kernels
      ? Math.min(400, (room - 320) * 0.62)
      : Math.min(430, room - 330);
  me.kernelSide = narrow ? Math.min(room, 300) : Math.min(250, (room - 320) * 0.36);
  me.kernelPlace.hidden = !kernels;
  me.mapPlace.style.width = `${me.side}px`;
  me.kernelPlace.style.width = `${me.kernelSide}px`;
  me.maps.caption.textContent = maps.cells
    ? `All ${maps.cells.toLocaleString("en")} units, row by row`
    : channels.length === count
      ? `${count === 1 ? "The map" : `All ${count} maps`}, strongest at the end first`
      : `${channels.length} of ${count.toLocaleString("en")} maps, those that are strongest at the end`;
  me.kernels.caption.textContent = "Their kernels";
  me.range.update({ value: me.span });
  present(me);
}

function present(me) {
  if (!me.header || !me.side) return;
  const { moments } = me.header;
  const number = me.player.at;
  const moment = moments[number];
  me.slider.update({ min: 0, max: moments.length - 1, value: number });
  me.slider.input.setAttribute("aria-valuetext", moment.words);
  [...me.ticks.children].forEach((item, each) => {
    item.setAttribute("aria-pressed", String(each === number));
    item.tabIndex = each === number ? 0 : -1;
  });
  const { maps, kernels } = me.header;
  const words = me.span === "own" ? "the range of this moment" : "one range for all moments";
  drawTiles(me.maps, tilesOf(me, maps, me.codes, number), me.side, GAP_PX.maps);
  me.maps.below.replaceChildren(legend(rangeOf(me, maps, number), words));
  if (kernels) {
    drawTiles(
      me.kernels,
      tilesOf(me, kernels, me.kernelCodes, number),
      me.kernelSide,
      GAP_PX.kernels,
    );
    const range = rangeOf(me, kernels, number);
    me.kernels.below.replaceChildren(
      kernels.colour
        ? element(
            "p",
            { className: "faint" },
            `Grey is zero, full colour ±${show(range.high, 3)}: ${words}.`,
          )
        : legend(range, words),
    );
  }
  drawClasses(me, moment);
  drawCurve(me);
  me.said.setAttribute("aria-live", me.player.playing ? "off" : "polite");
  me.said.textContent = saidOf(me, moment);
  me.root.dataset.moment = moment.name;
  mark(me);
  drawTwin(me);
  if (!me.player.playing && me.wasPlaying) tell(me);
  me.wasPlaying = me.player.playing;
}

function saidOf(me, moment) {
  const right = moment.rightWords ? ` It has ${moment.rightWords} of the test pictures right.` : "";
  const [label, , words] = moment.classes[0];
  const { followed } = me.header;
  const rest =
    label === followed
      ? ""
      : ` “${followed}”, its answer at the end, gets ${percent(moment.followed)}.`;
  return `${moment.words}.${right} Of this picture it says “${label}”, ${words}.${rest}`.replaceAll(
    " %",
    "\u00a0%",
  );
}

function percent(share) {
  return `${show(share * 100, 2)} %`;
}

function drawTiles(made, tiles, side, gap) {
  const columns = Math.ceil(Math.sqrt(tiles.length));
  const edge = (side - gap * (columns - 1)) / columns;
  const { width, height } = tiles[0];
  const fit = edge / Math.max(width, height);
  const [w, h] = [width * fit, Math.max(14, height * fit)];
  const rows = Math.ceil(tiles.length / columns);
  const size = [columns * w + (columns - 1) * gap, rows * h + (rows - 1) * gap];
  const context = sharpen(made.base, ...size);
  made.context = sharpen(made.over, ...size);
  made.tiles = tiles.map((tile, i) => {
    const [x, y] = [(i % columns) * (w + gap), Math.floor(i / columns) * (h + gap)];
    drawScaled(context, tile, x, y, w, h);
    return { x, y, w, h };
  });
  made.columns = columns;
}

function drawClasses(me, moment) {
  me.classes.replaceChildren(
    ...moment.classes.map(([label, share, words]) =>
      element(
        "li",
        { className: label === me.header.followed ? "followed" : "" },
        element("span", { className: "class", title: label }, label),
        element("span", { className: "number" }, words),
        element(
          "span",
          { className: "track", aria: { hidden: "true" } },
          element("span", { className: "bar", style: { width: `${share * 100}%` } }),
        ),
      ),
    ),
  );
}

/** The share of the final answer at every moment, and how many test pictures are right. */
function drawCurve(me) {
  const { moments, followed } = me.header;
  const [width, height] = CURVE;
  const context = sharpen(me.curve, width, height);
  const style = getComputedStyle(me.root);
  const primary = style.getPropertyValue("--st-primary-color") || "#c2410c";
  const ink = style.color;
  const [left, top, bottom] = [40, 8, height - 12];
  const x = (number) => left + 8 + (number * (width - left - 18)) / Math.max(1, moments.length - 1);
  const y = (share) => bottom - share * (bottom - top);
  context.font = "11px system-ui, sans-serif";
  context.textAlign = "right";
  context.textBaseline = "middle";
  context.fillStyle = ink;
  context.strokeStyle = "rgb(128 128 128 / 40%)";
  for (const share of [0, 0.5, 1]) {
    context.fillText(`${share * 100} %`, left - 4, y(share));
    line(context, [
      [left, y(share)],
      [width, y(share)],
    ]);
  }
  const measured = moments
    .map(({ right }, number) => [number, right])
    .filter(([, right]) => right !== null);
  context.strokeStyle = ink;
  context.lineWidth = 1.5;
  context.setLineDash([4, 3]);
  line(
    context,
    measured.map(([number, share]) => [x(number), y(share)]),
  );
  context.setLineDash([]);
  context.strokeStyle = context.fillStyle = primary;
  context.lineWidth = 2;
  line(
    context,
    moments.map((each, number) => [x(number), y(each.followed)]),
  );
  moments.forEach((each, number) => {
    context.beginPath();
    context.arc(x(number), y(each.followed), number === me.player.at ? 5 : 2.5, 0, 2 * Math.PI);
    context.fill();
  });
  const dashes = measured.length > 1 ? "; dashed: test pictures that it has right" : "";
  me.curveWords.textContent = `Line: the share of “${followed}” for this picture${dashes}`;
  me.curve.setAttribute(
    "aria-label",
    `${me.curveWords.textContent}. At ${moments.length} moments: ${moments.map((each) => percent(each.followed)).join(", ")}.`,
  );
}

function line(context, points) {
  context.beginPath();
  points.forEach((point) => context.lineTo(...point));
  context.stroke();
}

// --- Pointing ----------------------------------------------------------------------------------

function listen(me) {
  const { base } = me.maps;
  base.tabIndex = 0;
  base.classList.add("pointable");
  const point = (event) => {
    const bounds = base.getBoundingClientRect();
    const [x, y] = [event.clientX - bounds.left, event.clientY - bounds.top];
    const index = me.maps.tiles.findIndex(
      (tile) => x >= tile.x && y >= tile.y && x < tile.x + tile.w && y < tile.y + tile.h,
    );
    const { height, width } = me.header.maps;
    const tile = me.maps.tiles[index];
    me.pointed = tile
      ? {
          index,
          row: Math.floor(((y - tile.y) / tile.h) * height),
          column: Math.floor(((x - tile.x) / tile.w) * width),
        }
      : null;
    me.tip.setAttribute("aria-live", "off"); // a pointer would never let it finish
    mark(me);
  };
  const leave = () => {
    me.pointed = null;
    mark(me);
  };
  base.onpointermove = base.onpointerdown = point;
  base.onpointerleave = (event) => {
    if (event.pointerType === "mouse") leave();
  };
  base.onblur = leave;
  base.onkeydown = (event) => {
    const { count, height, width, cells } = me.header.maps;
    const across = cells ? width : me.maps.columns;
    const moves = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across, ArrowUp: -across };
    if (event.key === "Escape") me.pointed = null;
    else if (event.key in moves) {
      const move = me.pointed ? moves[event.key] : 0;
      if (cells) {
        // over the units of a vector
        const unit = me.pointed ? me.pointed.row * width + me.pointed.column + move : 0;
        if (unit >= 0 && unit < cells)
          me.pointed = { index: 0, row: Math.floor(unit / width), column: unit % width };
      } else {
        // over the maps; their middle is looked at
        const index = (me.pointed?.index ?? 0) + move;
        if (index >= 0 && index < count)
          me.pointed = { index, row: height >> 1, column: width >> 1 };
      }
    } else return;
    event.preventDefault();
    me.tip.setAttribute("aria-live", "polite");
    mark(me);
  };
}

function mark(me) {
  const { maps, kernels, channels, moments } = me.header;
  for (const each of [me.maps, me.kernels])
    each.context?.clearRect(0, 0, each.over.width, each.over.height);
  if (!me.pointed) {
    me.tip.textContent =
      "Point at a map, or walk over them with the arrow keys, to see a value at every moment.";
    return;
  }
  const { index, row, column } = me.pointed;
  const unit = row * maps.width + column;
  if (maps.cells && unit >= maps.cells) return;
  const tile = me.maps.tiles[index];
  const [w, h] = [tile.w / maps.width, tile.h / maps.height];
  // Of a vector it is one unit that is pointed at, of maps a whole one.
  frame(me.maps, maps.cells ? { x: tile.x + column * w, y: tile.y + row * h, w, h } : tile);
  if (kernels) frame(me.kernels, me.kernels.tiles[index]);
  const size = maps.height * maps.width;
  const values = moments.map((_, number) =>
    show(
      valueOfCode(me.codes[(number * maps.count + index) * size + unit], maps.ranges[number]),
      3,
    ),
  );
  const place = maps.cells
    ? `Unit ${unit}`
    : `Channel ${channels[index]}, row ${placeIn(row, maps.height, maps.size[0])}, column ${placeIn(column, maps.width, maps.size[1])}`;
  me.tip.textContent = `${place}: about ${values.join(" → ")}.`;
}

/** The place in the whole map that a pixel of a shrunk one begins at. */
function placeIn(index, shown, size) {
  return Math.floor((index * size) / shown);
}

function frame({ context }, { x, y, w, h }) {
  for (const [colour, width] of [
    ["#000", 4],
    ["#fff", 2],
  ]) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.strokeRect(x + 1, y + 1, w - 2, h - 2);
  }
}

// --- The text twin -----------------------------------------------------------------------------

function drawTwin(me) {
  if (!me.details.open || !me.header) return;
  const head = [
    "Moment",
    "Test pictures right",
    "It says",
    "Share",
    `Share of “${me.header.followed}”`,
  ];
  const rows = me.header.moments.map(({ words, rightWords, classes, followed }) => [
    words,
    rightWords ?? "not measured",
    classes[0][0],
    classes[0][2],
    percent(followed),
  ]);
  me.twin.replaceChildren(
    element(
      "table",
      {},
      element("tr", {}, ...head.map((words) => element("th", { scope: "col" }, words))),
      ...rows.map((row) => element("tr", {}, ...row.map((cell) => element("td", {}, cell)))),
    ),
  );
}
