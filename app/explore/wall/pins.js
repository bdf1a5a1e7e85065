// Channels that are pinned: side by side, with one scale for all of them. Pointing at a pixel of one
// shows the value at the same place in all.

import { show } from "../../canvas/figures.js";
import { element, legend, valueOfCode } from "../../canvas/shared.js";
import { Grid } from "../../canvas/grid.js";
import { percent } from "./histogram.js";
import { sentence } from "./words.js";

/** @import { Place } from "../../canvas/types.js" */
/** @import { Wall } from "./wall.js" */

/**
 * What is shown of a pinned channel.
 * @typedef {object} Pin
 * @property {Grid} grid Its map.
 * @property {HTMLElement} said The value that is pointed at.
 * @property {HTMLElement} figure Both of them, with buttons.
 */

const PINNED_PX = 132;

/**
 * Pin a channel, or take it off; Python hears of it and puts it in the address.
 * @param {Wall} me
 * @param {number | null} choice
 */
export function togglePin(me, choice) {
  if (choice === null) return;
  const { tiles } = me;
  const has = me.pins.includes(choice);
  if (!has && me.pins.length >= me.header.mostPins) {
    tiles.spoken.textContent = `${me.header.mostPins} channels are pinned already: unpin one first.`;
    return;
  }
  me.pins = has ? me.pins.filter((pin) => pin !== choice) : [...me.pins, choice];
  tiles.spoken.textContent = `channel ${choice} ${has ? "is not pinned any more" : "is pinned"}`;
  const sent = me.pins.join(".");
  me.pending.push(sent);
  tiles.marked = me.pins;
  tiles.draw();
  drawPins(me);
  tiles.point(tiles.chosen); // its button says what it would do now
  me.send("pins", sent);
}

/**
 * The range of all pinned channels: the step's where every channel of the wall has its own.
 * @param {Wall} me
 */
function pinScale(me) {
  return me.scales.length > 1 ? me.stepScale : me.scales[0];
}

/**
 * Show the channels that are pinned.
 * @param {Wall} me
 */
export function drawPins(me) {
  const pins = me.header.cells ? [] : me.pins;
  me.pinned.hidden = !pins.length;
  for (const [channel, { figure }] of me.grids) {
    if (pins.includes(channel)) continue;
    figure.remove();
    me.grids.delete(channel);
  }
  if (!pins.length) {
    me.pinned.replaceChildren();
    return;
  }
  const { activeElement } = /** @type {ShadowRoot} */ (me.root.getRootNode());
  const held = /** @type {HTMLElement | null} */ (activeElement);
  const head =
    me.scales.length > 1
      ? legend(pinScale(me), "Pinned, in the range of the whole step")
      : element("div", { className: "faint" }, "Pinned, in the range of the wall");
  const shown = pins.map((channel) => pinOf(me, channel));
  me.pinned.replaceChildren(
    head,
    element("div", { className: "row" }, ...shown.map(({ figure }) => figure)),
  );
  held?.focus({ preventScroll: true }); // moving an element takes the focus from it
  const room = (me.root.clientWidth - 8 * pins.length) / pins.length;
  for (const { grid } of shown) grid.draw(Math.min(PINNED_PX, Math.max(60, room)));
  pointPins(me, me.pinnedAt);
}

/**
 * Show a channel among those that are pinned.
 * @param {Wall} me
 * @param {number} channel
 */
function pinOf(me, channel) {
  const pin = me.grids.get(channel) ?? makePin(me, channel);
  me.grids.set(channel, pin);
  const { width, height } = me.header;
  const size = width * height;
  const own = me.scales.length > 1 ? me.scales[channel] : me.scales[0];
  const codes = me.codes.subarray(channel * size, (channel + 1) * size);
  const values = Float32Array.from(codes, (code) => valueOfCode(code, own));
  pin.grid.set({ height, width, values, scale: pinScale(me), caption: `channel ${channel}` });
  pin.grid.base.setAttribute(
    "aria-label",
    `${sentence(me, channel)}. Arrow keys walk over its values.`,
  );
  return pin;
}

/**
 * @param {Wall} me
 * @param {number} channel
 * @returns {Pin}
 */
function makePin(me, channel) {
  const grid = new Grid({ label: `channel ${channel}`, onPoint: (place) => pointPins(me, place) });
  const said = element("div", { className: "number said" });
  /** @param {string} words @param {() => void} act */
  const button = (words, act) => {
    const made = element(
      "button",
      { type: "button", aria: { label: `${words} channel ${channel}` } },
      words,
    );
    made.onclick = act;
    return made;
  };
  const open = button("Open", () => me.send("select", channel));
  const unpin = button("Unpin", () => {
    togglePin(me, channel);
    me.tiles.base.focus({ preventScroll: true });
  });
  const figure = element(
    "div",
    { className: "pinned", dataset: { channel } },
    grid.figure,
    said,
    element("div", { className: "tools" }, open, unpin),
  );
  return { grid, said, figure };
}

/**
 * Show the values at one place in all pinned channels.
 * @param {Wall} me
 * @param {Place | null} place
 */
function pointPins(me, place) {
  me.pinnedAt = place;
  const { width } = me.header;
  for (const [channel, { grid, said }] of me.grids) {
    if (place && grid.holds(...place)) {
      const [row, column] = place;
      grid.mark([{ row, column }]);
      said.textContent = `≈ ${show(grid.values[row * width + column], 3)} at row ${row}, column ${column}`;
    } else {
      grid.mark([]);
      said.textContent =
        me.header.positions === 1 ? "" : `${percent(me.of.active[channel])} active`;
    }
  }
}
