// Sentences whose words stand for parts of the page: pointing at one lights the other.

import { element, linkPart, remember } from "./shared.js";

/** @import { Given } from "./types.js" */

/**
 * What Python sends.
 * @typedef {object} Data
 * @property {[text: string, part: string][]} pieces The part is "" where a piece is only text.
 */

/** @param {Given<Data>} given */
export default function ({ data, parentElement }) {
  const me = remember(parentElement, () => {
    const root = element("p", { className: "root words" });
    parentElement.append(root);
    return { root, data: /** @type {Data | null} */ (null) };
  });
  if (me.data === data) return;
  me.data = data;
  me.root.replaceChildren(
    ...data.pieces.map(([text, part]) => {
      if (!part) return text;
      const term = element("span", { className: "term", tabIndex: 0, dataset: { part } }, text);
      linkPart(term, () => part);
      return term;
    }),
  );
}
