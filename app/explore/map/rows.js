// How the map is laid out for the width there is: how large, in which rows, and where the camera goes.

/** @import { MapNode, NetworkMap } from "./types.js" */

import { MARGIN, animate, between, bounded, fitZoom, revealing } from "../../canvas/camera.js";
import { sharpen } from "../../canvas/shared.js";
import { readTheme } from "./draw.js";
import { layOutMap } from "./graph.js";
import { homeCamera } from "./home.js";
import { known, lastOf } from "./lookup.js";
import { makeLook, measuresOf } from "./nodes.js";
import { followScroll } from "./scrolling.js";
import { placeButtons } from "./units.js";

const THUMBS = [88, 80, 72, 64, 56, 48, 40]; // the largest with which the folded map fits
const ONE_ROW = 48; // not smaller than this to stay in one row
const TALLEST = { across: 560, down: 1800 };
const STRIP = 150;
const SPREADS = [1, 1.5, 2, 3, 4]; // how much longer rows may be to show the whole of a large map
const NARROW = 520; // views narrower than this are laid out from top to bottom

/**
 * Lay out for the present width: upright in narrow views, thumbnails as large as fits.
 * @param {NetworkMap} me
 */
export function measure(me) {
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

/**
 * Make the thumbnails as large as fits while the blocks of a large network are folded.
 * @param {NetworkMap} me
 */
export function chooseThumb(me) {
  me.thumb = lastOf(THUMBS);
  if (me.vertical || me.strip) return;
  /** @type {Set<string>} */
  const usual = me.graph.steps.length > me.header.limits.foldedFrom ? new Set() : me.opened;
  const tries = THUMBS.map((thumb) => ({
    thumb,
    ...layOut(me, { thumb, opened: usual, spread: 1 }),
  }));
  /** @param {{ width: number, height: number }} tried */
  const fits = ({ width, height }) => width <= me.size.width && height + 2 * MARGIN <= me.tallest;
  /** @param {(typeof tries)[number]} tried */
  const oneRow = (tried) => tried.thumb >= ONE_ROW && tried.rows === 1 && fits(tried);
  me.thumb = (tries.find(oneRow) ?? tries.find(fits) ?? lastOf(tries)).thumb;
}

/**
 * Lay the map out in rows of `spread` times the width of the view.
 * @param {NetworkMap} me
 * @param {{ thumb?: number, opened?: Set<string>, spread?: number }} [tried] Instead of what is so now.
 */
function layOut(me, { thumb = me.thumb, opened = me.opened, spread = me.spread } = {}) {
  const { type, vertical, lens } = me;
  me.metrics = measuresOf({ vertical, thumb: thumb * type, type, font: me.theme.font });
  const look = makeLook(me.metrics, me.graph, me.header, lens, opened);
  const limit = vertical || me.strip ? Infinity : me.size.width * spread - 56;
  return layOutMap(me.graph, opened, look, { ...me.metrics.style, limit });
}

/**
 * Lay out what is open now.
 * @param {NetworkMap} me
 * @param {object} how
 * @param {boolean} [how.animated] By and by, if the visitor has seen it before.
 * @param {boolean} [how.home] Look at the beginning, or at what is chosen; else stay where the camera
 *   is.
 * @param {boolean} [how.whole] Look at all of it.
 * @param {string | null} [how.towards] The key of a node to bring into sight.
 */
export function relayOut(me, { animated = false, home = false, whole = false, towards = null }) {
  const before = me.layout;
  me.layout = layOut(me);
  me.boxes = new Map(me.layout.nodes.map((node) => [node.key, node]));
  const from = me.camera;
  /** @param {number} zoom */
  const roomFor = (zoom) =>
    Math.max(120, Math.min(me.tallest, Math.ceil(me.layout.height * zoom) + 2 * MARGIN));
  me.size.height = me.strip ? STRIP * me.type : roomFor(home || whole ? 1 : from.zoom);
  let end = bounded(me, whole ? { x: 0, y: 0, zoom: fitZoom(me) } : home ? homeCamera(me) : from);
  if (!me.strip && (home || whole)) {
    me.size.height = roomFor(end.zoom);
    end = bounded(me, end);
  }
  if (towards) end = revealing(me, end, known(me.boxes, towards));
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

/**
 * Show the whole map, in rows of the length that makes it largest.
 * @param {NetworkMap} me
 */
export function fit(me) {
  const spreads = me.vertical || me.strip ? [1] : SPREADS;
  const tries = spreads.map((spread) => {
    const layout = layOut(me, { spread });
    return { spread, zoom: fitZoom({ layout, size: { ...me.size, height: me.tallest } }) };
  });
  me.spread = tries.reduce((best, tried) => (tried.zoom > best.zoom * 1.02 ? tried : best)).spread;
  relayOut(me, { animated: true, whole: true });
}

/** @param {NetworkMap} me */
function resize(me) {
  const { width, height } = me.size;
  me.view.style.height = me.stage.style.height = `${height}px`;
  me.stage.style.width = `${width}px`;
  if (!me.view.scrollLeft) followScroll(me);
  const sized = `${width} ${height} ${window.devicePixelRatio}`;
  if (me.sized === sized) return; // new canvases cost more than drawing on the old ones
  me.sized = sized;
  me.base = sharpen(me.canvas, width, height);
  me.over = sharpen(me.veil, width, height);
}

/**
 * Take over what the page may have changed around the map: the theme, the size of its type.
 * @param {NetworkMap} me
 * @param {boolean} drawn Whether the map has just been drawn in the theme that there is now.
 */
export function refresh(me, drawn) {
  if (me.type !== typeScale()) measure(me);
  else if (!drawn) me.moved();
}

function typeScale() {
  return parseFloat(getComputedStyle(document.documentElement).fontSize) / 16 || 1;
}
