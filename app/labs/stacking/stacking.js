// The stacking lab: layers on one another, what they see, and how they answer to a changed photo.
// Header: settings, opening, layers (those that work: shape, field, meter, thumb, and of the chosen
// one its maps and what they are compared with), broken, networks, operations, photoColour, ranges,
// tiles, limits, most. Body: the photo (RGB), codes.
// Trigger "settings": all settings as JSON when a control is let go; "preview": while it is dragged.

import { truly } from "../../canvas/figures.js";
import { element, makeScale, remember, usePalette, walk } from "../../canvas/shared.js";
import { choice, slider } from "../../canvas/controls.js";
import { Grid } from "../../canvas/grid.js";
import {
  Player,
  adopt,
  ask,
  foldAway,
  frameLab,
  hand,
  mountLab,
  startAgain,
} from "../../canvas/lab.js";
import { outlineOf, readerOf } from "./arithmetic.js";
import { changeWords, changedPhoto } from "../../canvas/photo.js";
import { drawCards, drawGrowth, drawTwin, madeFrom, storyWords } from "./cards.js";
import { drawPair, drawTiles, grow, isThere, mark, sizeTiles, turnPage } from "./maps.js";
import { ownControls, updateOwn } from "./own.js";

/** @import { Bytes, Given, Sent } from "../../canvas/types.js" */
/** @import { MapTile } from "./tile.js" */
/** @import { Acts, Controls, Layer, NewKind, RangeName, Settings, Stacking } from "./types.js" */

/** @type {RangeName[]} */
const RANGED = ["size", "right", "down", "turn", "blur"];
const WIDE_PX = 900; // as in controls.css: from here on the photo stands beside the maps
const MINI_PX = 88; // elsewhere a small copy of it stays in sight
/** @type {Record<NewKind, Layer>} */
const NEW = {
  conv: { kind: "conv", channels: 8, kernel: 3, stride: 1, padding: 1 },
  relu: { kind: "relu" },
  max: { kind: "pool", keep: "max", kernel: 2, stride: 2, padding: 0, over: false },
  average: { kind: "pool", keep: "average", kernel: 2, stride: 2, padding: 0, over: false },
};
/** @type {[NewKind, string][]} */
const ADD_WORDS = [
  ["conv", "+ Convolution"],
  ["relu", "+ ReLU"],
  ["max", "+ Max pooling"],
  ["average", "+ Average pooling"],
];

/** @param {Given<Sent>} given */
export default function (given) {
  mountLab(given, { build, take, layOut });
  /** @type {Stacking} */
  const me = remember(given.parentElement);
  me.preview = (settings) => given.setTriggerValue("preview", settings);
}

/**
 * @param {Stacking} me
 * @param {Bytes} body
 */
function take(me, body) {
  me.body = body;
  usePalette(me.header.colours);
  adopt(me, me.header.settings);
  me.asking = false;
  me.photoOf = null;
  me.controls.shuffle.offer(
    me.header.tiles.map(
      /** @returns {[string, string]} */ (tile) => [
        String(tile),
        tile ? `Squares of ${tile} × ${tile}` : "Not shuffled",
      ],
    ),
  );
  me.preset.offer([
    ["own", "A stack of your own"],
    ...Object.entries(me.header.networks).map(
      /** @returns {[string, string]} */ ([id, { title }]) => [id, `First stage of ${title}`],
    ),
  ]);
  drawTiles(me);
  drawPair(me);
  update(me);
}

// --- Building ---------------------------------------------------------------------------------

/** @param {HTMLElement | ShadowRoot} parent */
function build(parent) {
  const me = /** @type {Stacking} */ ({
    pointed: null,
    tiles: /** @type {MapTile[]} */ ([]),
    pair: /** @type {MapTile[]} */ ([]),
    asking: false,
  });
  const commit = () => {
    clearTimeout(me.timer);
    hand(me);
  };
  me.controls = photoControls(me, commit);
  me.acts = actsOf(me, commit);
  buildParts(me, commit);
  parent.append(
    frameLab(
      me,
      "stacking",
      me.start,
      me.player.bar,
      me.formula,
      me.cards,
      me.stop,
      me.watch,
      me.story,
      me.panel,
      element("h3", {}, "Along the stack"),
      me.growth,
      foldAway(me, "All numbers as a table", drawTwin),
    ),
  );
  me.photoBox = element("div", { className: "photo" }, me.photo.figure, me.undo);
  me.controlColumn.prepend(me.photoBox);
  walk(
    me.cards,
    () => [.../** @type {NodeListOf<HTMLElement>} */ (me.cards.querySelectorAll(".pick"))],
    () => 1,
  );
  return me;
}

/**
 * @param {Stacking} me
 * @param {() => void} commit
 * @returns {Controls}
 */
