// The stage that is looked at: before, after, and the picture.

/** @import { Deconvolution, Panel, Stage, Tile } from "./types.js" */

import { show } from "../../canvas/figures.js";
import { contextOf, element, legend, makeScale, sharpen } from "../../canvas/shared.js";
import { drawTiles, isLast, tilesOf } from "./tiles.js";

const SMALL_PX = 190;
const GAP_PX = 18;
const SIGN_PX = 30;

/**
 * Draw the panels of a stage.
 * @param {Deconvolution} me
 * @param {Stage} stage
 * @param {number} room How wide they may be together.
 */
export function drawFocus(me, stage, room) {
  const { before, after, part, photo } = me.panels;
  const last = isLast(me, stage);
  const sources = stage.from.map((number) => me.header.stages[number]);
  const { same } = stage;
  const range = same ? unionOf(stage, sources[0]) : stage.range;
  // Beside each other if there is room: before, the sign, after, perhaps the part, the photo.
  const small = Math.min(room < 760 ? 140 : SMALL_PX, room - 4);
  const left = Math.min(300, room - 2 * (small + GAP_PX) - SIGN_PX - GAP_PX);
  const half = (room - 2 * (small + GAP_PX) - SIGN_PX - 2 * GAP_PX) / 2;
  const column = left < 200;
  me.focus.classList.toggle("column", column);
  const large = column ? Math.min(340, room - 4) : last && half >= 200 ? Math.min(300, half) : left;
  before.figure.hidden = me.sign.hidden = !sources.length;
  part.figure.hidden = !last;
  if (sources.length) {
    const one = sources.length === 1;
    const tiles = one
      ? tilesOf(me, sources[0], same ? range : sources[0].range)
      : alike(sources.slice(0, me.header.limits.most).map((each) => tilesOf(me, each)[0]));
    const words = one
      ? whereWords(sources[0])
      : `one channel of each of ${sources.map(({ step }) => step).join(", ")}, each on its own range`;
    fill(before, tiles, small, one ? `Before: ${sources[0].step}` : "Before: several ways", words);
    if (one && !same) before.note.append(legend(sources[0].range, ""));
  }
  me.sign.textContent = column ? "↓" : "→";
  me.sign.setAttribute("aria-label", "becomes");
  const title = `${stage.number ? "After" : "The start"}: ${stage.step}`;
  fill(
    after,
    tilesOf(me, stage, range),
    large,
    last ? "What the picture gets" : title,
    last ? "" : whereWords(stage),
  );
  if (last)
    after.note.append(
      element("p", {}, `Grey is nothing, full colour ±${show(me.header.painted.high, 3)}.`),
    );
  else after.note.append(legend(range, same ? "before and after" : ""));
  const [y, x, bottom, right] = me.header.crop;
  const cut = document.createElement("canvas");
  [cut.height, cut.width] = me.size;
  contextOf(cut).drawImage(me.photo, -x, -y);
  const [height, width] = me.size;
  fill(
    part,
    [{ stage, top: y, left: x, height, width, index: 0, image: cut }],
    large,
    "The same part of the picture",
    `rows ${y}–${bottom - 1}, columns ${x}–${right - 1}`,
  );
  const whole = {
    stage,
    top: 0,
    left: 0,
    height: me.photo.height,
    width: me.photo.width,
    index: 0,
    image: me.photo,
  };
  fill(
    photo,
    [whole],
    small,
    "The picture",
    "as the network sees it; framed, what the unit looks at",
  );
}

/**
 * Draw a panel with its title above and its words below.
 * @param {Panel} made
 * @param {Tile[]} tiles
 * @param {number} side
 * @param {string} title
 * @param {string} words
 */
function fill(made, tiles, side, title, words) {
  made.figure.style.width = `${side}px`;
  made.tiles = drawTiles(made.base, tiles, side);
  made.context = sharpen(
    made.over,
    parseFloat(made.base.style.width),
    parseFloat(made.base.style.height),
  );
  made.caption.textContent = title;
  made.base.setAttribute("aria-label", `${title}. ${words}`);
  made.note.replaceChildren(element("div", {}, words));
}

/**
 * Tiles of one size: maps of several stages may differ.
 * @param {Tile[]} tiles
 */
function alike(tiles) {
  const { height, width } = tiles[0];
  return tiles.filter((tile) => tile.height === height && tile.width === width);
}

/**
 * The range of two stages together.
 * @param {Stage} one
 * @param {Stage} other
 */
function unionOf(one, other) {
  return makeScale([
    Math.min(one.scale[0], other.scale[0]),
    Math.max(one.scale[1], other.scale[1]),
  ]);
}

/**
 * Say which channels are shown, and which part of them.
 * @param {Stage} stage
 */
function whereWords(stage) {
  if (stage.cells) return `all ${stage.cells.toLocaleString("en")} units, row by row`;
  const [top, left, bottom, right] = stage.seen;
  const [height, width] = stage.map;
  const part =
    bottom - top < height || right - left < width
      ? `rows ${top}–${bottom - 1}, columns ${left}–${right - 1} of ${height} × ${width}`
      : `${height} × ${width}`;
  const of = stage.count > stage.channels.length ? ` of ${stage.count.toLocaleString("en")}` : "";
  return `${stage.channels.length === 1 ? "channel" : "channels"} ${stage.channels.join(", ")}${of}; ${part}`;
}
