// A small map over its photograph, to be compared with others.

/** @import { Bytes, Given, Sent, Unpacked } from "../../canvas/types.js" */
/** @import { Heat, Size } from "./heat.js" */
/** @import { Settings } from "./overlay.js" */

import { show } from "../../canvas/figures.js";
import {
  bitmap,
  drawScaled,
  element,
  onResize,
  remember,
  sharpen,
  unpack,
  usePalette,
} from "../../canvas/shared.js";
import { focusBeside } from "../focus.js";
import { drawHeat, heatRange } from "./heat.js";

/**
 * What Python sends. The body has the map (float32) and the photo (RGB bytes), if there is a map.
 * @typedef {object} Header
 * @property {string} title
 * @property {string} words
 * @property {boolean} chosen whether it is the one that is shown large
 * @property {boolean} opens whether it can be
 * @property {boolean} signed
 * @property {string} colours name of the colour map
 * @property {Settings} settings
 * @property {Size | null} map null if there is none
 * @property {Size | null} photo
 */

/**
 * A map over its photograph.
 * @typedef {object} Layers
 * @property {Size} size
 * @property {Float32Array} values
 * @property {HTMLCanvasElement} photo
 * @property {Heat} heat
 */

/**
 * @typedef {object} Tile
 * @property {HTMLCanvasElement} canvas
 * @property {HTMLElement} title
 * @property {HTMLElement} range
 * @property {HTMLElement} words
 * @property {HTMLElement} root
 * @property {HTMLElement} [frame]
 * @property {number} count how often it was opened
 * @property {Sent} [data]
 * @property {Header} [header]
 * @property {Layers | null} layers null if there is no map
 * @property {() => void} send
 */

/**
 * Trigger "open".
 * @param {Given<Sent>} given
 */
export default function ({ data, parentElement, setTriggerValue }) {
  const me = remember(parentElement, () => {
    const canvas = element("canvas", { aria: { hidden: "true" } });
    const title = element("span", { className: "title" });
    const range = element("span", { className: "faint number" });
    const words = element("span", { className: "small" });
    const root = element("div", { className: "root" });
    /** @type {Tile} */
    const made = { canvas, title, range, words, root, count: 0, layers: null, send: () => {} };
    parentElement.append(root);
    onResize(root, () => paint(made));
    return made;
  });
  me.send = () => setTriggerValue("open", ++me.count);
  if (me.data === data) return;
  me.data = data;
  take(me, unpack(data));
  paint(me);
}

/**
 * @param {Tile} me
 * @param {Unpacked<Header>} sent
 */
function take(me, { header, body }) {
  me.header = header;
  me.layers = layersOf(header, body);
  me.canvas.hidden = !me.layers;
  me.range.textContent = me.layers ? rangeInWords(me.layers.heat) : "no map";
  me.title.textContent = header.title;
  me.words.textContent = header.words;
  const focused = me.root.contains(focusBeside(me.root));
  const kind = header.opens && !header.chosen ? "button" : "div";
  const parts = [me.canvas, me.title, me.range, me.words];
  let frame = me.frame;
  if (frame?.localName === kind) frame.replaceChildren(...parts);
  else {
    frame =
      kind === "button"
        ? element("button", { type: "button" }, ...parts)
        : element("div", { tabIndex: -1 }, ...parts);
    me.root.replaceChildren(frame);
    if (focused) frame.focus();
  }
  me.frame = frame;
  frame.className = `tile${header.chosen ? " chosen" : ""}`;
  frame.onclick = kind === "button" ? () => me.send() : null;
  if (kind === "button")
    frame.setAttribute("aria-label", `${header.title}: ${header.words}. Show it large`);
}

/**
 * @param {Header} header
 * @param {Bytes} body
 * @returns {Layers | null}
 */
function layersOf({ map, photo, signed, settings }, body) {
  if (!map || !photo) return null;
  const count = map.height * map.width;
  const values = new Float32Array(body.buffer, body.byteOffset, count);
  return {
    size: map,
    values,
    photo: bitmap(photo.width, photo.height, body.subarray(4 * count), "rgb"),
    heat: heatRange(values, signed, settings.range === "trim"),
  };
}

/** @param {Heat} heat */
function rangeInWords({ scale, beyond }) {
  return `${show(scale.minimum, 2)} … ${show(scale.maximum, 2)}${beyond ? " and beyond" : ""}`;
}

/** @param {Tile} me */
function paint({ root, canvas, header, layers }) {
  const side = Math.floor(root.clientWidth) - 12;
  if (side <= 0 || !header || !layers) return;
  const { settings, colours } = header;
  usePalette(colours); // another tile may have used its own
  const context = sharpen(canvas, side, side);
  drawScaled(context, layers.photo, 0, 0, side, side);
  const { size, values, heat } = layers;
  const smooth = settings.look === "smooth";
  drawHeat(context, size, values, heat.scale, settings.opacity, smooth, [0, 0, side, side]);
}
