// The map of a network: every step, every edge; blocks fold, hovering lights what a step reads.
// Header: network, label, steps [{name, short, operation, tag, shape, size, block, inputs, costs,
// thumb}], blocks [{key, name}], operations {name: {colour, title, sentence}}, lenses [{key, title,
// words}], chosen, opened, lens, colours, height. Body: the codes of the thumbnails.
//
// Everything is drawn on one canvas, what is lit on a second one. Over them lies a button without
// looks for every step, folded block and frame: for the mouse, the keyboard and screen readers.

import {
  element,
  isSame,
  memories,
  onResize,
  remember,
  sharpen,
  unpack,
  usePalette,
} from "../../canvas/shared.js";
import { holderOf, indexSteps, layOutMap } from "./graph.js";
import { makeLook, measuresOf } from "./nodes.js";
import { Painter, paintSmall, paintThumbnails, readTheme } from "./draw.js";
import {
  MARGIN,
  animate,
  between,
  bounded,
  fitZoom,
  listenToHands,
  moveTo,
  revealing,
} from "../../canvas/camera.js";
import { homeCamera } from "./home.js";
import { dressAll, listenToKeys, placeButtons, point, say } from "./units.js";
import { buildTools, fillTools } from "./tools.js";

const THUMBS = [88, 80, 72, 64, 56, 48, 40]; // the largest with which the folded map fits
const ONE_ROW = 48; // not smaller than this to stay in one row
const TALLEST = { across: 560, down: 1800 };
const STRIP = 150;
const SPREADS = [1, 1.5, 2, 3, 4]; // how much longer rows may be to show the whole of a large map
const NARROW = 520; // views narrower than this are laid out from top to bottom
const REST = 100000; // how far the view is scrolled, so that the browser can scroll it back
const SMALL_MAP = [150, 110];

export default function ({ data, parentElement, setTriggerValue }) {
  const first = !memories.has(parentElement);
  const me = remember(parentElement, () => build(parentElement));
  me.send = setTriggerValue;
  const bytes = data instanceof Uint8Array ? data : new Uint8Array(data);
  if (!me.data || !isSame(me.data, bytes)) take(me, bytes);
  if (first) onResize(me.root, () => measure(me));
  else if (me.size.width) refresh(me);
}

function take(me, data) {
  const { header, body } = unpack(data);
  const before = me.header;
  const other = before?.network !== header.network;
  const fresh =
    other ||
    before.colours !== header.colours ||
    !isSame(me.body, body) ||
    JSON.stringify(before.steps) !== JSON.stringify(header.steps);
  Object.assign(me, { data: data.slice(), body, header, strip: header.height === "strip" });
  if (other) Object.assign(me, { pending: {}, known: {}, pointed: null, matches: null });
  if (fresh) {
    me.graph = indexSteps(header);
    usePalette(header.colours);
    me.thumbnails = paintThumbnails(header.steps, body);
  }
  const opened = adoptChoice(me, "fold", header.opened.join(), other);
  const lens = adoptChoice(me, "lens", header.lens, other);
  if (opened) me.opened = new Set(header.opened);
  if (lens) me.lens = header.lens;
  tellAwaited(me);
  const moved = me.chosen !== header.chosen;
  me.chosen = header.chosen;
  fillTools(me);
  me.root.classList.toggle("strip", me.strip);
  me.view.setAttribute("aria-label", header.label);
  if (!me.size.width) return;
  if (other || before.height !== header.height) return measure(me);
  if (fresh || opened || lens) relayOut(me, { animated: opened || lens });
  else dressAll(me);
  if (moved && me.chosen) moveTo(me, revealing(me, me.camera, boxOf(me, me.chosen)));
}

/** Whether what Python sends is news (a link, the back button), not an answer to what was sent. */
function adoptChoice(me, name, given, anew) {
  const pending = (me.pending[name] ??= []);
  const answered = pending.indexOf(given);
  const news = anew || (answered < 0 && given !== me.known[name]);
  if (answered >= 0) pending.splice(0, answered + 1);
  else if (news) me.pending[name] = [];
  me.known[name] = given;
  return news;
}

/** Say in the page how many answers are still to come. */
export function tellAwaited(me) {
  me.root.dataset.waiting = Object.values(me.pending).flat().length;
}

