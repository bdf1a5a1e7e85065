// What files for the visitor share: the legend and the lines under a picture, and how they are handed over.

import { show } from "./figures.js";
import { FRAME_GREY, colourOf, cssOf, element } from "./shared.js";

/** @import { Scale } from "./types.js" */

/**
 * The legend, in the colours of the same function; returns how tall it is.
 * @param {CanvasRenderingContext2D} context
 * @param {Scale} scale
 * @param {number} left
 * @param {number} top
 */
export function paintLegend(context, scale, left, top) {
  context.font = "14px system-ui, sans-serif";
  const [low, high] = [show(scale.minimum), show(scale.maximum)];
  const start = Math.round(left + context.measureText(low).width + 8); // between pixels, colours would pale
  context.fillText(low, left, top + 12);
  context.fillText(high, start + 168, top + 12);
  for (let x = 0; x < 160; x++) {
    context.fillStyle = cssOf(
      colourOf(scale.minimum + (x / 159) * (scale.maximum - scale.minimum), scale),
    );
    context.fillRect(start + x, top, 1, 14);
  }
  context.strokeStyle = FRAME_GREY;
  context.strokeRect(start - 0.5, top - 0.5, 161, 15);
  return 26;
}

/**
 * The lines of a text that is not to be wider than `room`.
 * @param {CanvasRenderingContext2D} context
 * @param {string} text
 * @param {number} room In CSS pixels.
 */
export function wrapped(context, text, room) {
  const lines = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line ? `${line} ${word}` : word;
    if (line && context.measureText(longer).width > room) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

/**
 * Hand a file to the visitor; nothing is sent anywhere.
 * @param {string} name
 * @param {Blob} blob
 */
export function handOver(name, blob) {
  const link = element("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
