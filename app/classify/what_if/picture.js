// Change the picture: crop, turn, shift, blur, grey, paint; drawn at once, then answered by Python.

/** @import { Choice, Slider } from "../../canvas/controls.js" */
/** @import { Stroke } from "./paint.js" */
/** @import { WhatIf } from "./what_if.js" */

import { show } from "../../canvas/figures.js";
import { bitmap, drawScaled, element, sharpen } from "../../canvas/shared.js";
import { choice, slider } from "../../canvas/controls.js";
import { readMarks, writeMarks } from "./codes.js";
import { EDITS, editWords, editedBytes, pixelsOf } from "./edits.js";
import { listenToPaint } from "./paint.js";

/**
 * The picture as the network sees it, and where its versions begin in the body.
 * @typedef {object} Picture
 * @property {number} size of its edge, in pixels
 * @property {boolean} grey whether the network reads grey pictures
 * @property {number} seen before anything is changed
 * @property {number} cropped
 * @property {number} edited after all edits
 */

/** @typedef {"rectangle" | "brush" | "move"} Tool */

/**
 * What the picture is changed with.
 * @typedef {object} PictureParts
 * @property {Record<string, Slider>} sliders
 * @property {Choice<string>} greyChoice
 * @property {HTMLCanvasElement} canvas
 * @property {HTMLElement} easelWords
 * @property {HTMLElement} paintSaid
 * @property {Tool} tool
 * @property {number} radius of the brush
 * @property {HTMLButtonElement[]} tools
 * @property {HTMLInputElement} colour
 * @property {Slider} brush
 * @property {HTMLButtonElement} lastMark takes back the last one
 * @property {HTMLElement} pictureStop says why the picture cannot be changed
 * @property {HTMLElement} curveBox
 * @property {HTMLElement} pictureInner
 * @property {HTMLElement} picturePanel
 * @property {Stroke | null} stroke what the hand is drawing now
 * @property {number} keyTimer
 * @property {{ key: string, body: Uint8Array, bytes: Uint8Array<ArrayBuffer> }} [drawnOf] what was drawn here last
 */

const PICTURE_LARGE_PX = 288;
const MARK_HELP =
  "Drag on the picture. Keys: Enter adds a rectangle, arrows move the last mark, + and − size it, Delete takes it back.";

