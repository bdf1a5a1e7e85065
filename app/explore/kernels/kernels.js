// Kernels with exact numbers: all filters of a first layer, all kernels of one filter, or the weights
// of one unit.
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

/** @import { At } from "../../canvas/tiles.js" */
/** @import { Colour, Given, Scale, Sent, Unpacked } from "../../canvas/types.js" */

const PLANES = ["red", "green", "blue"];

/**
 * What Python sends of the kernels of a step.
 * @typedef {object} Header
 * @property {"filters" | "kernels" | "weights"} kind All filters, all kernels of one, or all weights
 *   of one unit.
 * @property {string} name
 * @property {string} noun Of what there is to choose from.
 * @property {number} count Filters or kernels; one for the weights of a unit.
 * @property {number} depth Kernels of one filter that are sent: three for filters in colour, else one.
 * @property {number} height Of a kernel.
 * @property {number} width
 * @property {number} [cells] Weights of a unit.
 * @property {number} [channel] Whose filter it is, or the unit.
 * @property {number} first Number of the first input that the filter sees.
 * @property {boolean} colour Whether red, green and blue are seen together.
 * @property {boolean} ranked Whether those that add most come first; of a unit, whether what the
 *   inputs add is coloured.
 * @property {boolean} adds Whether it is known what each adds.
 * @property {boolean} [inputs] Whether the inputs are sent.
 * @property {boolean} selectable Whether one can be opened.
 * @property {[number, number]} scale
 * @property {string} scopeWords Whose range the colours span.
 * @property {string} colours Name of the colour map.
 * @property {string} label For screen readers.
 */

/**
 * What a tile shows.
 * @typedef {object} Tile
 * @property {number} start Of its weights among all.
 * @property {number | null} number Of its filter or input; null for all three colours of a filter.
 * @property {boolean} mixed Whether three planes are shown as red, green and blue.
 */

/**
 * The kernels, as they are on the page.
 * @typedef {object} Kernels
 * @property {Sent | null} data What Python sent last.
 * @property {Header} header
 * @property {string} view "colour", or the one of the `PLANES` that is shown alone.
 * @property {number[]} order
 * @property {Float32Array} weights
 * @property {Float32Array | null} adds What each adds.
 * @property {Float32Array | null} inputs
 * @property {Scale} scale
 * @property {Tile[]} shown
 * @property {Given<Sent>["setTriggerValue"]} send Tells Python.
 * @property {Tiles} tiles
 * @property {HTMLElement} root
 * @property {HTMLElement} head The legend.
 * @property {HTMLElement} views
 * @property {HTMLButtonElement[]} buttons One for each view.
 */

/**
 * @param {HTMLElement | ShadowRoot} parent
 * @param {Header} header
 * @returns {Kernels}
 */
function build(parent, header) {
  const buttons = ["colour", ...PLANES].map((view) => {
    const words = view === "colour" ? "Colour" : `Only ${view}`;
    const made = element("button", { type: "button", dataset: { view } }, words);
    made.onclick = () => {
      me.view = view;
      arrange(me);
      draw(me);
    };
    return made;
  });
  const aria = { role: "group", label: "Weights for" };
  /** @type {Kernels} */
  const me = {
    data: null,
    header,
    view: "colour",
    order: [],
    weights: new Float32Array(),
    adds: null,
    inputs: null,
    scale: makeScale(header.scale),
    shown: [],
    send: () => {},
    tiles: new Tiles({
      read: (at) => read(me, at),
      say: (choice) => sentence(me, choice, true),
      open: (choice) => me.send("select", numberOf(me, choice)),
    }),
    root: element("div", { className: "root wall kernels" }),
    head: element("div"),
    views: element("div", { className: "tools segments", aria }, ...buttons),
    buttons,
  };
  me.root.append(me.views, me.head, me.tiles.root);
  parent.append(me.root);
  return me;
}