function photoControls(me, commit) {
  /** @param {Partial<Settings>} change */
  const choose = (change) => {
    Object.assign(me.s, change);
    update(me);
    commit();
  };
  /** @type {(name: RangeName, label: string, help: string, format?: (value: number) => string) => ReturnType<typeof slider>} */
  const control = (name, label, help, format) =>
    slider({
      label,
      help,
      onInput: (value) => {
        me.s[name] = value;
        update(me);
        ask(me);
      },
      onCommit: commit,
      format,
    });
  return {
    size: control("size", "Photo", "Rows and columns of pixels.", (value) => `${value} × ${value}`),
    right: control("right", "Move right", "In pixels; its edge is repeated.", truly),
    down: control("down", "Move down", "In pixels; its edge is repeated.", truly),
    turn: control("turn", "Turn", "Degrees, about the middle.", (value) => `${truly(value)}°`),
    blur: control("blur", "Blur", "Deviation of a Gaussian, in pixels."),
    shuffle: choice({
      label: "Shuffle",
      help: "The photo is cut up and its squares swap places.",
      options: [],
      onChoose: (tile) => choose({ shuffle: Number(tile) }),
    }),
    grey: choice({
      label: "Colours",
      help: "",
      options: [
        ["no", "In colour"],
        ["yes", "Grey"],
      ],
      onChoose: (grey) => choose({ grey: grey === "yes" }),
    }),
  };
}

/**
 * @param {Stacking} me
 * @param {() => void} commit
 */
function buildParts(me, commit) {
  me.preset = choice({
    label: "Start from",
    help: "",
    options: [["own", ""]],
    onChoose: (name) => {
      const known = me.header.networks[name];
      const stack = known ? known.stack : me.header.opening.stack;
      Object.assign(me.s, {
        stack: structuredClone(stack),
        size: known ? known.size : me.header.opening.size,
        layer: 1,
      });
      update(me);
      commit();
    },
  });
  me.adders = ADD_WORDS.map(([kind, words]) => {
    const made = element("button", { type: "button", className: "add" }, words);
    made.onclick = () => me.acts.add(kind);
    return made;
  });
  me.start = element(
    "div",
    { className: "start" },
    me.preset.root,
    element("div", { className: "row" }, ...me.adders),
  );
  me.photo = new Grid({
    label: "Photo",
    onPoint: (place) => me.acts.point(place && { photo: place }),
  });
  me.undo = element("button", { type: "button", className: "undo" }, "Photo as it was");
  me.undo.onclick = () => {
    Object.assign(me.s, { right: 0, down: 0, turn: 0, blur: 0, grey: false, shuffle: 0 });
    update(me);
    commit();
  };
  me.formula = element("p", { className: "formula" });
  me.cards = element("div", {
    className: "stack-cards",
    aria: { role: "group", label: "The stack, first layer first" },
  });
  me.stop = element("p", { className: "stop", aria: { role: "status" } });
  me.mini = new Grid({ label: "Photo" });
  me.mini.base.tabIndex = -1;
  me.watch = element("div", { className: "watch" }, me.mini.stage);
  me.said = element("p", { className: "said", aria: { live: "polite" } });
  me.story = element("p", { className: "story" });
  me.growth = element("table", { className: "growth" });
  me.own = ownControls(me, update, commit);
  me.title = element("h3", {});
  me.sentence = element("p", { className: "faint" });
  me.wall = element("div", {
    className: "tiles",
    aria: { role: "group", label: "Feature maps. Page up and page down go from map to map." },
  });
  me.wall.onkeydown = (event) => turnPage(me, event);
  me.legend = element("div");
  me.pairTitle = element("h3", {});
  me.pairWords = element("p", { className: "faint" });
  me.pairRow = element("div", { className: "trio" });
  me.compare = element("div", {}, me.pairTitle, me.pairWords, me.pairRow);
  const sliders = element(
    "div",
    { className: "own" },
    ...Object.values(me.own).map(({ root }) => root),
  );
  me.panel = element(
    "section",
    { className: "panel" },
    me.title,
    me.sentence,
    sliders,
    me.legend,
    me.wall,
    me.compare,
  );
  me.player = new Player({
    count: () => Math.max(1, me.outline.filter(({ shape }) => shape).length),
    draw: () => layOut(me),
    slide: (share) => grow(me, share),
    yields: () => me.pointed !== null,
    reset: () => startAgain(me, update, commit),
    speed: 1,
  });
}

/**
 * What can be done with the layers.
 * @param {Stacking} me
 * @param {() => void} commit
 * @returns {Acts}
 */
function actsOf(me, commit) {
  /** @type {(stack: Layer[], layer: number, focus?: string | null) => void} */
  const put = (stack, layer, focus = null) => {
    Object.assign(me.s, {
      stack,
      layer: Math.max(Math.min(1, stack.length), Math.min(stack.length, layer)),
    });
    me.focus = focus;
    me.player.rewind();
    update(me);
    commit();
  };
  return {
    compare: (channel) => {
      me.s.channel = channel;
      commit();
    },
    choose: (index) => put(me.s.stack, index + 1),
    add: (kind) => put([...me.s.stack, { ...NEW[kind] }], me.s.stack.length + 1),
    remove: (index) =>
      put(
        me.s.stack.filter((_, i) => i !== index),
        Math.min(index + 1, me.s.stack.length - 1),
        `pick${Math.max(0, Math.min(index, me.s.stack.length - 2))}`,
      ),
    move: (index, by) => {
      const stack = [...me.s.stack];
      stack.splice(index + by, 0, ...stack.splice(index, 1));
      const end = index + by === 0 || index + by === stack.length - 1;
      put(stack, index + by + 1, `${end ? "pick" : by < 0 ? "◀" : "▶"}${index + by}`);
    },
    point: (pointed) => {
      me.pointed = pointed;
      mark(me);
    },
  };
}

