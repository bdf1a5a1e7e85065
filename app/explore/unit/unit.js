// One channel of a step, large beside the picture, and the whole sum behind the pixel pointed at.
// Header: id, step, operation, channel, count, noun, vector, map {height, width, scale, title, values},
// photo {height, width, rows, columns, bytes}, field, sources [{name, title, height, width, scale,
// values, windows, kind}], tiles {name, first, height, width, mapHeight, mapWidth, scale, codes, windows}
// or null, branches, roles, classes, foldable, strongest, settings {at, order, fold, field, scope}, caption.
// The numbers behind a pixel come as letters (see unit_sum.js): "sum" and "field".

import { show } from "../../canvas/figures.js";
import {
  element,
  makeScale,
  memories,
  onResize,
  remember,
  unpack,
  usePalette,
} from "../../canvas/shared.js";
import { Player, adopt, bounds, foldAway } from "../../canvas/lab.js";
import { arrayOf, letterBox } from "./letters.js";
import {
  buildPlaces,
  drawPlaces,
  fieldBox,
  mark,
  refreshPlaces,
  showTile,
  windowBox,
} from "./places.js";
import { Terms, orderOf } from "./terms.js";
import { Detail } from "./detail.js";
import {
  additionParts,
  concatenationParts,
  functionParts,
  poolingParts,
  verdict,
} from "./kinds.js";
import { Growth, fieldWords } from "./growth.js";
import { fillTwin, saveNumbers, savePicture } from "./save.js";

const REST_MS = 250; // a pointer that rests so long asks for the sum

