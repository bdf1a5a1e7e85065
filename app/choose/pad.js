// A field to draw a digit on, with finger, mouse or keys.
// Data: {asked}, what is said under the empty field.
// State "ink": the drawing as 56 x 56 grey levels, two hexadecimal digits each, row by row.

import { element, memories, remember } from "../canvas/shared.js";

const CELLS = 56;
const PEN = 4.6;

export default function ({ data, parentElement, setStateValue }) {
  const first = !memories.has(parentElement);
  const me = remember(parentElement, () => build(parentElement));
  if (me.said.textContent === me.asked) me.said.textContent = data.asked;
  me.asked = data.asked;
  me.send = (ink) => setStateValue("ink", ink);
  if (first) listen(me);
}

function build(parent) {
  const canvas = element("canvas", {
    width: 4 * CELLS,
    height: 4 * CELLS,
    tabIndex: 0,
    aria: {
      role: "application",
      label: "Drawing field. Arrow keys move the pen, the space bar puts it down or lifts it.",
    },
  });
  const over = element("canvas", { className: "over", width: 4 * CELLS, height: 4 * CELLS });
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
  const me = {
    root,
    canvas,
    over,
    clear,
    said,
    pen: [CELLS / 2, CELLS / 4],
    down: false,
    asked: "",
  };
  wipe(me);
  return me;
}

function wipe(me) {
  const context = me.canvas.getContext("2d");
  context.fillStyle = "#000";
  context.fillRect(0, 0, me.canvas.width, me.canvas.height);
  me.said.textContent = me.asked;
}

function stroke(me, from, to) {
  const context = me.canvas.getContext("2d");
  context.strokeStyle = "#fff";
  context.lineCap = "round";
  context.lineWidth = 4 * PEN;
  context.beginPath();
  context.moveTo(4 * from[0], 4 * from[1]);
  context.lineTo(4 * to[0] + 0.01, 4 * to[1]);
  context.stroke();
}

/** Show where the pen of the keyboard is, or hide it. */
function showPen(me, shown) {
  const context = me.over.getContext("2d");
  context.clearRect(0, 0, me.over.width, me.over.height);
  if (!shown) return;
  const [x, y] = me.pen.map((place) => 4 * place);
  context.strokeStyle = me.down ? "#f59e0b" : "#4aa8f0";
  context.lineWidth = 3;
  context.beginPath();
  context.arc(x, y, 2 * PEN + 3, 0, 2 * Math.PI);
  context.stroke();
}

function hand(me) {
  const small = document.createElement("canvas");
  small.width = small.height = CELLS;
  const context = small.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(me.canvas, 0, 0, CELLS, CELLS);
  const { data } = context.getImageData(0, 0, CELLS, CELLS);
  let ink = "";
  for (let i = 0; i < data.length; i += 4) ink += data[i].toString(16).padStart(2, "0");
  me.send(ink);
}

function listen(me) {
  const { canvas } = me;
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [
      ((event.clientX - box.left) / box.width) * CELLS,
      ((event.clientY - box.top) / box.height) * CELLS,
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
      const next = me.pen.map((x, i) => Math.max(1, Math.min(CELLS - 1, x + moves[event.key][i])));
      if (me.down) stroke(me, me.pen, next);
      me.pen = next;
    } else return;
    const [column, row] = me.pen.map(Math.round);
    me.said.textContent = `Pen ${me.down ? "down" : "up"}, row ${row}, column ${column} of ${CELLS}.`;
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
