// The way of a picture into a network: a card for each step, linked by the place pointed at.
// Header: as in `types.js`. Body: the bytes (RGB) of the steps that are pictures, one after the other.

/** @import { Frame } from "../../canvas/grid.js" */
/** @import { Bytes, Given, Place, Sent } from "../../canvas/types.js" */
/** @import { Card, PictureRung, Rung, Rungs } from "./types.js" */

import { show } from "../../canvas/figures.js";
import { MARKED, element, legend, makeScale } from "../../canvas/shared.js";
import { Grid } from "../../canvas/grid.js";
import { Player, bounds, foldAway, frameLab, mountLab } from "../../canvas/lab.js";

const TITLES = ["red", "green", "blue"];

/** @param {Given<Sent>} given */
export default function (given) {
  mountLab(given, { build, take, layOut });
}

/** @param {HTMLElement | ShadowRoot} parent */
function build(parent) {
  const me = /** @type {Rungs} */ ({ pointed: null });
  me.controls = {};
  me.cards = [];
  me.row = element("div", { className: "ladder", aria: { role: "list" } });
  me.legend = element("div");
  me.said = element("p", { className: "said", aria: { live: "polite" } });
  me.player = new Player({
    count: () => me.cards.length,
    draw: () => refreshMarks(me),
    yields: () => me.pointed !== null,
    reset: () => {
      me.player.at = null;
      refreshMarks(me);
    },
    speed: 1,
  });
  const twin = foldAway(me, "All steps as a list", drawTwin);
  parent.append(frameLab(me, "rungs", me.player.bar, me.row, me.legend, me.said, twin));
  return me;
}

/**
 * @param {Rungs} me
 * @param {Bytes} body
 */
function take(me, body) {
  let at = 0;
  me.player.rewind();
  me.pointed = null;
  me.cards = me.header.rungs.map((rung) => {
    let bytes = null;
    if (rung.kind === "picture") {
      bytes = body.subarray(at, at + 3 * rung.height * rung.width);
      at += bytes.length;
      me.last = bytes; // what the network sees, once there are no more pictures
    }
    return makeCard(me, rung, bytes);
  });
  me.row.replaceChildren(...me.cards.map(({ node }) => node));
  layOut(me);
}

/**
 * @param {Rungs} me
 * @param {Rung} rung
 * @param {Bytes | null} bytes
 */
function makeCard(me, rung, bytes) {
  const count = bytes ? 1 : rung.channels;
  const labels = Array.from({ length: count }, (_, c) => (count > 1 ? TITLES[c] : rung.title));
  /** @type {Card} */
  const card = {
    rung,
    bytes,
    grids: labels.map((label) => new Grid({ label, onPoint: (place) => point(me, card, place) })),
    values: bytes ? [] : labels.map((_, c) => numbersOf(me, rung, c)),
    node: element("div", { className: "rung", aria: { role: "listitem" } }),
  };
  card.node.append(
    element("h4", {}, rung.title),
    element("div", { className: "rung-pictures" }, ...card.grids.map(({ figure }) => figure)),
    element("p", { className: "faint" }, rung.words),
  );
  return card;
}

/**
 * One channel of what the last picture becomes.
 * @param {Rungs} me
 * @param {Rung} rung
 * @param {number} c
 */
function numbersOf({ header, last }, rung, c) {
  const { size, mean, std } = header;
  /** @param {number} i */
  const share = (i) => last[3 * i + c] / 255;
  return Float64Array.from({ length: size * size }, (_, i) =>
    rung.kind === "scaled" ? share(i) : (share(i) - mean[c]) / std[c],
  );
}

/** @param {Rungs} me */
function layOut(me) {
  const room = me.bench.clientWidth;
  if (!room || !me.header) return;
  const side = room < 560 ? Math.min(150, room / 2 - 16) : 168;
  me.legend.replaceChildren();
  for (const { rung, grids, bytes, values } of me.cards) {
    if (rung.kind === "picture") {
      grids[0].set({
        height: rung.height,
        width: rung.width,
        values: [],
        scale: makeScale([0, 1]),
        colours: bytes,
      });
      grids[0].draw(side);
      grids[0].caption.hidden = true;
      continue;
    }
    const scale = makeScale(bounds(values.flatMap((plane) => bounds(plane))));
    const { size } = me.header;
    grids.forEach((grid, c) => {
      grid.set({ height: size, width: size, values: values[c], scale });
      grid.draw(grids.length === 1 ? side : room < 560 ? (room - 44) / 3 : 110);
      grid.caption.hidden = grids.length === 1;
    });
    if (rung.kind === "normalised")
      me.legend.replaceChildren(legend(scale, "values of the tensor: zero is black"));
  }
  refreshMarks(me);
  drawTwin(me);
}

