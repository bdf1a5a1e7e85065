// A plane with pictures as marks. What is seen of it is a camera {x, y, zoom}: the point in the
// middle, in units of the plane (-1..1), and how large it is.

/** @import { Point } from "../../canvas/types.js" */
/** @import { Group } from "./group.js" */

import { sharpen } from "../../canvas/shared.js";
import { bounds } from "../../canvas/lab.js";
import { animate } from "../../canvas/camera.js";

/**
 * What is seen of a plane: the point in the middle, in its units, and how large it is.
 * @typedef {{ x: number, y: number, zoom: number }} View
 */

/**
 * Something that moves by itself.
 * @typedef {object} Motion
 * @property {HTMLElement} root
 * @property {number} [motion]
 * @property {() => void} settle ends it
 */

/**
 * One plane of the two.
 * @typedef {Motion & Seen & {
 *   index: 0 | 1,
 *   base: HTMLCanvasElement,
 *   tip: HTMLElement,
 *   title: HTMLElement,
 *   words: HTMLElement,
 *   stage: HTMLElement,
 *   camera: View,
 *   size: { width: number, height: number },
 *   travel: Motion,
 * }} Plane
 */

/**
 * What is seen on a plane, once there are pictures.
 * @typedef {object} Seen
 * @property {Point[]} [points] where the pictures are now, in units of the plane
 * @property {Point[]} [target] where they are going
 * @property {Point} half how far they reach across and up
 * @property {Point[]} [shown] where their middles are on the canvas
 * @property {number} mark edge of a picture, in CSS pixels
 * @property {number[]} order in which they are drawn
 */

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

/**
 * Points brought into -1..1 with the same unit across and up.
 * @param {Point[]} points
 * @returns {Point[]}
 */
function fitted(points) {
  const [left, right] = bounds(points.map(([x]) => x));
  const [low, high] = bounds(points.map(([, y]) => y));
  const half = Math.max(right - left, high - low) / 2 || 1;
  const [x0, y0] = [(left + right) / 2, (low + high) / 2];
  return points.map(([x, y]) => [(x - x0) / half, -(y - y0) / half]);
}

/**
 * How many CSS pixels one unit of the plane is: at zoom 1 all pictures are seen.
 * @param {Pick<Plane, "size" | "half">} plane
 * @param {number} zoom
 */
export function unitOf({ size, half }, zoom) {
  return (
    PLANE_MARGIN *
    zoom *
    Math.min(size.width / 2 / Math.max(half[0], 0.05), size.height / 2 / Math.max(half[1], 0.05))
  );
}

/**
 * @param {Plane} plane
 * @param {Point} point
 * @returns {Point}
 */
export function onScreen(plane, [x, y]) {
  const unit = unitOf(plane, plane.camera.zoom);
  return [
    plane.size.width / 2 + (x - plane.camera.x) * unit,
    plane.size.height / 2 + (y - plane.camera.y) * unit,
  ];
}

/**
 * @param {Plane} plane
 * @param {number} count
 */
function markSize({ size, camera }, count) {
  const first = Math.sqrt((size.width * size.height) / Math.max(6, count)) * 0.46;
  return Math.min(112, Math.max(17, Math.min(46, first)) * camera.zoom ** 0.55);
}

/**
 * Give a plane new points; pictures move there by and by.
 * @param {Group} me
 * @param {Plane} plane
 * @param {Point[]} points
 * @param {boolean} anew
 */
export function takePoints(me, plane, points, anew) {
  const next = fitted(points);
  const { points: before, target } = plane;
  /** @param {0 | 1} axis */
  const reach = (axis) => Math.max(...next.map((point) => Math.abs(point[axis])));
  plane.half = [reach(0), reach(1)];
  if (anew || !before || !target || before.length !== next.length) {
    plane.travel.settle();
    plane.points = plane.target = next;
    plane.camera = { x: 0, y: 0, zoom: 1 };
    return;
  }
  if (next.every(([x, y], i) => x === target[i][0] && y === target[i][1])) return;
  plane.target = next;
  animate(plane.travel, (share) => {
    plane.points = next.map(([x, y], i) => [
      before[i][0] + (x - before[i][0]) * share,
      before[i][1] + (y - before[i][1]) * share,
    ]);
    drawPlane(me, plane);
  });
}

