// One step at several moments of its training, for the same picture.
// Header: see `types.js`. Body: the maps' codes, moment after moment, each on a scale of its own, then
// the kernels'. Trigger "select": {moment, span}, once the visitor stays.

/** @import { Given, Sent, Unpacked } from "../../canvas/types.js" */
/** @import { Header, Moment, Snapshots, Span, TileFigure } from "./types.js" */

import { choice, slider } from "../../canvas/controls.js";
import { show } from "../../canvas/figures.js";
import { Player, foldAway } from "../../canvas/lab.js";
import {
  columnsOf,
  element,
  focusedNear,
  legend,
  makeScale,
  memories,
  onResize,
  remember,
  unpack,
  usePalette,
  walk,
} from "../../canvas/shared.js";
import { drawClasses, drawCurve, percent, saidOf } from "./answers.js";
import { listen, mark } from "./pointing.js";
import { drawTiles, rangeOf, tilesOf } from "./tiles.js";

const GAP_PX = { maps: 4, kernels: 10 };
const PATIENCE_MS = 500; // after the last change, before Python is told

/** @param {Given<Sent>} given */
export default function ({ data, parentElement, setTriggerValue }) {
  const first = !memories.has(parentElement);
  const me = remember(parentElement, () => build(parentElement));
  me.send = (chosen) => setTriggerValue("select", chosen);
  if (me.data !== data) take(me, data);
  else layOut(me); // the theme may have changed
  if (first) onResize(me.root, () => layOut(me));
}

/**
 * @param {HTMLElement | ShadowRoot} parent
 * @returns {Snapshots}
 */
function build(parent) {
  const me = /** @type {Snapshots} */ (
    /** @type {unknown} */ ({ pointed: null, sent: [], span: "all" })
  );
  me.player = /** @type {Snapshots["player"]} */ (
    new Player({
      count: () => me.header.moments.length,
      draw: () => present(me),
      yields: () => me.pointed !== null,
      reset: () => {},
      speed: 1,
    })
  );
  me.slider = slider({
    label: "Moment",
    help: "",
    onInput: (value) => go(me, value),
    onCommit: () => tell(me),
    format: (value) => me.header?.moments[value].label ?? String(value),
  });
  me.range = choice({
    label: "Colours span",
    help: "",
    options: [
      ["all", "All moments"],
      ["own", "Each moment alone"],
    ],
    onChoose: (/** @type {Span} */ span) => {
      me.span = span;
      layOut(me);
      tell(me);
    },
  });
  me.ticks = element("div", {
    className: "ticks",
    aria: { role: "group", label: "Moments of the training" },
  });
  me.said = element("p", { className: "said", aria: { live: "polite" } });
  me.maps = figure("maps", "application");
  me.kernels = figure("kernels", "img");
  me.classes = element("ol", {
    className: "classes",
    aria: { label: "The five most likely classes" },
  });
  me.curve = element("canvas", { className: "curve", aria: { role: "img" } });
  me.curveWords = element("figcaption");
  const right = element(
    "div",
    { className: "answers" },
    element("h4", {}, "What it says"),
    me.classes,
    element("figure", {}, me.curve, me.curveWords),
  );
  me.tip = element("div", { className: "value faint", aria: { live: "polite" } });
  me.mapPlace = element("div", {}, me.maps.root, me.tip);
  me.kernelPlace = element("div", {}, me.kernels.root);
  const bar = element(
    "div",
    { className: "scrub" },
    element("div", { className: "row" }, me.player.toggle),
    me.slider.root,
    me.range.root,
  );
  const twin = foldAway(me, "All moments as a table", drawTwin);
  me.root = element(
    "div",
    { className: "root lab snapshots" },
    bar,
    me.ticks,
    me.said,
    element("div", { className: "views" }, me.mapPlace, me.kernelPlace, right),
    twin,
  );
  parent.append(me.root);
  listen(me);
  walk(me.ticks, () => ticksOf(me), columnsOf);
  return me;
}

/**
 * The buttons of the moments.
 * @param {Snapshots} me
 */
function ticksOf(me) {
  return /** @type {HTMLElement[]} */ ([...me.ticks.children]);
}

/**
 * @param {string} name
 * @param {string} role
 * @returns {TileFigure}
 */
function figure(name, role) {
  const base = element("canvas", { className: "base", aria: { role, label: name } });
  const over = element("canvas", { className: "over" });
  const caption = element("figcaption");
  const below = element("div");
  const root = element(
    "figure",
    { className: name },
    caption,
    element("div", { className: "stage" }, base, over),
    below,
  );
  return { root, base, over, caption, below, tiles: [], columns: 1 };
}

/**
 * @param {Snapshots} me
 * @param {Sent} data
 */
