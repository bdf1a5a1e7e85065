// One channel of a step, large beside the picture, and the whole sum behind the pixel pointed at.

import {
  element,
  makeScale,
  memories,
  onResize,
  remember,
  unpack,
  usePalette,
} from "../../canvas/shared.js";
import { Player, adopt, foldAway } from "../../canvas/lab.js";
import { Detail } from "./detail.js";
import { Growth } from "./growth.js";
import { kindParts } from "./kinds.js";
import { arrayOf, letterBox, openLetter } from "./letters.js";
import { buildPanels, drawPlaces, mark, refreshPlaces, rootsOf, showTile } from "./places.js";
import { fillTwin, saveNumbers, savePicture } from "./save.js";
import { heatNow, keyOf, letterOf, placeNow, placeWanted } from "./state.js";
import { Terms } from "./terms.js";
import { placeInWords, sumInWords, titleOf } from "./words.js";

/** @import { Bytes, Given, Place, Sent, Unpacked } from "../../canvas/types.js" */
/** @import { AnyLetter, FieldLetter, GrowthLetter, Letter, SumLetter } from "./letters.js" */
/** @import { Header, Settings, Unit } from "./state.js" */

const REST_MS = 250; // a pointer that rests so long asks for the sum

/** @param {string} words @param {() => void} act */
function button(words, act) {
  const made = element("button", { type: "button" }, words);
  made.onclick = act;
  return made;
}

/** @param {string} words @param {() => void} act @param {string} [title] */
function toggle(words, act, title = "") {
  const made = button(words, act);
  if (title) made.title = title;
  made.setAttribute("aria-pressed", "false");
  return made;
}

/**
 * @param {HTMLElement | ShadowRoot} parent
 * @param {Unpacked<Header>} sent
 * @returns {Unit}
 */
function build(parent, { header, body }) {
  /** @type {Unit} */
  const me = {
    data: null,
    header,
    facts: "",
    s: header.settings,
    known: "",
    pending: [],
    pointed: null,
    rested: null,
    asked: null,
    timer: 0,
    entered: "",
    sums: new Map(),
    heats: new Map(),
    heatWanted: false,
    winner: null,
    shown: null,
    shownOrder: null,
    shownWidth: null,
    drawn: null,
    width: 0,
    termWidth: 0,
    box: letterBox("unit"),
    go: () => {},
    panels: buildPanels(header, body, () => {}),
    growth: new Growth({
      redraw: () => mark(me),
      yields: () => me.pointed !== null,
      taken: () => {
        if (me.pointed) me.panels.map.grid.point(null);
      },
    }),
    terms: new Terms({
      onSelect: (term) => selected(me, term),
      onGo: (term) => goToTerm(me, term),
    }),
    player: new Player({
      count: () => me.terms.steps(),
      draw: () => me.terms.showUntil(me.player.at),
      reset: () => {
        me.player.rewind();
        me.terms.showUntil(null);
      },
      speed: 2,
    }),
    detail: new Detail(),
    root: element("div", { className: "root lab unit" }),
    places: element("div", { className: "places" }),
    said: element("p", { className: "said short" }),
    heatWords: element("p", { className: "heat-words" }),
    title: element("h3"),
    order: element("div", { className: "row" }),
    parts: element("div", { className: "kind" }),
    work: element("div", { className: "work" }),
    note: element("p", { className: "faint" }),
    inWords: element("p", { className: "hidden", aria: { live: "polite" } }),
    twin: element("div"),
    details: element("details"),
    heat: toggle(
      "Effective field",
      () => settle(me, { field: me.s.field === "gradient" ? "theory" : "gradient" }),
      "What the gradient reaches: how much each pixel matters for this unit",
    ),
    own: toggle(
      "Its own range",
      () => settle(me, { scope: me.s.scope === "channel" ? "step" : "channel" }),
      "Colours span the range of this channel, not that of the whole step",
    ),
    ranked: toggle("Largest first", () => settle(me, { order: "rank" })),
    indexed: toggle("By input channel", () => settle(me, { order: "index" })),
    folded: toggle("Fold into the convolution", () => settle(me, { fold: me.s.fold ? "" : "yes" })),
  };
  arrange(me);
  me.root.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || !closeInside(me)) return;
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );
  parent.append(me.root);
  return me;
}