/** Lay out for the present width: upright in narrow views, thumbnails as large as fits. */
function measure(me) {
  const width = Math.floor(me.root.clientWidth);
  if (!width || !me.header) return;
  const type = typeScale();
  const vertical = !me.strip && width < NARROW * type;
  me.size = { width, height: me.size.height };
  me.theme = readTheme(me.root);
  Object.assign(me, {
    type,
    vertical,
    spread: 1,
    tallest: (vertical ? TALLEST.down : TALLEST.across) * type,
  });
  chooseThumb(me);
  relayOut(me, { home: true });
}

/** Make the thumbnails as large as fits while the blocks of a large network are folded. */
export function chooseThumb(me) {
  me.thumb = THUMBS.at(-1);
  if (me.vertical || me.strip) return;
  const usual = me.graph.steps.length > 40 ? new Set() : me.opened;
  const tries = THUMBS.map((thumb) => ({
    thumb,
    ...layOut(me, { thumb, opened: usual, spread: 1 }),
  }));
  const fits = ({ width, height }) => width <= me.size.width && height + 2 * MARGIN <= me.tallest;
  const oneRow = (tried) => tried.thumb >= ONE_ROW && tried.rows === 1 && fits(tried);
  me.thumb = (tries.find(oneRow) ?? tries.find(fits) ?? tries.at(-1)).thumb;
}

/** Lay the map out in rows of `spread` times the width of the view. */
function layOut(me, { thumb = me.thumb, opened = me.opened, spread = me.spread } = {}) {
  const { type, vertical, lens } = me;
  me.metrics = {
    ...measuresOf({ vertical, thumb: thumb * type, type, lens }),
    font: me.theme.font,
  };
  const look = makeLook(me.metrics, me.graph, me.header, lens, opened);
  const limit = vertical || me.strip ? Infinity : me.size.width * spread - 56;
  return layOutMap(me.graph, opened, look, { ...me.metrics.style, limit });
}

/**
 * Lay out what is open now.
 * @param animated By and by, if the visitor has seen it before.
 * @param home Look at the beginning, or at what is chosen; else stay where the camera is.
 * @param whole Look at all of it.
 * @param towards The key of a node to bring into sight.
 */
export function relayOut(me, { animated = false, home = false, whole = false, towards = null }) {
  const before = me.layout;
  me.layout = layOut(me);
  me.boxes = new Map(me.layout.nodes.map((node) => [node.key, node]));
  const from = me.camera;
  const roomFor = (zoom) =>
    Math.max(120, Math.min(me.tallest, Math.ceil(me.layout.height * zoom) + 2 * MARGIN));
  me.size.height = me.strip ? STRIP * me.type : roomFor(home || whole ? 1 : from.zoom);
  let end = bounded(me, whole ? { x: 0, y: 0, zoom: fitZoom(me) } : home ? homeCamera(me) : from);
  if (!me.strip && (home || whole)) {
    me.size.height = roomFor(end.zoom);
    end = bounded(me, end);
  }
  if (towards) end = revealing(me, end, me.boxes.get(towards));
  resize(me);
  placeButtons(me);
  if (!animated) {
    me.settle();
    me.camera = end;
    me.moved();
    me.arrived();
    return;
  }
  const old = new Map(before.nodes.map((node) => [node.key, node]));
  const leaving = before.nodes.filter((node) => !me.boxes.has(node.key) && node.kind === "tile");
  animate(me, (share) => {
    me.change = share < 1 ? { share, old, leaving } : null;
    me.camera = between(from, end, share);
    me.moved();
    if (share === 1) me.arrived();
  });
}

/** Show the whole map, in rows of the length that makes it largest. */
export function fit(me) {
  const spreads = me.vertical || me.strip ? [1] : SPREADS;
  const tries = spreads.map((spread) => {
    const { width, height } = layOut(me, { spread });
    return {
      spread,
      zoom: fitZoom({ layout: { width, height }, size: { ...me.size, height: me.tallest } }),
    };
  });
  me.spread = tries.reduce((best, tried) => (tried.zoom > best.zoom * 1.02 ? tried : best)).spread;
  relayOut(me, { animated: true, whole: true });
}

function resize(me) {
  const { width, height } = me.size;
  me.view.style.height = me.stage.style.height = `${height}px`;
  me.stage.style.width = `${width}px`;
  if (!me.view.scrollLeft) followScroll(me);
  me.base = sharpen(me.canvas, width, height);
  me.over = sharpen(me.veil, width, height);
}

