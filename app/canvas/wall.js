// A wall of tiles: every channel of a step, or the kernels of a filter.
// Header: count, height, width, colour, mapHeight, mapWidth, scales, noun, cells (of a vector that
// is shown as one tile, else 0), sort, selected, selectable, scopeWords, label, largest,
// first (number of the first tile; 0 if not given), part (of the page, for words that stand for it).
// Body: strengths (float32), codes.

const GAP = 3;
const TALLEST = 470; // of the visible part, in CSS pixels

function build(parent) {
  const base = element("canvas", { tabIndex: 0, className: "base" });
  const over = element("canvas", { className: "over" });
  const stage = element("div", { className: "stage" }, base, over);
  const scroller = element("div", { className: "scroller" }, stage);
  const tip = element("div", { className: "tip", hidden: true });
  const spoken = element("div", { className: "hidden", aria: { live: "polite" } });
  const head = element("div");
  const root = element("div", { className: "root wall" }, head, scroller, tip, spoken);
  parent.append(root);
  return { root, head, scroller, base, over, tip, spoken, hover: null };
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
  const same = me.header?.name === header.name;
  me.data = data;
  me.header = header;
  me.strengths = new Float32Array(body.buffer, 0, header.count);
  me.codes = body.subarray(4 * header.count);
  me.scales = header.scales.map(makeScale);
  if (!same || me.given !== header.selected) me.selected = header.selected ?? null; // else it was walked to
  me.given = header.selected;
  me.order = Array.from({ length: header.count }, (_, i) => i);
  if (header.sort === "strength") me.order.sort((a, b) => me.strengths[b] - me.strengths[a]);
  me.place = [];
  me.order.forEach((channel, position) => { me.place[channel] = position; });
  const size = header.width * header.height;
  me.tiles = me.order.map((_, channel) => {
    if (header.colour) {
      const codes = me.codes.subarray(channel * size * 3, (channel + 1) * size * 3);
      return bitmap(header.width, header.height, brighten(codes), "rgb");
    }
    const scale = me.scales.length > 1 ? me.scales[channel] : me.scales[0];
    if (me.scales.length > 1 || channel === 0) me.palette = paletteOf(scale, header.cells);
    const codes = me.codes.subarray(channel * size, (channel + 1) * size);
    return bitmap(header.width, header.height, codes, me.palette);
  });
  me.base.setAttribute("role", header.selectable ? "application" : "img");
  const keys = header.selectable ? " Arrow keys choose one." : "";
  me.base.setAttribute("aria-label", `${header.label}.${keys}`);
  me.root.dataset.name = header.name ?? "";
}

/** Codes of colour kernels as red, green and blue; a pixel with NaN or an infinity is marked. */
function brighten(codes) {
  const colours = Uint8Array.from(codes, (code) => Math.min(255, (code * 255) / LEVELS));
  for (let i = 0; i < codes.length; i++) {
    if (codes[i] > LEVELS) colours.set(MARKS[codes[i] - LEVELS - 1], i - (i % 3));
  }
  return colours;
}

function drawHead(me) {
  const scale = me.scales.length > 1 ? me.scales[me.selected ?? 0] : me.scales[0];
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
  context.fillStyle = "#808080"; // a thin frame: neither theme hides where a tile ends
  me.tiles.forEach((tile, channel) => {
    const [x, y] = corner(me, channel);
    if (!me.header.cells) context.fillRect(x - 0.5, y - 0.5, me.tileWidth + 1, me.tileHeight + 1);
    drawScaled(context, tile, x, y, me.tileWidth, me.tileHeight);
  });
  me.context = sharpen(me.over, width, height);
  mark(me);
}

function mark(me) {
  const context = me.context;
  context.clearRect(0, 0, me.over.width, me.over.height);
  const style = getComputedStyle(me.root);
  const outline = (choice, colour, thick) => {
    const [x, y, width, height] = frame(me, choice);
    context.strokeStyle = colour;
    context.lineWidth = thick;
    context.strokeRect(x - 1, y - 1, width + 2, height + 2);
  };
  if (me.hover !== null && choices(me) > 1) outline(me.hover, style.color, 1.5);
  if (me.selected !== null && me.header.selectable) {
    outline(me.selected, style.getPropertyValue("--st-primary-color"), 3);
  }
}

/** How many there are to choose from: the tiles of a wall, or the cells of a vector. */
function choices(me) {
  return me.header.cells || me.header.count;
}

/** Left, top, width and height of a choice in CSS pixels. */
function frame(me, choice) {
  if (!me.header.cells) return [...corner(me, choice), me.tileWidth, me.tileHeight];
  const [width, height] = [me.tileWidth / me.header.width, me.tileHeight / me.header.height];
  const [row, column] = [Math.floor(choice / me.header.width), choice % me.header.width];
  return [2 + column * width, 2 + row * height, width, height];
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
  const channel = me.order[position];
  const pixelColumn = Math.floor((left / me.tileWidth) * me.header.width);
  const pixelRow = Math.floor((top / me.tileHeight) * me.header.height);
  const cell = pixelRow * me.header.width + pixelColumn;
  if (me.header.cells && cell >= me.header.cells) return null;
  const choice = me.header.cells ? cell : channel;
  return { channel, choice, column: pixelColumn, row: pixelRow };
}