function take(me, data) {
  /** @type {Unpacked<Header>} */
  const { header, body } = unpack(data);
  usePalette(header.colours);
  const { maps, kernels, moments, chosen } = header;
  const fresh = me.header?.step !== header.step || me.header.moments.length !== moments.length;
  Object.assign(me, { data, header });
  const length = maps.count * maps.height * maps.width * moments.length;
  me.codes = body.subarray(0, length);
  me.kernelCodes = body.subarray(length);
  for (const each of [maps, kernels]) if (each) each.ranges = each.scales.map(makeScale);
  const answered = me.sent.indexOf(JSON.stringify(chosen));
  if (fresh || answered < 0) {
    me.player.pause();
    me.player.at = moments.findIndex(({ name }) => name === chosen.moment);
    me.span = chosen.span;
    me.sent = [];
  } else me.sent.splice(0, answered + 1); // what was told has come back: the visitor may be further on
  me.root.dataset.waiting = String(me.sent.length);
  if (fresh) me.pointed = null;
  const focused = ticksOf(me).indexOf(/** @type {HTMLElement} */ (focusedNear(me.root)));
  me.ticks.replaceChildren(...moments.map((moment, number) => tick(me, moment, number)));
  ticksOf(me)[focused]?.focus({ preventScroll: true });
  layOut(me);
}

/**
 * @param {Snapshots} me
 * @param {Moment} moment
 * @param {number} number
 */
function tick(me, moment, number) {
  const made = element(
    "button",
    { type: "button", dataset: { name: moment.name } },
    element("span", {}, moment.label),
    element("span", { className: "faint number" }, moment.rightWords ?? "–"),
  );
  made.onclick = () => {
    go(me, number);
    tell(me);
  };
  return made;
}

/**
 * @param {Snapshots} me
 * @param {number} number
 */
function go(me, number) {
  me.player.pause();
  me.player.goTo(number);
}

/**
 * Tell Python what is chosen, once the visitor stays there.
 * @param {Snapshots} me
 */
function tell(me) {
  clearTimeout(me.timer);
  me.timer = setTimeout(() => {
    const chosen = { moment: me.header.moments[me.player.at].name, span: me.span };
    const text = JSON.stringify(chosen);
    if (text === (me.sent.at(-1) ?? JSON.stringify(me.header.chosen))) return;
    me.sent.push(text);
    me.root.dataset.waiting = String(me.sent.length);
    me.send(chosen);
  }, PATIENCE_MS);
}

/** @param {Snapshots} me */
function layOut(me) {
  const room = me.root.clientWidth;
  if (!room || !me.header) return;
  const { maps, kernels, channels, count } = me.header;
  const narrow = room < 620;
  me.side = narrow
    ? Math.min(room, 400)
    : kernels
      ? Math.min(400, (room - 320) * 0.62)
      : Math.min(430, room - 330);
  me.kernelSide = narrow ? Math.min(room, 300) : Math.min(250, (room - 320) * 0.36);
  me.kernelPlace.hidden = !kernels;
  me.mapPlace.style.width = `${me.side}px`;
  me.kernelPlace.style.width = `${me.kernelSide}px`;
  me.maps.caption.textContent = maps.cells
    ? `All ${maps.cells.toLocaleString("en")} units, row by row`
    : channels.length === count
      ? `${count === 1 ? "The map" : `All ${count} maps`}, strongest at the end first`
      : `${channels.length} of ${count.toLocaleString("en")} maps, those that are strongest at the end`;
  me.kernels.caption.textContent = "Their kernels";
  me.range.update({ value: me.span });
  present(me);
}

/** @param {Snapshots} me */
function present(me) {
  if (!me.header || !me.side) return;
  const { moments } = me.header;
  const number = me.player.at;
  const moment = moments[number];
  me.slider.update({ min: 0, max: moments.length - 1, value: number });
  me.slider.input.setAttribute("aria-valuetext", moment.words);
  ticksOf(me).forEach((item, each) => {
    item.setAttribute("aria-pressed", String(each === number));
    item.tabIndex = each === number ? 0 : -1;
  });
  const { maps, kernels } = me.header;
  const words = me.span === "own" ? "the range of this moment" : "one range for all moments";
  drawTiles(me.maps, tilesOf(me, maps, me.codes, number), me.side, GAP_PX.maps);
  me.maps.below.replaceChildren(legend(rangeOf(me, maps, number), words));
  if (kernels) {
    drawTiles(
      me.kernels,
      tilesOf(me, kernels, me.kernelCodes, number),
      me.kernelSide,
      GAP_PX.kernels,
    );
    const range = rangeOf(me, kernels, number);
    me.kernels.below.replaceChildren(
      kernels.colour
        ? element(
            "p",
            { className: "faint" },
            `Grey is zero, full colour ±${show(range.high, 3)}: ${words}.`,
          )
        : legend(range, words),
    );
  }
  drawClasses(me, moment);
  drawCurve(me);
  me.said.setAttribute("aria-live", me.player.playing ? "off" : "polite");
  me.said.textContent = saidOf(me, moment);
  me.root.dataset.moment = moment.name;
  mark(me);
  drawTwin(me);
  if (!me.player.playing && me.wasPlaying) tell(me);
  me.wasPlaying = me.player.playing;
}

/** @param {Snapshots} me */
function drawTwin(me) {
  if (!me.details.open || !me.header) return;
  const head = [
    "Moment",
    "Test pictures right",
    "It says",
    "Share",
    `Share of “${me.header.followed}”`,
  ];
  const rows = me.header.moments.map(({ words, rightWords, classes, followed }) => [
    words,
    rightWords ?? "not measured",
    classes[0][0],
    classes[0][2],
    percent(followed),
  ]);
  me.twin.replaceChildren(
    element(
      "table",
      {},
      element("tr", {}, ...head.map((words) => element("th", { scope: "col" }, words))),
      ...rows.map((row) => element("tr", {}, ...row.map((cell) => element("td", {}, cell)))),
    ),
  );
}
