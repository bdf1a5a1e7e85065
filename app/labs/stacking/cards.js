// A card for every layer, framed as layers of the network, and how everything grows along the stack.

import { show } from "../../canvas/figures.js";
import {
  bitmap,
  drawScaled,
  element,
  focusedNear,
  makeScale,
  paletteOf,
  sharpen,
} from "../../canvas/shared.js";
import { layerWords, operationOf, readerOf } from "./arithmetic.js";
import { changeWords } from "../../canvas/photo.js";

/** @import { Layer, MeterName, Settings, Stacking, Working } from "./types.js" */

const THUMB_PX = 76;

/**
 * What the maps of a layer depend on: they are up to date while this has not changed.
 * @param {Settings} s
 * @param {number} index
 */
export function madeFrom(s, index) {
  const { layer, channel, stack, ...rest } = s;
  return JSON.stringify([stack.slice(0, index + 1), readerOf(stack), rest]);
}

/**
 * What Python has sent of a layer, or null while it is not the answer to what is set now.
 * @param {Stacking} me
 * @param {number} index
 */
export function answerOf(me, index) {
  const found = me.header.layers[index];
  return found && madeFrom(me.s, index) === madeFrom(me.header.settings, index) ? found : null;
}

/** @param {number} share */
export function percent(share) {
  if (share <= 0) return "0 %";
  if (share > 0.99995) return "100 %";
  if (share > 0.9995) return "99.9 %";
  return `${show(Math.floor(share * 1000) / 10, 3)} %`;
}

/**
 * Build all cards anew; what had the focus gets it again.
 * @param {Stacking} me
 */
export function drawCards(me) {
  const focused = me.focus ?? focusedNear(me.cards)?.dataset?.key;
  me.focus = null;
  /** @type {HTMLElement[]} */
  const groups = [];
  let count = 0;
  me.s.stack.forEach((layer, index) => {
    const opens = layer.kind === "conv" || layer.kind === "first";
    if (opens || !groups.length) {
      groups.push(
        element(
          "div",
          { className: "layer-group" },
          element(
            "div",
            { className: "group-name" },
            opens ? `Layer ${++count}` : "Before the first layer",
          ),
          element("div", { className: "group-cards" }),
        ),
      );
    }
    groups.at(-1)?.lastElementChild?.append(card(me, layer, index));
  });
  if (!groups.length)
    groups.push(
      element(
        "p",
        { className: "faint" },
        "No step yet: the photo stays what it is. Add a convolution.",
      ),
    );
  me.cards.replaceChildren(...groups);
  if (!focused) return;
  /** @type {HTMLElement | null} */
  const found = me.cards.querySelector(`[data-key="${focused}"]`);
  found?.focus({ preventScroll: true });
}

/**
 * @param {Stacking} me
 * @param {Layer} layer
 * @param {number} index
 */
