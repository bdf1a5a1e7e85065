// How good a taught head is: bars with what the pictures can tell, and who was taken for whom.
// Header: label; bars [{name, words, share, low, high, own}]; groups [name]; confusion [[count]].

import { element, remember, unpack } from "../../canvas/shared.js";

export default function ({ data, parentElement }) {
  const me = remember(parentElement, () => {
    const root = element("div", { className: "root taught" });
    parentElement.append(root);
    return { root };
  });
  if (me.data === data) return;
  me.data = data;
  const { header } = unpack(data);
  me.root.replaceChildren(barsOf(header), tableOf(header));
}

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
        low === null
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