/** Take over what the page may have changed around the map: the theme, the size of its type. */
function refresh(me) {
  if (me.type !== typeScale()) return measure(me);
  me.theme = readTheme(me.root);
  me.moved();
}

function typeScale() {
  return parseFloat(getComputedStyle(document.documentElement).fontSize) / 16 || 1;
}

/** Where a step is drawn: its part of a tile, or its folded block. */
export function boxOf(me, name) {
  const node = me.boxes.get(holderOf(me.graph, name, me.opened));
  const part = node.kind === "tile" && node.parts.find(({ step }) => step.name === name);
  return part
    ? { x: node.x + part.x, y: node.y + part.y, width: part.width, height: part.height }
    : node;
}

/** Draw the map as it is now. */
function paint(me) {
  const painter = painterFor(me, me.base);
  const { layout, change } = me;
  painter.context.clearRect(0, 0, me.size.width, me.size.height);
  painter.bands(layout.bands);
  const share = change?.share ?? 1;
  const boxes = layout.nodes.map((node) => {
    if (!change) return node;
    const from = change.old.get(node.key) ?? change.old.get(`block ${node.block}`);
    if (!from) return node;
    const moved = between(
      { x: from.x, y: from.y, width: from.width, height: from.height },
      { x: node.x, y: node.y, width: node.width, height: node.height },
      share,
    );
    return node.kind === "frame" ? moved : { ...moved, width: node.width, height: node.height };
  });
  layout.nodes.forEach((node, i) => {
    const box = painter.box(boxes[i]);
    if (node.kind === "frame" && painter.visible(box)) painter.frame(node, box);
  });
  painter.edges(layout.edges, share);
  layout.nodes.forEach((node, i) => {
    const box = painter.box(boxes[i]);
    if (node.kind === "frame" || !painter.visible(box)) return;
    painter.fade = change && !change.old.has(node.key) ? share : 1;
    painter.node(node, box);
  });
  for (const node of change?.leaving ?? []) {
    // into the block that was folded
    const block = me.boxes.get(`block ${node.block}`);
    painter.fade = 1 - share;
    painter.node(
      node,
      painter.box({
        ...node,
        ...between({ x: node.x, y: node.y }, { x: block.x, y: block.y }, share),
      }),
    );
  }
  paintOver(me);
}

function painterFor(me, context) {
  const { camera, size, theme, metrics, thumbnails, header } = me;
  return new Painter(context, {
    camera,
    ...size,
    theme,
    metrics,
    thumbnails,
    operations: header.operations,
  });
}

/** Draw what is lit: what is pointed at, what it reads and who reads it; or what was searched for. */
export function paintOver(me) {
  const painter = painterFor(me, me.over);
  const { over, layout } = me;
  over.clearRect(0, 0, me.size.width, me.size.height);
  if (me.change) return;
  const box = (name) => boxOf(me, name);
  if (me.pointed) {
    const { boxes, inputs, readers } = neighboursOf(me, me.pointed);
    painter.veil([
      ...readers.map((name) => ({ box: box(name), faint: true })),
      ...inputs.map((name) => ({ box: box(name) })),
      ...boxes.map((each) => ({ box: each })),
    ]);
    const mine = new Set(me.pointed.steps);
    const reads = (edge) =>
      !mine.has(edge.source) && [...edge.targets].some((name) => mine.has(name));
    const feeds = (edge) =>
      mine.has(edge.source) && [...edge.targets].some((name) => !mine.has(name));
    for (const edge of layout.edges) if (feeds(edge)) painter.edge(edge, me.theme.text, 1.5, 0.5);
    for (const edge of layout.edges) if (reads(edge)) painter.edge(edge, me.theme.accent, 3, 1);
    for (const name of inputs) painter.ring(box(name), me.theme.accent, 2);
    for (const each of boxes) painter.ring(each, me.theme.text, 2);
  } else if (me.matches) {
    painter.veil(me.matches.map((name) => ({ box: box(name) })));
    if (me.matches.length) painter.ring(box(me.matches[me.match]), me.theme.accent, 3);
  }
  if (me.chosen) painter.ring(box(me.chosen), me.theme.accent, 3);
}