function card(me, layer, index) {
  const outline = me.outline[index];
  const operation = operationOf(me.header.operations, layer);
  const chosen = index === me.s.layer - 1;
  const state = outline.idle ? "idle" : outline.why ? "broken" : "";
  const lines = outline.shape
    ? [
        outline.shape.join(" × "),
        `${outline.parameters.toLocaleString("en")} parameters`,
        `sees ${outline.field[0]} × ${outline.field[0]}`,
      ]
    : [outline.idle ? "Nothing reaches it." : outline.why];
  const pick = element(
    "button",
    {
      type: "button",
      className: "pick",
      tabIndex: chosen ? 0 : -1,
      dataset: { key: `pick${index}`, index },
      aria: {
        pressed: String(chosen),
        label: `${outline.name}, ${operation.name}, ${layerWords(me.header.networks, layer)}: ${lines.join(", ")}`,
      },
    },
    thumbnail(me, index),
    element("span", { className: "name" }, outline.name),
    element("span", { className: "small" }, layerWords(me.header.networks, layer)),
    ...lines.map((line, i) => element("span", { className: i ? "small" : "shape" }, line)),
  );
  pick.onclick = () => me.acts.choose(index);
  pick.onpointerenter = pick.onfocus = () => me.acts.point({ layer: index });
  pick.onpointerleave = pick.onblur = () => me.acts.point(null);
  pick.onkeydown = (event) => {
    if (event.key !== "Delete" && event.key !== "Backspace") return;
    event.preventDefault();
    me.acts.remove(index);
  };
  const last = me.s.stack.length - 1;
  /** @type {(sign: string, words: string, act: () => void, off: boolean) => HTMLElement} */
  const button = (sign, words, act, off) => {
    const made = element(
      "button",
      {
        type: "button",
        disabled: off,
        tabIndex: chosen ? 0 : -1,
        title: words,
        dataset: { key: `${sign}${index}` },
        aria: { label: words },
      },
      sign,
    );
    made.onclick = act;
    return made;
  };
  const buttons = element(
    "div",
    { className: "moves" },
    button("◀", `Move ${outline.name} to the left`, () => me.acts.move(index, -1), index === 0),
    button("✕", `Remove ${outline.name}`, () => me.acts.remove(index), false),
    button("▶", `Move ${outline.name} to the right`, () => me.acts.move(index, 1), index === last),
  );
  const lit = me.player.at === index;
  return element(
    "div",
    {
      className: `card ${state}${chosen ? " chosen" : ""}${lit ? " lit" : ""}`,
      style: { borderTopColor: operation.colour },
      title: `${operation.name}: ${operation.sentence}`,
    },
    pick,
    ...(state ? [] : [meters(me, index)]),
    buttons,
  );
}

/**
 * The strongest maps of a layer, dimmed while they are not up to date.
 * @param {Stacking} me
 * @param {number} index
 */
function thumbnail(me, index) {
  const canvas = element("canvas", { className: "thumb", aria: { hidden: "true" } });
  const context = sharpen(canvas, THUMB_PX, THUMB_PX);
  const thumb = me.header.layers[index]?.thumb;
  if (!thumb || me.outline[index].why || me.outline[index].idle) return canvas;
  canvas.style.opacity = answerOf(me, index) ? "1" : "0.35";
  const columns = thumb.count > 1 ? 2 : 1;
  const room = (THUMB_PX - 2 * (columns - 1)) / columns;
  const palette = paletteOf(makeScale(thumb.scale));
  const fit = room / Math.max(thumb.width, thumb.height);
  for (let i = 0; i < thumb.count; i++) {
    const codes = me.body.subarray(thumb.at + i * thumb.height * thumb.width);
    const [x, y] = [(i % columns) * (room + 2), Math.floor(i / columns) * (room + 2)];
    drawScaled(
      context,
      bitmap(thumb.width, thumb.height, codes, palette),
      x,
      y,
      thumb.width * fit,
      thumb.height * fit,
    );
  }
  return canvas;
}

/** @type {[MeterName, string, string][]} */
const METERS = [
  [
    "equivariance",
    "moves along",
    "Equivariance: how alike the maps of the changed photo and the changed maps of the photo are.",
  ],
  ["invariance", "unchanged", "Invariance: how alike the maps are before and after the change."],
];

/**
 * Two bars from 0 to 100 %: do the maps move along, do they stay?
 * @param {Stacking} me
 * @param {number} index
 */
function meters(me, index) {
  const root = element("div", { className: "meters" });
  const found = answerOf(me, index)?.meter;
  if (!changeWords(me.s)) return root;
  for (const [name, words, help] of METERS) {
    const share = found?.[name] ?? null;
    const value = !found ? "…" : share === null ? "–" : percent(share);
    const bar = element("span", {
      className: `bar ${name}`,
      style: { width: `${100 * Math.max(0, share ?? 0)}%` },
    });
    root.append(
      element(
        "div",
        {
          className: "meter",
          title: share === null && found ? noMeter(me, name) : help,
          dataset: { [name]: found ? String(share) : "" },
        },
        element("span", { className: "small" }, words),
        element("span", { className: "small number" }, value),
        element("span", { className: "track" }, bar),
      ),
    );
  }
  return root;
}

