// One term in large: patch × kernel = products, cell by cell.

import { show } from "../../canvas/figures.js";
import { element, makeScale } from "../../canvas/shared.js";
import { Grid } from "../../canvas/grid.js";
import { bounds } from "../../canvas/lab.js";

export class Detail {
  constructor() {
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

  /** Show one term of a sum with the colours of the list. */
  set(sum, term, { patchScale, weightScale }) {
    const count = sum.height * sum.width;
    const of = (values) => values.subarray(term * count, (term + 1) * count);
    const [patch, weights] = [of(sum.patches), of(sum.weights)];
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

  point(place) {
    const frames = place ? [{ row: place[0], column: place[1] }] : [];
    for (const grid of this.grids) grid.mark(frames);
    if (!place) {
      this.said.textContent = `The products add up to ${show(this.contribution, 6)}.`;
      return;
    }
    const i = place[0] * this.sum.width + place[1];
    const [patch, weight, product] = this.values.map((values) => show(values[i]));
    const padding = this.sum.outside(...place) ? " (padding)" : "";
    this.said.textContent = `row ${this.sum.rows[place[0]]}, column ${this.sum.columns[place[1]]}: ${patch}${padding} × ${weight} = ${product}`;
  }
}