/** What a unit (a step, a folded block or a frame) reads and who reads it, and where it is drawn. */
export function neighboursOf(me, unit) {
  const mine = new Set(unit.steps);
  const inputs = [
    ...new Set(unit.steps.flatMap((name) => me.graph.byName.get(name).inputs)),
  ].filter((name) => !mine.has(name));
  const readers = [...new Set(unit.steps.flatMap((name) => me.graph.readers.get(name)))].filter(
    (name) => !mine.has(name),
  );
  const boxes = [unit.kind === "step" ? boxOf(me, unit.steps[0]) : me.boxes.get(unit.holder)];
  return { boxes, inputs, readers };
}

/** The camera has moved: draw, and keep the buttons and the small map with it. */
function moved(me) {
  const { camera, layout, size } = me;
  paint(me);
  me.layer.style.transform = `scale(${camera.zoom}) translate(${-camera.x}px, ${-camera.y}px)`;
  me.layer.style.setProperty("--line", `${3 / camera.zoom}px`);
  const beyond =
    layout.width * camera.zoom > size.width + 1 || layout.height * camera.zoom > size.height + 1;
  me.small.hidden = me.strip || !beyond;
  if (!me.small.hidden) paintSmall(me.small, layout, painterFor(me, me.base), SMALL_MAP);
}

/** Nothing moves any more: say so, and where everything is, for whoever looks from outside. */
function arrived(me) {
  const { camera, size, vertical, metrics, layout } = me;
  const painter = painterFor(me, me.base);
  me.root.dataset.layout = JSON.stringify({
    zoom: camera.zoom,
    vertical,
    width: size.width,
    height: size.height,
    text: painter.textSize(12 * metrics.type),
    nodes: layout.nodes.map((node) => ({ key: node.key, kind: node.kind, ...painter.box(node) })),
  });
  say(me);
}

/** End what is on its way at once. */
function settle(me) {
  cancelAnimationFrame(me.motion);
  me.change = null;
}

function build(parent) {
  const canvas = element("canvas", { className: "base", aria: { hidden: "true" } });
  const veil = element("canvas", { className: "over", aria: { hidden: "true" } });
  const layer = element("div", { className: "layer" });
  const small = element("canvas", { className: "small", hidden: true, aria: { hidden: "true" } });
  const stage = element("div", { className: "stage" }, canvas, veil, layer, small);
  const ground = element(
    "div",
    { style: { width: `${2 * REST}px`, height: `${2 * REST}px` } },
    stage,
  );
  const view = element("div", { className: "view", aria: { role: "application" } }, ground);
  const said = element("div", { className: "said", aria: { live: "polite" } });
  const tools = element("div", { className: "tools" });
  const key = element("div", { className: "key faint" });
  const root = element("div", { className: "root network-map" }, tools, view, said, key);
  parent.append(root);
  const me = {
    root,
    stage,
    canvas,
    veil,
    layer,
    small,
    view,
    said,
    tools,
    key,
    buttons: new Map(),
    size: { width: 0, height: 0 },
    focused: null,
    rest: [0, 0],
  };
  Object.assign(me, {
    moved: () => moved(me),
    arrived: () => arrived(me),
    settle: () => settle(me),
    point: (unit) => point(me, unit),
  });
  buildTools(me);
  listenToHands(me);
  listenToKeys(me);
  const unitAt = (event) => me.units?.get(event.target.closest("button")?.dataset.key) ?? null;
  view.onpointerover = (event) => {
    if (!view.classList.contains("dragging")) me.point(unitAt(event));
  };
  view.onscroll = () => followScroll(me);
  view.onpointerleave = (event) => {
    if (event.pointerType === "mouse") me.point(null);
  };
  return me;
}

/**
 * The browser brings a button into sight that has the focus or was searched for: let the camera do
 * it. What is drawn stays in the view wherever that is scrolled to, and the view goes back at once.
 */
function followScroll(me) {
  const { view, camera } = me;
  const [x, y] = [view.scrollLeft - me.rest[0], view.scrollTop - me.rest[1]];
  view.scrollTo(REST, REST);
  me.rest = [view.scrollLeft, view.scrollTop];
  if (!me.layout || Math.hypot(x, y) < 1 || Math.hypot(x, y) > REST / 2) return;
  me.camera = bounded(me, {
    ...camera,
    x: camera.x + x / camera.zoom,
    y: camera.y + y / camera.zoom,
  });
  moved(me);
  arrived(me);
}
