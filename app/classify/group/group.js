// Grouped pictures: how deep in the network, how placed, how many clusters; two planes side by side,
// the neighbours of the chosen picture, and which step groups best.

/** @import { Choice, Slider } from "../../canvas/controls.js" */
/** @import { Lab } from "../../canvas/lab.js" */
/** @import { Bytes, Given, Point, Sent } from "../../canvas/types.js" */
/** @import { DepthParts, Kinship, Step } from "./depth.js" */
/** @import { NearParts } from "./near.js" */
/** @import { Plane } from "./plane.js" */

import { columnsOf, element, remember, walk } from "../../canvas/shared.js";
import { choice, slider } from "../../canvas/controls.js";
import { adopt, hand, handsOf, mountLab } from "../../canvas/lab.js";
import { focusAmong } from "../focus.js";
import { FRAME_COLOURS, frameOf, takePoints, wordsOf } from "./plane.js";
import { makePlane, sawPlane } from "./hands.js";
import { buildNear, drawNear, neighboursOf } from "./near.js";
import { buildDepth, drawDepth, stepNumber } from "./depth.js";

/** @typedef {"clusters" | "pixels" | "kinds"} Frames */

/**
 * How the pictures are placed and grouped.
 * @typedef {object} Settings
 * @property {"tsne" | "pca"} place
 * @property {number} perplexity
 * @property {number} clusters how many
 * @property {Frames} frames what the frames show
 * @property {number} chosen the picture whose neighbours are shown
 * @property {string} step of the network
 */

/**
 * Pictures by one of the two ways to compare them: a step of the network, or the pixels.
 * @typedef {object} Side
 * @property {Point[]} points where the pictures stand
 * @property {number} distances where they begin in the body
 * @property {number[]} clusters of every picture, its number
 * @property {number} count how many clusters there are
 * @property {number} width how many numbers a picture is compared by
 * @property {string} words
 */

/**
 * What Python sends. The body has two tables of distances, float32 [N, N], and the pictures on one
 * sheet, WebP.
 * @typedef {object} Header
 * @property {Settings} settings
 * @property {Settings} opening
 * @property {string} key names the pictures
 * @property {string} title of the network
 * @property {{ name: string, kind: string }[]} items
 * @property {string[]} kinds
 * @property {{ clusters: [number, number], perplexity: [number, number] }} limits
 * @property {boolean} canScatter whether there are enough pictures for t-SNE
 * @property {[Side, Side]} sides
 * @property {string[]} letters what clusters are called
 * @property {string} clusterWords
 * @property {Step[]} steps
 * @property {Kinship} pixelShare
 * @property {number} edge of a picture on the sheet, in pixels
 * @property {number} columns of the sheet
 * @property {{ at: number, length: number }} sheet where it is in the body
 */

/**
 * @typedef {object} Controls
 * @property {Slider} depth
 * @property {Slider} clusters
 * @property {Choice<"tsne" | "pca">} place
 * @property {Slider} perplexity
 * @property {Choice<Frames>} frames
 */

/**
 * @typedef {object} Parts
 * @property {Controls} controls
 * @property {Plane[]} planes
 * @property {{ distances: Float32Array }[]} sides
 * @property {string} key of the pictures that are shown
 * @property {ImageBitmap | null} sheet null as long as it is being read
 * @property {number | null} at the picture that is pointed at
 * @property {number | null} lit the frame that alone is shown
 * @property {number[][]} near all other pictures, the nearest first, for each side
 * @property {HTMLElement} keyBox
 * @property {string} keySays
 * @property {HTMLElement} keyWords
 * @property {HTMLElement} live what is said to those who do not see it
 * @property {() => void} update shows the settings as they now are
 * @property {(i: number) => void} choose chooses a picture
 */

/** @typedef {Lab<Settings, Header> & Parts & NearParts & DepthParts} Group */

/** @type {[Frames, string][]} */
const FRAMES = [
  ["clusters", "feature clusters"],
  ["pixels", "pixel clusters"],
  ["kinds", "kinds"],
]; // the last one only where kinds are known

