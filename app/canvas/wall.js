// A wall of tiles: every channel of a step, or the kernels of a filter.
// Header: count, height, width, colour, mapHeight, mapWidth, scales, noun, cells, sort, selected,
// scopeWords, label, largest. Body: strengths (float32), codes.

const GAP = 3;
const TALLEST = 470; // of the visible part, in CSS pixels

function build(parent) {
  const base = element("canvas", { tabIndex: 0, className: "base", aria: { role: "img" } });
  const over = element("canvas", { className: "over" });
  const stage = element("div", { className: "stage" }, base, over);
  const scroller = element("div", { className: "scroller" }, stage);
  const tip = element("div", { className: "tip", hidden: true });
  const spoken = element("div", { className: "hidden", aria: { live: "polite" } });
  const head = element("div");
  const root = element("div", { className: "root wall" }, head, scroller, tip, spoken);
  parent.append(root);
  return { root, head, scroller, base, over, tip, spoken, hover: null, timer: 0 };
}

export default function ({ data, parentElement, setTriggerValue }) {
  const first = !memories.has(parentElement);
  const me = remember(parentElement, () => build(parentElement));
  me.send = (channel) => setTriggerValue("select", channel);
  if (me.data !== data) take(me, data);
  if (first) listen(me);
  draw(me);
}

function take(me, data) {
  const { header, body } = unpack(data);
  me.data = data;
  me.header = header;
  me.strengths = new Float32Array(body.buffer, 0, header.count);
  me.codes = body.subarray(4 * header.count);
  me.scales = header.scales.map(makeScale);
  me.selected = header.selected ?? null;
  me.order = Array.from({ length: header.count }, (_, i) => i);
  if (header.sort === "strength") me.order.sort((a, b) => me.strengths[b] - me.strengths[a]);
  me.place = [];
  me.order.forEach((channel, position) => { me.place[channel] = position; });
  const size = header.width * header.height;
  me.tiles = me.order.map((_, channel) => {
    if (header.colour) {
      const codes = me.codes.subarray(channel * size * 3, (channel + 1) * size * 3);
      const scaled = Uint8Array.from(codes, (code) => Math.min(255, (code * 255) / LEVELS));
      return bitmap(header.width, header.height, scaled, "rgb");
    }
    const scale = me.scales.length > 1 ? me.scales[channel] : me.scales[0];
    if (me.scales.length > 1 || channel === 0) me.palette = paletteOf(scale, header.cells);
    const codes = me.codes.subarray(channel * size, (channel + 1) * size);
    return bitmap(header.width, header.height, codes, me.palette);
  });
  me.base.setAttribute("aria-label", header.label);
  me.root.dataset.name = header.name ?? "";
}

function drawHead(me) {
  const chosen = me.selected ?? 0;
  const scale = me.scales.length > 1 ? me.scales[chosen] : me.scales[0];
  me.head.replaceChildren(
    me.header.colour
      ? element(
          "div",
          { className: "legend faint", dataset: { minimum: scale.minimum, maximum: scale.maximum } },
          `Grey is zero; a channel is brightest at ${show(scale.high)} and darkest at ` +
            `${show(scale.low)}. Weights from ${show(scale.minimum)} to ${show(scale.maximum)}.`,
        )
      : legend(scale, me.header.scopeWords),
  );
}

function layout(me) {
  const { count, height, width } = me.header;
  const room = Math.max(120, Math.floor(me.root.clientWidth) - 14);
  const aspect = height / width;
  const most = count === 1 ? (me.header.largest ?? 420) : 132;
  let edge = Math.sqrt((room * (TALLEST - 20)) / (count * aspect)) - GAP;
  edge = Math.max(Math.min(22, width), Math.min(most, room, edge));
  if (edge >= width) edge = Math.floor(edge / width) * width;
  me.tileWidth = Math.floor(edge);
  me.tileHeight = Math.max(1, Math.round(me.tileWidth * aspect));
  me.columns = Math.max(1, Math.floor((room + GAP) / (me.tileWidth + GAP)));
  me.rows = Math.ceil(count / me.columns);
}

function corner(me, channel) {
  const position = me.place[channel];
  return [
    (position % me.columns) * (me.tileWidth + GAP) + 2,
    Math.floor(position / me.columns) * (me.tileHeight + GAP) + 2,
  ];
}

function draw(me) {
  if (!me.root.clientWidth) return;
  layout(me);
  drawHead(me);
  const width = Math.min(me.columns, me.header.count) * (me.tileWidth + GAP) + 2;
  const height = me.rows * (me.tileHeight + GAP) + 2;
  const context = sharpen(me.base, width, height);
  me.tiles.forEach((tile, channel) => {
    drawScaled(context, tile, ...corner(me, channel), me.tileWidth, me.tileHeight);
  });
  me.context = sharpen(me.over, width, height);
  mark(me);
}