/**
 * Put the parts together.
 * @param {Unit} me
 */
function arrange(me) {
  me.order.append(me.ranked, me.indexed);
  me.work.append(element("div", {}, me.terms.root, me.parts), me.detail.root);
  // Nothing is behind a pixel before the first letter has come.
  for (const part of [me.growth.root, me.order, me.player.bar, me.terms.root, me.detail.root])
    part.hidden = true;
  me.root.append(
    me.places,
    me.said,
    element("div", { className: "row look" }, me.growth.root, me.heat, me.own),
    me.heatWords,
    me.title,
    element("div", { className: "row" }, me.folded, me.order),
    me.player.bar,
    me.work,
    me.note,
    me.inWords,
    foldAway(me, "The same as a table", () => fillTwin(me)),
    element(
      "div",
      { className: "row save" },
      button("Save picture", () => savePicture(me)),
      button("Save numbers", () => saveNumbers(me)),
    ),
  );
}

/** @param {Given<Sent>} given */
export default function ({ data, parentElement, setTriggerValue }) {
  const first = !memories.has(parentElement);
  const me = remember(parentElement, () => build(parentElement, unpack(data)));
  me.go = (place) => setTriggerValue("go", JSON.stringify(place));
  me.box.read = (letter) => {
    if (me.root.isConnected) read(me, letter);
  };
  if (me.data !== data) take(me, data);
  if (first) onResize(me.root, () => layOut(me));
}

/**
 * Take over another unit, or the same one again: then nothing on the page is touched.
 * @param {Unit} me
 * @param {Sent} data
 */
function take(me, data) {
  /** @type {Unpacked<Header>} */
  const { header, body } = unpack(data);
  const other = me.data === null || me.header.id !== header.id;
  const facts = JSON.stringify({ ...header, settings: null });
  const same = facts === me.facts;
  usePalette(header.colours);
  Object.assign(me, { data, header, facts });
  Object.assign(me.root.dataset, { step: header.step, channel: header.channel });
  if (other) {
    Object.assign(me, { s: header.settings, known: "", pending: [] });
    Object.assign(me, { pointed: null, rested: null, shown: null });
    me.sums.clear();
    me.heats.clear();
  }
  adopt(me, header.settings);
  if (!same) takePanels(me, body);
  me.asked = keyOf(placeWanted(me), me.s.fold); // Python sends it without being asked
  for (const letter of me.box.letters.values()) read(me, letter);
  layOut(me);
  want(me);
}

/**
 * Build the panels anew, and let what is shown go by them.
 * @param {Unit} me
 * @param {Bytes} body
 */
function takePanels(me, body) {
  me.panels = buildPanels(me.header, body, (place) => pointed(me, place));
  me.places.replaceChildren(...rootsOf(me.panels));
  for (const { sum } of me.sums.values()) if (sum.tiles) sum.tiles = me.panels.tiles;
  me.shownWidth = null; // other colours: the rows are painted again
  if (me.shown?.sum.tiles && me.terms.selected !== null)
    showTile(me, me.shown.sum.channels[me.terms.selected]);
  const { grid } = me.panels.map;
  grid.at = me.pointed;
  grid.base.addEventListener("click", () => {
    if (me.pointed) pin(me, me.pointed);
  });
  grid.base.addEventListener("keydown", (event) => {
    if (event.key === "Enter") pin(me, me.pointed ?? placeNow(me));
  });
}

/**
 * Read a letter from Python, if it is about this unit.
 * @param {Unit} me
 * @param {Unpacked<AnyLetter>} letter
 */
function read(me, { header, body }) {
  if (header.id !== me.header.id) return;
  adopt(me, header.settings);
  if (isGrowth(header)) {
    grow(me, header);
    return;
  }
  if (isField(header)) {
    const values = header.refusal ? new Float32Array() : arrayOf(body, header.values);
    const scale = makeScale(header.refusal ? [0, 0] : header.scale);
    me.heats.set(keyOf(header.at), { ...header, values, scale });
  } else {
    const key = keyOf(header.at, header.fold);
    if (!me.sums.has(key)) me.sums.set(key, openLetter(header, body, me.panels.tiles));
  }
  want(me);
}