/**
 * Trigger "settings": all settings as JSON.
 * @param {Given<Sent>} given
 */
export default function (given) {
  mountLab(given, { build, take, layOut });
  /** @type {Group} */
  const me = remember(given.parentElement);
  layOut(me); // the theme may have changed
}

/** @param {Node & ParentNode} parent */
function build(parent) {
  /** @type {Partial<Group>} */
  const begun = { at: null, lit: null, near: [[], []] };
  const me = /** @type {Group} */ (begun); // the parts add what is theirs
  me.update = () => update(me);
  me.choose = (i) => choosePicture(me, i);
  const { change, commit, choose } = handsOf(me, update);
  me.controls = {
    depth: slider({
      label: "Step",
      help: "",
      format: (number) => me.header.steps[number].name,
      onInput: (number) => {
        me.s.step = me.header.steps[number].name;
        update(me);
      },
      onCommit: commit,
    }),
    clusters: slider({
      label: "Clusters",
      help: "",
      onInput: change("clusters"),
      onCommit: commit,
    }),
    place: choice({
      label: "Placed by",
      help: "",
      options: [
        ["tsne", "t-SNE"],
        ["pca", "PCA"],
      ],
      onChoose: choose("place"),
    }),
    perplexity: slider({
      label: "Perplexity",
      help: "Neighbours that count.",
      onInput: change("perplexity"),
      onCommit: commit,
    }),
    frames: choice({
      label: "Frames show",
      help: "",
      options: FRAMES,
      onChoose: (frames) => {
        me.lit = null;
        choose("frames")(frames);
      },
    }),
  };
  me.planes = [makePlane(me, 0), makePlane(me, 1)];
  me.keyBox = element("div", {
    className: "frame-key",
    aria: { role: "group", label: "What the frames mean" },
  });
  walk(me.keyBox, () => [...me.keyBox.querySelectorAll("button")], columnsOf);
  me.keyWords = element("p", { className: "faint number" });
  me.live = element("div", { className: "hidden", aria: { live: "polite" } });
  buildNear(me);
  buildDepth(me);
  me.root = element(
    "div",
    { className: "root lab group" },
    element(
      "div",
      { className: "controls" },
      ...Object.values(me.controls).map(({ root }) => root),
    ),
    element("div", { className: "planes" }, ...me.planes.map(({ root }) => root)),
    element(
      "p",
      { className: "faint hint" },
      "Click a picture to see what is most like it. Drag to move; turn the wheel after a click, pinch, or press + and − to zoom. Arrow keys walk, Enter chooses.",
    ),
    me.keyBox,
    me.keyWords,
    me.nearBox,
    me.depthBox,
    me.live,
  );
  parent.append(me.root);
  return me;
}

/**
 * @param {Group} me
 * @param {Bytes} body
 */
function take(me, body) {
  const { header } = me;
  const anew = me.key !== header.key;
  me.key = header.key;
  adopt(me, header.settings);
  const count = header.items.length;
  me.sides = header.sides.map(({ distances }) => ({
    distances: new Float32Array(body.buffer, body.byteOffset + distances, count * count),
  }));
  if (anew) {
    me.at = me.lit = null;
    me.sheet = null;
    const { at, length } = header.sheet;
    createImageBitmap(new Blob([body.subarray(at, at + length)], { type: "image/webp" })).then(
      (sheet) => {
        if (me.key !== header.key) return;
        me.sheet = sheet;
        me.root.dataset.ready = header.key;
        layOut(me);
      },
    );
  }
  for (const plane of me.planes) takePoints(me, plane, header.sides[plane.index].points, anew);
  update(me);
}

/**
 * Show the settings as they now are.
 * @param {Group} me
 */
