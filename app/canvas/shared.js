// Shared by every component: what Python sent, colours, elements, canvases.

import { show } from "./figures.js";

/** @import { Bytes, Colour, Numbers, Palette, Point, Properties, Scale, Sent, Unpacked } from "./types.js" */

/**
 * Split what `packing.py` made: a length, a JSON header, raw bytes.
 * @template H
 * @param {Sent} data
 * @returns {Unpacked<H>}
 */
export function unpack(data) {
  const bytes = data instanceof Uint8Array ? data : new Uint8Array(data);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  return { header, body: bytes.slice(4 + length) };
}

/**
 * Where a file of the site is: its folder lies beside Streamlit's own scripts.
 * @param {string} file
 */
export function addressOf(file) {
  const near = document.querySelector('script[src*="static/js/"]');
  return new URL(`../../${file}`, /** @type {HTMLScriptElement} */ (near).src).href;
}

/**
 * Whether two rows of bytes are the same.
 * @param {Uint8Array} one
 * @param {Uint8Array} other
 */
export function isSame(one, other) {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}

// Colour maps. With two arms, positive values are orange and negative ones blue, which the
// colour-blind keep apart, and the distance from zero's colour is the magnitude: "glow" grows lighter
// from black, "light" darker from white (ColorBrewer's Oranges and Blues by C. Brewer and M. Harrower,
// colorbrewer2.org, joined at one near-white). With one arm, "rising", colours go from the smallest
// value, or zero, to the largest: "cividis" (Nuñez, Anderton, Renslow: "Optimizing colormaps with
// consideration for color vision deficiency", PLoS ONE 13(7), 2018), and grey.
export const POSITIVE = [
  [10, 10, 14],
  [88, 28, 14],
  [190, 66, 12],
  [245, 158, 11],
  [255, 243, 196],
];
export const NEGATIVE = [
  [10, 10, 14],
  [12, 44, 92],
  [29, 99, 184],
  [74, 168, 240],
  [216, 241, 255],
];
/** @type {Record<string, Palette>} */
const PALETTES = {
  glow: { zero: "black", positive: POSITIVE, negative: NEGATIVE },
  light: {
    zero: "white",
    positive: [
      [248, 248, 248],
      [254, 230, 206],
      [253, 208, 162],
      [253, 174, 107],
      [253, 141, 60],
      [241, 105, 19],
      [217, 72, 1],
      [166, 54, 3],
      [127, 39, 4],
    ],
    negative: [
      [248, 248, 248],
      [222, 235, 247],
      [198, 219, 239],
      [158, 202, 225],
      [107, 174, 214],
      [66, 146, 198],
      [33, 113, 181],
      [8, 81, 156],
      [8, 48, 107],
    ],
  },
  cividis: {
    zero: "dark",
    rising: [
      [0, 34, 78],
      [18, 53, 112],
      [59, 73, 108],
      [87, 93, 109],
      [112, 113, 115],
      [138, 134, 120],
      [165, 156, 116],
      [195, 179, 105],
      [225, 204, 85],
      [254, 232, 56],
    ],
  },
  grey: {
    zero: "dark",
    rising: [
      [0, 0, 0],
      [255, 255, 255],
    ],
  },
};
export const LEVELS = 252;
const MARKS = [
  [224, 0, 224],
  [0, 220, 90],
  [0, 220, 220],
]; // NaN, +infinity, -infinity

const [USUAL] = Object.values(PALETTES);
let palette = USUAL;

/**
 * Choose the colour map of this component.
 * @param {string} name As the address has it.
 */
export function usePalette(name) {
  palette = Object.hasOwn(PALETTES, name) ? PALETTES[name] : USUAL;
}

/** The colour map that is in use. */
export function paletteInUse() {
  return palette;
}

/**
 * The colour at a place on a row of colours, 0..1.
 * @param {Colour[]} stops
 * @param {number} share
 * @returns {Colour}
 */
export function along(stops, share) {
  const place = Math.min(1, Math.max(0, share)) * (stops.length - 1);
  const index = Math.min(stops.length - 2, Math.floor(place));
  return stops[index].map((from, i) => from + (stops[index + 1][i] - from) * (place - index));
}

/**
 * A scale as sent from Python, [minimum, maximum], with what follows from it.
 * @param {Numbers} range
 * @returns {Scale}
 */
export function makeScale([minimum, maximum]) {
  const high = Math.max(Math.abs(minimum), Math.abs(maximum));
  return { minimum, maximum, high, low: minimum < 0 ? -high : 0, constant: minimum === maximum };
}

/**
 * The colour of a value.
 * @param {number} value
 * @param {Scale} scale
 * @returns {Colour}
 */
