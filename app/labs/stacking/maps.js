// The maps of the chosen layer, and where in the photo they look.

import { show } from "../../canvas/figures.js";
import {
  LEVELS,
  bitmap,
  drawScaled,
  element,
  focusedNear,
  legend,
  makeScale,
  paletteOf,
  sharpen,
  valueOfCode,
} from "../../canvas/shared.js";
import { answerOf, percent } from "./cards.js";
import { FIELD, MapTile } from "./tile.js";

/** @import { Frame } from "../../canvas/grid.js" */
/** @import { Place } from "../../canvas/types.js" */
/** @import { Field, Pointed, Stacking, Tiles, Working } from "./types.js" */

/** @typedef {{ row: number, column: number, height: number, width: number }} Box */

/**
 * Make a tile for every map of the layer that Python has sent the maps of.
 * @param {Stacking} me
 */
export function drawTiles(me) {
  const sent = me.header.layers[me.header.settings.layer - 1];
  const before = me.tiles;
  me.tiles = [];
  if (!sent?.wall) return void me.wall.replaceChildren();
  const { wall, kernels } = sent;
  const scale = makeScale(wall.scale);
  const palette = paletteOf(scale);
  const pixels = wall.height * wall.width;
  for (let channel = 0; channel < wall.count; channel++) {
    const name = wall.titles[channel] ?? "";
    const tile = new MapTile({
      label: `${sent.name}, map ${channel}${name ? `: ${name}` : ""}`,
      onPoint: (place) =>
        me.acts.point(place && { layer: me.header.settings.layer - 1, place, channel }),
    });
    const codes = me.body.subarray(wall.at + channel * pixels, wall.at + (channel + 1) * pixels);
    Object.assign(tile, { codes, palette, name });
    tile.base.tabIndex = channel ? -1 : 0;
    tile.set({ height: wall.height, width: wall.width, values: codes, scale });
    const caption = [element("span", {}, name ? `${channel} ${name}` : String(channel))];
    if (kernels) caption.unshift(kernelOf(me, kernels, channel));
    tile.caption.replaceChildren(...caption);
    tile.figure.classList.toggle("compared", channel === sent.pair?.channel);
    tile.base.onclick = () => me.acts.compare(channel);
    me.tiles.push(tile);
  }
  replaceTiles(me, me.wall, before, me.tiles);
  const range = legend(scale, `one range for all ${wall.count} maps of ${sent.name}`);
  me.legend.replaceChildren(range);
}

/**
 * Put new tiles in the place of old ones: what was pointed at or had the focus still is and has.
 * @param {Stacking} me
 * @param {HTMLElement} parent
 * @param {MapTile[]} before
 * @param {MapTile[]} after
 */
function replaceTiles(me, parent, before, after) {
  const { pointed } = me;
  const held = focusedNear(parent);
  const focused = before.findIndex(({ base }) => base === held);
  const places = before.map(({ at }) => at);
  parent.replaceChildren(...after.map(({ figure }) => figure));
  after.forEach((tile, i) => {
    if (places[i] && tile.holds(...places[i])) tile.at = places[i];
  });
  if (after.length === before.length)
    after.forEach(({ base }, i) => {
      base.tabIndex = before[i].base.tabIndex;
    });
  after[focused]?.base.focus();
  me.pointed = pointed;
}

/**
 * Whether what is pointed at is still there.
 * @param {Stacking} me
 * @param {Pointed} pointed
 */
export function isThere(me, { photo, layer, place, channel, pair }) {
  if (photo) return Boolean(me.photo.at);
  const tile = channel === undefined ? me.pair[pair ?? NaN] : me.tiles[channel];
  return (
    Boolean(tile?.at) &&
    layer === me.header.settings.layer - 1 &&
    place !== undefined &&
    place[0] < (me.outline[layer]?.shape?.[1] ?? 0)
  );
}

const PAIR = ["the map of the changed photo", "the changed map of the photo", "the difference"];

/**
 * One map of the changed photo, the same map changed like the photo, and how they differ.
 * @param {Stacking} me
 */
export function drawPair(me) {
  const sent = me.header.layers[me.header.settings.layer - 1];
  const pair = sent?.pair;
  const before = me.pair;
  me.pair = [];
  me.compare.hidden = !pair;
  if (!pair) return;
  const grey = me.header.settings.grey;
  const [scale, pixels] = [makeScale(pair.scale), pair.height * pair.width];
  const seen = me.body.subarray(pair.seen, pair.seen + pixels);
  PAIR.forEach((words, i) => {
    const title = grey && i === 1 ? "the map of the photo before" : words;
    const tile = new MapTile({
      label: `${sent.name}, map ${pair.channel}: ${title}`,
      onPoint: (place) =>
        me.acts.point(place && { layer: me.header.settings.layer - 1, place, pair: i }),
    });
    const codes = me.body.subarray(pair.at + i * pixels, pair.at + (i + 1) * pixels);
    Object.assign(tile, { codes, palette: paletteOf(scale), seen });
    tile.set({
      height: pair.height,
      width: pair.width,
      values: codes,
      scale,
      caption: title[0].toUpperCase() + title.slice(1),
    });
    tile.figure.style.maxWidth = "33%";
    me.pair.push(tile);
  });
  replaceTiles(me, me.pairRow, before, me.pair);
  me.pairTitle.textContent = `Map ${pair.channel} of ${sent.name}, compared`;
  me.pairTitle.dataset.alike = String(pair.alike);
  me.pairWords.textContent =
    pair.alike === null
      ? "Nothing can be compared: every number sees padding, or what came in from outside the photo."
      : `This map ${grey ? "is unchanged" : "moves along"} to ${percent(pair.alike)}, where it is not dimmed: there every number saw nothing but the photo. Click another map above to compare that one.`;
}

