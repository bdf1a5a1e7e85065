// A plane with pictures as marks. What is seen of it is a camera {x, y, zoom}: the point in the
// middle, in units of the plane (-1..1), and how large it is.

import { element, sharpen } from "../../canvas/shared.js";
import { bounds } from "../../canvas/lab.js";
import { homePlane, listenToPlane, zoomPlane } from "./hands.js";
import { animate } from "../../canvas/camera.js";

// Paul Tol's "bright" and "vibrant" (personal.sron.nl/~pault), which the colour-blind keep apart as
// far as twelve colours can be; each has a letter besides.
export const FRAME_COLOURS = [
  "#4477aa",
  "#ee6677",
  "#228833",
  "#ccbb44",
  "#66ccee",
  "#aa3377",
  "#ee7733",
  "#009988",
  "#8866cc",
  "#997700",
  "#cc3311",
  "#777777",
];
export const NEAR = 8; // neighbours that are joined and listed
export const PLANE_MARGIN = 0.86; // of the room is taken by the middles of the pictures
export const LARGEST_PLANE_ZOOM = 16;

/** One plane of the two: its canvases, camera and what is pointed at belong to the component. */
export function makePlane(me, index) {
  const base = element("canvas", { className: "base", tabIndex: 0, aria: { role: "application" } });
  const tip = element("div", { className: "tip", hidden: true });
  const title = element("div", { className: "title" });
  const words = element("p", { className: "faint words" });
  const plane = {
    index,
    base,
    tip,
    title,
    words,
    camera: { x: 0, y: 0, zoom: 1 },
    points: null,
    size: { width: 0, height: 0 },
    root: null,
  };
  const tool = (sign, label, act) => {
    const made = element("button", { type: "button", aria: { label }, title: label }, sign);
    made.onclick = act;
    return made;
  };
  const tools = element(
    "div",
    { className: "tools", aria: { role: "group", label: "Zoom" } },
    tool("+", "Zoom in", () => zoomPlane(me, plane, 1.5)),
    tool("−", "Zoom out", () => zoomPlane(me, plane, 1 / 1.5)),
    tool("⤢", "Show all", () => homePlane(me, plane)),
  );
  plane.stage = element("div", { className: "stage" }, base, tools, tip);
  plane.root = element("figure", {}, element("figcaption", {}, title), plane.stage, words);
  plane.settle = () => cancelAnimationFrame(plane.motion);
  // The pictures move on while the camera is moved by hand.
  plane.travel = { root: plane.root, settle: () => cancelAnimationFrame(plane.travel.motion) };
  listenToPlane(me, plane);
  return plane;
}

/** Points brought into -1..1 with the same unit across and up. */
function fitted(points) {
  const [left, right] = bounds(points.map(([x]) => x));
  const [low, high] = bounds(points.map(([, y]) => y));
  const half = Math.max(right - left, high - low) / 2 || 1;
  const [x0, y0] = [(left + right) / 2, (low + high) / 2];
  return points.map(([x, y]) => [(x - x0) / half, -(y - y0) / half]);
}

/** How many CSS pixels one unit of the plane is: at zoom 1 all pictures are seen. */
export function unitOf({ size, half }, zoom) {
  return (
    PLANE_MARGIN *
    zoom *
    Math.min(size.width / 2 / Math.max(half[0], 0.05), size.height / 2 / Math.max(half[1], 0.05))
  );
}

export function onScreen(plane, [x, y]) {
  const unit = unitOf(plane, plane.camera.zoom);
  return [
    plane.size.width / 2 + (x - plane.camera.x) * unit,
    plane.size.height / 2 + (y - plane.camera.y) * unit,
  ];
}

function markSize({ size, camera }, count) {
  const first = Math.sqrt((size.width * size.height) / Math.max(6, count)) * 0.46;
  return Math.min(112, Math.max(17, Math.min(46, first)) * camera.zoom ** 0.55);
}

/** Give a plane new points; pictures move there by and by. */
export function takePoints(me, plane, points, anew) {
  const next = fitted(points);
  const before = plane.points;
  plane.half = [0, 1].map((axis) => Math.max(...next.map((point) => Math.abs(point[axis]))));
  if (anew || !before || before.length !== next.length) {
    plane.travel.settle();
    plane.points = plane.target = next;
    plane.camera = { x: 0, y: 0, zoom: 1 };
    return;
  }
  if (next.every(([x, y], i) => x === plane.target[i][0] && y === plane.target[i][1])) return;
  plane.target = next;
  animate(plane.travel, (share) => {
    plane.points = next.map(([x, y], i) => [
      before[i][0] + (x - before[i][0]) * share,
      before[i][1] + (y - before[i][1]) * share,
    ]);
    drawPlane(me, plane);
  });
}