export function colourOf(value, scale) {
  if (Number.isNaN(value)) return MARKS[0];
  if (!Number.isFinite(value)) return MARKS[value > 0 ? 1 : 2];
  // A constant is half-way, and zero stays zero's colour.
  if (palette.rising) {
    if (scale.constant) return along(palette.rising, scale.minimum ? 0.5 : 0);
    const [floor, ceiling] = [Math.min(0, scale.minimum), Math.max(0, scale.maximum)];
    return along(palette.rising, (value - floor) / (ceiling - floor));
  }
  const share = scale.constant
    ? Math.sign(scale.minimum) / 2
    : scale.high > 0
      ? value / scale.high
      : 0;
  return along((share < 0 ? palette.negative : palette.positive) ?? POSITIVE, Math.abs(share));
}

/**
 * The value that a code stands for.
 * @param {number} code
 * @param {Scale} scale
 */
export function valueOfCode(code, scale) {
  if (code > LEVELS) return [NaN, Infinity, -Infinity][code - LEVELS - 1];
  if (scale.constant) return scale.minimum;
  return scale.low + (code / LEVELS) * (scale.high - scale.low);
}

/**
 * A colour as one 32-bit number, as canvases keep it.
 * @param {Colour} colour
 */
export function rgba([r, g, b]) {
  return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
}

/**
 * Colours of all 256 codes as RGBA in one 32-bit number each.
 * @param {Scale} scale
 * @param {boolean} [isVector] A vector's map ends in NaN cells.
 */
export function paletteOf(scale, isVector = false) {
  const colours = Uint32Array.from({ length: 256 }, (_, code) =>
    rgba(colourOf(valueOfCode(code, scale), scale)),
  );
  if (isVector) colours[LEVELS + 1] = 0;
  return colours;
}

export const MARKED = "#f59e0b"; // frames of what is meant
export const FRAME_GREY = "#808080"; // where a picture ends: neither theme hides it

/**
 * The colour of letters on a colour: black or white.
 * @param {Numbers} colour
 */
export function inkOn([r, g, b]) {
  return 0.3 * r + 0.59 * g + 0.11 * b > 130 ? "#000" : "#fff";
}

/**
 * A colour as CSS writes it.
 * @param {Colour} colour
 */
export function cssOf(colour) {
  return `rgb(${colour.map(Math.round).join(",")})`;
}

/**
 * What a canvas is drawn with.
 * @param {HTMLCanvasElement} canvas
 */
export function contextOf(canvas) {
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
}

/**
 * A canvas filled from codes (one byte a pixel) or RGB bytes.
 * @param {number} width
 * @param {number} height
 * @param {Numbers} codes
 * @param {Uint32Array | "rgb"} paletteOrColour
 */
export function bitmap(width, height, codes, paletteOrColour) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = contextOf(canvas);
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  if (paletteOrColour === "rgb") {
    for (let i = 0; i < pixels.length; i++) {
      pixels[i] = (255 << 24) | (codes[3 * i + 2] << 16) | (codes[3 * i + 1] << 8) | codes[3 * i];
    }
  } else {
    for (let i = 0; i < pixels.length; i++) pixels[i] = paletteOrColour[codes[i]];
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

/**
 * An element with its properties and children. `aria` holds its role and aria attributes.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Properties<K>} [properties]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function element(tag, properties, ...children) {
  const { dataset = {}, aria = {}, style = {}, ...rest } = properties ?? {};
  const made = Object.assign(document.createElement(tag), rest);
  Object.assign(made.dataset, dataset);
  Object.assign(made.style, style);
  for (const [name, value] of Object.entries(aria)) {
    made.setAttribute(name === "role" ? "role" : `aria-${name}`, String(value));
  }
  made.append(...children);
  return made;
}

/**
 * The legend: a bar from the smallest to the largest value, coloured by the same function.
 * @param {Scale} scale
 * @param {string} words
 */
export function legend(scale, words) {
  const canvas = element("canvas", { width: 160, height: 1, className: "legend-bar" });
  const context = contextOf(canvas);
  for (let x = 0; x < 160; x++) {
    const value = scale.minimum + (x / 159) * (scale.maximum - scale.minimum);
    context.fillStyle = cssOf(colourOf(value, scale));
    context.fillRect(x, 0, 1, 1);
  }
  const low = element("span", { className: "number" }, show(scale.minimum));
  const high = element("span", { className: "number" }, show(scale.maximum));
  const dataset = { minimum: scale.minimum, maximum: scale.maximum };
  return element(
    "div",
    { className: "legend", dataset },
    low,
    canvas,
    high,
    element("span", { className: "faint" }, words),
  );
}

/**
 * Draw `canvas` at a size in CSS pixels, sharp on every screen.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 */
export function sharpen(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.round(width * ratio));
  canvas.height = Math.max(1, Math.round(height * ratio));
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = contextOf(canvas);
  context.scale(ratio, ratio);
  return context;
}

/**
 * Draw a small bitmap large (pixels stay squares) or a large one small (pixels are averaged).
 * @param {CanvasRenderingContext2D} context
 * @param {HTMLCanvasElement} source
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} height
 */