/**
 * @param {Stacking} me
 * @param {Tiles & { colour: boolean }} kernels
 * @param {number} channel
 */
function kernelOf(me, kernels, channel) {
  const { height, width, colour } = kernels;
  const length = height * width * (colour ? 3 : 1);
  const codes = me.body.subarray(
    kernels.at + channel * length,
    kernels.at + (channel + 1) * length,
  );
  const shown = colour
    ? bitmap(
        width,
        height,
        Uint8Array.from(codes, (code) => Math.min(255, (code * 255) / LEVELS)),
        "rgb",
      )
    : bitmap(width, height, codes, paletteOf(makeScale(kernels.scale)));
  const canvas = element("canvas", {
    className: "kernel",
    title: "Its kernel",
    aria: { role: "img", label: "Its kernel" },
  });
  drawScaled(sharpen(canvas, 26, 26), shown, 0, 0, 26, 26);
  return canvas;
}

/**
 * Fit the maps into the room there is.
 * @param {Stacking} me
 * @param {number} room In CSS pixels.
 */
export function sizeTiles(me, room) {
  const count = me.tiles.length;
  const roomy = count <= 8 ? 168 : count <= 16 ? 124 : count <= 32 ? 92 : 76;
  const wanted = Math.min(roomy, Math.floor((room - 20) / 3)); // three in a row also on phones
  const columns = Math.max(1, Math.min(count, Math.floor((room + 10) / (wanted + 10))));
  const side = Math.min(wanted + 24, Math.floor((room - 10 * (columns - 1)) / columns));
  const fresh = answerOf(me, me.s.layer - 1) && me.s.layer === me.header.settings.layer;
  me.wall.style.opacity = fresh ? "1" : "0.35";
  me.wall.style.gridTemplateColumns = `repeat(${columns}, ${side}px)`;
  const whole = me.outline[me.s.layer - 1]?.shape;
  me.wall.hidden = me.legend.hidden = !whole;
  for (const tile of me.tiles) tile.draw(side);
  me.compare.style.opacity = me.wall.style.opacity;
  me.compare.hidden = !whole || !me.pair.length;
  for (const tile of me.pair) tile.draw(Math.min(230, Math.floor((room - 28) / 3)));
}

/**
 * Page up and page down go from map to map.
 * @param {Stacking} me
 * @param {KeyboardEvent} event
 */
export function turnPage(me, event) {
  const by = { PageDown: 1, PageUp: -1 }[event.key];
  const at = me.tiles.findIndex(({ base }) => base === event.target);
  if (at >= 0 && event.key === "Enter") me.acts.compare(at);
  if (!by || at < 0) return;
  event.preventDefault();
  const next = me.tiles[Math.max(0, Math.min(me.tiles.length - 1, at + by))];
  for (const { base } of me.tiles) base.tabIndex = -1;
  next.base.tabIndex = 0;
  next.at = me.tiles[at].at;
  next.base.focus();
  if (next.at) next.point(next.at);
}

// --- Where a number looks ---------------------------------------------------------------------

/**
 * What one number sees of the photo: rows and columns alike begin at `offset + index * stride`.
 * @param {Field} field
 * @param {Place} place
 * @returns {Box}
 */
function boxOf([size, stride, offset], [row, column]) {
  return {
    row: offset + row * stride,
    column: offset + column * stride,
    height: size,
    width: size,
  };
}

/**
 * @param {Working} outline
 * @returns {Place}
 */
function middleOf(outline) {
  return [Math.floor((outline.shape[1] - 1) / 2), Math.floor((outline.shape[2] - 1) / 2)];
}

/**
 * In pixels of the photo as Python has sent it, which may have another size while it is dragged.
 * @param {Stacking} me
 * @param {Box} box
 * @param {string} [colour]
 * @returns {Frame}
 */
function frame(me, box, colour = FIELD) {
  const share = me.header.settings.size / me.s.size;
  return {
    row: box.row * share,
    column: box.column * share,
    height: box.height * share,
    width: box.width * share,
    colour,
  };
}

/**
 * @param {Stacking} me
 * @param {Frame[]} frames
 */
function markPhoto(me, frames) {
  for (const photo of [me.photo, me.mini]) photo.mark(frames);
}