function build(parent) {
  const me = {
    sums: new Map(),
    heats: new Map(),
    pointed: null,
    rested: null,
    box: letterBox("unit"),
  };
  const button = (words, act) =>
    Object.assign(element("button", { type: "button" }, words), { onclick: () => act() });
  const toggle = (words, act) => {
    const made = button(words, act);
    made.setAttribute("aria-pressed", "false");
    return made;
  };
  me.places = element("div", { className: "places" });
  me.said = element("p", { className: "said short" });
  me.heatWords = element("p", { className: "heat-words" });
  me.growth = new Growth({
    redraw: () => mark(me),
    yields: () => me.pointed !== null,
    taken: () => {
      if (me.pointed) me.map.point(null);
    },
  });
  me.heat = toggle("Effective field", () =>
    settle(me, { field: me.s.field === "gradient" ? "theory" : "gradient" }),
  );
  me.heat.title = "What the gradient reaches: how much each pixel matters for this unit";
  me.ranked = toggle("Largest first", () => settle(me, { order: "rank" }));
  me.indexed = toggle("By input channel", () => settle(me, { order: "index" }));
  me.folded = toggle("Fold into the convolution", () =>
    settle(me, { fold: me.s.fold ? "" : "yes" }),
  );
  me.terms = new Terms({
    onSelect: (term) => selected(me, term),
    onGo: (term) => goToTerm(me, term),
  });
  me.player = new Player({
    count: () => me.terms.steps(),
    draw: () => me.terms.showUntil(me.player.at),
    reset: () => {
      me.player.rewind();
      me.terms.showUntil(null);
    },
    speed: 2,
  });
  me.title = element("h3");
  me.order = element("div", { className: "row" }, me.ranked, me.indexed);
  me.parts = element("div", { className: "kind" });
  me.detail = new Detail();
  me.work = element(
    "div",
    { className: "work" },
    element("div", {}, me.terms.root, me.parts),
    me.detail.root,
  );
  me.note = element("p", { className: "faint" });
  // Nothing is behind a pixel before the first letter has come.
  for (const part of [me.growth.root, me.order, me.player.bar, me.terms.root, me.detail.root])
    part.hidden = true;
  me.inWords = element("p", { className: "hidden", aria: { live: "polite" } });
  me.own = toggle("Its own range", () =>
    settle(me, { scope: me.s.scope === "channel" ? "step" : "channel" }),
  );
  me.own.title = "Colours span the range of this channel, not that of the whole step";
  me.root = element(
    "div",
    { className: "root lab unit" },
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

export default function ({ data, parentElement, setTriggerValue }) {
  const first = !memories.has(parentElement);
  const me = remember(parentElement, () => build(parentElement));
  me.go = (place) => setTriggerValue("go", JSON.stringify(place));
  me.box.read = (name, letter) => {
    if (me.root.isConnected) read(me, name, letter);
  };
  if (me.data !== data) take(me, data);
  if (first) onResize(me.root, () => layOut(me));
}

/** Take over another unit, or the same one again: then nothing on the page is touched. */
function take(me, data) {
  const { header, body } = unpack(data);
  const other = me.header?.id !== header.id;
  const known = JSON.stringify({ ...header, settings: null });
  const same = known === me.facts;
  usePalette(header.colours);
  Object.assign(me, { data, header, facts: known });
  Object.assign(me.root.dataset, { step: header.step, channel: header.channel });
  if (other) {
    Object.assign(me, {
      s: header.settings,
      known: null,
      pending: [],
      pointed: null,
      rested: null,
      shown: null,
    });
    me.sums.clear();
    me.heats.clear();
  }
  adopt(me, header.settings);
  if (!same) {
    buildPlaces(me, body);
    for (const { sum } of me.sums.values()) if (sum.tiles) sum.tiles = me.tiles;
    me.shownWidth = null; // other colours: the rows are painted again
    if (me.shown?.sum.tiles) showTile(me, me.shown.sum.channels[me.terms.selected]);
    me.map.at = me.pointed;
    me.map.base.addEventListener("click", () => {
      if (me.pointed) pin(me, me.pointed);
    });
    me.map.base.addEventListener("keydown", (event) => {
      if (event.key === "Enter") pin(me, me.pointed ?? placeNow(me));
    });
  }
  me.asked = keyOf(placeWanted(me), me.s.fold); // Python sends it without being asked
  for (const [name, letter] of me.box.letters) read(me, name, letter);
  layOut(me);
  want(me);
}

/** Read a letter from Python, if it is about this unit. */
function read(me, name, { header, body }) {
  if (header.id !== me.header?.id) return;
  adopt(me, header.settings);
  const key = keyOf(header.at, header.fold);
  if (name === "growth") {
    grow(me, header);
    return;
  }
  if (name === "field") {
    const values = header.refusal
      ? {}
      : { values: arrayOf(body, header.values), scale: makeScale(header.scale) };
    me.heats.set(keyOf(header.at), { ...header, ...values });
  } else if (!me.sums.has(key)) me.sums.set(key, opened(me, header, body));
  want(me);
}

const keyOf = (at, fold = "") => `${at.join(".")}${fold ? " folded" : ""}`;

/** The pixel that is shown: the one pointed at, else the one that was chosen. */
export const placeNow = (me) =>
  me.header.vector ? [0, 0] : (me.pointed ?? me.s.at ?? me.header.strongest);
/** The pixel whose sum is shown: pointing must rest before it counts. */
const placeWanted = (me) =>
  me.header.vector ? [0, 0] : (me.rested ?? me.s.at ?? me.header.strongest);
export const letterOf = (me, place) => me.sums.get(keyOf(place, me.s.fold));
export const heatNow = (me) => me.heats.get(keyOf(placeWanted(me)));

/** Turn what Python sent about one pixel into what is drawn. */
function opened(me, header, body) {
  const { operation, tiles } = { operation: me.header.operation, tiles: me.tiles };
  const sum = {
    ...header.sum,
    id: me.header.id,
    total: Number(header.total),
    value: Number(header.value),
    bias: header.bias === null ? null : Number(header.bias),
    patches: arrayOf(body, header.sum.patches),
    weights: arrayOf(body, header.sum.weights),
    contributions: arrayOf(body, header.sum.contributions),
    channels: arrayOf(body, header.sum.channels),
  };
  sum.partial = header.kind === "function";
  const fits = tiles && header.sum.sources[0]?.name === tiles.name;
  sum.tiles = fits && tiles.height * tiles.width > 1 ? tiles : null;
  sum.patchScale = makeScale(sum.tiles ? tiles.scale : bounds(sum.patches));
  sum.window = fits ? windowBox(tiles.windows, header.at) : null;
  const source = (term) => sum.sources[sum.sources.length > 1 ? term : 0];
  const size = source(0)?.size ?? [1, 1];
  sum.outside = (row, column) => {
    const [r, c] = [sum.rows[row], sum.columns[column]];
    return r < 0 || c < 0 || r >= size[0] || c >= size[1];
  };
  sum.sourceName = source(0)?.name ?? "";
  sum.names = (term) => header.sum.labels?.[term] ?? `${header.sum.noun} ${sum.channels[term]}`;
  sum.short = (term) => header.sum.labels?.[term] ?? String(sum.channels[term]);
  sum.goWords = (term) => `Go to ${source(term).name}, ${header.sum.noun} ${sum.channels[term]}`;
  sum.source = source;
  const stages = header.stages.map((stage) => ({ ...stage, value: Number(stage.value) }));
  return { ...header, operation, sum, stages, value: sum.value };
}

/** Take the layers on the way to the chosen pixel; play them once when the layer is entered. */
function grow(me, { layers }) {
  me.growth.root.hidden = layers.length < 2;
  me.growth.set(layers);
  if (me.entered === me.header.step) return;
  me.entered = me.header.step;
  if (layers.length > 1 && !matchMedia("(prefers-reduced-motion: reduce)").matches)
    me.growth.play();
}

/** The visitor points at a pixel of the map, or at nothing any more. */
export function pointed(me, place) {
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
  me.said.setAttribute("aria-live", me.map.base.matches(":focus-visible") ? "polite" : "off");
  mark(me);
  say(me);
  if (!place) want(me);
}

/** The visitor chooses a pixel, or a unit of a vector. */
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

/** Change what is chosen, show it, and tell Python. */
function settle(me, changes) {
  Object.assign(me.s, changes);
  me.asked = null;
  want(me, true);
}

/** Show the sum behind the wanted pixel; ask for it if it is not here. */
function want(me, keep = false) {
  const place = placeWanted(me);
  const key = keyOf(place, me.s.fold);
  me.heatWanted = me.s.field === "gradient" && !me.rested && !heatNow(me);
  const missing = !me.sums.has(key);
  if (keep) {
    me.pending.push(JSON.stringify(me.s));
    askFor(me, place);
  } else if (missing && me.asked !== key) askFor(me, place);
  if (missing) me.asked = key; // it is asked for once
  me.root.classList.toggle("waiting", missing);
  if (!missing && me.width) showSum(me, me.sums.get(key));
  if (me.width) refreshPlaces(me);
  say(me);
  pressed(me);
}

/** Tell Python what is chosen, and at which pixel the visitor looks. */
function askFor(me, look) {
  me.box.send?.(JSON.stringify({ ...me.s, id: me.header.id, look }));
}

function pressed(me) {
  const { s, header } = me;
  const press = (button, on) => button.setAttribute("aria-pressed", String(on));
  press(me.heat, s.field === "gradient");
  press(me.ranked, s.order === "rank");
  press(me.indexed, s.order === "index");
  press(me.folded, Boolean(s.fold));
  press(me.own, s.scope === "channel");
  me.folded.hidden = !header.foldable;
  me.folded.textContent = header.foldable ? `Fold into ${header.foldable}` : "";
}

/** Show what lies behind one pixel. */
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
    if (sum.tiles) showTile(me, sum.channels[me.terms.selected]);
    me.terms.draw(me.termWidth);
  }
  const parts = listed && letter.kind === "sum" ? [] : kindParts(me, letter);
  me.parts.replaceChildren(...parts);
  me.detail.root.hidden = !listed || !sum.weights || sum.height * sum.width === 1;
  if (!me.detail.root.hidden) me.detail.set(sum, me.terms.selected, me.terms);
  me.note.textContent = letter.note;
  fillTwin(me);
}

