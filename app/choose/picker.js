// Pictures to choose from, with all thumbnails in one image file, row by row. The site's own come as
// JSON that names the file, which the browser keeps; a visitor's as bytes, with the file as the body.
// Trigger "select": the id of the one that is clicked.

import {
  addressOf,
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
 * @property {string} [file] Of the thumbnails, by what it is called on the site.
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
 * @property {Sent | Header} data What Python sent last.
 * @property {string} built What the buttons were made of.
 * @property {Map<string, HTMLButtonElement>} buttons Also those that are folded away.
 * @property {HTMLCanvasElement[]} thumbnails
 * @property {Bytes | string} [file] The one that was opened last.
 * @property {Promise<ImageBitmap | HTMLImageElement>} [opening]
 */

const FEW = 10; // so many of a group are shown at first

/** @param {Given<Sent | Header>} given */
export default function ({ data, parentElement, setTriggerValue }) {
  const first = !memories.has(parentElement);
  const me = remember(parentElement, () => {
    /** @type {HTMLElement} */
    const root = element("div", { className: "root picker", aria: { role: "group" } });
    parentElement.append(root);
    return /** @type {Picker} */ ({
      root,
      unfolded: /** @type {Set<string>} */ (new Set()),
      built: "",
    });
  });
  me.send = (id) => setTriggerValue("select", id);
  if (me.data !== data) take(me, data);
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
 * @param {Sent | Header} data
 */
function take(me, data) {
  me.data = data;
  /** @type {Unpacked<Header> | { header: Header, body: null }} */
  const { header, body } = "groups" in data ? { header: data, body: null } : unpack(data);
  me.root.setAttribute("aria-label", header.label);
  const folded = header.groups.map((group) => isFolded(me, group, header.selected));
  const built = JSON.stringify([header.groups, folded]);
  const other = built !== me.built;
  if (other) build(me, header, folded);
  me.built = built;
  mark(me, header.selected);
  const file = body ?? header.file ?? "";
  const kept =
    me.file instanceof Uint8Array && file instanceof Uint8Array
      ? isSame(me.file, file)
      : me.file === file;
  if (!kept) {
    me.file = file;
    me.opening = open(file);
  }
  if (other || !kept) drawThumbnails(me, header);
}

/**
 * Whether only the first of a group are shown.
 * @param {Picker} me
 * @param {Header["groups"][number]} group
 * @param {string} selected
 */
function isFolded(me, { title, items }, selected) {
  const hidden = items.slice(FEW);
  return hidden.length > 2 && !me.unfolded.has(title) && !hidden.some(({ id }) => id === selected);
}

/**
 * @param {Picker} me
 * @param {Header} header
 * @param {boolean[]} folded For each group.
 */
function build(me, { groups }, folded) {
  const focused = focusedNear(me.root)?.dataset?.id;
  me.thumbnails = [];
  me.buttons = new Map();
  const parts = groups.flatMap(({ title, items }, i) => {
    const buttons = items.map(({ id, title: name }) => {
      const thumbnail = element("canvas", { aria: { hidden: "true" } });
      me.thumbnails.push(thumbnail);
      const button = sampleButton(me, id, name, thumbnail);
      me.buttons.set(id, button);
      return button;
    });
    const grid = element("div", { className: "grid" }, ...buttons);
    /** @type {HTMLElement[]} */
    const group = [element("div", { className: "group-title" }, title), grid];
    if (folded[i]) {
      const hidden = buttons.slice(FEW);
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
  buttonsIn(me)
    .find((button) => button.dataset.id === focused)
    ?.focus();
}

/**
 * Mark one as chosen; the Tab key leads to it, or to the first one.
 * @param {Picker} me
 * @param {string} selected
 */
function mark(me, selected) {
  for (const [id, button] of me.buttons) {
    const chosen = id === selected;
    button.tabIndex = chosen ? 0 : -1;
    button.classList.toggle("chosen", chosen);
    button.setAttribute("aria-pressed", String(chosen));
  }
  if (!me.buttons.has(selected)) buttonsIn(me)[0].tabIndex = 0;
}

/**
 * @param {Bytes | string} file What it is called on the site, or the file itself.
 * @returns {Promise<ImageBitmap | HTMLImageElement>}
 */
async function open(file) {
  if (typeof file !== "string") return createImageBitmap(new Blob([file]));
  const image = new Image();
  image.src = addressOf(file);
  await image.decode();
  return image;
}

/**
 * @param {Picker} me
 * @param {Header} header
 */
async function drawThumbnails(me, { edge, columns }) {
  const { thumbnails } = me;
  const sheet = await me.opening;
  if (!sheet) return;
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
 */
function sampleButton(me, id, name, picture) {
  const button = element(
    "button",
    {
      type: "button",
      title: name,
      dataset: { id },
      aria: { label: name },
    },
    picture,
  );
  button.onclick = () => me.send(id);
  return button;
}
