// Many small pictures in rows. Only those in sight are painted, so that thousands scroll smoothly.

import { FRAME_GREY, MARKED, element, sharpen, textIn } from "./shared.js";
import { drawBadge, writeFoot, writeNumbers } from "./tile_words.js";

/** @import { Atlas } from "./atlas.js" */
/** @import { Written } from "./tile_words.js" */
/** @import { Box } from "./types.js" */

const GAP = 3;
const EDGE = 2; // room for the outlines of the first row and column
const TALLEST = 490; // of the visible part, in CSS pixels
const SMALLEST_TILE = 40; // what can be recognised, and hit with a finger
const LARGEST_TILE = 132;
const LARGE = 200; // where a few fit into one row
const FOOT = 1.45; // for a line under a tile that is wide enough, in sizes of the text
const WIDE = 60;
const TOOL_TALL = 24; // of the button beside a tile that is too small for it, or for a finger
const TAP_TALL = 34;

/**
 * What is pointed at: a choice, and the pixel of its tile; `row` is null below a tile.
 * @typedef {{ tile: number, choice: number, row: number | null, column: number }} At
 */

/**
 * @typedef {object} TilesOptions
 * @property {(at: At) => string} read Gives the words of the tip.
 * @property {(choice: number) => string} say Gives a sentence about a choice.
 * @property {(choice: number) => void} open Called with a choice that is opened.
 * @property {(choice: number | null) => void} [point] Called when another choice is pointed at, or none.
 * @property {(key: string, choice: number | null) => boolean} [press] Called with a key and the choice
 *   it is for; tells whether it did something.
 * @property {HTMLElement | null} [tool] A button that is put on the tile that is pointed at.
 */

/**
 * What tiles show.
 * @typedef {object} TileSet
 * @property {string} name Of the set: another one forgets where the visitor was.
 * @property {number} count
 * @property {number} height Of what a tile shows.
 * @property {number} width
 * @property {number} [cells] How many cells there are to choose from in the only tile; 0 to choose tiles.
 * @property {number[] | Int32Array} order Tiles in the order they are shown.
 * @property {Atlas} atlas Their pictures.
 * @property {number} [largest] The longest edge of an only tile.
 * @property {boolean} selectable Whether one can be opened.
 * @property {(tile: number) => string} [badge] Gives a sign for the corner of a tile, or "".
 * @property {((tile: number) => string) | null} [foot] Gives a short line under a tile.
 * @property {((tile: number, row: number, column: number) => Written | null | undefined) | null} [number]
 *   Gives the number in a pixel of a tile, to be written where there is room.
 * @property {string} label Of the whole, for screen readers.
 */

/** @typedef {{ clientX: number, clientY: number }} Pointer */

export class Tiles {
  name = "";
  count = 0;
  height = 1;
  width = 1;
  cells = 0;
  /** @type {number[] | Int32Array} */
  order = [];
  /** @type {Atlas | null} */
  atlas = null;
  largest = 420;
  selectable = false;
  /** @type {(tile: number) => string} */
  badge = () => "";
  /** @type {((tile: number) => string) | null} */
  foot = null;
  /** @type {TileSet["number"]} */
  number = null;
  /** @type {number[]} */
  place = []; // of each tile in the order
  /** @type {number | null} */
  hover = null; // the choice under the mouse
  /** @type {number | null} */
  cursor = null; // the choice that was walked to, or tapped
  /** @type {Pointer | null} */
  pointer = null; // where the mouse is, if on a tile
  zoom = 1;
  /** @type {number[]} */
  marked = []; // choices that are framed
  touched = false; // whether by a finger
  outlined = false; // whether anything is framed now
  /** @type {CanvasRenderingContext2D | null} */
  below = null;
  /** @type {CanvasRenderingContext2D | null} */
  above = null;
  text = { ink: "", size: 0 };
  columns = 1;
  rows = 0;
  tileWidth = 1;
  tileHeight = 1;
  footed = false; // whether there are lines under the tiles
  footTall = 0;
  pitch = 1; // from one row to the next
  totalWidth = 0;
  totalHeight = 0;
  seen = 0; // how much of it is, in CSS pixels

  /** @param {TilesOptions} options */
  constructor({ read, say, open, point = () => {}, press = () => false, tool = null }) {
    this.read = read;
    this.say = say;
    this.open = open;
    this.point = point;
    this.press = press;
    this.tool = tool;
    this.base = element("canvas", { tabIndex: 0, className: "base" });
    this.over = element("canvas", { className: "over" });
    this.sight = element("div", { className: "sight" }, this.base, this.over);
    this.stage = element("div", { className: "stage" }, this.sight, ...(tool ? [tool] : []));
    this.scroller = element("div", { className: "scroller" }, this.stage);
    this.tip = element("div", { className: "tip", hidden: true });
    this.spoken = element("div", { className: "hidden", aria: { live: "polite" } });
    this.root = element("div", { className: "tiles" }, this.scroller, this.tip, this.spoken);
    if (tool) tool.hidden = true;
    this.listen();
  }

