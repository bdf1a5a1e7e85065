// Kernels with exact numbers: all filters of a first layer, all kernels of one filter, or the weights
// of one unit.
// Header: kind ("filters", "kernels" or "weights"), count, depth (kernels of one filter that are sent
// for each tile: 3 for filters in colour, else 1), height, width, scale, colour (whether red, green
// and blue are seen together), name, label, noun, first (number of the first input), ranked, adds
// (whether it is known what each adds), selectable, channel, scopeWords, colours.
// Body: order (int32), weights, what each adds (if known), inputs (of "weights", if known); float32.

import { show, signed, truly } from "../../canvas/figures.js";
import {
  colourOf,
  element,
  legend,
  linkPart,
  makeScale,
  memories,
  onResize,
  remember,
  rgba,
  unpack,
  usePalette,
} from "../../canvas/shared.js";
import { Atlas } from "../../canvas/atlas.js";
import { Tiles, lightUp } from "../../canvas/tiles.js";

const PLANES = ["red", "green", "blue"];

function build(parent) {
  const me = { view: "colour" };
  me.tiles = new Tiles({
    read: (at) => read(me, at),
    say: (choice) => sentence(me, choice, true),
    open: (choice) => me.send("select", numberOf(me, choice)),
  });
  me.head = element("div");
  me.views = element("div", {
    className: "tools segments",
    aria: { role: "group", label: "Weights for" },
  });
  me.buttons = ["colour", ...PLANES].map((view) => {
    const made = element(
      "button",
      { type: "button", dataset: { view } },
      view === "colour" ? "Colour" : `Only ${view}`,
    );
    made.onclick = () => {
      me.view = view;
      arrange(me);
      draw(me);
    };
    return made;
  });
  me.views.append(...me.buttons);
  me.root = element("div", { className: "root wall kernels" }, me.views, me.head, me.tiles.root);
  parent.append(me.root);
  return me;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const first = !memories.has(parentElement);
  const me = remember(parentElement, () => build(parentElement));
  me.send = setTriggerValue;
  if (me.data !== data) take(me, data);
  if (first) {
    linkPart(
      me.root,
      () => "kernels",
      (lit) => lightUp(me, lit),
    );
    onResize(me.root, () => draw(me));
  }
  draw(me);
}

function take(me, data) {
  const { header, body } = unpack(data);
  me.data = data;
  me.header = header;
  usePalette(header.colours);
  const { count, depth, height, width, cells, adds, inputs } = header;
  const numbers = cells || count * depth * height * width;
  me.order = Array.from(new Int32Array(body.buffer, 0, count));
  let at = 4 * count;
  const next = (length) => {
    const found = new Float32Array(body.buffer, at, length);
    at += 4 * length;
    return found;
  };
  me.weights = next(numbers);
  me.adds = adds ? next(cells || count) : null;
  me.inputs = inputs ? next(cells) : null;
  me.scale = makeScale(header.scale);
  me.root.dataset.name = header.name;
  me.root.dataset.order = me.order.join(" ");
  arrange(me);
}

/** What each tile shows: one plane of weights, or three of them as red, green and blue. */
function arrange(me) {
  const { kind, count, colour, height, width, label, cells } = me.header;
  const size = height * width;
  const several = kind === "filters" && colour;
  me.views.hidden = !several;
  me.buttons.forEach((button) =>
    button.setAttribute("aria-pressed", String(button.dataset.view === me.view)),
  );
  if (several && me.view !== "colour") {
    me.shown = me.order.map((filter) => ({
      start: (3 * filter + PLANES.indexOf(me.view)) * size,
      number: filter,
    }));
  } else if (several) {
    me.shown = me.order.map((filter) => ({
      start: 3 * filter * size,
      number: filter,
      mixed: true,
    }));
  } else {
    me.shown = me.order.map((number) => ({ start: number * size, number }));
    if (colour) me.shown.unshift({ start: 0, number: null, mixed: true });
  }
  const keys = me.header.selectable
    ? ` Arrow keys walk${kind === "filters" ? ", Enter opens its channel" : ", Enter opens the input"}.`
    : "";
  me.tiles.set({
    ...me.header,
    count: cells ? 1 : me.shown.length,
    order: Array.from({ length: me.shown.length }, (_, i) => i),
    atlas: new Atlas(me.shown.length, height, width, (tile, pixels) => paint(me, tile, pixels)),
    largest: 300,
    foot: cells ? null : (tile) => footOf(me, tile),
    label: `${label}.${keys}`,
    number: cells ? null : (tile, row, column) => numberAt(me, tile, row, column),
  });
}

