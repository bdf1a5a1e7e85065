// A small map over its photograph, to be compared with others.
// Header: title, words, chosen, opens, signed, colours, settings, map and photo {height, width} or null.
// Body: map (float32), photo (RGB bytes). Trigger "open".

import { show } from "../../canvas/figures.js";
import {
  bitmap,
  drawScaled,
  element,
  onResize,
  remember,
  sharpen,
  unpack,
  usePalette,
} from "../../canvas/shared.js";
import { drawHeat, heatRange } from "./heat.js";

export default function ({ data, parentElement, setTriggerValue }) {
  const me = remember(parentElement, () => {
    const canvas = element("canvas", { aria: { hidden: "true" } });
    const title = element("span", { className: "title" });
    const range = element("span", { className: "faint number" });
    const words = element("span", { className: "small" });
    const root = element("div", { className: "root" });
    const made = { canvas, title, range, words, root, count: 0 };
    parentElement.append(root);
    onResize(root, () => paint(made));
    return made;
  });
  me.send = () => setTriggerValue("open", ++me.count);
  if (me.data === data) return;
  me.data = data;
  take(me, unpack(data));
  paint(me);
}

function take(me, { header, body }) {
  me.header = header;
  const { map, photo } = header;
  me.canvas.hidden = !map;
  if (map) {
    const count = map.height * map.width;
    me.values = new Float32Array(body.buffer, body.byteOffset, count);
    me.photo = bitmap(photo.width, photo.height, body.subarray(4 * count), "rgb");
    me.heat = heatRange(me.values, header.signed, header.settings.range === "trim");
    const { minimum, maximum } = me.heat.scale;
    me.range.textContent = `${show(minimum, 2)} … ${show(maximum, 2)}${me.heat.beyond ? " and beyond" : ""}`;
  } else me.range.textContent = "no map";
  me.title.textContent = header.title;
  me.words.textContent = header.words;
  const focused = me.root.contains(me.root.getRootNode().activeElement);
  const kind = header.opens && !header.chosen ? "button" : "div";
  const parts = [me.canvas, me.title, me.range, me.words];
  if (me.frame?.localName === kind) me.frame.replaceChildren(...parts);
  else {
    me.frame = element(kind, kind === "button" ? { type: "button" } : { tabIndex: -1 }, ...parts);
    me.root.replaceChildren(me.frame);
    if (focused) me.frame.focus();
  }
  me.frame.className = `tile${header.chosen ? " chosen" : ""}`;
  me.frame.onclick = kind === "button" ? () => me.send() : null;
  if (kind === "button")
    me.frame.setAttribute("aria-label", `${header.title}: ${header.words}. Show it large`);
}

function paint(me) {
  const side = Math.floor(me.root.clientWidth) - 12;
  if (side <= 0 || !me.header?.map) return;
  const { map, settings, colours } = me.header;
  usePalette(colours); // another tile may have used its own
  const context = sharpen(me.canvas, side, side);
  drawScaled(context, me.photo, 0, 0, side, side);
  drawHeat(context, map, me.values, me.heat.scale, settings.opacity, settings.look === "smooth", [
    0,
    0,
    side,
    side,
  ]);
}