  /**
   * Show tiles.
   * @param {TileSet} tiles
   */
  set({
    name,
    count,
    height,
    width,
    cells = 0,
    order,
    atlas,
    largest = 420,
    selectable,
    badge = () => "",
    foot = null,
    number = null,
    label,
  }) {
    if (name !== this.name) {
      Object.assign(this, { cursor: null, hover: null, zoom: 1 });
      this.scroller.scrollTop = 0;
      this.hide();
    }
    Object.assign(this, {
      name,
      count,
      height,
      width,
      cells,
      order,
      atlas,
      largest,
      selectable,
      badge,
      foot,
      number,
    });
    this.place = [];
    order.forEach((tile, position) => {
      this.place[tile] = position;
    });
    this.base.setAttribute("role", selectable ? "application" : "img");
    this.base.setAttribute("aria-label", label);
  }

  /** How many there are to choose from: the tiles, or the cells of a vector. */
  get choices() {
    return this.cells || this.count;
  }

  /** What keys are for: what is pointed at, else where the visitor was. */
  get chosen() {
    return this.hover ?? this.cursor;
  }

  layout() {
    const room = Math.max(120, Math.floor(this.scroller.clientWidth) - 8);
    const aspect = this.height / this.width;
    const inOneRow = Math.floor(room / this.count) - GAP;
    const usual =
      this.count === 1 ? this.largest : Math.max(LARGEST_TILE, Math.min(LARGE, inOneRow));
    const most = Math.min(room, usual * this.zoom);
    const even = Math.sqrt((room * (TALLEST - 20)) / (this.count * aspect)) - GAP;
    const edge = Math.max(
      Math.min(SMALLEST_TILE * this.zoom, most),
      Math.min(most, even * this.zoom),
    );
    let times = Math.floor(edge / this.width);
    if (times && times * this.width < 0.8 * edge && (times + 1) * this.width <= room) times += 1;
    this.tileWidth = times ? times * this.width : Math.floor(edge);
    this.tileHeight = Math.max(1, Math.round(this.tileWidth * aspect));
    this.columns = Math.max(1, Math.floor((room + GAP) / (this.tileWidth + GAP)));
    this.text = textIn(this.root);
    this.footed = this.foot !== null && !this.cells && this.tileWidth >= WIDE;
    this.footTall = this.footed ? Math.round(FOOT * this.text.size) : 0;
    this.pitch = this.tileHeight + GAP + this.footTall;
    this.rows = Math.ceil(this.count / this.columns);
    this.totalWidth = Math.min(this.columns, this.count) * (this.tileWidth + GAP) + EDGE;
    this.totalHeight = this.rows * this.pitch + EDGE;
  }

  /**
   * Where a choice is, in CSS pixels of the whole.
   * @param {number} choice
   * @returns {Box}
   */
  frame(choice) {
    const position = this.cells ? 0 : this.place[choice];
    const x = (position % this.columns) * (this.tileWidth + GAP) + EDGE;
    const y = Math.floor(position / this.columns) * this.pitch + EDGE;
    if (!this.cells) return [x, y, this.tileWidth, this.tileHeight];
    const [width, height] = [this.tileWidth / this.width, this.tileHeight / this.height];
    return [
      x + (choice % this.width) * width,
      y + Math.floor(choice / this.width) * height,
      width,
      height,
    ];
  }

  draw() {
    if (!this.scroller.clientWidth) return;
    this.layout();
    this.seen = Math.min(this.totalHeight, TALLEST);
    this.stage.style.width = this.sight.style.width = `${this.totalWidth}px`;
    this.stage.style.height = `${this.totalHeight}px`;
    this.sight.style.height = `${this.seen}px`;
    this.below = sharpen(this.base, this.totalWidth, this.seen);
    this.above = sharpen(this.over, this.totalWidth, this.seen);
    this.paintSeen();
    if (this.pointer) this.pointAt(this.pointer); // another tile may be there now
  }

  paintSeen() {
    if (!this.below) return;
    this.below.clearRect(0, 0, this.totalWidth, this.seen);
    this.paint(this.below, this.scroller.scrollTop, this.seen);
    this.mark();
  }

