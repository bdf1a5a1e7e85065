// How the map looks: thumbnails, tiles, blocks, edges, bands, what is lit, and the small map.

import { element, makeScale, paletteOf, sharpen } from "../../canvas/shared.js";

export const INNER = 6; // between the edge of a tile and what is in it
export const BAR = 4; // in the colour of the operation
const FAINT_EDGE = 0.5;
const VEIL = 0.72; // over what is not lit
const SMALLEST_TEXT = 11; // in pixels on the screen: smaller text is left out

/** All thumbnails on one canvas; where each begins, by the name of the step. */
export function paintThumbnails(steps, body) {
  const places = new Map();
  const width = 1024;
  let [x, y, shelf] = [0, 0, 0];
  for (const { name, thumb } of steps) {
    const long = thumb.count * thumb.width;
    if (x + long > width) [x, y, shelf] = [0, y + shelf, 0];
    places.set(name, { ...thumb, x, y });
    x += long;
    shelf = Math.max(shelf, thumb.height);
  }
  const sheet = element("canvas", { width, height: Math.max(1, y + shelf) });
  const context = sheet.getContext("2d");
  const image = context.createImageData(sheet.width, sheet.height);
  const pixels = new Uint32Array(image.data.buffer);
  const palettes = new Map(); // colours go by a value's share of its range
  for (const place of places.values()) {
    const { height, width: wide, count, at, rgb, cells } = place;
    let palette = null;
    if (!rgb) {
      const scale = makeScale(place.scale);
      const shares = [scale.minimum, scale.maximum].map((end) =>
        scale.high ? end / scale.high : 0,
      );
      const kind = `${Boolean(cells)} ${shares}`;
      if (!palettes.has(kind)) palettes.set(kind, paletteOf(scale, cells));
      palette = palettes.get(kind);
    }
    for (let tile = 0, from = at; tile < count; tile++) {
      for (let row = 0; row < height; row++) {
        let to = (place.y + row) * width + place.x + tile * wide;
        for (let column = 0; column < wide; column++, to++) {
          if (palette) pixels[to] = palette[body[from++]];
          else {
            pixels[to] = (255 << 24) | (body[from + 2] << 16) | (body[from + 1] << 8) | body[from];
            from += 3;
          }
        }
      }
    }
  }
  context.putImageData(image, 0, 0);
  return { sheet, places };
}

/** The colours of the theme, as they are now. */
export function readTheme(root) {
  const style = getComputedStyle(root);
  const read = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;
  return {
    text: read("--st-text-color", "#31333f"),
    ground: read("--st-background-color", "#fff"),
    second: read("--st-secondary-background-color", "#f0f2f6"),
    border: read("--st-border-color", "#ccc"),
    accent: read("--st-primary-color", "#c2410c"),
    font: style.fontFamily || "sans-serif",
  };
}

/** Draws one state of the map; lives for one call of `paint`. */
export class Painter {
  /** @param view {camera: {x, y, zoom}, width, height, theme, metrics, thumbnails, operations}. */
  constructor(context, view) {
    Object.assign(this, view, { context, zoom: view.camera.zoom, fade: 1 });
  }

  /** How solid what is drawn next is; less while it comes or goes. */
  alpha(share) {
    this.context.globalAlpha = share * this.fade;
  }

  box({ x, y, width, height }) {
    return {
      x: (x - this.camera.x) * this.zoom,
      y: (y - this.camera.y) * this.zoom,
      width: width * this.zoom,
      height: height * this.zoom,
    };
  }

  visible({ x, y, width, height }) {
    return x < this.width && y < this.height && x + width > 0 && y + height > 0;
  }

  /** The size of text that is `size` large at zoom 1; 0 if it has no room. */
  textSize(size) {
    const wanted = Math.min(size * this.zoom, size * 1.6);
    return wanted >= SMALLEST_TEXT * 0.8 ? Math.max(SMALLEST_TEXT, wanted) : 0;
  }

  text(
    words,
    x,
    y,
    {
      size = 11,
      bold = false,
      room = Infinity,
      colour = this.theme.text,
      faint = false,
      align = "left",
    },
  ) {
    const px = this.textSize(size * this.metrics.type);
    if (!px || room < 12) return;
    const { context } = this;
    context.font = `${bold ? "600 " : ""}${px}px ${this.theme.font}`;
    context.fillStyle = colour;
    context.textAlign = align;
    context.textBaseline = "middle";
    this.alpha(faint ? 0.8 : 1);
    context.fillText(shorten(context, words, room), x, y);
    this.alpha(1);
  }

