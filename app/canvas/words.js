// Sentences whose words stand for parts of the page: pointing at one lights the other.
// Data: {pieces: [[text, part]]}; part is "" where a piece is only text.

import { element, linkPart, remember } from "./shared.js";

export default function ({ data, parentElement }) {
  const me = remember(parentElement, () => {
    const root = element("p", { className: "root words" });
    parentElement.append(root);
    return { root };
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
