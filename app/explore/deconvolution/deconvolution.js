// From one unit back to the picture, stage by stage.
// Header: see `types.js`. Body: codes, switches and RGB bytes.

/** @import { Given, Sent, Unpacked } from "../../canvas/types.js" */
/** @import { Deconvolution, Header, Panel, PanelName, Stage } from "./types.js" */

import { slider } from "../../canvas/controls.js";
import { show } from "../../canvas/figures.js";
import { Player, foldAway } from "../../canvas/lab.js";
import {
  bitmap,
  element,
  focusedNear,
  makeScale,
  memories,
  onResize,
  remember,
  unpack,
  usePalette,
  walk,
} from "../../canvas/shared.js";
import { drawFocus } from "./focus.js";
import { listen, mark } from "./pointing.js";
import { drawTiles, isLast, stageOf, tilesOf } from "./tiles.js";

const CARD_PX = 58;

/** @param {Given<Sent>} given */
export default function ({ data, parentElement }) {
  const first = !memories.has(parentElement);
  const me = remember(parentElement, () => build(parentElement));
  if (me.data !== data) take(me, data);
  if (first) {
    onResize(me.root, () => present(me));
    walk(
      me.strip,
      () => cardsOf(me),
      (items) => items.length,
    );
  }
}

/**
 * The buttons of the stages.
 * @param {Deconvolution} me
 */
function cardsOf(me) {
  return /** @type {HTMLElement[]} */ ([...me.strip.children]);
}

/**
 * @param {HTMLElement | ShadowRoot} parent
 * @returns {Deconvolution}
 */
function build(parent) {
  const me = /** @type {Deconvolution} */ (/** @type {unknown} */ ({ at: null }));
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
  me.panels = {
    before: panel(me, "before", "Before"),
    after: panel(me, "after", "After"),
    part: panel(me, "part", "The same part of the picture"),
    photo: panel(me, "photo", "The picture"),
  };
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

/**
 * @param {Deconvolution} me
 * @param {PanelName} name
 * @param {string} label
 * @returns {Panel}
 */
function panel(me, name, label) {
  const pointable = name === "before" || name === "after";
  const base = element("canvas", {
    className: pointable ? "base pointable" : "base",
    aria: { role: pointable ? "application" : "img", label },
  });
  const over = element("canvas", { className: "over" });
  const caption = element("figcaption");
  const note = element("div", { className: "below" });
  const stage = element("div", { className: "stage" }, base, over);
  const figure = element("figure", { className: name }, caption, stage, note);
  /** @type {Panel} */
  const made = { name, tiles: [], base, over, caption, note, figure };
  if (pointable) listen(me, made);
  return made;
}

/**
 * @param {Deconvolution} me
 * @param {Sent} data
 */
function take(me, data) {
  /** @type {Unpacked<Header>} */
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
  const focused = cardsOf(me).indexOf(/** @type {HTMLElement} */ (focusedNear(me.root)));
  const scrolled = me.strip.scrollLeft;
  me.strip.replaceChildren(...header.stages.map((stage) => card(me, stage)));
  me.strip.scrollLeft = scrolled;
  cardsOf(me)[focused]?.focus({ preventScroll: true });
  present(me);
}

/** @param {number} value */
function remark(value) {
  if (value < 0) return " It is negative: what comes back is what spoke against it.";
  return value === 0
    ? " It is silent, so nothing can be sent back. Choose a unit that answers."
    : "";
}

/**
 * @param {Deconvolution} me
 * @param {Stage} stage
 */
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

/** @param {Deconvolution} me */
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
  cardsOf(me).forEach((item, number) => {
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

/**
 * @param {HTMLElement} scroller
 * @param {HTMLElement} item
 */
function reveal(scroller, item) {
  const [outer, inner] = [scroller.getBoundingClientRect(), item.getBoundingClientRect()];
  const middle = inner.left + inner.width / 2 - outer.left - outer.width / 2;
  if (inner.left < outer.left || inner.right > outer.right) scroller.scrollLeft += middle;
}

/**
 * Say how much of a stage carries a signal.
 * @param {Deconvolution} me
 * @param {Stage} stage
 */
function factsOf(me, stage) {
  /** @param {number} number */
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

/** @param {Deconvolution} me */
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
