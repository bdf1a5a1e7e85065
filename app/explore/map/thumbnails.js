// The thumbnails of all steps on one canvas.

/** @import { Bytes, Scale } from "../../canvas/types.js" */
/** @import { Header, Thumbnails } from "./types.js" */

import { contextOf, element, makeScale, paletteInUse, paletteOf } from "../../canvas/shared.js";

/**
 * All thumbnails on one canvas; where each begins, by the name of the step.
 * @param {Header["steps"]} steps
 * @param {Bytes} body
 * @returns {Thumbnails}
 */
export function paintThumbnails(steps, body) {
  /** @type {Thumbnails["places"]} */
  const places = new Map();
  const width = 1024;
  let [x, y, shelf] = [0, 0, 0];
  for (const { name, thumb } of steps) {
    const long = thumb.count * thumb.width;
    if (x + long > width) [x, y, shelf] = [0, y + shelf, 0];
    places.set(name, { ...thumb, x, y });
    x += long;
    shelf = Math.max(shelf, thumb.height);
  }
  const sheet = element("canvas", { width, height: Math.max(1, y + shelf) });
  const context = contextOf(sheet);
  const image = context.createImageData(sheet.width, sheet.height);
  const pixels = new Uint32Array(image.data.buffer);
  /** @type {Map<string, Uint32Array>} */
  const palettes = new Map();
  for (const place of places.values()) {
    const { height, width: wide, count, at, scale: range, cells } = place;
    /** @type {Uint32Array | null} */
    let palette = null;
    if (range) {
      const scale = makeScale(range);
      const kind = `${Boolean(cells)} ${kindOf(scale)}`;
      palette = palettes.get(kind) ?? paletteOf(scale, Boolean(cells));
      palettes.set(kind, palette);
    }
    for (let tile = 0, from = at; tile < count; tile++) {
      for (let row = 0; row < height; row++) {
        let to = (place.y + row) * width + place.x + tile * wide;
        for (let column = 0; column < wide; column++, to++) {
          if (palette) pixels[to] = palette[body[from++]];
          else {
            pixels[to] = (255 << 24) | (body[from + 2] << 16) | (body[from + 1] << 8) | body[from];
            from += 3;
          }
        }
      }
    }
  }
  context.putImageData(image, 0, 0);
  return { sheet, places };
}

/**
 * What the colours of a scale's codes go by: scales of the same kind have the same ones.
 * @param {Scale} scale
 */
function kindOf({ minimum, maximum, high, constant }) {
  if (paletteInUse().rising) return [minimum, maximum].map((end) => (high ? end / high : 0)).join();
  return constant ? Math.sign(minimum) : minimum < 0 ? "both" : "positive";
}
