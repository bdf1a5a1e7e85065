// Pictures to choose from. Body: an image file with the thumbnails of all items, row by row.
// Trigger "select": the id of the one that is clicked.

import {
  columnsOf,
  contextOf,
  element,
  focusedNear,
  isSame,
  memories,
  remember,
  unpack,
  walk,
} from "../canvas/shared.js";

/** @import { Bytes, Given, Sent, Unpacked } from "../canvas/types.js" */

/**
 * @typedef {object} Header
 * @property {number} edge Of a thumbnail, in pixels.
 * @property {number} columns Thumbnails side by side in the file.
 * @property {{ title: string, items: { id: string, title: string }[] }[]} groups
 * @property {string} selected The id of the one that is marked, or "".
 * @property {string} label
 */

/**
 * @typedef {object} Picker
 * @property {HTMLElement} root
 * @property {Set<string>} unfolded Titles of groups that are shown as a whole.
 * @property {(id: string) => void} send
 * @property {Sent} data What Python sent last.
 * @property {HTMLCanvasElement[]} thumbnails
 * @property {Bytes} [file] The body that was opened last.
 * @property {Promise<ImageBitmap>} [opening]
 */

const FEW = 10; // so many of a group are shown at first

/** @param {Given<Sent>} given */
export default function ({ data, parentElement, setTriggerValue }) {
  const first = !memories.has(parentElement);
  const me = remember(parentElement, () => {
    /** @type {HTMLElement} */
    const root = element("div", { className: "root picker", aria: { role: "group" } });
    parentElement.append(root);
    return /** @type {Picker} */ ({ root, unfolded: /** @type {Set<string>} */ (new Set()) });
  });
  me.send = (id) => setTriggerValue("select", id);
  if (me.data !== data) fill(me, data);
  if (first) walk(me.root, () => buttonsIn(me), columnsOf);
}

/** @param {Picker} me */
function buttonsIn({ root }) {
  return [
    .../** @type {NodeListOf<HTMLButtonElement>} */ (root.querySelectorAll("button[data-id]")),
  ];
}

/**
 * @param {Picker} me
 * @param {Sent} data
 */
function fill(me, data) {
  /** @type {Unpacked<Header>} */
  const { header, body } = unpack(data);
  me.data = data;
  const { groups, selected } = header;
  me.root.setAttribute("aria-label", header.label);
  const focused = focusedNear(me.root)?.dataset?.id;
  me.thumbnails = [];
  const parts = groups.flatMap(({ title, items }) => {
    const buttons = items.map(({ id, title: name }) => {
      const thumbnail = element("canvas", { aria: { hidden: "true" } });
      me.thumbnails.push(thumbnail);
      return sampleButton(me, id, name, thumbnail, id === selected);
    });
    const hidden = buttons.slice(FEW);
    const grid = element("div", { className: "grid" }, ...buttons);
    /** @type {HTMLElement[]} */
    const group = [element("div", { className: "group-title" }, title), grid];
    const needed = hidden.some(({ dataset }) => dataset.id === selected);
    if (hidden.length > 2 && !needed && !me.unfolded.has(title)) {
      for (const button of hidden) button.remove();
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
  const buttons = buttonsIn(me);
  if (!buttons.some((button) => button.tabIndex === 0)) buttons[0].tabIndex = 0;
  buttons.find((button) => button.dataset.id === focused)?.focus();
  drawThumbnails(me, header, body);
}

/**
 * Open the file of the thumbnails, if it is not the one that is open already, and draw them.
 * @param {Picker} me
 * @param {Header} header
 * @param {Bytes} body
 */
async function drawThumbnails(me, { edge, columns }, body) {
  if (!me.opening || !me.file || !isSame(me.file, body)) {
    me.file = body;
    me.opening = createImageBitmap(new Blob([body]));
  }
  const { thumbnails } = me;
  const sheet = await me.opening;
  thumbnails.forEach((canvas, i) => {
    Object.assign(canvas, { width: edge, height: edge });
    const [x, y] = [(i % columns) * edge, Math.floor(i / columns) * edge];
    contextOf(canvas).drawImage(sheet, x, y, edge, edge, 0, 0, edge, edge);
  });
}

/**
 * @param {Picker} me
 * @param {string} id
 * @param {string} name
 * @param {HTMLCanvasElement} picture
 * @param {boolean} chosen
 */
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
