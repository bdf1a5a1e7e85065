// One term in large: patch × kernel = products, cell by cell.

import { show } from "../../canvas/figures.js";
import { element, makeScale } from "../../canvas/shared.js";
import { Grid } from "../../canvas/grid.js";
import { bounds } from "../../canvas/lab.js";

/** @import { Place } from "../../canvas/types.js" */
/** @import { Sum } from "./letters.js" */
/** @import { Terms } from "./terms.js" */

export class Detail {
  /** @type {Sum | null} */
  sum = null;
  /** @type {Float32Array[]} */
  values = []; // patch, kernel, products
  contribution = 0;

  constructor() {
    /** @param {Place | null} place */
    const on = (place) => this.point(place);
    this.grids = ["patch", "× kernel", "= products"].map(
      (label) => new Grid({ label, onPoint: on }),
    );
    this.title = element("h4");
    this.said = element("p", { className: "number", aria: { live: "polite" } });
    this.root = element(
      "div",
      { className: "detail" },
      this.title,
      ...this.grids.map(({ figure }) => figure),
      this.said,
    );
  }

  /**
   * Show one term of a sum of weights with the colours of the list.
   * @param {Sum} sum
   * @param {Float32Array} all The weights.
   * @param {number} term
   * @param {Terms} terms
   */
  set(sum, all, term, { patchScale, weightScale }) {
    const count = sum.height * sum.width;
    /** @param {Float32Array} values */
    const of = (values) => values.subarray(term * count, (term + 1) * count);
    const [patch, weights] = [of(sum.patches), of(all)];
    const products = Float32Array.from(patch, (value, i) => value * weights[i]);
    this.values = [patch, weights, products];
    this.sum = sum;
    this.contribution = sum.contributions[term];
    this.title.textContent = sum.names(term);
    const scales = [patchScale, weightScale, makeScale(bounds(products))];
    const cell = Math.max(4, Math.min(64, Math.floor(258 / Math.max(sum.height, sum.width))));
    this.grids.forEach((grid, i) => {
      grid.set({ height: sum.height, width: sum.width, values: this.values[i], scale: scales[i] });
      grid.draw(cell * Math.max(sum.height, sum.width));
    });
    this.point(null);
  }

  /** @param {Place | null} place Of the patch. */
  point(place) {
    const frames = place ? [{ row: place[0], column: place[1] }] : [];
    for (const grid of this.grids) grid.mark(frames);
    if (!place || !this.sum) {
      this.said.textContent = `The products add up to ${show(this.contribution, 6)}.`;
      return;
    }
    const { rows, columns, width, outside } = this.sum;
    const [row, column] = place;
    const [patch, weight, product] = this.values.map((each) => show(each[row * width + column]));
    const padding = outside(row, column) ? " (padding)" : "";
    this.said.textContent = `row ${rows[row]}, column ${columns[column]}: ${patch}${padding} × ${weight} = ${product}`;
  }
}