  /**
   * Paint what lies from `top` on, `tall` CSS pixels of it; returns how many tiles that were.
   * @param {CanvasRenderingContext2D} context
   * @param {number} top
   * @param {number} tall
   */
  paint(context, top, tall) {
    const first = Math.max(0, Math.floor((top - EDGE) / this.pitch)) * this.columns;
    const end = Math.min(this.count, Math.ceil((top + tall) / this.pitch) * this.columns);
    const shown = this.order.slice(first, end);
    context.save();
    context.translate(0, -top);
    context.fillStyle = FRAME_GREY; // a thin frame: neither theme hides where a tile ends
    if (!this.cells) {
      for (const tile of shown) {
        const [x, y, width, height] = this.frame(tile);
        context.fillRect(x - 0.5, y - 0.5, width + 1, height + 1);
      }
    }
    for (const tile of shown) {
      /** @type {Box} */
      const box = this.cells ? [EDGE, EDGE, this.tileWidth, this.tileHeight] : this.frame(tile);
      this.atlas?.draw(context, tile, ...box);
      if (this.number && this.tileWidth / this.width >= 36)
        writeNumbers(context, box, this, (row, column) => this.number?.(tile, row, column));
      const sign = this.badge(tile);
      if (sign) drawBadge(context, sign, box[0] + 2, box[1] + box[3] - 2);
    }
    if (this.footed) {
      for (const tile of shown)
        writeFoot(context, this.foot?.(tile) ?? "", this.frame(tile), this.footTall, this.text);
    }
    context.restore();
    return shown.length;
  }

  mark() {
    const context = this.above;
    if (!context) return;
    const top = this.scroller.scrollTop;
    const some = this.marked.length > 0 || [this.hover, this.cursor].some((each) => each !== null);
    if (some || this.outlined) context.clearRect(0, 0, this.totalWidth, this.seen);
    this.outlined = some;
    const style = getComputedStyle(this.root);
    /** @type {(choice: number, colour: string, thick: number) => void} */
    const outline = (choice, colour, thick) => {
      const [x, y, width, height] = this.frame(choice);
      context.strokeStyle = colour;
      context.lineWidth = thick;
      context.strokeRect(x - 1, y - 1 - top, width + 2, height + 2);
    };
    for (const choice of this.marked) outline(choice, MARKED, 2);
    if (this.hover !== null && this.choices > 1) outline(this.hover, style.color, 1.5);
    const primary = style.getPropertyValue("--st-primary-color");
    if (this.cursor !== null && this.selectable) outline(this.cursor, primary, 3);
    this.putTool();
  }

  /** Put the button on the tile that is pointed at, or walked to. */
  putTool() {
    if (!this.tool) return;
    const { activeElement } = /** @type {ShadowRoot} */ (this.root.getRootNode());
    const held = activeElement === this.base || activeElement === this.tool;
    // Never on the tile: it would hide pixels, and catch the second tap that is meant for the tile.
    const choice = this.touched ? this.cursor : (this.hover ?? (held ? this.cursor : null));
    const away = choice === null || this.cells > 0 || this.count === 1;
    this.tool.hidden = away;
    if (away) return;
    const [x, y, width, height] = this.frame(choice);
    const under = this.footed && !this.touched;
    const tall = this.touched ? TAP_TALL : TOOL_TALL;
    const above = y - this.scroller.scrollTop >= tall;
    this.tool.style.height = `${under ? this.footTall : tall}px`;
    this.tool.style.right = `${Math.max(0, Math.min(this.totalWidth - 60, this.totalWidth - x - width))}px`;
    this.tool.style.top = `${under || !above ? y + height : y - tall}px`;
  }

  /**
   * The choice and the pixel of its tile at a place of the screen.
   * @param {Pointer} pointer
   * @returns {At | null}
   */
  locate({ clientX, clientY }) {
    const box = this.base.getBoundingClientRect();
    const x = clientX - box.left - EDGE;
    const y = clientY - box.top - EDGE + this.scroller.scrollTop;
    const column = Math.floor(x / (this.tileWidth + GAP));
    const row = Math.floor(y / this.pitch);
    const left = x - column * (this.tileWidth + GAP);
    const top = y - row * this.pitch;
    const position = row * this.columns + column;
    const onFoot = this.footed && top >= this.tileHeight && top < this.pitch - GAP;
    const outside =
      column >= this.columns || left >= this.tileWidth || (top >= this.tileHeight && !onFoot);
    if (x < 0 || y < 0 || outside || position >= this.count || clientY > box.bottom) return null;
    const tile = this.order[position];
    const down = Math.floor((top / this.tileHeight) * this.height);
    const across = Math.floor((left / this.tileWidth) * this.width);
    const cell = down * this.width + across;
    if (this.cells && cell >= this.cells) return null;
    const choice = this.cells ? cell : tile;
    return { tile, choice, row: onFoot ? null : down, column: across };
  }

