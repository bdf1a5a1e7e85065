// Values over a photograph: the cells let it through, their numbers do not.

import { show } from "./figures.js";
import { contextOf, drawScaled, element, sharpen } from "./shared.js";
import { Grid } from "./grid.js";

/** @import { GridOptions } from "./grid.js" */
/** @import { Point } from "./types.js" */

export class RegionGrid extends Grid {
  smooth = false;
  side = 0;

  /** @param {GridOptions} options */
  constructor(options) {
    super(options);
    this.photo = element("canvas", { className: "under" });
    this.letters = element("canvas", { className: "over" });
    this.stage.prepend(this.photo);
    this.stage.append(this.letters);
    this.figure.classList.add("regions");
  }

  /**
   * Draw the cells over a photograph.
   * @param {HTMLCanvasElement} photo
   * @param {number} side Of it, in CSS pixels.
   * @param {number} cover How much of it the cells hide, in percent.
   * @param {boolean} smooth
   */
  drawOver(photo, side, cover, smooth) {
    this.smooth = smooth;
    this.side = side;
    // The cells need not be whole pixels wide: they span the photograph.
    this.cell = side / Math.max(this.height, this.width);
    const [w, h] = [this.width * this.cell, this.height * this.cell];
    const context = sharpen(this.base, w, h);
    this.context = sharpen(this.over, w, h);
    const written = sharpen(this.letters, w, h);
    drawScaled(sharpen(this.photo, w, h), photo, 0, 0, w, h);
    context.drawImage(this.enlarged(w, h), 0, 0, w, h);
    this.base.style.opacity = String(cover / 100);
    if (!smooth && this.cell >= 8) this.drawLines(context, w, h);
    if (this.cell >= 34) this.drawNumbers(written);
  }

  /**
   * @param {number} w
   * @param {number} h
   */
  enlarged(w, h) {
    const canvas = element("canvas", { width: Math.round(w), height: Math.round(h) });
    const context = contextOf(canvas);
    context.imageSmoothingEnabled = this.smooth;
    context.imageSmoothingQuality = "high";
    context.drawImage(this.picture(), 0, 0, canvas.width, canvas.height);
    return canvas;
  }

  /** @param {CanvasRenderingContext2D} context */
  drawNumbers(context) {
    const texts = Array.from(this.values, (value) => show(value, 2));
    /** @param {number} size */
    const font = (size) => `600 ${size}px system-ui, sans-serif`;
    context.font = font(15);
    const widest = Math.max(...texts.map((text) => context.measureText(text).width));
    const size = Math.min(15, this.cell * 0.3, (15 * (this.cell - 6)) / widest);
    if (size < 8.5) return; // the numbers are said when they are pointed at
    context.font = font(size);
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineWidth = 3;
    context.strokeStyle = "rgb(0 0 0 / 75%)";
    context.fillStyle = "#fff";
    texts.forEach((text, i) => {
      /** @type {Point} */
      const at = [
        ((i % this.width) + 0.5) * this.cell,
        (Math.floor(i / this.width) + 0.5) * this.cell,
      ];
      context.strokeText(text, ...at);
      context.fillText(text, ...at);
    });
  }
}