  bands(bands) {
    const { context } = this;
    bands.forEach((band, i) => {
      const box = this.box(band);
      if (!this.visible(box)) return;
      context.fillStyle = this.theme.text;
      this.alpha(i % 2 ? 0.075 : 0.045);
      roundBox(context, box, 8);
      context.fill();
      this.alpha(1);
      const words = band.size || "vector";
      const half = 9 * this.metrics.type * this.zoom;
      this.text(words, box.x + 6, box.y + Math.max(9, half), {
        size: 12,
        room: box.width - 10,
        faint: true,
      });
    });
  }

  edge({ points, round, ends }, colour, line, alpha) {
    const { context } = this;
    const at = points.map(([x, y]) => [
      (x - this.camera.x) * this.zoom,
      (y - this.camera.y) * this.zoom,
    ]);
    context.strokeStyle = colour;
    context.fillStyle = colour;
    context.lineWidth = line;
    this.alpha(alpha);
    context.beginPath();
    context.moveTo(...at[0]);
    for (let i = 1; i < at.length; i++) {
      const [[x0, y0], [x1, y1]] = [at[i - 1], at[i]];
      if (round && i + 1 < at.length) context.arcTo(x1, y1, ...at[i + 1], 8 * this.zoom);
      else if (round || Math.abs(x0 - x1) < 0.5 || Math.abs(y0 - y1) < 0.5) context.lineTo(x1, y1);
      else if (this.metrics.vertical)
        context.bezierCurveTo(x0, (y0 + y1) / 2, x1, (y0 + y1) / 2, x1, y1);
      else context.bezierCurveTo((x0 + x1) / 2, y0, (x0 + x1) / 2, y1, x1, y1);
    }
    context.stroke();
    if (ends) {
      const [x, y] = at.at(-1);
      const size = Math.min(6, 3 + 3 * this.zoom) + line / 2;
      context.beginPath();
      context.moveTo(x, y);
      if (this.metrics.vertical) {
        context.lineTo(x - size / 2, y - size);
        context.lineTo(x + size / 2, y - size);
      } else {
        context.lineTo(x - size, y - size / 2);
        context.lineTo(x - size, y + size / 2);
      }
      context.fill();
    }
    this.alpha(1);
  }

  edges(edges, alpha = 1) {
    for (const edge of edges) {
      const colour = edge.skip ? this.operations.addition.colour : this.theme.text;
      this.edge(edge, colour, edge.skip ? 2 : 1.5, alpha * (edge.skip ? 0.9 : FAINT_EDGE));
    }
  }

  frame(node, box) {
    const { context } = this;
    roundBox(context, box, 8);
    this.alpha(0.35);
    context.fillStyle = this.theme.ground;
    context.fill();
    this.alpha(1);
    context.strokeStyle = this.theme.text;
    context.lineWidth = 1;
    context.setLineDash([5, 4]);
    context.stroke();
    context.setLineDash([]);
    const y = box.y + (this.metrics.title / 2) * this.zoom;
    this.text(`▾ ${node.title}`, box.x + 8, y, { size: 12, bold: true, room: box.width - 14 });
  }

  /** A tile or a folded block, with a stripe in the colour of each of its operations. */
  node(node, box) {
    const { context, metrics, zoom } = this;
    const k = (length) => length * zoom;
    if (node.kind === "block") {
      // a pile
      for (const shift of [5, 2.5]) this.card({ ...box, x: box.x + k(shift), y: box.y - k(shift) });
    }
    this.card(box);
    context.save();
    roundBox(context, box, 6);
    context.clip();
    const [wide, high] = [box.width / node.stripes.length, box.height / node.stripes.length];
    node.stripes.forEach((colour, i) => {
      context.fillStyle = colour;
      if (node.upright) context.fillRect(box.x, box.y + i * high, Math.max(2, k(BAR)), high + 1);
      else context.fillRect(box.x + i * wide, box.y, wide + 1, Math.max(2, k(BAR)));
    });
    context.restore();
    for (const each of node.content) {
      const [x, y] = [box.x + k(each.x), box.y + k(each.y)];
      if (each.fill) {
        context.fillStyle = each.fill;
        context.fillRect(x, y, k(each.width), k(each.height));
      } else if (each.thumb) this.thumbnail(each.thumb, x, y, k(each.width), k(each.height));
      else if (each.share !== undefined) this.share(each, x, y);
      else
        this.text(each.words, x, y, {
          ...each,
          room: k(each.room),
          align: each.centred ? "center" : "left",
        });
    }
  }

  card(box) {
    const { context, theme } = this;
    roundBox(context, box, 6);
    context.fillStyle = theme.second;
    context.fill();
    context.strokeStyle = theme.text;
    this.alpha(0.35);
    context.lineWidth = 1;
    context.stroke();
    this.alpha(1);
  }

