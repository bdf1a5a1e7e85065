// What a fully connected layer costs beside a 3 x 3 convolution, while the picture grows.
// Header: as in `types.js`. Trigger "settings": the settings as JSON, on release.

/** @import { Given, Sent } from "../../canvas/types.js" */
/** @import { Scales } from "./types.js" */

import { show } from "../../canvas/figures.js";
import { element } from "../../canvas/shared.js";
import { slider } from "../../canvas/controls.js";
import { adopt, frameLab, handsOf, mountLab } from "../../canvas/lab.js";
import { costsOf } from "./costs.js";

/** @param {Given<Sent>} given */
export default function (given) {
  mountLab(given, { build, take, layOut: () => {} });
}

/** @param {Scales} me */
function take(me) {
  adopt(me, me.header.settings);
  update(me);
}

/** @param {HTMLElement | ShadowRoot} parent */
function build(parent) {
  const me = /** @type {Scales} */ ({});
  const { change, commit } = handsOf(me, update);
  me.controls = {
    edge: slider({
      label: "Picture",
      help: "Its edge in pixels; three colours.",
      onInput: change("edge"),
      onCommit: commit,
      format: (value) => `${value} × ${value}`,
    }),
    maps: slider({
      label: "Feature maps",
      help: "How many are made, each as large as the picture.",
      onInput: change("maps"),
      onCommit: commit,
    }),
  };
  me.formula = element("p", { className: "formula" });
  me.table = element("table", { className: "costs" });
  me.said = element("p", { className: "ratio", aria: { live: "polite" } });
  parent.append(frameLab(me, "weighing", me.formula, me.table, me.said));
  return me;
}

/** @param {number} count */
function inBytes(count) {
  const units = ["bytes", "KB", "MB", "GB", "TB"];
  let at = 0;
  while (count >= 1000 && at < units.length - 1) {
    count /= 1000;
    at++;
  }
  return `${show(count, 3)} ${units[at]}`;
}

/** @param {Scales} me */
function update(me) {
  const { s, controls, header } = me;
  /** @type {const} */ (["edge", "maps"]).forEach((name) => {
    const [min, max] = header.limits[name];
    controls[name].update({ min, max, value: s[name] });
  });
  const { full, local } = costsOf(s);
  /** @param {number} value */
  const many = (value) => value.toLocaleString("en");
  const words = s.maps === 1 ? "one map" : `${s.maps} maps`;
  me.formula.textContent = `From ${many(s.edge)} × ${many(s.edge)} × 3 = ${many(s.edge ** 2 * 3)} numbers to ${words} of the same size, ${many(s.edge ** 2 * s.maps)} numbers:`;
  /** @type {(title: string, find: (cost: typeof full) => { value: number | string, text: string }) => HTMLElement} */
  const line = (title, find) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, title),
      ...[full, local].map((cost) =>
        element("td", { dataset: { value: find(cost).value } }, find(cost).text),
      ),
    );
  /** @param {number} value */
  const plain = (value) => ({ value, text: many(value) });
  /** @param {number} value */
  const bytes = (value) => ({ value, text: inBytes(value) });
  me.table.replaceChildren(
    element(
      "tr",
      {},
      element("td"),
      element("th", { scope: "col" }, "Fully connected"),
      element("th", { scope: "col" }, "3 × 3 convolution"),
    ),
    line("How it counts", (cost) => ({
      value: "",
      text:
        cost === full
          ? `${many(s.edge ** 2 * 3)} × ${many(s.edge ** 2 * s.maps)}: everything with everything`
          : `${s.maps} × 3 × 3 × 3: the same kernels everywhere`,
    })),
    line("Weights", ({ weights }) => plain(weights)),
    line("Biases", ({ biases }) => plain(biases)),
    line("Memory, 4 bytes each", ({ weights, biases }) => bytes(4 * (weights + biases))),
    line("Multiplications for one picture", ({ products }) => plain(products)),
  );
  /** @type {(one: number, two: number) => string} */
  const ratio = (one, two) => many(Number((one / two).toPrecision(3)));
  me.said.textContent = `The fully connected layer has ${ratio(full.weights, local.weights)} times the weights and ${ratio(full.products, local.products)} times the multiplications.`;
}
