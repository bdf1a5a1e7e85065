// Sample pictures to choose from.
// Header: edge, columns, groups [{title, items: [{id, title}]}], selected, label. Body: an image file
// with the thumbnails of all items, row by row, each `edge` pixels wide and high.

import { columnsOf, element, isSame, memories, remember, unpack, walk } from "../canvas/shared.js";

const FEW = 10; // so many of a group are shown at first

export default function ({ data, parentElement, setTriggerValue }) {
  const first = !memories.has(parentElement);
  const me = remember(parentElement, () => {
    const root = element("div", { className: "root picker", aria: { role: "group" } });
    parentElement.append(root);
    return { root, unfolded: new Set() };
  });
  me.send = (id) => setTriggerValue("select", id);
  if (me.data !== data) fill(me, data);
  if (first) walk(me.root, () => [...me.root.querySelectorAll("button[data-id]")], columnsOf);
}

function fill(me, data) {
  const { header, body } = unpack(data);
  me.data = data;
  const { groups, selected } = header;
  me.root.setAttribute("aria-label", header.label);
  const focused = me.root.getRootNode().activeElement?.dataset?.id;
  me.thumbnails = [];
  const parts = groups.flatMap(({ title, items }) => {
    const buttons = items.map(({ id, title: name }) => {
      const thumbnail = element("canvas", { aria: { hidden: "true" } });
      me.thumbnails.push(thumbnail);
      return sampleButton(me, id, name, thumbnail, id === selected);
    });
    const hidden = buttons.slice(FEW);
    const grid = element("div", { className: "grid" }, ...buttons);
    const group = [element("div", { className: "group-title" }, title), grid];
    const needed = hidden.some(({ dataset }) => dataset.id === selected);
    if (hidden.length > 2 && !needed && !me.unfolded.has(title)) {
      hidden.forEach((button) => button.remove());
      const more = element(
        "button",
        { type: "button", className: "more" },
        `${hidden.length} more`,
      );
      more.setAttribute("aria-label", `${hidden.length} more: ${title}`);
      more.onclick = () => {
        me.unfolded.add(title);
        grid.append(...hidden);
        more.remove();
        hidden[0].focus();
      };
      group.push(more);
    }
    return group;
  });
  me.root.replaceChildren(...parts);
  const buttons = [...me.root.querySelectorAll("button[data-id]")];
  if (!buttons.some((button) => button.tabIndex === 0)) buttons[0].tabIndex = 0;
  buttons.find((button) => button.dataset.id === focused)?.focus();
  drawThumbnails(me, header, body);
}

/** Open the file of the thumbnails, if it is not the one that is open already, and draw them. */
async function drawThumbnails(me, { edge, columns }, body) {
  if (!me.file || !isSame(me.file, body)) {
    me.file = body;
    me.opening = createImageBitmap(new Blob([body]));
  }
  const { thumbnails } = me;
  const sheet = await me.opening;
  thumbnails.forEach((canvas, i) => {
    Object.assign(canvas, { width: edge, height: edge });
    const [x, y] = [(i % columns) * edge, Math.floor(i / columns) * edge];
    canvas.getContext("2d").drawImage(sheet, x, y, edge, edge, 0, 0, edge, edge);
  });
}

function sampleButton(me, id, name, picture, chosen) {
  const button = element(
    "button",
    {
      type: "button",
      title: name,
      tabIndex: chosen ? 0 : -1,
      className: chosen ? "chosen" : "",
      dataset: { id },
      aria: { label: name, pressed: String(chosen) },
    },
    picture,
  );
  button.onclick = () => me.send(id);
  return button;
}
