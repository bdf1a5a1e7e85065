// One channel, large and exact, beside what it looks at.
// Header: map {height, width, scale, title}, picture {height, width, title},
// source {height, width, scale, title, kernel, stride, padding, kind} or null,
// field {rows: [size, stride, offset], columns: [...]}, label.
// Body: map (float32), source (float32, if any), picture (RGB bytes).

function build(parent) {
  const panels = element("div", { className: "panels" });
  const said = element("div", { className: "said" });
  const root = element("div", { className: "root lens" }, panels, said);
  parent.append(root);
  return { root, panels, said, at: null };
}

export default function ({ data, parentElement }) {
  const first = !memories.has(parentElement);
  const me = remember(parentElement, () => build(parentElement));
  if (me.data !== data) take(me, data);
  if (first) onResize(me.root, () => draw(me));
  draw(me);
}

function take(me, data) {
  const { header, body } = unpack(data);
  me.data = data;
  me.header = header;
  const { map, source, picture } = header;
  const count = map.height * map.width;
  const sourceCount = source ? source.height * source.width : 0;
  me.values = new Float32Array(body.buffer, 0, count);
  me.sourceValues = new Float32Array(body.buffer, 4 * count, sourceCount);
  const colours = body.subarray(4 * (count + sourceCount));
  me.shown = [
    { role: "picture", ...picture, bitmap: bitmap(picture.width, picture.height, colours, "rgb") },
    ...(source ? [{ role: "source", ...source, bitmap: painted(source, me.sourceValues) }] : []),
    { role: "map", ...map, bitmap: painted(map, me.values) },
  ];
  if (me.at && (me.at[0] >= map.height || me.at[1] >= map.width)) me.at = null;
  me.panels.replaceChildren(
    ...me.shown.map((panel) => {
      const role = panel.role === "map" ? "application" : "img";
      panel.base = element("canvas", { className: "base", aria: { role, label: panel.title } });
      panel.over = element("canvas", { className: "over" });
      const stage = element("div", { className: "stage" }, panel.base, panel.over);
      const range = panel.scale ? `, colours from ${panel.scale.map((x) => show(x)).join(" to ")}` : "";
      panel.figure = element("figure", {}, stage, element("figcaption", {}, panel.title + range));
      return panel.figure;
    }),
  );
  listen(me);
  me.panels.querySelectorAll(".base").item(me.shown.length - 1).setAttribute("aria-label", header.label);
}

function painted(part, values) {
  const scale = makeScale(part.scale);
  const colours = new Uint8Array(values.length * 3);
  values.forEach((value, i) => colours.set(colourOf(value, scale), 3 * i));
  return bitmap(part.width, part.height, colours, "rgb");
}

function draw(me) {
  const room = me.root.clientWidth;
  if (!room) return;
  const count = me.shown.length;
  const side = Math.floor(Math.min(300, count * 190 <= room ? room / count - 14 : room - 4));
  for (const panel of me.shown) {
    const fit = side / Math.max(panel.width, panel.height);
    panel.fit = fit;
    panel.figure.style.width = `${side}px`;
    const width = Math.round(panel.width * fit);
    const height = Math.max(1, Math.round(panel.height * fit));
    drawScaled(sharpen(panel.base, width, height), panel.bitmap, 0, 0, width, height);
    panel.context = sharpen(panel.over, width, height);
  }
  mark(me);
}

function fieldOf([size, stride, offset], index) {
  return [offset + index * stride, size];
}

function windowOf(source, axis, index) {
  const start = index * source.stride[axis] - source.padding[axis];
  return [start, source.kernel[axis]];
}

function mark(me) {
  for (const { context, base } of me.shown) context.clearRect(0, 0, base.width, base.height);
  const { field, map, source } = me.header;
  if (!me.at) {
    me.said.textContent = `Point at a pixel of the map, or walk over it with the arrow keys, to see its value and where it looks.`;
    return;
  }
  const [row, column] = me.at;
  const value = me.values[row * map.width + column];
  const parts = [`row ${row}, column ${column} = ${show(value, 6)}`];
  for (const panel of me.shown) {
    if (panel.role === "map") box(panel, row, 1, column, 1, false);
    if (panel.role === "picture") {
      const [top, height] = fieldOf(field.rows, row);
      const [left, width] = fieldOf(field.columns, column);
      box(panel, top, height, left, width, true);
    }
    if (panel.role === "source") {
      const [top, height] = windowOf(source, 0, row);
      const [left, width] = windowOf(source, 1, column);
      box(panel, top, height, left, width, false);
      parts.push(windowWords(me, top, height, left, width));
    }
  }
  const size = field.rows[0];
  parts.push(`sees ${size} × ${field.columns[0]} ${size === 1 ? "pixel" : "pixels"} of the picture`);
  me.said.textContent = parts.join("; ");
}

function windowWords(me, top, height, left, width) {
  const { source } = me.header;
  const found = [];
  for (let r = Math.max(0, top); r < Math.min(source.height, top + height); r++) {
    for (let c = Math.max(0, left); c < Math.min(source.width, left + width); c++) {
      found.push(me.sourceValues[r * source.width + c]);
    }
  }
  if (found.length > 16) return `${source.kind} ${found.length} values`;
  return `${source.kind} ${found.map((value) => show(value, 4)).join(", ")}`;
}

/** Frame a part of a panel; `dim` darkens the rest. */
function box(panel, top, height, left, width, dim) {
  const { context, fit } = panel;
  const [x, y, w, h] = [left * fit, top * fit, width * fit, height * fit];
  if (dim) {
    context.fillStyle = "rgb(0 0 0 / 55%)";
    context.fillRect(0, 0, panel.width * fit, panel.height * fit);
    context.clearRect(x, y, w, h);
  }
  context.strokeStyle = "#000";
  context.lineWidth = 4;
  context.strokeRect(x, y, w, h);
  context.strokeStyle = "#fff";
  context.lineWidth = 2;
  context.strokeRect(x, y, w, h);
}

function holds(me, row, column) {
  const { height, width } = me.header.map;
  return row >= 0 && column >= 0 && row < height && column < width;
}

function listen(me) {
  const panel = me.shown[me.shown.length - 1];
  const place = (event) => {
    const bounds = panel.base.getBoundingClientRect();
    const column = Math.floor((event.clientX - bounds.left) / panel.fit);
    const row = Math.floor((event.clientY - bounds.top) / panel.fit);
    if (!holds(me, row, column)) return;
    me.at = [row, column];
    me.said.setAttribute("aria-live", "off"); // a pointer would never let it finish
    mark(me);
  };
  panel.base.tabIndex = 0;
  panel.base.classList.add("pointable");
  panel.base.onpointermove = place;
  panel.base.onpointerdown = place;
  panel.base.onkeydown = (event) => {
    const moves = {
      ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0],
    };
    const [row, column] = me.at ?? [0, 0];
    if (event.key === "Escape") me.at = null;
    else if (event.key in moves) {
      const [down, right] = me.at ? moves[event.key] : [0, 0];
      if (holds(me, row + down, column + right)) me.at = [row + down, column + right];
    } else return;
    event.preventDefault();
    me.said.setAttribute("aria-live", "polite");
    mark(me);
  };
}