// --- One place in every step ------------------------------------------------------------------

/**
 * @param {Rungs} me
 * @param {Card} card
 * @param {Place | null} place
 */
function point(me, card, place) {
  me.pointed = place && seenAt(me, card, place);
  refreshMarks(me, Boolean(place && !me.pointed));
}

/**
 * How many pixels of the picture before cutting become one, and where the first begins.
 * @param {Rungs} me
 * @param {PictureRung} rung
 */
function geometry({ header }, rung) {
  const [{ box, width }] = header.rungs.flatMap((each) =>
    each.kind === "picture" && each.box ? [{ box: each.box, width: each.width }] : [],
  );
  const inner = header.size - 2 * header.border;
  const zoom = rung.width / width;
  return { left: box[0] * zoom, top: box[1] * zoom, step: ((box[2] - box[0]) / inner) * zoom };
}

/**
 * Where a place lies in the network's input; null if it is cut away.
 * @param {Rungs} me
 * @param {Card} card
 * @param {Place} place
 * @returns {Place | null}
 */
function seenAt(me, { rung }, [row, column]) {
  const { size, border } = me.header;
  const inner = size - 2 * border;
  if (rung.kind !== "picture" || rung.name === "framed") return [row, column];
  if (rung.name === "stored") return null; // it lies another way
  if (["resized", "inverted"].includes(rung.name)) {
    const zoom = inner / rung.width; // large ones were sent smaller
    return [Math.floor(row * zoom) + border, Math.floor(column * zoom) + border];
  }
  const { left, top, step } = geometry(me, rung);
  const [y, x] = [Math.floor((row + 0.5 - top) / step), Math.floor((column + 0.5 - left) / step)];
  return y >= 0 && x >= 0 && y < inner && x < inner ? [y + border, x + border] : null;
}

/**
 * Where a place of the network's input lies in a step.
 * @param {Rungs} me
 * @param {Card} card
 * @param {Place} place
 * @returns {Frame | null}
 */
function frameIn(me, { rung }, [row, column]) {
  const { size, border } = me.header;
  const [y, x] = [row - border, column - border];
  const inner = size - 2 * border;
  if (rung.kind !== "picture" || rung.name === "framed") return { row, column };
  if (rung.name === "stored" || y < 0 || x < 0 || y >= inner || x >= inner) return null;
  if (["resized", "inverted"].includes(rung.name)) return { row: y, column: x };
  const { left, top, step } = geometry(me, rung);
  return { row: top + y * step, column: left + x * step, height: step, width: step };
}

/**
 * @param {Rungs} me
 * @param {boolean} [outside] Whether what is pointed at is not seen by the network.
 */
function refreshMarks(me, outside = false) {
  if (!me.cards.length || !me.cards[0].grids[0].context) return;
  const { player, pointed } = me;
  me.cards.forEach((card, i) => {
    const { box } = card.rung;
    const kept = box && {
      row: box[1],
      column: box[0],
      height: box[3] - box[1],
      width: box[2] - box[0],
      colour: MARKED,
    };
    const frame = pointed && frameIn(me, card, pointed);
    for (const grid of card.grids) grid.mark([kept, frame].filter((each) => each !== null));
    card.node.classList.toggle("faded", player.at !== null && !pointed && i > player.at);
    card.node.classList.toggle("now", player.at === i && !pointed);
  });
  if (pointed) me.said.textContent = pixelWords(me, pointed);
  else if (outside)
    me.said.textContent =
      "This part is cut away, or lies elsewhere: the network does not see it here.";
  else if (player.at !== null)
    me.said.textContent = `${player.at + 1}. ${me.cards[player.at].rung.title}: ${me.cards[player.at].rung.words}`;
  else
    me.said.textContent =
      "Point at any picture: the same place is framed in all of them, with its numbers.";
}

/**
 * The whole calculation for one pixel.
 * @param {Rungs} me
 * @param {Place} place
 */
function pixelWords(me, [row, column]) {
  const { size, mean, std } = me.header;
  const terms = mean.map((m, c) => {
    const level = me.last[3 * (row * size + column) + c];
    const share = level / 255;
    const name = mean.length > 1 ? `${TITLES[c]} ` : "";
    return `${name}${level} / 255 = ${show(share, 3)}, (${show(share, 3)} − ${show(m, 4)}) / ${show(std[c], 4)} = ${show((share - m) / std[c], 4)}`;
  });
  return `Row ${row}, column ${column}: ${terms.join("; ")}.`;
}

/** @param {Rungs} me */
function drawTwin(me) {
  if (!me.details.open) return;
  me.twin.replaceChildren(
    element(
      "ol",
      {},
      ...me.cards.map(({ rung }) => element("li", {}, `${rung.title}: ${rung.words}`)),
    ),
  );
}