function read(me, at) {
  const { width, height, mapWidth, mapHeight, colour, noun, cells } = me.header;
  const index = (at.channel * height + at.row) * width + at.column;
  const scale = me.scales.length > 1 ? me.scales[at.channel] : me.scales[0];
  if (cells) return `${noun} ${at.choice} · ≈ ${show(valueOf(me.codes[index], scale), 3)}`;
  const value = colour
    ? ["red", "green", "blue"]
        .map((name, i) => `${name} ${show(valueOf(me.codes[3 * index + i], scale), 2)}`)
        .join(", ")
    : `≈ ${show(valueOf(me.codes[index], scale), 3)}`;
  const from = (place, tile, map) => Math.floor((place * map) / tile);
  const to = (place, tile, map) => Math.ceil(((place + 1) * map) / tile) - 1;
  const span = (a, b) => (a === b ? `${a}` : `${a}–${b}`);
  const rows = span(from(at.row, height, mapHeight), to(at.row, height, mapHeight));
  const columns = span(from(at.column, width, mapWidth), to(at.column, width, mapWidth));
  const mean = height < mapHeight ? " on average" : "";
  return `${noun} ${at.channel + (me.header.first ?? 0)} · row ${rows}, column ${columns} · ${value}${mean}`;
}

function point(me, event) {
  const at = locate(me, event);
  const box = me.root.getBoundingClientRect();
  showTip(me, at && read(me, at), event.clientX - box.left + 14, event.clientY - box.top + 18);
  const hover = at ? at.choice : null;
  if (hover !== me.hover) {
    me.hover = hover;
    mark(me);
  }
}

/** Mark a choice; the visitor may go on to another one or open it. */
function walkTo(me, choice) {
  if (!me.header.selectable) return;
  me.selected = choice;
  if (me.scales.length > 1) drawHead(me);
  mark(me);
  const [, y, , height] = frame(me, choice);
  const { scrollTop, clientHeight } = me.scroller;
  if (y < scrollTop) me.scroller.scrollTop = y - GAP;
  if (y + height > scrollTop + clientHeight) {
    me.scroller.scrollTop = y + height + GAP - clientHeight;
  }
  const strength = me.header.cells
    ? `about ${show(valueOf(me.codes[choice], me.scales[0]), 3)}`
    : `mean magnitude ${show(me.strengths[choice], 3)}`;
  me.spoken.textContent = `${me.header.noun} ${choice} of ${choices(me)}, ${strength}`;
  showTip(me, `${me.header.noun} ${choice} · ${strength}`, ...below(me, choice));
}

function open(me, choice) {
  if (!me.header.selectable) return;
  me.selected = choice;
  mark(me);
  me.send(choice);
}

/** The place under a choice, in CSS pixels of the component. */
function below(me, choice) {
  const [x, y, , height] = frame(me, choice);
  const outer = me.root.getBoundingClientRect();
  const inner = me.base.getBoundingClientRect();
  return [inner.left - outer.left + x, inner.top - outer.top + y + height + 4];
}

function showTip(me, text, left, top) {
  me.tip.hidden = !text;
  if (!text) return;
  me.tip.textContent = text;
  me.tip.style.left = `${Math.max(0, Math.min(left, me.root.clientWidth - me.tip.offsetWidth))}px`;
  me.tip.style.top = `${top}px`;
}

function listen(me) {
  me.base.onpointermove = (event) => point(me, event);
  me.base.onpointerdown = (event) => point(me, event); // a tap shows what a hover shows
  me.base.onpointerleave = () => {
    me.tip.hidden = true;
    me.hover = null;
    mark(me);
  };
  me.base.onblur = () => { me.tip.hidden = true; };
  me.base.onclick = (event) => {
    const at = locate(me, event);
    if (at) open(me, at.choice);
  };
  me.base.onkeydown = (event) => {
    const { cells, width, selectable } = me.header;
    if ((event.key === "Enter" || event.key === " ") && me.selected !== null) {
      event.preventDefault();
      open(me, me.selected);
      return;
    }
    const chosen = me.selected ?? me.order[0];
    const position = cells ? chosen : me.place[chosen];
    const row = cells ? width : me.columns;
    const last = choices(me) - 1;
    const moves = {
      ArrowRight: 1, ArrowLeft: -1, ArrowDown: row, ArrowUp: -row,
      PageDown: 3 * row, PageUp: -3 * row, Home: -position, End: last - position,
    };
    if (!(event.key in moves) || !selectable) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(last, position + moves[event.key]));
    walkTo(me, cells ? next : me.order[next]);
  };
  linkPart(me.root, () => me.header.part);
  onResize(me.root, () => draw(me));
}
