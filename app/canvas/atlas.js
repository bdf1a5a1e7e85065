// Many small pictures on one canvas, from which tiles are painted.

import { contextOf, element } from "./shared.js";

/** All tiles side by side on one canvas, one pixel for each of theirs. */
export class Atlas {
  /**
   * @param {number} count
   * @param {number} height Of a tile, in pixels.
   * @param {number} width
   * @param {(tile: number, pixels: Uint32Array) => void} fill Called with a tile and where its pixels
   *   go, as 32-bit colours row by row.
   */
  constructor(count, height, width, fill) {
    this.height = height;
    this.width = width;
    this.columns = Math.max(1, Math.round(Math.sqrt((count * height) / width)));
    this.sheet = element("canvas", {
      width: this.columns * width,
      height: Math.ceil(count / this.columns) * height,
    });
    const context = contextOf(this.sheet);
    const image = context.createImageData(this.sheet.width, this.sheet.height);
    const pixels = new Uint32Array(image.data.buffer);
    const one = new Uint32Array(height * width);
    for (let tile = 0; tile < count; tile++) {
      fill(tile, one);
      const [left, top] = this.corner(tile);
      for (let row = 0; row < height; row++) {
        pixels.set(
          one.subarray(row * width, (row + 1) * width),
          (top + row) * this.sheet.width + left,
        );
      }
    }
    context.putImageData(image, 0, 0);
  }

  /**
   * @param {number} tile
   * @returns {[number, number]}
   */
  corner(tile) {
    return [(tile % this.columns) * this.width, Math.floor(tile / this.columns) * this.height];
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} tile
   * @param {number} x
   * @param {number} y
   * @param {number} width
   * @param {number} height
   */
  draw(context, tile, x, y, width, height) {
    context.imageSmoothingEnabled = width < this.width;
    context.imageSmoothingQuality = "high";
    context.drawImage(
      this.sheet,
      ...this.corner(tile),
      this.width,
      this.height,
      x,
      y,
      width,
      height,
    );
  }
}