function update(me) {
  const { header, s, controls } = me;
  const number = stepNumber(me);
  const width = header.steps[number].width.toLocaleString("en");
  controls.depth.update({ min: 0, max: header.steps.length - 1, value: number });
  const note = controls.depth.root.querySelector(".note");
  if (note)
    note.textContent = `${number + 1} of ${header.steps.length}: ${width} numbers a picture`;
  controls.depth.input.setAttribute("aria-valuetext", s.step);
  const [fewest, most] = header.limits.clusters;
  controls.clusters.update({ min: fewest, max: most, value: s.clusters });
  controls.place.update({
    value: s.place,
    disabled: header.canScatter ? {} : { tsne: "needs four pictures" },
  });
  const [low, high] = header.limits.perplexity;
  controls.perplexity.root.hidden = s.place !== "tsne";
  controls.perplexity.update({ min: low, max: high, value: s.perplexity });
  controls.frames.offer(header.kinds.length ? FRAMES : FRAMES.slice(0, 2));
  controls.frames.update({ value: s.frames });
  me.near = [0, 1].map((side) => neighboursOf(me, side, s.chosen));
  if ((me.lit ?? 0) >= framesOf(me).length) me.lit = null; // there are fewer now
  layOut(me);
}

/** @param {Group} me */
function layOut(me) {
  if (!me.header || !me.root.clientWidth) return;
  const { header, planes } = me;
  const titles = [`${header.settings.step} of ${header.title}`, "Raw pixels"];
  planes.forEach((plane, side) => {
    const { width, words } = header.sides[side];
    plane.title.replaceChildren(
      element("strong", {}, titles[side]),
      element(
        "span",
        { className: "faint number" },
        ` ${width.toLocaleString("en")} numbers a picture`,
      ),
    );
    plane.words.textContent = words;
    plane.base.setAttribute(
      "aria-label",
      `${titles[side]}: ${header.items.length} pictures. Arrow keys go to the next picture, Enter chooses it, plus, minus and 0 zoom.`,
    );
    sawPlane(me, plane);
  });
  drawKey(me);
  drawNear(me);
  drawDepth(me);
}

/**
 * What the frames can show: the names of the kinds, or "" for each cluster.
 * @param {Group} me
 */
function framesOf({ header, s }) {
  if (s.frames === "kinds") return header.kinds;
  return Array.from({ length: header.sides[s.frames === "pixels" ? 1 : 0].count }, () => "");
}

/**
 * The legend of the frames: a letter, a colour and a name or a count for each.
 * @param {Group} me
 */
function drawKey(me) {
  const { header, s } = me;
  const names = framesOf(me);
  const said = JSON.stringify([
    s.frames,
    names,
    header.items.map((_, i) => frameOf(me, i)),
    me.lit,
  ]);
  if (said === me.keySays) return; // what has the focus stays as it is
  me.keySays = said;
  const buttons = names.map((name, number) => {
    const count = header.items.filter((_, i) => frameOf(me, i) === number).length;
    const words = name ? `${name} (${count})` : `${count}`;
    const what = name || `cluster ${header.letters[number]}`;
    const button = element(
      "button",
      {
        type: "button",
        tabIndex: number ? -1 : 0,
        aria: {
          pressed: me.lit === number,
          label: `Show only ${what}, ${count} ${count === 1 ? "picture" : "pictures"}`,
        },
      },
      element(
        "span",
        { className: "letter", style: { background: FRAME_COLOURS[number] } },
        header.letters[number],
      ),
      words,
    );
    button.onclick = () => {
      me.lit = me.lit === number ? null : number;
      layOut(me);
    };
    return button;
  });
  const focused = focusAmong([...me.keyBox.children]);
  me.keyBox.replaceChildren(...buttons);
  if (focused >= 0) buttons[Math.min(focused, buttons.length - 1)].focus();
  me.keyWords.textContent = header.clusterWords;
}

/**
 * Choose a picture: its neighbours are shown, and Python is told.
 * @param {Group} me
 * @param {number} i
 */
function choosePicture(me, i) {
  if (me.s.chosen === i) return;
  me.s.chosen = i;
  update(me);
  const { items } = me.header;
  /** @param {number} side */
  const named = (side) =>
    me.near[side]
      .slice(0, 3)
      .map((other) => items[other].name)
      .join(", ");
  me.live.textContent = `Chosen: ${wordsOf(me, i)}. Nearest by ${me.header.settings.step}: ${named(0)}. Nearest by pixels: ${named(1)}.`;
  hand(me);
}
