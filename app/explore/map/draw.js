// How the map looks: tiles, blocks, edges, bands, what is lit, and the small map.

/** @import { Rectangle } from "../../canvas/camera.js" */
/** @import { Point } from "../../canvas/types.js" */
/** @import { Bar, BlockItem, Edge, FrameItem, Layout, Sheet, Theme, TileItem } from "./types.js" */

import { sharpen } from "../../canvas/shared.js";
import { known, lastOf } from "./lookup.js";

export const INNER = 6; // between the edge of a tile and what is in it
export const BAR = 4; // in the colour of the operation
const FAINT_EDGE = 0.5;
const VEIL = 0.72; // over what is not lit
const SMALLEST_TEXT = 11; // in pixels on the screen: smaller text is left out

/**
 * The colours of the theme, as they are now.
 * @param {Element} root
 * @returns {Theme}
 */
export function readTheme(root) {
  const style = getComputedStyle(root);
  /** @type {(name: string, otherwise: string) => string} */
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
  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Sheet} sheet
   */
  constructor(context, { camera, width, height, theme, metrics, thumbnails, operations }) {
    this.context = context;
    this.camera = camera;
    this.zoom = camera.zoom;
    this.width = width;
    this.height = height;
    this.theme = theme;
    this.metrics = metrics;
    this.thumbnails = thumbnails;
    this.operations = operations;
    this.fade = 1;
  }

  /**
   * How solid what is drawn next is; less while it comes or goes.
   * @param {number} share
   */
  alpha(share) {
    this.context.globalAlpha = share * this.fade;
  }

  /**
   * Where a box of the map is in the view.
   * @param {Rectangle} box
   * @returns {Rectangle}
   */
  box({ x, y, width, height }) {
    return {
      x: (x - this.camera.x) * this.zoom,
      y: (y - this.camera.y) * this.zoom,
      width: width * this.zoom,
      height: height * this.zoom,
    };
  }

  /**
   * @param {Rectangle} box In the view.
   */
  visible({ x, y, width, height }) {
    return x < this.width && y < this.height && x + width > 0 && y + height > 0;
  }

  /**
   * The size of text that is `size` large at zoom 1; 0 if it has no room.
   * @param {number} size
   */
  textSize(size) {
    const wanted = Math.min(size * this.zoom, size * 1.6);
    return wanted >= SMALLEST_TEXT * 0.8 ? Math.max(SMALLEST_TEXT, wanted) : 0;
  }

  /**
   * @param {string} words
   * @param {number} x
   * @param {number} y
   * @param {object} look
   * @param {number} [look.size]
   * @param {boolean} [look.bold]
   * @param {number} [look.room]
   * @param {string} [look.colour]
   * @param {boolean} [look.faint]
   * @param {CanvasTextAlign} [look.align]
   */
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

  /**
   * @param {Layout["bands"]} bands
   */
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

  /**
   * @param {Edge} edge
   * @param {string} colour
   * @param {number} line How wide.
   * @param {number} alpha
   */
  edge({ points, round, ends }, colour, line, alpha) {
    const { context } = this;
    /** @type {Point[]} */
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
      const [x, y] = lastOf(at);
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

  /**
   * @param {Edge[]} edges
   * @param {number} [alpha]
   */
  edges(edges, alpha = 1) {
    for (const edge of edges) {
      const colour = edge.skip ? this.operations.addition.colour : this.theme.text;
      this.edge(edge, colour, edge.skip ? 2 : 1.5, alpha * (edge.skip ? 0.9 : FAINT_EDGE));
    }
  }

  /**
   * @param {FrameItem} node
   * @param {Rectangle} box In the view.
   */
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

  /**
   * A tile or a folded block, with a stripe in the colour of each of its operations.
   * @param {TileItem | BlockItem} node
   * @param {Rectangle} box In the view.
   */
  node(node, box) {
    const { context, zoom } = this;
    /** @param {number} length */
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
      if ("fill" in each) {
        context.fillStyle = each.fill;
        context.fillRect(x, y, k(each.width), k(each.height));
      } else if ("thumb" in each) this.thumbnail(each.thumb, x, y, k(each.width), k(each.height));
      else if ("share" in each) this.share(each, x, y);
      else
        this.text(each.words, x, y, {
          ...each,
          room: k(each.room),
          align: each.centred ? "center" : "left",
        });
    }
  }

  /**
   * @param {Rectangle} box
   */
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

  /**
   * The share of the cost: a bar as long as it is large beside the largest one, and a percentage.
   * @param {{ room: number } & Bar} bar
   * @param {number} x
   * @param {number} y
   */
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

  /**
   * @param {string} name
   * @param {number} x
   * @param {number} y
   * @param {number} width
   * @param {number} height
   */
  thumbnail(name, x, y, width, height) {
    const { sheet, places } = this.thumbnails;
    const place = known(places, name);
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

  /**
   * Dim everything but some boxes, and those a little that are faint.
   * @param {{ box: Rectangle, faint?: boolean }[]} boxes
   */
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

  /**
   * @param {Rectangle} box
   * @param {string} colour
   * @param {number} line
   */
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

/**
 * The whole map in small, with a frame around what is seen.
 * @param {HTMLCanvasElement} canvas
 * @param {Layout} layout
 * @param {Sheet} view
 * @param {number[]} edges How wide and how high it may be.
 */
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
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Rectangle} box
 * @param {number} radius
 */
function roundBox(context, { x, y, width, height }, radius) {
  context.beginPath();
  context.roundRect(x, y, width, height, Math.min(radius, width / 2, height / 2));
}

/** @type {Map<string, string>} */
const shortened = new Map();

/**
 * Words that fit into `room` pixels in the font of the context, with an ellipsis if they have to.
 * @param {CanvasRenderingContext2D} context
 * @param {string} words
 * @param {number} room
 */
function shorten(context, words, room) {
  const key = `${context.font} ${Math.round(room)} ${words}`;
  if (!shortened.has(key)) {
    if (shortened.size > 5000) shortened.clear();
    let text = words;
    while (text && context.measureText(text === words ? text : `${text}…`).width > room)
      text = text.slice(0, -1);
    shortened.set(key, text === words ? text : text.length > 1 ? `${text}…` : "");
  }
  return known(shortened, key);
}