/** @param {AnyLetter} header @returns {header is GrowthLetter} */
const isGrowth = (header) => header.letter === "growth";

/** @param {AnyLetter} header @returns {header is FieldLetter} */
const isField = (header) => header.letter === "field";

/**
 * Take the layers on the way to the chosen pixel; play them once when the layer is entered.
 * @param {Unit} me
 * @param {GrowthLetter} letter
 */
function grow(me, { layers }) {
  me.growth.root.hidden = layers.length < 2;
  me.growth.set(layers);
  if (me.entered === me.header.step) return;
  me.entered = me.header.step;
  if (layers.length > 1 && !matchMedia("(prefers-reduced-motion: reduce)").matches)
    me.growth.play();
}

/**
 * The visitor points at a pixel of the map, or at nothing any more.
 * @param {Unit} me
 * @param {Place | null} place
 */
function pointed(me, place) {
  if (place && me.header.vector && place[0] * me.header.map.width + place[1] >= me.header.count)
    place = null;
  if (String(place) === String(me.pointed)) return;
  me.pointed = place;
  clearTimeout(me.timer);
  if (!place) me.rested = null;
  else if (!me.header.vector)
    me.timer = setTimeout(() => {
      me.rested = place;
      want(me);
    }, REST_MS);
  me.said.setAttribute(
    "aria-live",
    me.panels.map.grid.base.matches(":focus-visible") ? "polite" : "off",
  );
  mark(me);
  say(me);
  if (!place) want(me);
}

/**
 * The visitor chooses a pixel, or a unit of a vector.
 * @param {Unit} me
 * @param {Place} place
 */
function pin(me, place) {
  const { header } = me;
  if (header.vector) {
    const channel = place[0] * header.map.width + place[1];
    if (me.pointed && channel < header.count && channel !== header.channel)
      me.go({ step: header.step, channel, at: null });
    return;
  }
  clearTimeout(me.timer);
  me.rested = null;
  settle(me, { at: place });
}

/**
 * Change what is chosen, show it, and tell Python.
 * @param {Unit} me
 * @param {Partial<Settings>} changes
 */
function settle(me, changes) {
  Object.assign(me.s, changes);
  me.asked = null;
  want(me, true);
}

/**
 * Show the sum behind the wanted pixel; ask for it if it is not here.
 * @param {Unit} me
 * @param {boolean} keep Whether Python is told in any case: the settings have changed.
 */
function want(me, keep = false) {
  const place = placeWanted(me);
  const key = keyOf(place, me.s.fold);
  me.heatWanted = me.s.field === "gradient" && !me.rested && !heatNow(me);
  const letter = me.sums.get(key);
  const missing = !letter;
  if (keep) {
    me.pending.push(JSON.stringify(me.s));
    askFor(me, place);
  } else if (missing && me.asked !== key) askFor(me, place);
  if (missing) me.asked = key; // it is asked for once
  me.root.classList.toggle("waiting", missing);
  if (letter && me.width) showSum(me, letter);
  if (me.width) refreshPlaces(me);
  say(me);
  pressed(me);
}

/**
 * Tell Python what is chosen, and at which pixel the visitor looks.
 * @param {Unit} me
 * @param {Place} look
 */
function askFor(me, look) {
  me.box.send?.(JSON.stringify({ ...me.s, id: me.header.id, look }));
}

/**
 * Show on the buttons what is chosen.
 * @param {Unit} me
 */
function pressed(me) {
  const { s, header } = me;
  /** @param {HTMLElement} button @param {boolean} on */
  const press = (button, on) => button.setAttribute("aria-pressed", String(on));
  press(me.heat, s.field === "gradient");
  press(me.ranked, s.order === "rank");
  press(me.indexed, s.order === "index");
  press(me.folded, Boolean(s.fold));
  press(me.own, s.scope === "channel");
  me.folded.hidden = !header.foldable;
  me.folded.textContent = header.foldable ? `Fold into ${header.foldable}` : "";
}

