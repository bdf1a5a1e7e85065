// The stacking lab: layers on one another, what they see, and how they answer to a changed photo.
// Header: settings, opening, layers (those that work: shape, field, meter, thumb, and of the chosen
// one its maps and what they are compared with), broken, networks, operations, photoColour, ranges,
// tiles, limits, most. Body: the photo (RGB), codes.
// Trigger "settings": all settings as JSON when a control is let go; "preview": while it is dragged.

import { truly } from "../../canvas/figures.js";
import {
  bitmap,
  drawScaled,
  element,
  makeScale,
  remember,
  sharpen,
  walk,
} from "../../canvas/shared.js";
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
import { operationOf, outlineOf, readerOf, windowOf } from "./arithmetic.js";
import { changeWords, changedPhoto } from "../../canvas/photo.js";
import { drawCards, drawGrowth, drawTwin, madeFrom, storyWords } from "./cards.js";
import { drawPair, drawTiles, grow, isThere, mark, sizeTiles, turnPage } from "./maps.js";

export const FIELD = "#22d3ee";
const WIDE_PX = 900; // as in controls.css: from here on the photo stands beside the maps
const MINI_PX = 88; // elsewhere a small copy of it stays in sight
const NEW = {
  conv: { kind: "conv", channels: 8, kernel: 3, stride: 1, padding: 1 },
  relu: { kind: "relu" },
  max: { kind: "pool", keep: "max", kernel: 2, stride: 2, padding: 0, over: false },
  average: { kind: "pool", keep: "average", kernel: 2, stride: 2, padding: 0, over: false },
};
const ADD_WORDS = {
  conv: "+ Convolution",
  relu: "+ ReLU",
  max: "+ Max pooling",
  average: "+ Average pooling",
};

/** One map of the chosen layer, from its codes: its numbers are known to half a level only. */
export class MapTile extends Grid {
  draw(side) {
    this.cell = side / Math.max(this.height, this.width);
    const [w, h] = [this.width * this.cell, this.height * this.cell];
    drawScaled(sharpen(this.base, w, h), this.picture(), 0, 0, w, h);
    this.context = sharpen(this.over, w, h);
  }

  /** Its codes in colours; what is not `seen` is dimmed. */
  picture() {
    const made = bitmap(this.width, this.height, this.codes, this.palette);
    const context = made.getContext("2d");
    context.fillStyle = "rgb(128 128 128 / 75%)";
    this.seen?.forEach((seen, i) => {
      if (!seen) context.fillRect(i % this.width, Math.floor(i / this.width), 1, 1);
    });
    return made;
  }
}

export default function (given) {
  mountLab(given, { build, take, layOut });
  remember(given.parentElement).preview = (settings) => given.setTriggerValue("preview", settings);
}

function take(me, body) {
  me.body = body;
  adopt(me, me.header.settings);
  me.asking = false;
  me.photoOf = null;
  me.controls.shuffle.offer(
    me.header.tiles.map((tile) => [
      String(tile),
      tile ? `Squares of ${tile} × ${tile}` : "Not shuffled",
    ]),
  );
  me.preset.offer([
    ["own", "A stack of your own"],
    ...Object.entries(me.header.networks).map(([id, { title }]) => [id, `First stage of ${title}`]),
  ]);
  drawTiles(me);
  drawPair(me);
  update(me);
}

// --- Building ---------------------------------------------------------------------------------

