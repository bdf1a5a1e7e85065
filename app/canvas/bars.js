// The most likely classes, as bars from 0 to 100 %.

import { element, remember } from "./shared.js";

/** @import { Given } from "./types.js" */

/**
 * What Python sends.
 * @typedef {object} Data
 * @property {{ label: string, share: number, words: string }[]} classes The most likely first.
 * @property {string} label Of the whole, for screen readers.
 */

/** @param {Given<Data>} given */
export default function ({ data, parentElement }) {
  const me = remember(parentElement, () => {
    const root = element("ol", { className: "root bars" });
    parentElement.append(root);
    return { root };
  });
  me.root.setAttribute("aria-label", data.label);
  me.root.replaceChildren(
    ...data.classes.map(({ label, share, words }) =>
      element(
        "li",
        { dataset: { share } },
        element("span", { className: "class", title: label }, label),
        element("span", { className: "words number" }, words),
        element(
          "span",
          { className: "track", aria: { hidden: "true" } },
          element("span", { className: "bar", style: { width: `${share * 100}%` } }),
        ),
      ),
    ),
  );
}