/**
 * Show what lies behind one pixel.
 * @param {Unit} me
 * @param {Letter} letter
 */
function showSum(me, letter) {
  const fresh = me.shown !== letter;
  if (!fresh && me.shownOrder === me.s.order && me.shownWidth === me.width) return;
  Object.assign(me, { shown: letter, shownOrder: me.s.order, shownWidth: me.width });
  const { sum } = letter;
  const listed =
    letter.kind === "sum" && sum.weights
      ? sum.count > 0
      : letter.kind === "function" && sum.count > 1;
  const where = me.header.vector
    ? `${me.header.noun} ${me.header.channel}`
    : `row ${letter.at[0]}, column ${letter.at[1]}`;
  me.title.textContent = titleOf(letter, where);
  me.inWords.textContent = sumInWords(letter);
  me.terms.root.hidden = me.order.hidden = me.player.bar.hidden = !listed;
  if (fresh) {
    me.player.rewind();
    me.terms.until = null;
  }
  if (listed) {
    me.terms.set(sum, me.s.order);
    const { selected: term } = me.terms;
    if (sum.tiles && term !== null) showTile(me, sum.channels[term]);
    me.terms.draw(me.termWidth);
  }
  const parts = listed && letter.kind === "sum" ? [] : kindParts(me, letter);
  me.parts.replaceChildren(...parts);
  me.detail.root.hidden = !listed || !sum.weights || sum.height * sum.width === 1;
  if (me.terms.selected !== null) showDetail(me, letter, me.terms.selected);
  me.note.textContent = letter.note;
  fillTwin(me);
}

/**
 * Show the multiplication of one term in large, if it is one of weights.
 * @param {Unit} me
 * @param {Letter} letter
 * @param {number} term
 */
function showDetail(me, { sum }, term) {
  if (!me.detail.root.hidden && sum.weights) me.detail.set(sum, sum.weights, term, me.terms);
}

/**
 * A term of the sum is pointed at: show its input, and its multiplication in large.
 * @param {Unit} me
 * @param {number} term
 */
function selected(me, term) {
  if (!me.shown) return; // another unit has come, its sum has not
  const { sum } = me.shown;
  if (sum.tiles) showTile(me, sum.channels[term]);
  showDetail(me, me.shown, term);
}

/**
 * Go to the input of a term, to the middle of its patch.
 * @param {Unit} me
 * @param {number} term
 */
function goToTerm(me, term) {
  if (!me.shown) return;
  const { sum } = me.shown;
  const { name, size } = sum.source(term);
  /** @param {number[]} places @param {number} edge */
  const middle = (places, edge) =>
    Math.max(0, Math.min(edge - 1, places[Math.floor(places.length / 2)]));
  /** @type {Place | null} */
  const at =
    size[0] * size[1] > 1 ? [middle(sum.rows, size[0]), middle(sum.columns, size[1])] : null;
  me.go({ step: name, channel: sum.channels[term], at });
}

/**
 * Say in words what is pointed at.
 * @param {Unit} me
 */
function say(me) {
  me.said.textContent = placeInWords(me);
}

/**
 * Close what is open inside; tell whether there was anything.
 * @param {Unit} me
 */
function closeInside(me) {
  if (me.growth.close()) {
    mark(me);
    return true;
  }
  if (me.player.at !== null) {
    me.player.rewind();
    me.terms.showUntil(null);
    return true;
  }
  if (me.pointed) {
    me.panels.map.grid.point(null);
    return true;
  }
  return false;
}

/** @param {Unit} me */
function layOut(me) {
  me.width = Math.floor(me.root.clientWidth);
  if (!me.width) return;
  drawPlaces(me, me.width);
  const beside = me.width >= 900;
  me.work.classList.toggle("beside", beside);
  me.termWidth = beside ? me.width - 300 : me.width;
  const letter = letterOf(me, placeWanted(me));
  if (letter) showSum(me, letter);
  else pressed(me);
}
