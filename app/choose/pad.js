// A field to draw a digit on, with finger, mouse or keys.
// State "ink": the drawing as grey levels of `cells` x `cells`, two hexadecimal digits each, row by row.

import { MARKED, contextOf, element, memories, remember } from "../canvas/shared.js";

/** @import { Given, Point } from "../canvas/types.js" */

/**
 * @typedef {object} Data
 * @property {string} asked What is said under the empty field.
 * @property {number} cells Rows and columns of the drawing.
 */

/**
 * @typedef {object} Pad
 * @property {HTMLElement} root
 * @property {HTMLCanvasElement} canvas The drawing.
 * @property {HTMLCanvasElement} over Where the pen of the keyboard is.
 * @property {HTMLButtonElement} clear
 * @property {HTMLElement} said
 * @property {number} cells
 * @property {Point} pen Of the keyboard, in cells.
 * @property {boolean} down Whether it draws.
 * @property {Point | null} last Where the mouse or finger was.
 * @property {string} asked
 * @property {(ink: string) => void} send
 */

const PEN = 4.6; // in cells

/** @param {Given<Data>} given */
export default function ({ data, parentElement, setStateValue }) {
  const first = !memories.has(parentElement);
  const me = remember(parentElement, () => build(parentElement, data.cells));
  if (me.said.textContent === me.asked) me.said.textContent = data.asked;
  me.asked = data.asked;
  me.send = (ink) => setStateValue("ink", ink);
  if (first) listen(me);
}

/**
 * @param {HTMLElement | ShadowRoot} parent
 * @param {number} cells
 * @returns {Pad}
 */
function build(parent, cells) {
  const canvas = element("canvas", {
    width: 4 * cells,
    height: 4 * cells,
    tabIndex: 0,
    aria: {
      role: "application",
      label: "Drawing field. Arrow keys move the pen, the space bar puts it down or lifts it.",
    },
  });
  const over = element("canvas", { className: "over", width: 4 * cells, height: 4 * cells });
  const stage = element("div", { className: "stage" }, canvas, over);
  const clear = element("button", { type: "button" }, "Clear");
  const said = element("span", { className: "faint", aria: { live: "polite" } });
  const root = element(
    "div",
    { className: "root pad" },
    stage,
    element("div", { className: "row" }, clear, said),
  );
  parent.append(root);
  /** @type {Pad} */
  const me = {
    root,
    canvas,
    over,
    clear,
    said,
    pen: [cells / 2, cells / 4],
    down: false,
    last: null,
    cells,
    send: () => {},
    asked: "",
  };
  wipe(me);
  return me;
}

/** @param {Pad} me */
function wipe(me) {
  const context = contextOf(me.canvas);
  context.fillStyle = "#000";
  context.fillRect(0, 0, me.canvas.width, me.canvas.height);
  me.said.textContent = me.asked;
}

/**
 * @param {Pad} me
 * @param {Point} from
 * @param {Point} to
 */
function stroke(me, from, to) {
  const context = contextOf(me.canvas);
  context.strokeStyle = "#fff";
  context.lineCap = "round";
  context.lineWidth = 4 * PEN;
  context.beginPath();
  context.moveTo(4 * from[0], 4 * from[1]);
  context.lineTo(4 * to[0] + 0.01, 4 * to[1]);
  context.stroke();
}

/**
 * Show where the pen of the keyboard is, or hide it.
 * @param {Pad} me
 * @param {boolean} shown
 */
function showPen(me, shown) {
  const context = contextOf(me.over);
  context.clearRect(0, 0, me.over.width, me.over.height);
  if (!shown) return;
  const [x, y] = me.pen.map((place) => 4 * place);
  context.strokeStyle = me.down ? MARKED : "#4aa8f0";
  context.lineWidth = 3;
  context.beginPath();
  context.arc(x, y, 2 * PEN + 3, 0, 2 * Math.PI);
  context.stroke();
}

/** @param {Pad} me */
function hand(me) {
  const small = document.createElement("canvas");
  small.width = small.height = me.cells;
  const context = contextOf(small);
  context.imageSmoothingQuality = "high";
  context.drawImage(me.canvas, 0, 0, me.cells, me.cells);
  const { data } = context.getImageData(0, 0, me.cells, me.cells);
  let ink = "";
  for (let i = 0; i < data.length; i += 4) ink += data[i].toString(16).padStart(2, "0");
  me.send(ink);
}

/** @param {Pad} me */
function listen(me) {
  const { canvas } = me;
  /** @type {(event: PointerEvent) => Point} */
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [
      ((event.clientX - box.left) / box.width) * me.cells,
      ((event.clientY - box.top) / box.height) * me.cells,
    ];
  };
  canvas.onpointerdown = (event) => {
    canvas.setPointerCapture(event.pointerId);
    me.last = place(event);
    stroke(me, me.last, me.last);
  };
  canvas.onpointermove = (event) => {
    if (!me.last) return;
    const now = place(event);
    stroke(me, me.last, now);
    me.last = now;
  };
  canvas.onpointerup = canvas.onpointercancel = () => {
    if (me.last) hand(me);
    me.last = null;
  };
  canvas.onkeydown = (event) => {
    /** @type {Record<string, Point>} */
    const moves = {
      ArrowRight: [1.5, 0],
      ArrowLeft: [-1.5, 0],
      ArrowDown: [0, 1.5],
      ArrowUp: [0, -1.5],
    };
    if (event.key === " ") {
      me.down = !me.down;
      if (me.down) stroke(me, me.pen, me.pen);
      else hand(me);
    } else if (event.key in moves) {
      const [x, y] = me.pen;
      const [right, down] = moves[event.key];
      const next = /** @type {Point} */ (
        [x + right, y + down].map((to) => Math.max(1, Math.min(me.cells - 1, to)))
      );
      if (me.down) stroke(me, me.pen, next);
      me.pen = next;
    } else return;
    const [column, row] = me.pen.map(Math.round);
    me.said.textContent = `Pen ${me.down ? "down" : "up"}, row ${row}, column ${column} of ${me.cells}.`;
    event.preventDefault();
    showPen(me, true);
  };
  canvas.onfocus = () => showPen(me, canvas.matches(":focus-visible"));
  canvas.onblur = () => {
    showPen(me, false);
    if (me.down) hand(me);
    me.down = false;
  };
  me.clear.onclick = () => {
    wipe(me);
    me.down = false;
    me.send("");
  };
}
