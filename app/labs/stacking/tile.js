// One map of the chosen layer, and the colour of what it sees.

import { bitmap, contextOf, drawScaled, sharpen } from "../../canvas/shared.js";
import { Grid } from "../../canvas/grid.js";

export const FIELD = "#22d3ee";

/** From its codes: its numbers are known to half a level only. */
export class MapTile extends Grid {
  codes = new Uint8Array();
  palette = new Uint32Array();
  name = "";
  /** @type {Uint8Array | null} */
  seen = null; // what was compared; the rest is dimmed

  /** @param {number} side */
  draw(side) {
    this.cell = side / Math.max(this.height, this.width);
    const [w, h] = [this.width * this.cell, this.height * this.cell];
    drawScaled(sharpen(this.base, w, h), this.picture(), 0, 0, w, h);
    this.context = sharpen(this.over, w, h);
  }

  /** Its codes in colours. */
  picture() {
    const made = bitmap(this.width, this.height, this.codes, this.palette);
    const context = contextOf(made);
    context.fillStyle = "rgb(128 128 128 / 75%)";
    this.seen?.forEach((seen, i) => {
      if (!seen) context.fillRect(i % this.width, Math.floor(i / this.width), 1, 1);
    });
    return made;
  }
}