  /** @param {Pointer} pointer */
  pointAt(pointer) {
    const at = this.locate(pointer);
    const box = this.root.getBoundingClientRect();
    this.pointer = at ? pointer : null;
    const [left, top] = [pointer.clientX - box.left + 14, pointer.clientY - box.top];
    this.showTip(at ? this.read(at) : "", left, top + 18, this.footed ? top - 10 : null);
    this.turnTo(at ? at.choice : null);
  }

  /** @param {number | null} choice */
  turnTo(choice) {
    if (choice === this.hover) return;
    this.hover = choice;
    this.point(this.chosen);
    this.mark();
  }

  hide() {
    this.pointer = null;
    this.showTip("");
    this.turnTo(null);
  }

  /**
   * Go to a choice; the visitor may go on to another one or open it.
   * @param {number} choice
   */
  walkTo(choice) {
    this.hide();
    this.cursor = choice;
    const [x, y, , height] = this.frame(choice);
    const { scrollTop, clientHeight } = this.scroller;
    if (y < scrollTop) this.scroller.scrollTop = y - GAP;
    if (y + height > scrollTop + clientHeight)
      this.scroller.scrollTop = y + height + GAP - clientHeight;
    this.spoken.textContent = this.say(choice);
    const [outer, inner] = [this.root, this.base].map((each) => each.getBoundingClientRect());
    const under = inner.top - outer.top + y + height + 4 - this.scroller.scrollTop;
    this.showTip(this.say(choice), inner.left - outer.left + x, under);
    this.point(choice);
    this.mark();
  }

  /**
   * Show words at a place.
   * @param {string} text
   * @param {number} [left]
   * @param {number} [top]
   * @param {number | null} [bottom] Above this instead of below `top`.
   */
  showTip(text, left = 0, top = 0, bottom = null) {
    this.tip.hidden = !text;
    if (!text) return;
    this.tip.textContent = text;
    if (bottom !== null) top = bottom - this.tip.offsetHeight;
    this.tip.style.left = `${Math.max(0, Math.min(left, this.root.clientWidth - this.tip.offsetWidth))}px`;
    this.tip.style.top = `${top}px`;
  }

  /** @param {number} choice */
  openIt(choice) {
    if (!this.selectable) return;
    this.cursor = choice;
    this.mark();
    this.open(choice);
  }

  listen() {
    const { base, tool } = this;
    base.onpointermove = base.onpointerdown = (event) => {
      this.touched = event.pointerType === "touch";
      this.pointAt(event);
    };
    base.onpointerleave = (event) => {
      if (event.pointerType === "mouse" && event.relatedTarget !== tool) this.hide();
    };
    base.onblur = () => {
      this.showTip("");
      setTimeout(() => this.putTool());
    };
    base.onfocus = () => this.putTool();
    base.onclick = (event) => {
      const at = this.locate(event);
      if (!at) return;
      // A finger cannot hover: its first tap shows what hovering shows, its second one opens.
      if (event.pointerType === "touch" && this.cursor !== at.choice && this.selectable) {
        this.cursor = at.choice;
        this.mark();
      } else this.openIt(at.choice);
    };
    base.onkeydown = (event) => this.key(event);
    if (tool) {
      tool.onpointerleave = (event) => {
        if (event.relatedTarget !== base) this.hide();
      };
      tool.onblur = () => setTimeout(() => this.putTool());
    }
    this.scroller.onscroll = () => {
      if (!this.below) return;
      if (this.pointer) this.pointAt(this.pointer);
      else this.showTip("");
      this.paintSeen();
    };
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.selectable) return;
    this.touched = false;
    const opens = event.key === "Enter" || event.key === " ";
    const position = this.cursor === null ? 0 : this.cells ? this.cursor : this.place[this.cursor];
    const row = this.cells ? this.width : this.columns;
    const last = this.choices - 1;
    /** @type {Record<string, number>} */
    const moves = {
      ArrowRight: 1,
      ArrowLeft: -1,
      ArrowDown: row,
      ArrowUp: -row,
      PageDown: 3 * row,
      PageUp: -3 * row,
      Home: -position,
      End: last - position,
    };
    if (opens && this.cursor !== null) this.openIt(this.cursor);
    else if (event.key in moves) {
      const within = Math.max(0, Math.min(last, position + moves[event.key]));
      this.walkTo(this.cells ? within : this.order[within]);
    } else if (opens || !this.press(event.key, this.chosen)) return;
    event.preventDefault();
  }
}

/**
 * Frame a component that words of the page stand for, but not while the visitor is in it.
 * @param {{ root: HTMLElement }} me
 * @param {boolean} lit
 */
export function lightUp(me, lit) {
  me.root.classList.toggle("lit", lit && !me.root.matches(":hover, :focus-within"));
}