function mark(me) {
  const context = me.context;
  context.clearRect(0, 0, me.over.width, me.over.height);
  const style = getComputedStyle(me.root);
  const outline = (channel, colour, thick) => {
    const [x, y] = corner(me, channel);
    context.strokeStyle = colour;
    context.lineWidth = thick;
    context.strokeRect(x - 1, y - 1, me.tileWidth + 2, me.tileHeight + 2);
  };
  if (me.hover !== null && me.header.count > 1) outline(me.hover, style.color, 1.5);
  if (me.selected !== null && me.header.selectable) {
    outline(me.selected, style.getPropertyValue("--st-primary-color"), 3);
  }
}

/** The channel and the pixel of its tile under the pointer. */
function locate(me, event) {
  const box = me.base.getBoundingClientRect();
  const x = event.clientX - box.left - 2;
  const y = event.clientY - box.top - 2;
  const column = Math.floor(x / (me.tileWidth + GAP));
  const row = Math.floor(y / (me.tileHeight + GAP));
  const position = row * me.columns + column;
  const left = x - column * (me.tileWidth + GAP);
  const top = y - row * (me.tileHeight + GAP);
  const outside = column >= me.columns || left >= me.tileWidth || top >= me.tileHeight;
  if (x < 0 || y < 0 || outside || position >= me.header.count) return null;
  return {
    channel: me.order[position],
    column: Math.floor((left / me.tileWidth) * me.header.width),
    row: Math.floor((top / me.tileHeight) * me.header.height),
  };
}

function read(me, at) {
  const { width, height, mapWidth, mapHeight, colour, noun, cells } = me.header;
  const index = (at.channel * height + at.row) * width + at.column;
  const scale = me.scales.length > 1 ? me.scales[at.channel] : me.scales[0];
  if (cells) {
    const cell = at.row * width + at.column;
    return cell < cells ? `unit ${cell} · ≈ ${show(valueOf(me.codes[index], scale), 3)}` : "";
  }
  const value = colour
    ? ["red", "green", "blue"]
        .map((name, i) => `${name} ${show(valueOf(me.codes[3 * index + i], scale), 2)}`)
        .join(", ")
    : `≈ ${show(valueOf(me.codes[index], scale), 3)}`;
  const from = (place, tile, map) => Math.floor((place * map) / tile);
  const to = (place, tile, map) => Math.max(from(place, tile, map), from(place + 1, tile, map) - 1);
  const span = (a, b) => (a === b ? `${a}` : `${a}–${b}`);
  const rows = span(from(at.row, height, mapHeight), to(at.row, height, mapHeight));
  const columns = span(from(at.column, width, mapWidth), to(at.column, width, mapWidth));
  const mean = height < mapHeight ? " on average" : "";
  return `${noun} ${at.channel} · row ${rows}, column ${columns} · ${value}${mean}`;
}

function point(me, event) {
  const at = locate(me, event);
  const text = at && read(me, at);
  me.tip.hidden = !text;
  if (text) {
    me.tip.textContent = text;
    const box = me.root.getBoundingClientRect();
    const left = event.clientX - box.left + 14;
    me.tip.style.left = `${Math.max(0, Math.min(left, box.width - me.tip.offsetWidth))}px`;
    me.tip.style.top = `${event.clientY - box.top + 18}px`;
  }
  const hover = at ? at.channel : null;
  if (hover !== me.hover) {
    me.hover = hover;
    mark(me);
  }
}

function select(me, channel, wait) {
  if (!me.header.selectable || channel === me.selected) return;
  me.selected = channel;
  if (me.scales.length > 1) drawHead(me);
  mark(me);
  const [, y] = corner(me, channel);
  const { scrollTop, clientHeight } = me.scroller;
  if (y < scrollTop) me.scroller.scrollTop = y - GAP;
  if (y + me.tileHeight > scrollTop + clientHeight) {
    me.scroller.scrollTop = y + me.tileHeight + GAP - clientHeight;
  }
  me.spoken.textContent =
    `${me.header.noun} ${channel} of ${me.header.count}, ` +
    `mean magnitude ${show(me.strengths[channel], 3)}`;
  clearTimeout(me.timer);
  me.timer = setTimeout(() => me.send(channel), wait);
}

function listen(me) {
  me.base.onpointermove = (event) => point(me, event);
  me.base.onpointerdown = (event) => point(me, event); // a tap shows what a hover shows
  me.base.onpointerleave = () => {
    me.tip.hidden = true;
    me.hover = null;
    mark(me);
  };
  me.base.onclick = (event) => {
    const at = locate(me, event);
    if (at) select(me, at.channel, 0);
  };
  me.base.onkeydown = (event) => {
    const position = me.place[me.selected ?? me.order[0]];
    const page = me.columns * 3;
    const moves = {
      ArrowRight: 1, ArrowLeft: -1, ArrowDown: me.columns, ArrowUp: -me.columns,
      PageDown: page, PageUp: -page, Home: -position, End: me.header.count - 1 - position,
    };
    if (!(event.key in moves) || !me.header.selectable) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(me.header.count - 1, position + moves[event.key]));
    select(me, me.order[next], 150);
  };
  onResize(me.root, () => draw(me));
}