/** The sum in a sentence, for those who hear the page. */
function sumInWords({ kind, sum, stages, value }) {
  const terms = orderOf(sum, "rank")
    .slice(0, 3)
    .map((term) => `${sum.names(term)} adds ${show(sum.contributions[term])}`);
  if (kind === "sum" && sum.count) {
    const bias = sum.bias === null ? "" : `, ${sum.biasWords} ${show(sum.bias)}`;
    return `${sum.count} terms; the largest: ${terms.join(", ")}${bias}. All together ${show(sum.total, 6)}; ${show(value, 6)} in the map.`;
  }
  return `${stages.map(({ name, value: after }) => `${name}: ${show(after)}`).join(", ")}${stages.length ? ". " : ""}${show(value, 6)} in the map.`;
}

function titleOf({ kind, sum }, where) {
  if (kind === "sum" && sum.weights) return `The whole sum behind ${where}`;
  return (
    { largest: `The winner behind ${where}`, average: `The average behind ${where}` }[kind] ??
    `What is behind ${where}`
  );
}

function kindParts(me, letter) {
  const { operation, kind } = letter;
  if (kind === "largest" || kind === "average") return poolingParts(me, letter);
  if (operation === "concatenation" && me.header.branches.length)
    return concatenationParts(me, letter);
  if (kind === "sum" || kind === "copy") return additionParts(me, letter, me.termWidth);
  return kind === "function" || kind === "picture"
    ? functionParts(me, letter, me.termWidth)
    : [verdict(letter)];
}