/** @param {Given<Sent>} given */
export default function ({ data, parentElement, setTriggerValue }) {
  const first = !memories.has(parentElement);
  const me = remember(parentElement, () => build(parentElement, unpack(data).header));
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

/**
 * @param {Kernels} me
 * @param {Sent} data
 */
function take(me, data) {
  /** @type {Unpacked<Header>} */
  const { header, body } = unpack(data);
  me.data = data;
  me.header = header;
  usePalette(header.colours);
  const { count, depth, height, width, cells, adds, inputs } = header;
  me.order = Array.from(new Int32Array(body.buffer, 0, count));
  let at = 4 * count;
  /** @param {number} length */
  const next = (length) => {
    const found = new Float32Array(body.buffer, at, length);
    at += 4 * length;
    return found;
  };
  me.weights = next(cells || count * depth * height * width);
  me.adds = adds ? next(cells || count) : null;
  me.inputs = inputs ? next(cells ?? 0) : null;
  me.scale = makeScale(header.scale);
  me.root.dataset.name = header.name;
  me.root.dataset.order = me.order.join(" ");
  arrange(me);
}

/**
 * Say what each tile shows: one plane of weights, or three of them as red, green and blue.
 * @param {Kernels} me
 */
function arrange(me) {
  const { kind, colour, height, width, label, cells } = me.header;
  const size = height * width;
  const several = kind === "filters" && colour;
  me.views.hidden = !several;
  for (const button of me.buttons)
    button.setAttribute("aria-pressed", String(button.dataset.view === me.view));
  if (several) {
    const mixed = me.view === "colour";
    const plane = mixed ? 0 : PLANES.indexOf(me.view);
    me.shown = me.order.map((number) => ({ start: (3 * number + plane) * size, number, mixed }));
  } else {
    me.shown = me.order.map((number) => ({ start: number * size, number, mixed: false }));
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

/**
 * Paint a tile.
 * @param {Kernels} me
 * @param {number} tile
 * @param {Uint32Array} pixels
 */
function paint(me, tile, pixels) {
  const { start, mixed } = me.shown[tile];
  const values = valuesOf(me);
  for (let i = 0; i < pixels.length; i++) {
    if (mixed) pixels[i] = rgba(mix(me, start, i, pixels.length));
    else if (i >= values.length && me.header.cells) pixels[i] = 0;
    else pixels[i] = rgba(colourOf(values[start + i], me.scale));
  }
}

/**
 * What is shown of a vector: its weights, or what they add.
 * @param {Kernels} me
 */
function valuesOf(me) {
  return (me.header.kind === "weights" && me.header.ranked && me.adds) || me.weights;
}

/**
 * Red, green and blue weights of one place as a colour: grey is zero.
 * @param {Kernels} me
 * @param {number} start
 * @param {number} i Which place.
 * @param {number} size How many places there are.
 * @returns {Colour}
 */
function mix(me, start, i, size) {
  const found = PLANES.map((_, plane) => me.weights[start + plane * size + i]);
  const odd = found.find((value) => !Number.isFinite(value));
  if (odd !== undefined) return colourOf(odd, me.scale);
  return found.map((value) => (me.scale.high ? ((value / me.scale.high + 1) / 2) * 255 : 128));
}

/**
 * The weight in one place of a tile.
 * @param {Kernels} me
 * @param {number} tile
 * @param {number} row
 * @param {number} column
 */
function numberAt(me, tile, row, column) {
  const { start, mixed } = me.shown[tile];
  if (mixed) return null; // three numbers have no room in one place
  const value = me.weights[start + row * me.header.width + column];
  return { value, colour: colourOf(value, me.scale) };
}

/** @param {Kernels} me */
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

/**
 * What Python calls a choice: a filter, or an input.
 * @param {Kernels} me
 * @param {number} choice
 */
function numberOf(me, choice) {
  if (me.header.cells) return choice;
  const { number } = me.shown[choice];
  return (number ?? 0) + me.header.first;
}

/**
 * The words of the tip: the exact weights there.
 * @param {Kernels} me
 * @param {At} at
 */
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

/**
 * Under a tile: which filter or input it is, and what its kernel adds.
 * @param {Kernels} me
 * @param {number} tile
 */
function footOf(me, tile) {
  const { number } = me.shown[tile];
  if (number === null) return "in colour";
  const name =
    me.header.kind === "kernels" && me.header.colour ? PLANES[number] : number + me.header.first;
  return me.adds ? `${name} · ${signed(me.adds[number], 3)}` : `${name}`;
}

/**
 * What there is to say of a choice; with all its numbers, if they are few.
 * @param {Kernels} me
 * @param {number} choice
 */
function sentence(me, choice, all = false) {
  const { kind, count, noun, first, cells, ranked, height, width, channel } = me.header;
  if (cells) {
    const times =
      me.inputs && me.adds
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

/**
 * A 32-bit number with as few digits as tell it from all others.
 * @param {number} value
 */
function exact(value) {
  if (!Number.isFinite(value)) return show(value);
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return truly(Number(text));
  }
  return truly(Number(value.toPrecision(9)));
}