export function drawPlane(me, plane) {
  const width = Math.floor(plane.stage.clientWidth);
  if (width < 1 || !plane.points) return;
  const height = Math.round(Math.min(470, Math.max(300, width * 0.82)));
  plane.size = { width, height };
  const context = sharpen(plane.base, width, height);
  const style = getComputedStyle(me.root);
  const size = markSize(plane, plane.points.length);
  const near = new Set(me.near[plane.index].slice(0, NEAR));
  const shown = plane.points.map((point) => onScreen(plane, point));
  const lit = (i) => me.lit === null || frameOf(me, i) === me.lit;
  plane.shown = shown;
  plane.mark = size;
  plane.order = [...shown.keys()].sort((a, b) => rank(a) - rank(b));
  function rank(i) {
    return (
      (i === me.at ? 8 : 0) +
      (i === me.s.chosen ? 4 : 0) +
      (near.has(i) ? 2 : 0) +
      (me.lit !== null && lit(i) ? 1 : 0)
    );
  }
  let joined = false;
  for (const i of plane.order) {
    const [x, y] = shown[i];
    if (!joined && (near.has(i) || i === me.s.chosen)) {
      // above all others, below what they join
      joined = true;
      join(context, shown, me.s.chosen, near, style);
    }
    if (x < -size || y < -size || x > width + size || y > height + size) continue;
    const front = i === me.s.chosen || i === me.at;
    drawMark(
      me,
      context,
      i,
      x,
      y,
      front ? size * 1.3 : size,
      lit(i) ? 1 : 0.18,
      near.has(i),
      style,
    );
  }
}

function join(context, shown, chosen, near, style) {
  context.strokeStyle = style.getPropertyValue("--st-primary-color");
  context.lineWidth = 2;
  for (const i of near) {
    context.beginPath();
    context.moveTo(...shown[chosen]);
    context.lineTo(...shown[i]);
    context.stroke();
  }
}

/** What the frame of a picture shows: the number of a cluster or a kind; -1 for none. */
export function frameOf(me, i) {
  if (me.s.frames === "kinds") return me.header.kinds.indexOf(me.header.items[i].kind);
  return me.header.sides[me.s.frames === "pixels" ? 1 : 0].clusters[i];
}

function drawMark(me, context, i, x, y, size, opacity, joined, style) {
  const frame = frameOf(me, i);
  const [left, top] = [x - size / 2, y - size / 2];
  const thick = size < 26 ? 2.5 : 3.5;
  context.globalAlpha = opacity;
  const outline =
    i === me.at
      ? style.color
      : i === me.s.chosen || joined
        ? style.getPropertyValue("--st-primary-color")
        : null;
  context.fillStyle = outline ?? style.getPropertyValue("--st-background-color");
  const rim = i === me.at || i === me.s.chosen ? 4 : joined ? 2 : 1;
  context.fillRect(
    left - thick - rim,
    top - thick - rim,
    size + 2 * (thick + rim),
    size + 2 * (thick + rim),
  );
  context.fillStyle = frame < 0 ? "rgb(128 128 128)" : FRAME_COLOURS[frame % FRAME_COLOURS.length];
  context.fillRect(left - thick, top - thick, size + 2 * thick, size + 2 * thick);
  drawThumbnail(me, context, i, left, top, size);
  if (frame >= 0 && size >= 22) {
    const tall = Math.min(18, Math.max(11, size * 0.36));
    context.fillStyle = FRAME_COLOURS[frame % FRAME_COLOURS.length];
    context.fillRect(left - thick, top - thick, tall, tall);
    context.fillStyle = "#fff";
    context.strokeStyle = "rgb(0 0 0 / 75%)";
    context.lineWidth = 2.5;
    context.lineJoin = "round";
    context.font = `700 ${tall - 2}px ${style.fontFamily}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.strokeText(
      me.header.letters[frame],
      left - thick + tall / 2,
      top - thick + tall / 2 + 0.5,
    );
    context.fillText(
      me.header.letters[frame],
      left - thick + tall / 2,
      top - thick + tall / 2 + 0.5,
    );
  }
  context.globalAlpha = 1;
}

/** Draw a picture from the sheet; a grey square as long as the sheet is being read. */
export function drawThumbnail(me, context, i, x, y, size) {
  const { edge, columns } = me.header;
  if (!me.sheet) {
    context.fillStyle = "rgb(128 128 128 / 60%)";
    context.fillRect(x, y, size, size);
    return;
  }
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = "high";
  context.drawImage(
    me.sheet,
    (i % columns) * edge,
    Math.floor(i / columns) * edge,
    edge,
    edge,
    x,
    y,
    size,
    size,
  );
}

/** Show what a picture is called beside it; null hides it. */
export function tipOn(me, plane) {
  const i = me.at;
  plane.tip.hidden = i === null || !plane.shown;
  if (plane.tip.hidden) return;
  plane.tip.textContent = wordsOf(me, i);
  const [x, y] = plane.shown[i];
  const { width, height } = plane.size;
  plane.tip.hidden = x < 0 || y < 0 || x > width || y > height;
  const room = plane.tip.offsetWidth;
  plane.tip.style.left = `${Math.max(0, Math.min(width - room, x - room / 2))}px`;
  const below = y + plane.mark * 0.65 + 10;
  plane.tip.style.top = `${below + 40 > height ? y - plane.mark * 0.65 - 38 : below}px`;
}

/** A picture in words: its name, its kind, and its cluster as the frames show it. */
export function wordsOf(me, i) {
  const { name, kind } = me.header.items[i];
  const told = kind && !name.startsWith(kind) ? `, ${kind}` : "";
  if (me.s.frames === "kinds") return `${name}${told}`;
  const by = me.s.frames === "pixels" ? " by the pixels" : "";
  return `${name}${told}, cluster ${me.header.letters[frameOf(me, i)]}${by}`;
}