/** @param {Stacking} me */
export function mark(me) {
  if (!me.photo.context) return;
  for (const tile of [...me.tiles, ...me.pair]) tile.mark([]);
  const { pointed } = me;
  const index = pointed?.layer ?? me.player.at ?? me.s.layer - 1;
  const outline = me.outline[index];
  if (pointed?.photo) return markUses(me, pointed.photo);
  if (!outline?.shape) {
    markPhoto(me, []);
    me.said.textContent = outline?.why ?? "";
    return;
  }
  const place = pointed?.place ?? middleOf(outline);
  const box = boxOf(outline.field, place);
  markPhoto(me, [frame(me, box)]);
  me.said.textContent = placeWords(me, outline, place, box);
  if (pointed?.pair !== undefined)
    for (const tile of me.pair) tile.mark([{ row: place[0], column: place[1] }]);
  if (pointed?.channel !== undefined) {
    const tile = me.tiles[pointed.channel];
    tile?.mark([{ row: place[0], column: place[1] }]);
  }
}

/**
 * @param {Stacking} me
 * @param {Working} outline
 * @param {Place} place
 * @param {Box} box
 */
function placeWords(me, outline, [row, column], box) {
  const size = outline.field[0];
  /** @param {number} from */
  const inside = (from) => Math.max(0, Math.min(me.s.size, from + size) - Math.max(0, from));
  const share = (inside(box.row) * inside(box.column)) / size ** 2;
  const padding =
    share < 1
      ? `; ${show(100 * (1 - share), 3)} % of that lies outside, where there is padding`
      : "";
  const sees = `sees ${size} × ${size} ${size === 1 ? "pixel" : "pixels"} of the photo${padding}`;
  if (!me.pointed?.place) {
    const step = outline.field[1];
    return `A number in the middle of ${outline.name} ${sees} (the frame); its neighbour looks ${step} ${step === 1 ? "pixel" : "pixels"} further. Point at a map or at the photo to see what belongs together.`;
  }
  const { channel, pair } = me.pointed;
  if (pair !== undefined || channel === undefined) return pairWords(me, [row, column], sees);
  const tile = me.tiles[channel];
  const value = valueOfCode(tile.codes[row * tile.width + column], tile.scale);
  return `${outline.name}, map ${channel}${tile.name ? ` (${tile.name})` : ""}, row ${row}, column ${column}: about ${show(value, 3)}. It ${sees}.`;
}

/**
 * @param {Stacking} me
 * @param {Place} place
 * @param {string} sees
 */
function pairWords(me, [row, column], sees) {
  const values = me.pair.map((tile) =>
    show(valueOfCode(tile.codes[row * tile.width + column], tile.scale), 3),
  );
  const dim = me.pair[0].seen?.[row * me.pair[0].width + column] ? "" : " It is not compared.";
  return `Row ${row}, column ${column}: about ${values[0]} and ${values[1]}, a difference of ${values[2]}. It ${sees}.${dim}`;
}

/**
 * Frame the numbers of the chosen layer that see a pixel of the photo.
 * @param {Stacking} me
 * @param {Place} pixel
 */
function markUses(me, [y, x]) {
  const outline = me.outline[me.s.layer - 1];
  markPhoto(me, [{ row: y, column: x, colour: FIELD }]);
  if (!outline?.shape) return;
  const [size, stride, offset] = outline.field;
  /** @type {(pixel: number, count: number) => Place} */
  const range = (pixel, count) => {
    const first = Math.max(0, Math.ceil((pixel - offset - size + 1) / stride));
    return [
      first,
      Math.max(0, Math.min(count - 1, Math.floor((pixel - offset) / stride)) - first + 1),
    ];
  };
  /** @param {number} pixel */
  const scaled = (pixel) => Math.floor((pixel * me.s.size) / me.header.settings.size);
  const [row, rows] = range(scaled(y), outline.shape[1]);
  const [column, columns] = range(scaled(x), outline.shape[2]);
  if (rows && columns)
    for (const tile of me.tiles) tile.mark([{ row, column, height: rows, width: columns }]);
  me.said.textContent = `Row ${scaled(y)}, column ${scaled(x)} of the photo: ${(rows * columns).toLocaleString("en")} ${rows * columns === 1 ? "number" : "numbers"} in each map of ${outline.name} can see it.`;
}

/**
 * While playing: the frame grows from what one layer sees to what the next one sees.
 * @param {Stacking} me
 * @param {number} share
 */
export function grow(me, share) {
  const at = me.player.at ?? NaN;
  const [from, to] = [me.outline[at], me.outline[at + 1]];
  if (!from?.shape || !to?.shape) return;
  const one = boxOf(from.field, middleOf(from));
  const other = boxOf(to.field, middleOf(to));
  /** @param {keyof Box} name */
  const between = (name) => one[name] + (other[name] - one[name]) * share;
  const box = {
    row: between("row"),
    column: between("column"),
    height: between("height"),
    width: between("width"),
  };
  markPhoto(me, [frame(me, box)]);
}
