// Grouped pictures: how deep in the network, how placed, how many clusters; two planes side by side,
// the neighbours of the chosen picture, and which step groups best.
// Header: settings and opening {place, perplexity, clusters, frames, chosen, step}, key (of the
// pictures), title, items [{name, kind}], kinds, limits, canScatter, sides [{points, distances (where
// they begin), clusters, count, width, words}], letters, clusterWords, steps [{name, width, share,
// right, count}], pixelShare, edge, columns, sheet {at, length}.
// Body: two tables of distances, float32 [N, N]; the pictures on one sheet, WebP.
// Trigger "settings": all settings as JSON.

import { columnsOf, element, remember, walk } from "../../canvas/shared.js";
import { choice, slider } from "../../canvas/controls.js";
import { adopt, hand, handsOf, mountLab } from "../../canvas/lab.js";
import {
  FRAME_COLOURS,
  drawPlane,
  frameOf,
  makePlane,
  takePoints,
  tipOn,
  wordsOf,
} from "./plane.js";
import { sawPlane } from "./hands.js";
import { buildNear, drawNear, neighboursOf } from "./near.js";
import { buildDepth, drawDepth, stepNumber } from "./depth.js";

export default function (given) {
  mountLab(given, { build, take, layOut });
  layOut(remember(given.parentElement)); // the theme may have changed
}

function build(parent) {
  const me = { s: null, at: null, lit: null, near: [[], []] };
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
      options: [["clusters", "clusters"]],
      onChoose: (frames) => {
        me.lit = null;
        choose("frames")(frames);
      },
    }),
  };
  me.planes = [0, 1].map((index) => makePlane(me, index));
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
  me.planes.forEach((plane, side) => takePoints(me, plane, header.sides[side].points, anew));
  update(me);
}

/** Show the settings as they now are. */
export function update(me) {
  const { header, s, controls } = me;
  const number = stepNumber(me);
  controls.depth.update({ min: 0, max: header.steps.length - 1, value: number });
  controls.depth.root.querySelector(".note").textContent =
    `${number + 1} of ${header.steps.length}: ${header.steps[number].width.toLocaleString("en")} numbers a picture`;
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
  controls.frames.offer([
    ["clusters", "feature clusters"],
    ["pixels", "pixel clusters"],
    ...(header.kinds.length ? [["kinds", "kinds"]] : []),
  ]);
  controls.frames.update({ value: s.frames });
  me.near = [0, 1].map((side) => neighboursOf(me, side, s.chosen));
  if (me.lit >= framesOf(me).length) me.lit = null; // there are fewer now
  layOut(me);
}

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

/** What the frames can show: the names of the kinds, or "" for each cluster. */
function framesOf({ header, s }) {
  if (s.frames === "kinds") return header.kinds;
  return Array.from({ length: header.sides[s.frames === "pixels" ? 1 : 0].count }, () => "");
}

/** The legend of the frames: a letter, a colour and a name or a count for each. */
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
  const focused = [...me.keyBox.children].indexOf(me.keyBox.getRootNode().activeElement);
  me.keyBox.replaceChildren(...buttons);
  if (focused >= 0) buttons[Math.min(focused, buttons.length - 1)].focus();
  me.keyWords.textContent = header.clusterWords;
}

/** Point at a picture, in both planes; null for none. */
export function pointAt(me, i, plane = null, aloud = false) {
  if (me.at === i) return;
  me.at = i;
  me.planes.forEach((each) => {
    drawPlane(me, each);
    tipOn(me, each);
  });
  if (plane) plane.base.style.cursor = i === null ? "" : "pointer";
  if (aloud && i !== null) me.live.textContent = wordsOf(me, i);
}

/** Choose a picture: its neighbours are shown, and Python is told. */
export function choosePicture(me, i) {
  if (me.s.chosen === i) return;
  me.s.chosen = i;
  update(me);
  const { items } = me.header;
  const named = (side) =>
    me.near[side]
      .slice(0, 3)
      .map((other) => items[other].name)
      .join(", ");
  me.live.textContent = `Chosen: ${wordsOf(me, i)}. Nearest by ${me.header.settings.step}: ${named(0)}. Nearest by pixels: ${named(1)}.`;
  hand(me);
}
