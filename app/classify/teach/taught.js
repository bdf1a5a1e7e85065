// How good a taught head is: bars with what the pictures can tell, and who was taken for whom.

/** @import { Given, Sent, Unpacked } from "../../canvas/types.js" */

import { element, remember, unpack } from "../../canvas/shared.js";

/**
 * How much a head had right.
 * @typedef {object} Bar
 * @property {string} name
 * @property {string} words
 * @property {number} share 0..1
 * @property {number | null} low smallest share that it may truly be; null if that is certain
 * @property {number | null} high largest
 * @property {boolean} own whether it is the visitor's
 */

/**
 * What Python sends.
 * @typedef {object} Header
 * @property {string} label
 * @property {Bar[]} bars
 * @property {string[]} groups
 * @property {number[][]} confusion of each group, how many were taken for each
 */

/** @param {Given<Sent>} given */
export default function ({ data, parentElement }) {
  const me = remember(parentElement, () => {
    const root = element("div", { className: "root taught" });
    parentElement.append(root);
    /** @type {{ root: HTMLElement, data?: Sent }} */
    const made = { root };
    return made;
  });
  if (me.data === data) return;
  me.data = data;
  /** @type {Unpacked<Header>} */
  const { header } = unpack(data);
  me.root.replaceChildren(barsOf(header), tableOf(header));
}

/** @param {Header} header */
function barsOf({ label, bars }) {
  const rows = bars.map(({ name, words, share, low, high, own }) =>
    element(
      "li",
      { dataset: { share } },
      element("span", { className: "who" }, name),
      element("span", { className: "number" }, words),
      element(
        "span",
        { className: "track", aria: { hidden: "true" } },
        element("span", {
          className: own ? "bar own" : "bar",
          style: { width: `${100 * share}%` },
        }),
        low === null || high === null
          ? ""
          : element("span", {
              className: "range",
              style: { left: `${100 * low}%`, width: `${100 * (high - low)}%` },
            }),
      ),
    ),
  );
  return element("ol", { aria: { label } }, ...rows);
}

/** @param {Header} header */
function tableOf({ groups, confusion }) {
  const head = groups.map((name) =>
    element("th", { scope: "col", title: name }, element("span", {}, name)),
  );
  const rows = confusion.map((row, i) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    const cells = row.map((count, j) => {
      const cell = element(
        "td",
        { className: count ? (i === j ? "right" : "wrong") : "none" },
        String(count),
      );
      if (count) cell.style.setProperty("--share", `${Math.round(15 + 60 * (count / total))}%`);
      return cell;
    });
    return element(
      "tr",
      {},
      element("th", { scope: "row", title: groups[i] }, element("span", {}, groups[i])),
      ...cells,
    );
  });
  return element(
    "div",
    { className: "scroller" },
    element(
      "table",
      {},
      element(
        "caption",
        {},
        "Held-out pictures: each row a group, each column what it was taken for",
      ),
      element("thead", {}, element("tr", {}, element("td", {}), ...head)),
      element("tbody", {}, ...rows),
    ),
  );
}