function paint(me, tile, pixels) {
  const { start, mixed } = me.shown[tile];
  for (let i = 0; i < pixels.length; i++) {
    if (mixed) pixels[i] = rgba(mix(me, start, i, pixels.length));
    else if (i >= valuesOf(me).length && me.header.cells) pixels[i] = 0;
    else pixels[i] = rgba(colourOf(valuesOf(me)[start + i], me.scale));
  }
}

/** What is shown of a vector: its weights, or what they add. */
function valuesOf(me) {
  return me.header.kind === "weights" && me.header.ranked ? me.adds : me.weights;
}

/** Red, green and blue weights of one place as a colour: grey is zero. */
function mix(me, start, i, size) {
  const found = PLANES.map((_, plane) => me.weights[start + plane * size + i]);
  const odd = found.find((value) => !Number.isFinite(value));
  if (odd !== undefined) return colourOf(odd, me.scale);
  return found.map((value) => (me.scale.high ? ((value / me.scale.high + 1) / 2) * 255 : 128));
}

function numberAt(me, tile, row, column) {
  const { start, mixed } = me.shown[tile];
  if (mixed) return null; // three numbers have no room in one place
  const value = me.weights[start + row * me.header.width + column];
  return { value, colour: colourOf(value, me.scale) };
}

function draw(me) {
  if (!me.root.clientWidth) return;
  usePalette(me.header.colours);
  const { scale } = me;
  const mixed = me.shown.every((tile) => tile.mixed);
  me.head.replaceChildren(
    mixed
      ? element(
          "div",
          {
            className: "legend faint",
            dataset: { minimum: scale.minimum, maximum: scale.maximum },
          },
          `Grey is zero; a colour is brightest at ${show(scale.high)} and darkest at ` +
            `${show(-scale.high)}. Weights from ${show(scale.minimum)} to ${show(scale.maximum)}.`,
        )
      : legend(scale, me.header.scopeWords),
  );
  me.tiles.draw();
}

/** What Python calls a choice: a filter, or an input. */
function numberOf(me, choice) {
  if (me.header.cells) return choice;
  const { number } = me.shown[choice];
  return me.header.kind === "filters"
    ? number
    : number === null
      ? me.header.first
      : number + me.header.first;
}

function read(me, at) {
  const { width, height, cells } = me.header;
  if (cells || at.row === null) return sentence(me, at.choice);
  const { start, mixed } = me.shown[at.tile];
  const index = start + at.row * width + at.column;
  const value = mixed
    ? PLANES.map(
        (name, plane) => `${name} ${exact(me.weights[index + plane * height * width])}`,
      ).join(", ")
    : exact(me.weights[index]);
  return `row ${at.row}, column ${at.column}: ${value}\n${sentence(me, at.tile)}`;
}

/** Under a tile: which filter or input it is, and what its kernel adds. */
function footOf(me, tile) {
  const { number } = me.shown[tile];
  if (number === null) return "in colour";
  const name =
    me.header.kind === "kernels" && me.header.colour ? PLANES[number] : number + me.header.first;
  return me.adds ? `${name} · ${signed(me.adds[number], 3)}` : `${name}`;
}

/** What there is to say of a choice; with all its numbers, if they are few. */
function sentence(me, choice, all = false) {
  const { kind, count, noun, first, cells, ranked, height, width, channel } = me.header;
  if (cells) {
    const times = me.inputs
      ? ` × input ${show(me.inputs[choice], 6)} = ${show(me.adds[choice], 4)}`
      : "";
    return `input ${choice}: weight ${exact(me.weights[choice])}${times}`;
  }
  const { start, number, mixed } = me.shown[choice];
  const plane = kind === "filters" && me.header.colour && !mixed ? `, only ${me.view}` : "";
  const parts = [
    number === null ? "red, green and blue together" : `${noun} ${number + first}${plane}`,
  ];
  if (number !== null && kind === "kernels" && count <= 3 && me.header.colour)
    parts[0] += ` (${PLANES[number]})`;
  if (number !== null && me.adds) {
    const rank = ranked ? `, ${choice + 1 - (me.header.colour ? 1 : 0)} of ${count}` : "";
    parts.push(`adds ${signed(me.adds[number], 3)} on average to channel ${channel}${rank}`);
  }
  const size = height * width;
  if (all && !mixed && size <= 25) {
    parts.push(
      `weights row by row: ${Array.from(me.weights.subarray(start, start + size), (w) => show(w, 3)).join(", ")}`,
    );
  }
  return parts.join("; ");
}

/** A 32-bit number with as few digits as tell it from all others. */
function exact(value) {
  if (!Number.isFinite(value)) return show(value);
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return truly(Number(text));
  }
  return truly(Number(value.toPrecision(9)));
}
