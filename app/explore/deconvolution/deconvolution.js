// From one unit back to the picture, stage by stage.
// Header: unit {step, channel, row, column, value, vector}, strongest (whether it is that of its
// channel), stages, crop [top, left, bottom, right] of the photo, painted {at, high}, photo {at, height,
// width}. A stage has step, short (its name within its block), kind, title, sentence, map [height, width],
// count (channels), live (channels with a signal), values (that are not zero), cells (of a vector, else 0),
// channels (shown), seen and box (parts of the map: shown, and what can differ from zero), tile [at, count,
// height, width], scale, switches (at, or null), field [[size, stride, offset], ...] or null, from (numbers
// of the stages before).
// Body: codes, switches and RGB bytes.

import { show } from "../../canvas/figures.js";
import {
  LEVELS,
  MARKED,
  bitmap,
  colourOf,
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
import { slider } from "../../canvas/controls.js";
import { Player, foldAway } from "../../canvas/lab.js";

const SAME = ["unpool", "rectify", "scale", "pass", "skip", "share"]; // the channels stay what they are
const TILE_GAP = 4;
const CARD_PX = 58;
const SMALL_PX = 190;
const GAP_PX = 18;
const SIGN_PX = 30;

export default function ({ data, parentElement }) {
  const first = !memories.has(parentElement);
  const me = remember(parentElement, () => build(parentElement));
  if (me.data !== data) take(me, data);
  if (first) {
    onResize(me.root, () => present(me));
    walk(
      me.strip,
      () => [...me.strip.children],
      (items) => items.length,
    );
  }
}

function build(parent) {
  const me = { at: null };
  me.player = new Player({
    count: () => me.header.stages.length,
    draw: () => present(me),
    yields: () => me.at !== null,
    reset: () => me.player.goTo(0),
    speed: 1,
  });
  me.slider = slider({
    label: "Stage",
    help: "",
    onInput: (value) => {
      me.player.pause();
      me.player.goTo(value - 1);
    },
    onCommit: () => {},
    format: (value) => (me.header ? `${value} of ${me.header.stages.length}` : String(value)),
  });
  me.unit = element("p", { className: "unit" });
  me.strip = element("div", {
    className: "strip",
    aria: { role: "group", label: "The stages, in order" },
  });
  me.panels = Object.fromEntries(
    [
      ["before", "Before"],
      ["after", "After"],
      ["part", "The same part of the picture"],
      ["photo", "The picture"],
    ].map(([name, label]) => [name, panel(me, name, label)]),
  );
  me.sign = element("div", { className: "becomes", aria: { role: "img" } });
  const { before, after, part, photo } = me.panels;
  me.focus = element(
    "div",
    { className: "focus" },
    before.figure,
    me.sign,
    after.figure,
    part.figure,
    photo.figure,
  );
  me.said = element("p", { className: "said", aria: { live: "polite" } });
  me.value = element("p", { className: "value faint", aria: { live: "polite" } });
  const bar = element("div", { className: "playing" }, me.player.bar, me.slider.root);
  const twin = foldAway(me, "All stages as a table", drawTwin);
  me.root = element(
    "div",
    { className: "root lab deconvolution" },
    me.unit,
    bar,
    me.strip,
    me.said,
    me.focus,
    me.value,
    twin,
  );
  parent.append(me.root);
  return me;
}

function panel(me, name, label) {
  const made = { name, tiles: [] };
  const pointable = name === "before" || name === "after";
  made.base = element("canvas", {
    className: pointable ? "base pointable" : "base",
    aria: { role: pointable ? "application" : "img", label },
  });
  made.over = element("canvas", { className: "over" });
  made.caption = element("figcaption");
  made.note = element("div", { className: "below" });
  const stage = element("div", { className: "stage" }, made.base, made.over);
  made.figure = element("figure", { className: name }, made.caption, stage, made.note);
  if (pointable) listen(me, made);
  return made;
}

function take(me, data) {
  const { header, body } = unpack(data);
  usePalette(header.colours);
  const key = JSON.stringify(header.unit);
  if (me.key !== key) me.at = null;
  Object.assign(me, { data, header, body, key });
  header.stages.forEach((stage, number) => {
    stage.number = number;
    stage.range = makeScale(stage.scale);
  });
  const { unit, photo, crop } = header;
  me.photo = bitmap(photo.width, photo.height, body.subarray(photo.at), "rgb");
  me.size = [Math.max(1, crop[2] - crop[0]), Math.max(1, crop[3] - crop[1])];
  me.painted = body.subarray(header.painted.at);
  me.paintedBitmap = bitmap(me.size[1], me.size[0], me.painted, "rgb");
  const place = unit.vector ? "" : `row ${unit.row}, column ${unit.column} of `;
  const noun = unit.vector
    ? `unit ${unit.channel} of ${unit.step}`
    : `channel ${unit.channel} of ${unit.step}`;
  const best = header.strongest && !unit.vector ? ", the largest value of its channel" : "";
  me.unit.textContent = `The unit: ${place}${noun}, with the value ${show(unit.value)}${best}.${remark(unit.value)}`;
  me.player.settle();
  const cards = [...me.strip.children];
  const focused = cards.indexOf(me.root.getRootNode().activeElement);
  const scrolled = me.strip.scrollLeft;
  me.strip.replaceChildren(...header.stages.map((stage) => card(me, stage)));
  me.strip.scrollLeft = scrolled;
  me.strip.children[focused]?.focus({ preventScroll: true });
  present(me);
}

function remark(value) {
  if (value < 0) return " It is negative: what comes back is what spoke against it.";
  return value === 0
    ? " It is silent, so nothing can be sent back. Choose a unit that answers."
    : "";
}

// --- The row of stages ------------------------------------------------------------------------

function card(me, stage) {
  const canvas = element("canvas", { className: "thumb", aria: { hidden: "true" } });
  drawTiles(canvas, tilesOf(me, stage), CARD_PX);
  const label = `Stage ${stage.number + 1}, ${stage.title}, to ${stage.step}`;
  const made = element(
    "button",
    {
      type: "button",
      className: "card",
      title: stage.step,
      dataset: { kind: stage.kind, step: stage.step },
      aria: { label },
    },
    canvas,
    element("span", { className: "title" }, stage.title),
    element("span", { className: "step" }, isLast(me, stage) ? "to the picture" : stage.short),
  );
  made.onclick = () => {
    me.player.pause();
    me.player.goTo(stage.number);
  };
  return made;
}

function isLast(me, stage) {
  return stage.number === me.header.stages.length - 1;
}

/** What is drawn of a stage: bitmaps with where they lie in their map. */
function tilesOf(me, stage, range = stage.range) {
  const [top, left, bottom, right] = stage.seen;
  const place = { stage, top, left, height: bottom - top, width: right - left };
  if (isLast(me, stage)) {
    const [height, width] = me.size;
    return [
      {
        stage,
        top: me.header.crop[0],
        left: me.header.crop[1],
        height,
        width,
        index: 0,
        image: me.paintedBitmap,
      },
    ];
  }
  const [at, count, height, width] = stage.tile;
  const palette = paletteBetween(stage, range);
  return Array.from({ length: count }, (_, index) => {
    const codes = me.body.subarray(at + index * height * width, at + (index + 1) * height * width);
    const image = bitmap(width, height, codes, palette);
    // A vector is laid out in rows, as many as its tile has.
    return stage.cells
      ? { ...place, height, width, index, codes, image }
      : { ...place, index, codes, image };
  });
}

/** The colours of a stage's codes on a range that may be wider than its own. */
function paletteBetween(stage, range) {
  const palette = new Uint32Array(256);
  for (let code = 0; code < 256; code++) {
    const [r, g, b] = colourOf(valueOfCode(code, stage.range), range);
    palette[code] = (255 << 24) | (b << 16) | (g << 8) | r;
  }
  if (stage.cells) palette[LEVELS + 1] = 0;
  return palette;
}

/** Draw up to four tiles into a square of that many CSS pixels; return where they are. */
function drawTiles(canvas, tiles, side) {
  const columns = tiles.length > 1 ? 2 : 1;
  const rows = Math.ceil(tiles.length / columns);
  const room = (side - TILE_GAP * (columns - 1)) / columns;
  const { height, width } = tiles[0];
  const fit = room / Math.max(height, width);
  const [w, h] = [width * fit, Math.max(8, height * fit)];
  const context = sharpen(
    canvas,
    columns * w + (columns - 1) * TILE_GAP,
    rows * h + (rows - 1) * TILE_GAP,
  );
  return tiles.map((tile, i) => {
    const [x, y] = [(i % columns) * (w + TILE_GAP), Math.floor(i / columns) * (h + TILE_GAP)];
    drawScaled(context, tile.image, x, y, w, h);
    return { ...tile, x, y, w, h, down: h / height, right: w / width };
  });
}

// --- The chosen stage --------------------------------------------------------------------------

function stageOf(me) {
  return me.header.stages[me.player.at ?? me.header.stages.length - 1];
}

function present(me) {
  const room = me.root.clientWidth;
  if (!room || !me.header) return;
  const { stages } = me.header;
  const stage = stageOf(me);
  me.slider.update({ min: 1, max: stages.length, value: stage.number + 1 });
  me.slider.input.setAttribute(
    "aria-valuetext",
    `${stage.number + 1} of ${stages.length}: ${stage.title}, ${stage.step}`,
  );
  [...me.strip.children].forEach((item, number) => {
    const chosen = number === stage.number;
    item.classList.toggle("chosen", chosen);
    item.setAttribute("aria-pressed", String(chosen));
    item.tabIndex = chosen ? 0 : -1;
    if (chosen) reveal(me.strip, item);
  });
  me.said.setAttribute("aria-live", me.player.playing ? "off" : "polite");
  me.said.replaceChildren(
    element("strong", {}, `${stage.title}. `),
    `${stage.sentence} ${factsOf(me, stage)}`,
  );
  if (me.shown !== stage) me.at = null;
  me.shown = stage;
  drawFocus(me, stage, room);
  mark(me);
  drawTwin(me);
}

function reveal(scroller, item) {
  const [outer, inner] = [scroller.getBoundingClientRect(), item.getBoundingClientRect()];
  const middle = inner.left + inner.width / 2 - outer.left - outer.width / 2;
  if (inner.left < outer.left || inner.right > outer.right) scroller.scrollLeft += middle;
}

function factsOf(me, stage) {
  const count = (number) => number.toLocaleString("en");
  if (isLast(me, stage)) {
    return `What is left has the size of the unit's receptive field, ${me.size.join(" × ")} pixels.`;
  }
  if (stage.cells)
    return `Now ${count(stage.values)} of ${count(stage.cells)} units carry a signal.`;
  const values = `${count(stage.values)} of ${count(stage.count * stage.map[0] * stage.map[1])} values`;
  const channels =
    stage.count > 1 ? `, in ${count(stage.live)} of ${count(stage.count)} channels` : "";
  return `Now ${values} carry a signal${channels}.`;
}

function drawFocus(me, stage, room) {
  const { before, after, part, photo } = me.panels;
  const last = isLast(me, stage);
  const sources = stage.from.map((number) => me.header.stages[number]);
  const same = SAME.includes(stage.kind);
  const range = same ? unionOf(stage, sources[0]) : stage.range;
  // Beside each other if there is room: before, the sign, after, perhaps the part, the photo.
  const small = Math.min(room < 760 ? 140 : SMALL_PX, room - 4);
  const left = Math.min(300, room - 2 * (small + GAP_PX) - SIGN_PX - GAP_PX);
  const half = (room - 2 * (small + GAP_PX) - SIGN_PX - 2 * GAP_PX) / 2;
  const column = left < 200;
  me.focus.classList.toggle("column", column);
  const large = column ? Math.min(340, room - 4) : last && half >= 200 ? Math.min(300, half) : left;
  before.figure.hidden = me.sign.hidden = !sources.length;
  part.figure.hidden = !last;
  if (sources.length) {
    const one = sources.length === 1;
    const tiles = one
      ? tilesOf(me, sources[0], same ? range : sources[0].range)
      : alike(sources.slice(0, 4).map((each) => tilesOf(me, each)[0]));
    const words = one
      ? whereWords(sources[0])
      : `one channel of each of ${sources.map(({ step }) => step).join(", ")}, each on its own range`;
    fill(before, tiles, small, one ? `Before: ${sources[0].step}` : "Before: several ways", words);
    if (one && !same) before.note.append(legend(sources[0].range, ""));
  }
  me.sign.textContent = column ? "↓" : "→";
  me.sign.setAttribute("aria-label", "becomes");
  const title = `${stage.number ? "After" : "The start"}: ${stage.step}`;
  fill(
    after,
    tilesOf(me, stage, range),
    large,
    last ? "What the picture gets" : title,
    last ? "" : whereWords(stage),
  );
  if (last)
    after.note.append(
      element("p", {}, `Grey is nothing, full colour ±${show(me.header.painted.high, 3)}.`),
    );
  else after.note.append(legend(range, same ? "before and after" : ""));
  const [y, x, bottom, right] = me.header.crop;
  const cut = document.createElement("canvas");
  [cut.height, cut.width] = me.size;
  cut.getContext("2d").drawImage(me.photo, -x, -y);
  const [height, width] = me.size;
  fill(
    part,
    [{ stage, top: y, left: x, height, width, index: 0, image: cut }],
    large,
    "The same part of the picture",
    `rows ${y}–${bottom - 1}, columns ${x}–${right - 1}`,
  );
  const whole = {
    stage,
    top: 0,
    left: 0,
    height: me.photo.height,
    width: me.photo.width,
    index: 0,
    image: me.photo,
  };
  fill(
    photo,
    [whole],
    small,
    "The picture",
    "as the network sees it; framed, what the unit looks at",
  );
}

/** Draw a panel with its title above and its words below. */
function fill(made, tiles, side, title, words) {
  made.figure.style.width = `${side}px`;
  made.tiles = drawTiles(made.base, tiles, side);
  made.context = sharpen(
    made.over,
    parseFloat(made.base.style.width),
    parseFloat(made.base.style.height),
  );
  made.caption.textContent = title;
  made.base.setAttribute("aria-label", `${title}. ${words}`);
  made.note.replaceChildren(element("div", {}, words));
}

/** Tiles of one size: maps of several stages may differ. */
function alike(tiles) {
  const { height, width } = tiles[0];
  return tiles.filter((tile) => tile.height === height && tile.width === width);
}

function unionOf(one, other) {
  return makeScale([
    Math.min(one.scale[0], other.scale[0]),
    Math.max(one.scale[1], other.scale[1]),
  ]);
}

function whereWords(stage) {
  if (stage.cells) return `all ${stage.cells.toLocaleString("en")} units, row by row`;
  const [top, left, bottom, right] = stage.seen;
  const [height, width] = stage.map;
  const part =
    bottom - top < height || right - left < width
      ? `rows ${top}–${bottom - 1}, columns ${left}–${right - 1} of ${height} × ${width}`
      : `${height} × ${width}`;
  const of = stage.count > stage.channels.length ? ` of ${stage.count.toLocaleString("en")}` : "";
  return `${stage.channels.length === 1 ? "channel" : "channels"} ${stage.channels.join(", ")}${of}; ${part}`;
}

// --- Pointing ----------------------------------------------------------------------------------

function listen(me, made) {
  const { base } = made;
  base.tabIndex = 0;
  const point = (event) => {
    const bounds = base.getBoundingClientRect();
    const [x, y] = [event.clientX - bounds.left, event.clientY - bounds.top];
    const tile = made.tiles.findIndex(
      (each) => x >= each.x && y >= each.y && x < each.x + each.w && y < each.y + each.h,
    );
    me.at =
      tile < 0
        ? null
        : placeAt(
            made,
            tile,
            (y - made.tiles[tile].y) / made.tiles[tile].down,
            (x - made.tiles[tile].x) / made.tiles[tile].right,
          );
    me.value.setAttribute("aria-live", "off"); // a pointer would never let it finish
    mark(me);
  };
  base.onpointermove = base.onpointerdown = point;
  base.onpointerleave = (event) => {
    if (event.pointerType === "mouse") leave(me);
  };
  base.onblur = () => leave(me);
  base.onkeydown = (event) => {
    const moves = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
    if (event.key === "Escape") me.at = null;
    else if (event.key in moves) {
      const here = me.at?.name === made.name ? me.at : null;
      me.at = here ? step(made, here, ...moves[event.key]) : placeAt(made, 0, 0, 0);
    } else return;
    event.preventDefault();
    me.value.setAttribute("aria-live", "polite");
    mark(me);
  };
}

function leave(me) {
  me.at = null;
  mark(me);
}

function placeAt(made, tile, row, column) {
  return { name: made.name, tile, row: Math.floor(row), column: Math.floor(column) };
}

/** One cell on; over the edge of a tile is the next one. */
function step(made, { tile, row, column }, down, right) {
  const { height, width } = made.tiles[tile];
  if (row + down < 0 || row + down >= height) {
    const next = tile + 2 * down;
    return made.tiles[next]
      ? placeAt(made, next, down > 0 ? 0 : height - 1, column)
      : placeAt(made, tile, row, column);
  }
  if (column + right < 0 || column + right >= width) {
    const next = tile + right;
    const beside = Math.floor(next / 2) === Math.floor(tile / 2) && made.tiles[next];
    return beside
      ? placeAt(made, next, row, right > 0 ? 0 : width - 1)
      : placeAt(made, tile, row, column);
  }
  return placeAt(made, tile, row + down, column + right);
}

function mark(me) {
  const { before, after, part, photo } = me.panels;
  for (const each of [before, after, part, photo]) {
    each.context?.clearRect(0, 0, each.over.width, each.over.height);
  }
  const stage = stageOf(me);
  const [top, left, bottom, right] = me.header.crop;
  frame(photo, photo.tiles[0], top, left, bottom - top, right - left, MARKED);
  for (const each of [before, after]) {
    if (each.figure.hidden) continue;
    for (const tile of each.tiles) {
      if (isLast(me, tile.stage) || tile.stage.cells) continue;
      const { box } = tile.stage;
      frame(each, tile, box[0], box[1], box[2] - box[0], box[3] - box[1], MARKED, [4, 3]);
    }
  }
  drawSwitches(me, stage);
  const found = me.at && me.panels[me.at.name].tiles[me.at.tile];
  if (!found || me.at.row >= found.height || me.at.column >= found.width) {
    me.value.textContent =
      "Point at a map, or walk over it with the arrow keys, to see a number and the part of the picture behind it.";
    return;
  }
  const [row, column] = [found.top + me.at.row, found.left + me.at.column];
  frame(me.panels[me.at.name], found, row, column, 1, 1, "#fff");
  const words = [valueWords(me, found, row, column)];
  if (isLast(me, found.stage)) {
    frame(part, part.tiles[0], row, column, 1, 1, "#fff");
    frame(photo, photo.tiles[0], row, column, 1, 1, "#fff");
  } else if (found.stage.field) {
    const [[height, down, y], [width, over, x]] = found.stage.field;
    frame(photo, photo.tiles[0], y + row * down, x + column * over, height, width, "#fff");
    words.push(`it stems from ${height} × ${width} pixels of the picture, framed in white`);
  }
  me.value.textContent = `${words.join("; ")}.`;
}

function valueWords(me, tile, row, column) {
  const { stage } = tile;
  if (isLast(me, stage)) {
    const at = 3 * (me.at.row * tile.width + me.at.column);
    const parts = ["red", "green", "blue"].map(
      (name, i) =>
        `${name} ${show(((me.painted[at + i] - 127.5) / 127.5) * me.header.painted.high, 2)}`,
    );
    return `Row ${row}, column ${column}: about ${stage.count === 1 ? parts[0].replace("red ", "") : parts.join(", ")}`;
  }
  const [, , height, width] = stage.tile;
  const [r, c] = [
    Math.floor((me.at.row * height) / tile.height),
    Math.floor((me.at.column * width) / tile.width),
  ];
  const value = valueOfCode(tile.codes[r * width + c], stage.range);
  if (stage.cells) {
    const unit = me.at.row * width + me.at.column;
    return unit < stage.cells
      ? `Unit ${unit} of ${stage.step}: about ${show(value, 3)}`
      : "No unit";
  }
  return `${stage.step}, channel ${stage.channels[tile.index]}, row ${row}, column ${column}: about ${show(value, 3)}`;
}

/** Dots where each window of an undone pooling had found its maximum. */
function drawSwitches(me, stage) {
  const { context, tiles } = me.panels.after;
  if (stage.switches === null || !tiles.length || tiles[0].down < 4) return;
  context.lineWidth = 1;
  for (const { index, x, y, height, width, down, right } of tiles) {
    const won = me.body.subarray(stage.switches + index * height * width);
    const radius = Math.min(4, down / 4);
    for (let i = 0; i < height * width; i++) {
      if (!won[i]) continue;
      context.beginPath();
      context.arc(
        x + ((i % width) + 0.5) * right,
        y + (Math.floor(i / width) + 0.5) * down,
        radius,
        0,
        2 * Math.PI,
      );
      context.fillStyle = "#fff";
      context.strokeStyle = "#000";
      context.fill();
      context.stroke();
    }
  }
}

function frame(made, tile, row, column, height, width, colour, dash = []) {
  if (!tile || !made.context) return;
  const { context } = made;
  context.save();
  context.beginPath();
  context.rect(tile.x, tile.y, tile.w, tile.h);
  context.clip();
  const box = [
    tile.x + (column - tile.left) * tile.right,
    tile.y + (row - tile.top) * tile.down,
    width * tile.right,
    height * tile.down,
  ];
  context.strokeStyle = "#000";
  context.lineWidth = 4;
  context.strokeRect(...box);
  context.setLineDash(dash);
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.strokeRect(...box);
  context.restore();
}

// --- The text twin -----------------------------------------------------------------------------

function drawTwin(me) {
  if (!me.details.open || !me.header) return;
  const head = [
    "Stage",
    "What is done",
    "At step",
    "Maps",
    "Channels with a signal",
    "Smallest shown",
    "Largest shown",
  ];
  const rows = me.header.stages.map((stage) => [
    stage.number + 1,
    stage.title,
    stage.step,
    [stage.count, ...stage.map].join(" × "),
    stage.live,
    show(stage.scale[0]),
    show(stage.scale[1]),
  ]);
  me.twin.replaceChildren(
    element(
      "table",
      {},
      element("tr", {}, ...head.map((words) => element("th", { scope: "col" }, words))),
      ...rows.map((row) =>
        element("tr", {}, ...row.map((cell) => element("td", {}, String(cell)))),
      ),
    ),
  );
}