/** A term of the sum is pointed at: show its input, and its multiplication in large. */
function selected(me, term) {
  if (!me.shown) return; // another unit has come, its sum has not
  const { sum } = me.shown;
  if (sum.tiles) showTile(me, sum.channels[term]);
  if (!me.detail.root.hidden) me.detail.set(sum, term, me.terms);
}

function goToTerm(me, term) {
  if (!me.shown) return;
  const { sum } = me.shown;
  const [row, column] = [sum.rows, sum.columns].map(
    (places) => places[Math.floor(places.length / 2)],
  );
  const [tall, wide] = sum.source(term).size;
  const clamp = (place, size) => Math.max(0, Math.min(size - 1, place));
  const at = tall * wide > 1 ? [clamp(row, tall), clamp(column, wide)] : null;
  me.go({ step: sum.source(term).name, channel: sum.channels[term], at });
}

/** Say in words what is pointed at. */
function say(me) {
  const { header } = me;
  if (header.vector) {
    const unit = me.pointed ? me.pointed[0] * header.map.width + me.pointed[1] : header.channel;
    const name = header.classes[unit] ? `, the class “${header.classes[unit]}”` : "";
    me.said.textContent = `${header.noun} ${unit}${name} = ${show(me.values[unit], 6)}${me.pointed ? ". Click, or press Enter, to see its sum." : ""}`;
    return;
  }
  const [row, column] = placeNow(me);
  const parts = [
    `row ${row}, column ${column} = ${show(me.values[row * header.map.width + column], 6)}`,
  ];
  for (const grid of me.inputs) parts.push(windowWords(grid, [row, column]));
  const box = letterOf(me, [row, column])?.box ?? fieldBox(header.field, [row, column]);
  const { rows, columns } = header.photo;
  const beyond =
    box[0] < 0 || box[1] < 0 || box[2] > rows || box[3] > columns
      ? ", some of them padding beyond its edge"
      : "";
  parts.push(`sees ${fieldWords(box)}${beyond}`);
  me.said.textContent = `${parts.join("; ")}.${me.pointed ? "" : " Point at a pixel of the map, or walk over it with the arrow keys."}`;
}

function windowWords(grid, place) {
  const [top, left, bottom, right] = windowBox(grid.source.windows, place);
  const found = [];
  for (let row = Math.max(0, top); row < Math.min(grid.height, bottom); row++) {
    for (let column = Math.max(0, left); column < Math.min(grid.width, right); column++)
      found.push(grid.values[row * grid.width + column]);
  }
  const list = found
    .slice(0, 9)
    .map((each) => show(each))
    .join(", ");
  return `${grid.source.words} ${list}${found.length > 9 ? ", …" : ""}`;
}

/** Close what is open inside; tell whether there was anything. */
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
    me.map.point(null);
    return true;
  }
  return false;
}

function layOut(me) {
  me.width = Math.floor(me.root.clientWidth);
  if (!me.width || !me.header) return;
  drawPlaces(me, me.width);
  const beside = me.width >= 900;
  me.work.classList.toggle("beside", beside);
  me.termWidth = beside ? me.width - 300 : me.width;
  const letter = letterOf(me, placeWanted(me));
  if (letter) showSum(me, letter);
  else pressed(me);
}