/**
 * @param {Stacking} me
 * @param {MeterName} name
 */
function noMeter(me, name) {
  if (name === "equivariance" && me.s.grey)
    return "Maps have no colours: only whether they stay the same can be measured.";
  return "Nothing can be compared: every number sees padding, or what came in from outside the photo.";
}

// --- What the meters say ----------------------------------------------------------------------

const EXACT = 0.9999;

/**
 * What is measured and what came out, in a few sentences.
 * @param {Stacking} me
 */
export function storyWords(me) {
  const { s } = me;
  if (!s.stack.length) return "";
  if (!changeWords(s))
    return "Move, turn, blur or shuffle the photo: every step then shows whether its maps move along, or stay as they are.";
  const means =
    "“Moves along” (equivariance): are the maps of the changed photo the changed maps of the photo? “Unchanged” (invariance): are the maps what they were? 100 % is the same, 0 % nothing in common; compared away from the border.";
  const measured = me.outline.flatMap((outline, i) => {
    const share = answerOf(me, i)?.meter.equivariance;
    return outline.shape && typeof share === "number" ? [{ outline, share }] : [];
  });
  const kind = WHYS.find((name) => s[name]);
  if (!measured.length) return s.grey ? `${means} ${WHY.grey}` : means;
  const failed = measured.find(({ share }) => share < EXACT)?.outline;
  if (!kind) return `${means} ${shiftWords(s, failed)}`;
  return `${means} ${WHY[kind]}${failed ? ` Here ${failed.name} is the first that does not follow exactly.` : ""}`;
}

/** @type {("turn" | "shuffle" | "blur" | "grey")[]} */
const WHYS = ["turn", "shuffle", "blur", "grey"]; // the first that is set is told
const WHY = {
  turn: "A kernel has a direction: what finds upright edges does not find slanted ones. Convolutions know nothing of turning; what sees one pixel only does not mind.",
  blur: "A blur is a convolution itself, and convolutions with stride 1 can change places: before or after, it is the same. Bends and maxima cannot, and strides skip pixels.",
  shuffle:
    "Shuffled squares keep what is inside a square and break what lies across two of them: the more a step sees, the more of that there is. Only what sees one pixel, as a 1 × 1 convolution does, follows exactly.",
  grey: "Maps have no colours that could be taken away, so that only the second can be measured: what looks at contrasts of colours changes most.",
};

/**
 * @param {Settings} s
 * @param {Working | undefined} failed
 */
function shiftWords(s, failed) {
  if (!failed)
    return "All that can be compared moves along exactly: for every step the shift is a whole number of places. That is what convolutions are made for: the same kernel looks everywhere.";
  const shift = [s.right, s.down].filter((by) => by % failed.field[1]).map(Math.abs)[0];
  const places = shift
    ? ` A shift by ${shift} ${shift === 1 ? "pixel" : "pixels"} is ${show(shift / failed.field[1], 3)} places on its maps, and what lies between two places is lost.`
    : "";
  return `${failed.name} is the first that does not follow exactly: its neighbours look ${failed.field[1]} pixels further.${places}`;
}

// --- Along the stack --------------------------------------------------------------------------

/** @type {[title: string, name: string, valueIn: (row: Working) => number, words: (value: number) => string][]} */
const GROWTH = [
  ["Map", "edge", ({ shape }) => shape[1], (value) => `${value} × ${value}`],
  ["Channels", "channels", ({ shape }) => shape[0], String],
  ["Sees", "field", ({ field }) => field[0], (value) => `${value} × ${value}`],
  [
    "Parameters",
    "parameters",
    ({ parameters }) => parameters,
    (value) => value.toLocaleString("en"),
  ],
  [
    "Multiply–adds",
    "products",
    ({ multiplyAdds }) => multiplyAdds,
    (value) => value.toLocaleString("en"),
  ],
];