export function drawScaled(context, source, x, y, width, height) {
  context.imageSmoothingEnabled = width < source.width;
  context.imageSmoothingQuality = "high";
  context.drawImage(source, x, y, width, height);
}

/**
 * How text is written on a canvas within `root`: its colour, and its size in CSS pixels.
 * @param {Element} root
 */
export function textIn(root) {
  const { color, fontSize } = getComputedStyle(root);
  return { ink: color, size: parseFloat(fontSize) };
}

/**
 * What components remember between two calls of their default exports.
 * @type {WeakMap<Node, unknown>}
 */
export const memories = new WeakMap();

/**
 * What the component in `parent` remembers: made at its first call.
 * @template M
 * @param {Node} parent
 * @param {() => M} [make]
 * @returns {M}
 */
export function remember(parent, make) {
  if (make && !memories.has(parent)) memories.set(parent, make());
  return /** @type {M} */ (memories.get(parent));
}

/**
 * Call `draw` whenever the width of `watched` changes.
 * @param {Element} watched
 * @param {() => void} draw
 */
export function onResize(watched, draw) {
  let width = 0;
  new ResizeObserver(() => {
    const now = Math.floor(watched.clientWidth);
    if (now && now !== width) {
      width = now;
      draw();
    }
  }).observe(watched);
}

/**
 * Arrow keys walk through items; one of them is in the tab order at a time.
 * @param {HTMLElement} container
 * @param {() => HTMLElement[]} itemsOf
 * @param {(items: HTMLElement[]) => number} columnsOf How many items stand in a row.
 */
export function walk(container, itemsOf, columnsOf) {
  container.addEventListener("keydown", (event) => {
    const items = itemsOf();
    const target = /** @type {Element} */ (event.target);
    const at = items.indexOf(/** @type {HTMLElement} */ (target.closest("button")));
    const columns = columnsOf(items);
    /** @type {Record<string, number>} */
    const moves = {
      ArrowRight: 1,
      ArrowLeft: -1,
      ArrowDown: columns,
      ArrowUp: -columns,
      Home: -at,
      End: items.length - 1 - at,
    };
    if (at < 0 || !(event.key in moves)) return;
    event.preventDefault();
    const next = items[Math.max(0, Math.min(items.length - 1, at + moves[event.key]))];
    items.forEach((item) => {
      item.tabIndex = -1;
    });
    next.tabIndex = 0;
    next.focus();
  });
}

/**
 * How many items stand in the first row.
 * @param {Element[]} items
 */
export function columnsOf(items) {
  const top = items[0].getBoundingClientRect().top;
  return Math.max(1, items.filter((item) => item.getBoundingClientRect().top === top).length);
}

/**
 * What has the focus in the tree that a node stands in.
 * @param {Node} node
 */
export function focusedNear(node) {
  const { activeElement } = /** @type {ShadowRoot} */ (node.getRootNode());
  return /** @type {HTMLElement | null} */ (activeElement);
}

/**
 * Join what belongs together across the page: while one part is pointed at or has the focus, all
 * others of the same name light up.
 * @param {HTMLElement} root
 * @param {() => string} nameOf Gives the name, "" for none.
 * @param {(lit: boolean) => void} [show]
 */
export function linkPart(root, nameOf, show = (lit) => root.classList.toggle("lit", lit)) {
  /** @param {string} name */
  const tell = (name) => window.dispatchEvent(new CustomEvent("ali5-light", { detail: name }));
  root.addEventListener("pointerenter", () => tell(nameOf()));
  root.addEventListener("pointerleave", () => tell(""));
  root.addEventListener("focusin", () => tell(nameOf()));
  root.addEventListener("focusout", () => tell(""));
  /** @param {Event} event */
  const listen = (event) => {
    const { detail } = /** @type {CustomEvent<string>} */ (event);
    if (!root.isConnected) window.removeEventListener("ali5-light", listen);
    else show(Boolean(detail) && detail === nameOf());
  };
  window.addEventListener("ali5-light", listen);
}

/**
 * Draw the lines of 0 to 100 percent.
 * @param {CanvasRenderingContext2D} context
 * @param {(share: number) => Point} at Gives the place of a share at their left end.
 * @param {number} wide
 */
export function drawPercentLines(context, at, wide) {
  context.strokeStyle = "rgb(128 128 128 / 30%)";
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    const [x, y] = at(share);
    context.fillText(`${100 * share} %`, x - 6, y);
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(x + wide, y);
    context.stroke();
  }
}

/**
 * Draw a line through places; where one is null, it has a gap.
 * @param {CanvasRenderingContext2D} context
 * @param {(Point | null)[]} places
 */
export function strokeWithGaps(context, places) {
  context.beginPath();
  let open = false;
  for (const place of places) {
    if (place && open) context.lineTo(...place);
    else if (place) context.moveTo(...place);
    open = place !== null;
  }
  context.stroke();
}
