// Channels that are pinned: side by side, with one scale for all of them. Pointing at a pixel of one
// shows the value at the same place in all.

import { show } from "../../canvas/figures.js";
import { element, legend, valueOfCode } from "../../canvas/shared.js";
import { Grid } from "../../canvas/grid.js";
import { percent } from "./histogram.js";
import { sentence, turnTo } from "./wall.js";

const PINNED_PX = 132;

/** Pin a channel, or take it off; Python hears of it and puts it in the address. */
export function togglePin(me, choice) {
  if (choice === null) return;
  const has = me.pins.includes(choice);
  if (!has && me.pins.length >= me.header.mostPins) {
    me.tiles.spoken.textContent = `${me.header.mostPins} channels are pinned already: unpin one first.`;
    return;
  }
  me.pins = has ? me.pins.filter((pin) => pin !== choice) : [...me.pins, choice];
  me.tiles.spoken.textContent = `channel ${choice} ${has ? "is not pinned any more" : "is pinned"}`;
  const sent = me.pins.join(".");
  me.pending.push(sent);
  me.tiles.marked = me.pins;
  me.tiles.draw();
  drawPins(me);
  turnTo(me, me.tiles.chosen);
  me.send("pins", sent);
}

/** The range of all pinned channels: the step's where every channel of the wall has its own. */
function pinScale(me) {
  return me.scales.length > 1 ? me.stepScale : me.scales[0];
}

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
  const words =
    me.scales.length > 1
      ? "Pinned, in the range of the whole step"
      : "Pinned, in the range of the wall";
  const held = me.root.getRootNode().activeElement;
  const head =
    me.scales.length > 1
      ? [legend(pinScale(me), words)]
      : [element("div", { className: "faint" }, words)];
  me.pinned.replaceChildren(
    ...head,
    element("div", { className: "row" }, ...pins.map((pin) => pinFigure(me, pin))),
  );
  held?.focus({ preventScroll: true }); // moving an element takes the focus from it
  const edge = Math.min(
    PINNED_PX,
    Math.max(60, (me.root.clientWidth - 8 * pins.length) / Math.min(pins.length, 8)),
  );
  for (const pin of pins) me.grids.get(pin).grid.draw(edge);
  pointPins(me, me.pinnedAt ?? null);
}

function pinFigure(me, channel) {
  if (!me.grids.has(channel)) me.grids.set(channel, makePin(me, channel));
  const { grid, figure } = me.grids.get(channel);
  const { width, height } = me.header;
  const size = width * height;
  const own = me.scales.length > 1 ? me.scales[channel] : me.scales[0];
  const codes = me.codes.subarray(channel * size, (channel + 1) * size);
  const values = Float32Array.from(codes, (code) => valueOfCode(code, own));
  grid.set({ height, width, values, scale: pinScale(me), caption: `channel ${channel}` });
  grid.base.setAttribute(
    "aria-label",
    `${sentence(me, channel)}. Arrow keys walk over its values.`,
  );
  return figure;
}

function makePin(me, channel) {
  const grid = new Grid({ label: `channel ${channel}`, onPoint: (place) => pointPins(me, place) });
  const said = element("div", { className: "number said" });
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

/** Show the values at one place in all pinned channels. */
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