/**
 * A table with a bar behind every number.
 * @param {Stacking} me
 */
export function drawGrowth(me) {
  const { s } = me;
  /** @type {Working} */
  const photo = {
    name: "photo",
    before: { channels: 0, edge: 0 },
    formula: "",
    shape: [readerOf(s.stack) === "lenet5" ? 1 : 3, s.size, s.size],
    field: [1, 1, 0],
    parameters: 0,
    multiplyAdds: 0,
  };
  const rows = [photo, ...me.outline];
  const works = rows.filter((row) => row.shape !== undefined);
  const most = GROWTH.map(([, , valueIn]) => Math.max(1, ...works.map(valueIn)));
  const head = element(
    "tr",
    {},
    ...["Step", ...GROWTH.map(([title]) => title)].map((title) =>
      element("th", { scope: "col" }, title),
    ),
  );
  const lines = rows.map((row, i) => {
    const colour = i
      ? operationOf(me.header.operations, s.stack[i - 1]).colour
      : me.header.photoColour;
    const title = element("th", { scope: "row" }, row.name);
    if (!row.shape)
      return element(
        "tr",
        {},
        title,
        element(
          "td",
          { colSpan: GROWTH.length, className: "faint" },
          row.idle ? "nothing reaches it" : row.why,
        ),
      );
    const cells = GROWTH.map(([, name, valueIn, words], column) => {
      const value = valueIn(row);
      const bar = element("span", {
        className: "fill",
        style: { width: `${(100 * value) / most[column]}%`, background: colour },
      });
      return element(
        "td",
        { dataset: { [name]: value } },
        bar,
        element("span", { className: "over-fill" }, value ? words(value) : "–"),
      );
    });
    const line = element(
      "tr",
      { className: me.player.at === i - 1 && i ? "lit" : "" },
      title,
      ...cells,
    );
    line.onpointerenter = () => me.acts.point(i ? { layer: i - 1 } : null);
    line.onpointerleave = () => me.acts.point(null);
    return line;
  });
  me.growth.replaceChildren(element("thead", {}, head), element("tbody", {}, ...lines));
}

/**
 * The text twin: all that is said of the layers, and how they answer to the change.
 * @param {Stacking} me
 */
export function drawTwin(me) {
  if (!me.details.open) return;
  const titles = [
    "Step",
    "Operation",
    "Settings",
    "Shape",
    "Size",
    "Parameters",
    "Multiply–adds",
    "Sees, pixels",
    "Every … pixels",
    "Moves along",
    "Unchanged",
    "Compared",
  ];
  const rows = me.s.stack.map((layer, i) => {
    const outline = me.outline[i];
    const cells = [
      outline.name,
      operationOf(me.header.operations, layer).name,
      layerWords(me.header.networks, layer),
    ];
    if (!outline.shape) return [...cells, outline.idle ? "nothing reaches it" : outline.why];
    const meter = answerOf(me, i)?.meter;
    /** @param {number | null | undefined} value */
    const share = (value) => (!meter || value == null ? "–" : percent(value));
    return [
      ...cells,
      outline.shape.join(" × "),
      outline.formula || "stays",
      outline.parameters.toLocaleString("en"),
      outline.multiplyAdds.toLocaleString("en"),
      outline.field[0],
      outline.field[1],
      share(meter?.equivariance),
      share(meter?.invariance),
      share(meter?.compared),
    ];
  });
  /** @type {(tag: "th" | "td") => (cells: (string | number)[]) => HTMLElement} */
  const line = (tag) => (cells) =>
    element("tr", {}, ...cells.map((cell) => element(tag, {}, String(cell))));
  me.twin.replaceChildren(element("table", {}, line("th")(titles), ...rows.map(line("td"))));
}