/** @param {WhatIf} me */
export function buildPicture(me) {
  /** @param {number} value */
  const percent = (value) => `${show(value)} %`;
  /** @type {(name: string, label: string, help: string, format?: (value: number) => string) => Slider} */
  const control = (name, label, help, format = percent) =>
    slider({
      label,
      help,
      format,
      onInput: (value) => me.drag(name, value),
      onCommit: me.commit,
    });
  me.sliders = {
    turn: control(
      "turn",
      "Turn",
      "About the middle, counter-clockwise.",
      (value) => `${show(value)}°`,
    ),
    right: control("right", "Move right", "To whole pixels; the edge is repeated."),
    down: control("down", "Move down", "To whole pixels; the edge is repeated."),
    blur: control("blur", "Blur", "A Gaussian; its deviation, of the edge."),
    crop: control("crop", "Crop", "What is kept of the edge; it is enlarged."),
    cropx: control("cropx", "Crop: across", "Where it is kept: 0 left, 100 right."),
    cropy: control("cropy", "Crop: down", "Where it is kept: 0 top, 100 bottom."),
  };
  me.greyChoice = choice({
    label: "Colours",
    help: "",
    options: [
      ["no", "In colour"],
      ["yes", "Grey"],
    ],
    onChoose: (grey) => me.set({ grey }),
  });
  me.canvas = element("canvas", {
    className: "base easel",
    tabIndex: 0,
    aria: { role: "application" },
  });
  me.easelWords = element("p", { className: "faint" });
  me.paintSaid = element("p", { className: "faint read", aria: { live: "polite" } }, MARK_HELP);
  me.tool = "rectangle";
  me.radius = 6;
  /** @type {[Tool, string][]} */
  const tools = [
    ["rectangle", "Rectangle"],
    ["brush", "Brush"],
    ["move", "Move paint"],
  ];
  me.tools = tools.map(([tool, words]) => {
    const made = element("button", { type: "button", dataset: { tool } }, words);
    made.onclick = () => {
      me.tool = tool;
      updatePicture(me);
    };
    return made;
  });
  me.colour = element("input", {
    type: "color",
    value: "#808080",
    aria: { label: "Colour of the paint" },
  });
  me.brush = slider({
    label: "Brush",
    help: "Its radius.",
    format: percent,
    onInput: (value) => {
      me.radius = value;
    },
    onCommit: () => {},
  });
  me.brush.update({ min: 1, max: 25, value: me.radius });
  me.lastMark = element("button", { type: "button" }, "Take back the last");
  me.lastMark.onclick = () => me.set({ paint: writeMarks(readMarks(me.s.paint).slice(0, -1)) });
  me.pictureStop = element("p", { className: "stop", aria: { role: "status" } });
  const easel = element(
    "div",
    { className: "easel-box" },
    me.canvas,
    me.easelWords,
    element("div", { className: "row" }, ...me.tools, me.colour, me.lastMark),
    me.brush.root,
    me.paintSaid,
  );
  me.curveBox = element("div");
  me.pictureInner = element(
    "div",
    { className: "panel" },
    element(
      "div",
      { className: "easel-row" },
      easel,
      element(
        "div",
        { className: "controls" },
        ...Object.values(me.sliders).map(({ root }) => root),
        me.greyChoice.root,
      ),
    ),
    me.curveBox,
  );
  me.picturePanel = element(
    "div",
    { aria: { role: "tabpanel", label: "Change the picture" } },
    me.pictureStop,
    me.pictureInner,
  );
  listenToPaint(me);
}

/** @param {WhatIf} me */
export function updatePicture(me) {
  const { s, header } = me;
  const cropped = s.crop !== header.opening.crop;
  for (const [name, control] of Object.entries(me.sliders)) {
    const [min, max, step] = header.ranges[name];
    const moved = name === "right" || name === "down";
    const pixels = pixelsOf(s[name], header.picture.size);
    const why =
      name.length > 4 && name.startsWith("crop") && !cropped ? "Crop the picture first." : "";
    control.update({
      min,
      max,
      step,
      value: Number(s[name]),
      why: moved && pixels ? `${show(pixels)} of ${header.picture.size} pixels.` : why,
    });
    control.input.disabled = Boolean(header.pictureRefusal) || Boolean(why);
  }
  me.greyChoice.select.disabled = header.picture.grey;
  me.greyChoice.update({
    value: s.grey,
    words: header.picture.grey ? `${header.title} reads grey pictures anyway.` : "",
  });
  for (const each of me.tools)
    each.setAttribute("aria-pressed", String(each.dataset.tool === me.tool));
  me.brush.root.hidden = me.tool !== "brush";
  me.lastMark.disabled = !s.paint;
  me.pictureStop.hidden = !header.pictureRefusal;
  me.pictureStop.textContent = header.pictureRefusal;
}

/** @param {WhatIf} me */
export function drawPicture(me) {
  const room = me.picturePanel.clientWidth;
  if (me.picturePanel.hidden || !room) return;
  const { size } = me.header.picture;
  const side = Math.min(PICTURE_LARGE_PX, room - 8);
  const context = sharpen(me.canvas, side, side);
  drawScaled(context, bitmap(size, size, editedBytes(me), "rgb"), 0, 0, side, side);
  me.easelWords.textContent = `What ${me.header.title} sees: ${size} × ${size} pixels.`;
  const words = EDITS.map((name) => editWords(me, name))
    .filter(Boolean)
    .join(", ");
  me.canvas.setAttribute(
    "aria-label",
    `The picture as the network sees it${words ? `: ${words}` : ""}. ${MARK_HELP}`,
  );
}
