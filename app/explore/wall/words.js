// What there is to say of a wall: of a channel, of a pixel, and of the signs in the corners.

import { show, signed } from "../../canvas/figures.js";
import { element, valueOfCode } from "../../canvas/shared.js";
import { percent } from "./histogram.js";

/** @import { At } from "../../canvas/tiles.js" */
/** @import { Wall } from "./wall.js" */

const SIGNS = { dead: "∅", saturated: "S", notFinite: "!" };

/** @typedef {keyof typeof SIGNS} Sign */

/**
 * What the signs in the corners mean, and on how many tiles they are.
 * @param {Wall} me
 */
export function marksInWords(me) {
  if (me.header.cells || me.header.count === 1) return [];
  /** @type {Record<Sign, number>} */
  const found = { dead: 0, saturated: 0, notFinite: 0 };
  for (const tile of me.order) {
    const name = nameOf(me, tile);
    if (name) found[name] += 1;
  }
  const { positions, limits } = me.header;
  /** @type {Record<Sign, (count: number) => string>} */
  const words = {
    dead: (count) =>
      positions > 1
        ? `${count} dead ${plural(count)}: the same value everywhere`
        : `${count} ${plural(count)} at zero`,
    saturated: (count) =>
      `${count} saturated ${plural(count)}: more than half of the values beyond ` +
      `${percent(limits.nearBound)} of a bound`,
    notFinite: (count) => `${count} ${plural(count)} with NaN or infinities`,
  };
  const names = /** @type {Sign[]} */ (Object.keys(found));
  const parts = names
    .filter((name) => found[name])
    .map((name) =>
      element(
        "span",
        { dataset: { mark: name, count: found[name] } },
        element("b", { className: "sign" }, SIGNS[name]),
        words[name](found[name]),
      ),
    );
  if (!found.dead) parts.push(element("span", {}, "No channel is dead for this picture."));
  return [element("div", { className: "marks faint" }, ...parts)];
}

/** @param {number} count */
function plural(count) {
  return count === 1 ? "channel" : "channels";
}

/**
 * Which of the signs a tile has, "" if none.
 * @param {Wall} me
 * @param {number} tile
 * @returns {Sign | ""}
 */
function nameOf(me, tile) {
  if (me.of.finite[tile] < 1) return "notFinite";
  if (me.of.dead[tile]) return "dead";
  return me.of.saturated && me.of.saturated[tile] > 0.5 ? "saturated" : "";
}

/**
 * The sign in the corner of a tile, or "".
 * @param {Wall} me
 * @param {number} tile
 */
export function signOf(me, tile) {
  if (me.header.cells || me.header.count === 1) return "";
  const name = nameOf(me, tile);
  return name && SIGNS[name];
}

/**
 * Under a tile: which channel it is, and the number that it is sorted by.
 * @param {Wall} me
 * @param {number} tile
 */
export function footOf(me, tile) {
  const { sort } = me.header;
  if (!me.of[sort]) return `${tile}`;
  return `${tile} · ${sort === "active" ? percent(me.of.active[tile]) : sortedBy(me, tile)}`;
}

/**
 * @param {Wall} me
 * @param {number} tile
 */
function sortedBy(me, tile) {
  const value = me.of[me.header.sort][tile];
  return me.header.sort === "contribution" ? signed(value, 3) : show(value, 3);
}

/**
 * "channel 17 of 64: 12 % active, strongest at row 34, column 80"
 * @param {Wall} me
 * @param {number} choice
 */
export function sentence(me, choice) {
  const { noun, cells, positions, sortWords } = me.header;
  const start = `${noun} ${choice} of ${me.tiles.choices.toLocaleString("en")}: `;
  if (cells) return `${start}about ${show(valueOfCode(me.codes[choice], me.scales[0]), 3)}`;
  const { strongest, row, column, active, saturated, finite, dead } = me.of;
  const parts = [];
  if (dead[choice]) parts.push(`dead, ${show(strongest[choice], 3)} everywhere`);
  else if (positions === 1) parts.push(show(strongest[choice], 4));
  else {
    parts.push(
      `${percent(active[choice])} active`,
      `strongest at row ${row[choice]}, column ${column[choice]}`,
    );
  }
  if (saturated) parts.push(`${percent(saturated[choice])} saturated`);
  if (finite[choice] < 1) parts.push(`${percent(1 - finite[choice])} NaN or infinite`);
  if (sortWords) parts.push(`${sortWords} ${sortedBy(me, choice)}`);
  if (me.pins.includes(choice)) parts.push("pinned");
  return start + parts.join(", ");
}

/**
 * The words of the tip: where, how much, and what there is to say of the channel.
 * @param {Wall} me
 * @param {At} at
 */
export function read(me, at) {
  const { width, height, mapWidth, mapHeight, noun, cells } = me.header;
  if (at.row === null) return sentence(me, at.tile);
  const scale = me.scales.length > 1 ? me.scales[at.tile] : me.scales[0];
  const code = me.codes[(at.tile * height + at.row) * width + at.column];
  const value = `≈ ${show(valueOfCode(code, scale), 3)}`;
  if (cells) return `${noun} ${at.choice} · ${value}`;
  const rows = span(at.row, height, mapHeight);
  const columns = span(at.column, width, mapWidth);
  const mean = height < mapHeight || width < mapWidth ? " on average" : "";
  return `${noun} ${at.tile} · row ${rows}, column ${columns} · ${value}${mean}\n${sentence(me, at.tile)}`;
}

/**
 * Which rows or columns of a map one pixel of a tile stands for, "3" or "6–8".
 * @param {number} place
 * @param {number} tile How many the tile has.
 * @param {number} map How many the map has.
 */
function span(place, tile, map) {
  const from = Math.floor((place * map) / tile);
  const to = Math.ceil(((place + 1) * map) / tile) - 1;
  return from === to ? `${from}` : `${from}–${to}`;
}