function build(parent) {
  const me = { s: null, pointed: null, tiles: [], pair: [], asking: false };
  me.photoSize = () => me.header.settings.size;
  const commit = () => {
    clearTimeout(me.timer);
    hand(me);
  };
  const change = (name) => (value) => {
    me.s[name] = value;
    update(me);
    ask(me);
  };
  const choose =
    (name, read = String) =>
    (value) => {
      me.s[name] = read(value);
      update(me);
      commit();
    };
  const control = (name, label, help, format) =>
    slider({ label, help, onInput: change(name), onCommit: commit, format });
  me.controls = {
    size: control("size", "Photo", "Rows and columns of pixels.", (value) => `${value} × ${value}`),
    right: control("right", "Move right", "In pixels; its edge is repeated.", truly),
    down: control("down", "Move down", "In pixels; its edge is repeated.", truly),
    turn: control("turn", "Turn", "Degrees, about the middle.", (value) => `${truly(value)}°`),
    blur: control("blur", "Blur", "Deviation of a Gaussian, in pixels."),
    shuffle: choice({
      label: "Shuffle",
      help: "The photo is cut up and its squares swap places.",
      options: [],
      onChoose: choose("shuffle", Number),
    }),
    grey: choice({
      label: "Colours",
      help: "",
      options: [
        ["no", "In colour"],
        ["yes", "Grey"],
      ],
      onChoose: choose("grey", (value) => value === "yes"),
    }),
  };
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
    () => [...me.cards.querySelectorAll(".pick")],
    () => 1,
  );
  return me;
}

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
  me.adders = Object.entries(ADD_WORDS).map(([kind, words]) => {
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
  me.own = ownControls(me, commit);
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

/** What can be done with the layers. */
function actsOf(me, commit) {
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

function ownControls(me, commit) {
  const layer = () => me.s.stack[me.s.layer - 1];
  const set = (name) => (value) => {
    layer()[name] = value;
    if (name === "kernel") layer().padding = Math.min(layer().padding, mostPadding(layer()));
    update(me);
    ask(me);
  };
  const control = (name, label, help, format = String) =>
    slider({ label, help, onInput: set(name), onCommit: commit, format });
  return {
    channels: control(
      "channels",
      "Channels",
      "How many feature maps it makes, one for each filter.",
    ),
    kernel: control(
      "kernel",
      "Window",
      "How much is looked at together.",
      (value) => `${value} × ${value}`,
    ),
    stride: control("stride", "Stride", "How far the window moves each time."),
    padding: control("padding", "Padding", "Border on each side, so that edges count too."),
    keep: choice({
      label: "Keep",
      help: "",
      options: [
        ["max", "Maximum"],
        ["average", "Average"],
      ],
      onChoose: (value) => {
        set("keep")(value);
        commit();
      },
    }),
    over: choice({
      label: "At the end",
      help: "",
      options: [
        ["no", "Only whole windows"],
        ["yes", "Windows may hang over"],
      ],
      onChoose: (value) => {
        set("over")(value === "yes");
        commit();
      },
    }),
  };
}

function mostPadding(layer) {
  return layer.kind === "pool" ? Math.floor(layer.kernel / 2) : layer.kernel - 1;
}

// --- The picture ------------------------------------------------------------------------------

function update(me) {
  me.outline = outlineOf(me, me.s);
  if (me.pointed && !isThere(me, me.pointed)) me.pointed = null;
  updateControls(me);
  updateOwn(me);
  me.player.settle();
  layOut(me);
}

function updateControls(me) {
  const { s, controls, header } = me;
  for (const [name, [min, max, step]] of Object.entries(header.ranges))
    controls[name].update({ min, max, step, value: s[name] });
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

function updateOwn(me) {
  const { s, own } = me;
  const { limits } = me.header;
  const layer = s.stack[s.layer - 1];
  me.panel.hidden = !layer;
  if (!layer) return;
  const outline = me.outline[s.layer - 1];
  const windowed = windowOf(me, layer) !== null;
  const fixed = layer.kind === "first" ? "Fixed by the network’s own kernels." : "";
  for (const control of Object.values(own)) control.root.hidden = !windowed;
  own.keep.root.hidden = own.over.root.hidden = layer.kind !== "pool";
  own.channels.root.hidden = !windowed || layer.kind === "pool";
  const operation = operationOf(me, layer);
  me.title.textContent = `${outline.name}: ${operation.name}`;
  me.sentence.textContent = operation.sentence;
  if (!windowed) return;
  const kernel = windowOf(me, layer);
  const edge = outline.before?.edge ?? Infinity;
  const most = limits[layer.kind === "pool" ? "pool" : "kernel"];
  const room = edge + 2 * layer.padding;
  const limited = !outline.why && room < most;
  const known = layer.kind === "first" ? me.header.networks[layer.network] : null;
  own.channels.update({
    min: known ? known.channels : 1,
    max: known ? known.channels : limits.channels,
    value: known ? known.channels : (layer.channels ?? 1),
    why: fixed,
  });
  own.kernel.update({
    min: known ? kernel : 1,
    max: known ? kernel : limited ? room : most,
    value: kernel,
    why: fixed || (limited ? `1 to ${room}: the window must fit into the maps that come in.` : ""),
  });
  own.stride.update({
    min: 1,
    max: limits[layer.kind === "pool" ? "pool" : "stride"],
    value: layer.stride,
  });
  const least = outline.why ? 0 : Math.max(0, Math.ceil((kernel - edge) / 2));
  const pad = known ? kernel - 1 : mostPadding(layer);
  const half = layer.kind === "pool" ? `0 to ${pad}: at most half the window.` : "";
  own.padding.update({
    min: least,
    max: Math.max(pad, layer.padding),
    value: layer.padding,
    why: least ? `From ${least}: less, and the window does not fit.` : half,
  });
  if (layer.kind !== "pool") return;
  own.keep.update({ value: layer.keep });
  own.over.update({
    value: layer.over ? "yes" : "no",
    words: layer.over ? "A last window may stick out." : "What does not fill a window is left out.",
  });
}

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
      height: me.photoSize(),
      width: me.photoSize(),
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
  const last = me.outline.findLast(({ shape }) => shape);
  const chosen = me.outline[s.layer - 1];
  const total = me.outline.reduce((sum, { parameters = 0 }) => sum + parameters, 0);
  me.formula.textContent = last
    ? `${s.size} × ${s.size} pixels become ${last.shape.join(" × ")} numbers with ${total.toLocaleString("en")} parameters.${chosen?.formula ? ` Edge of ${chosen.name}: ${chosen.formula}.` : ""}`
    : `${s.size} × ${s.size} pixels.`;
  sizeTiles(me, room);
  mark(me);
  drawTwin(me);
}

/** The changed photo, as RGB bytes; worked out anew when something has changed. */
function photoOf(me) {
  const { layer, channel, stack, size, ...change } = me.s;
  const key = JSON.stringify(change);
  if (me.photoOf !== key || !me.changed) {
    me.changed = changedPhoto(me.body.subarray(0, 3 * me.photoSize() ** 2), me.photoSize(), me.s);
    me.photoOf = key;
  }
  return me.changed;
}

function drawStop(me) {
  const at = me.outline.findIndex(({ why }) => why);
  me.stop.hidden = at < 0;
  if (at < 0) return;
  const { broken, settings } = me.header;
  const same = broken?.layer === at && madeFrom(me.s, at) === madeFrom(settings, at);
  me.stop.textContent = same ? broken.why : `${me.outline[at].name}: ${me.outline[at].why}`;
}