// --- The picture ------------------------------------------------------------------------------

/** @param {Stacking} me */
function update(me) {
  me.outline = outlineOf(me.header, me.s);
  if (me.pointed && !isThere(me, me.pointed)) me.pointed = null;
  updateControls(me);
  updateOwn(me);
  me.player.settle();
  layOut(me);
}

/** @param {Stacking} me */
function updateControls(me) {
  const { s, controls, header } = me;
  for (const name of RANGED) {
    const [min, max, step] = header.ranges[name];
    controls[name].update({ min, max, step, value: s[name] });
  }
  controls.shuffle.update({ value: String(s.shuffle) });
  const grey = readerOf(s.stack) === "lenet5";
  controls.grey.select.disabled = grey;
  controls.grey.update({
    value: s.grey ? "yes" : "no",
    words: grey
      ? "LeNet-5 reads grey pictures: there are no colours."
      : "Grey: red, green and blue become their brightness.",
  });
  me.undo.disabled = !changeWords(s);
  const [name, known] = Object.entries(header.networks).find(
    ([, { stack }]) => JSON.stringify(stack) === JSON.stringify(s.stack),
  ) ?? ["own", null];
  const weights = known?.trained
    ? "with its trained weights"
    : "its weights are random: it has not been trained yet";
  me.preset.update({
    value: name,
    words: known
      ? `Compact edition, ${weights}; it sees ${known.size} × ${known.size} pixels.`
      : "Add, remove and reorder steps, or begin with those of a network.",
  });
  const full = s.stack.length >= header.limits.layers;
  for (const each of me.adders)
    Object.assign(each, {
      disabled: full,
      title: full ? `A stack has at most ${header.limits.layers} steps here.` : "",
    });
}

/** @param {Stacking} me */
function layOut(me) {
  const room = me.bench.clientWidth;
  if (!room || !me.outline) return;
  const { s } = me;
  const words = changeWords(s);
  const wide = me.root.clientWidth >= WIDE_PX;
  (wide ? me.photoBox : me.watch).append(me.said); // where it stays in sight
  me.watch.hidden = wide;
  for (const photo of [me.photo, me.mini]) {
    photo.set({
      height: photoSize(me),
      width: photoSize(me),
      values: [],
      scale: makeScale([0, 1]),
      colours: photoOf(me),
      caption: `Photo, ${s.size} × ${s.size}${words ? `, ${words}` : ""}`,
    });
  }
  me.photo.draw(Math.min(250, me.controlColumn.clientWidth));
  me.mini.draw(MINI_PX);
  drawCards(me);
  drawGrowth(me);
  drawStop(me);
  me.story.textContent = storyWords(me);
  me.story.hidden = !me.story.textContent;
  const last = me.outline.findLast((outline) => outline.shape !== undefined);
  const chosen = me.outline[s.layer - 1];
  const total = me.outline.reduce((sum, { parameters = 0 }) => sum + parameters, 0);
  me.formula.textContent = last
    ? `${s.size} × ${s.size} pixels become ${last.shape.join(" × ")} numbers with ${total.toLocaleString("en")} parameters.${chosen?.formula ? ` Edge of ${chosen.name}: ${chosen.formula}.` : ""}`
    : `${s.size} × ${s.size} pixels.`;
  sizeTiles(me, room);
  mark(me);
  drawTwin(me);
}

/**
 * Edge of the photo as Python has sent it, which may have another size while it is dragged.
 * @param {Stacking} me
 */
function photoSize(me) {
  return me.header.settings.size;
}

/**
 * The changed photo, as RGB bytes; worked out anew when something has changed.
 * @param {Stacking} me
 */
function photoOf(me) {
  const { layer, channel, stack, size, ...change } = me.s;
  const key = JSON.stringify(change);
  if (me.photoOf !== key || !me.changed) {
    me.changed = changedPhoto(me.body.subarray(0, 3 * photoSize(me) ** 2), photoSize(me), me.s);
    me.photoOf = key;
  }
  return me.changed;
}

/** @param {Stacking} me */
function drawStop(me) {
  const at = me.outline.findIndex(({ why }) => why);
  me.stop.hidden = at < 0;
  if (at < 0) return;
  const { broken, settings } = me.header;
  const same = broken?.layer === at && madeFrom(me.s, at) === madeFrom(settings, at);
  me.stop.textContent = same ? broken.why : `${me.outline[at].name}: ${me.outline[at].why}`;
}