  /** The share of the cost: a bar as long as it is large beside the largest one, and a percentage. */
  share({ share, largest, words, room }, x, y) {
    const { context, theme, metrics, zoom } = this;
    const height = 13 * metrics.type * zoom;
    context.fillStyle = theme.accent;
    this.alpha(0.4);
    const length = largest > 0 ? (share / largest) * room * zoom : 0;
    context.fillRect(x, y - height / 2, share > 0 ? Math.max(1.5, length) : 0, height);
    this.alpha(1);
    this.text(words, x + 3, y, { room: room * zoom });
  }

  thumbnail(name, x, y, width, height) {
    const { sheet, places } = this.thumbnails;
    const place = places.get(name);
    const columns = place.count > 1 ? 2 : 1;
    const gap = place.count > 1 ? Math.max(1, width / 32) : 0;
    const room = (Math.min(width, height) - gap * (columns - 1)) / columns;
    const fit = room / Math.max(place.width, place.height);
    const [wide, high] = [
      Math.max(1, place.width * fit),
      Math.max(place.cells ? room / 5 : 1, place.height * fit),
    ];
    this.context.imageSmoothingEnabled = wide * devicePixelRatio < place.width;
    for (let i = 0; i < place.count; i++) {
      this.context.drawImage(
        sheet,
        place.x + i * place.width,
        place.y,
        place.width,
        place.height,
        x +
          (i % columns) * (room + gap) +
          (room - wide) / 2 +
          (width - Math.min(width, height)) / 2,
        y + Math.floor(i / columns) * (room + gap) + (room - high) / 2,
        wide,
        high,
      );
    }
  }

  /** Dim everything but some boxes: [{box, faint}]. */
  veil(boxes) {
    const { context } = this;
    context.fillStyle = this.theme.ground;
    this.alpha(VEIL);
    context.fillRect(0, 0, this.width, this.height);
    for (const { box, faint } of boxes) {
      context.save();
      roundBox(context, this.box(box), 6);
      context.clip();
      const { x, y, width, height } = this.box(box);
      context.clearRect(x - 1, y - 1, width + 2, height + 2);
      this.alpha(VEIL / 2);
      if (faint) context.fillRect(x, y, width, height);
      context.restore();
    }
    this.alpha(1);
  }

  ring(box, colour, line) {
    const { x, y, width, height } = this.box(box);
    this.context.strokeStyle = colour;
    this.context.lineWidth = line;
    roundBox(
      this.context,
      { x: x - line / 2, y: y - line / 2, width: width + line, height: height + line },
      6,
    );
    this.context.stroke();
  }
}

/** The whole map in small, with a frame around what is seen. */
export function paintSmall(canvas, layout, view, edges) {
  const scale = Math.min(edges[0] / layout.width, edges[1] / layout.height);
  const context = sharpen(
    canvas,
    Math.max(1, layout.width * scale),
    Math.max(1, layout.height * scale),
  );
  context.fillStyle = view.theme.ground;
  context.globalAlpha = 0.94;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.globalAlpha = 1;
  for (const node of layout.nodes) {
    if (node.kind === "frame") continue;
    context.fillStyle = view.operations[node.head.operation].colour;
    context.fillRect(
      node.x * scale,
      node.y * scale,
      Math.max(1, node.width * scale),
      Math.max(1, node.height * scale),
    );
  }
  const { x, y, zoom } = view.camera;
  context.strokeStyle = view.theme.accent;
  context.lineWidth = 2;
  context.strokeRect(
    Math.max(1, x * scale),
    Math.max(1, y * scale),
    Math.min(layout.width * scale - 2, (view.width / zoom) * scale),
    Math.min(layout.height * scale - 2, (view.height / zoom) * scale),
  );
  return scale;
}

function roundBox(context, { x, y, width, height }, radius) {
  context.beginPath();
  context.roundRect(x, y, width, height, Math.min(radius, width / 2, height / 2));
}

const shortened = new Map();

/** Words that fit into `room` pixels in the font of the context, with an ellipsis if they have to. */
function shorten(context, words, room) {
  const key = `${context.font} ${Math.round(room)} ${words}`;
  if (!shortened.has(key)) {
    if (shortened.size > 5000) shortened.clear();
    let text = words;
    while (text && context.measureText(text === words ? text : `${text}…`).width > room)
      text = text.slice(0, -1);
    shortened.set(key, text === words ? text : text.length > 1 ? `${text}…` : "");
  }
  return shortened.get(key);
}