/**
 * @param {Group} me
 * @param {Plane} plane
 */
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
  /** @param {number} i */
  const lit = (i) => me.lit === null || frameOf(me, i) === me.lit;
  plane.shown = shown;
  plane.mark = size;
  plane.order = [...shown.keys()].sort((a, b) => rank(a) - rank(b));
  /** @param {number} i */
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
    context.globalAlpha = lit(i) ? 1 : 0.18;
    drawMark(me, context, i, [x, y], front ? size * 1.3 : size, near.has(i));
    context.globalAlpha = 1;
  }
}

/**
 * Draw lines from the chosen picture to its neighbours.
 * @param {CanvasRenderingContext2D} context
 * @param {Point[]} shown
 * @param {number} chosen
 * @param {Set<number>} near
 * @param {CSSStyleDeclaration} style
 */
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

/**
 * What the frame of a picture shows: the number of a cluster or a kind; -1 for none.
 * @param {Group} me
 * @param {number} i
 */
export function frameOf(me, i) {
  if (me.s.frames === "kinds") return me.header.kinds.indexOf(me.header.items[i].kind);
  return me.header.sides[me.s.frames === "pixels" ? 1 : 0].clusters[i];
}

/**
 * Draw a picture with its frame about a place.
 * @param {Group} me
 * @param {CanvasRenderingContext2D} context
 * @param {number} i
 * @param {Point} place
 * @param {number} size
 * @param {boolean} joined whether it is a neighbour of the chosen one
 */
function drawMark(me, context, i, [x, y], size, joined) {
  const style = getComputedStyle(me.root);
  const frame = frameOf(me, i);
  const [left, top] = [x - size / 2, y - size / 2];
  const thick = size < 26 ? 2.5 : 3.5;
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
}

/**
 * Draw a picture from the sheet; a grey square as long as the sheet is being read.
 * @param {Group} me
 * @param {CanvasRenderingContext2D} context
 * @param {number} i
 * @param {number} x
 * @param {number} y
 * @param {number} size
 */
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

/**
 * Show what the picture that is pointed at is called beside it.
 * @param {Group} me
 * @param {Plane} plane
 */
export function tipOn(me, plane) {
  const i = me.at;
  if (i === null || !plane.shown) {
    plane.tip.hidden = true;
    return;
  }
  plane.tip.hidden = false;
  plane.tip.textContent = wordsOf(me, i);
  const [x, y] = plane.shown[i];
  const { width, height } = plane.size;
  plane.tip.hidden = x < 0 || y < 0 || x > width || y > height;
  const room = plane.tip.offsetWidth;
  plane.tip.style.left = `${Math.max(0, Math.min(width - room, x - room / 2))}px`;
  const below = y + plane.mark * 0.65 + 10;
  plane.tip.style.top = `${below + 40 > height ? y - plane.mark * 0.65 - 38 : below}px`;
}

/**
 * A picture in words: its name, its kind, and its cluster as the frames show it.
 * @param {Group} me
 * @param {number} i
 */
export function wordsOf(me, i) {
  const { name, kind } = me.header.items[i];
  const told = kind && !name.startsWith(kind) ? `, ${kind}` : "";
  if (me.s.frames === "kinds") return `${name}${told}`;
  const by = me.s.frames === "pixels" ? " by the pixels" : "";
  return `${name}${told}, cluster ${me.header.letters[frameOf(me, i)]}${by}`;
}

/**
 * Point at a picture, in both planes; null for none.
 * @param {Group} me
 * @param {number | null} i
 * @param {Plane | null} plane where the pointer or the focus is
 * @param {boolean} aloud whether it is said to those who do not see it
 */
export function pointAt(me, i, plane = null, aloud = false) {
  if (me.at === i) return;
  me.at = i;
  me.planes.forEach((each) => {
    drawPlane(me, each);
    tipOn(me, each);
  });
  if (plane) plane.base.style.cursor = i === null ? "" : "pointer";
  if (aloud && i !== null) me.live.textContent = wordsOf(me, i);
}
