// A plane that is moved and asked by hand: buttons, drag, pinch, wheel, arrow keys.

/** @import { Point } from "../../canvas/types.js" */
/** @import { Group } from "./group.js" */
/** @import { Plane, View } from "./plane.js" */

import { element } from "../../canvas/shared.js";
import { animate, between } from "../../canvas/camera.js";
import {
  LARGEST_PLANE_ZOOM,
  PLANE_MARGIN,
  drawPlane,
  onScreen,
  pointAt,
  tipOn,
  unitOf,
} from "./plane.js";

const STEP_ZOOM = 1.5;

/**
 * One plane of the two; what is pointed at belongs to the component.
 * @param {Group} me
 * @param {0 | 1} index
 * @returns {Plane}
 */
export function makePlane(me, index) {
  const base = element("canvas", { className: "base", tabIndex: 0, aria: { role: "application" } });
  const tip = element("div", { className: "tip", hidden: true });
  const title = element("div", { className: "title" });
  const words = element("p", { className: "faint words" });
  /** @type {(sign: string, label: string, act: () => void) => HTMLButtonElement} */
  const tool = (sign, label, act) => {
    const made = element("button", { type: "button", aria: { label }, title: label }, sign);
    made.onclick = act;
    return made;
  };
  const tools = element(
    "div",
    { className: "tools", aria: { role: "group", label: "Zoom" } },
    tool("+", "Zoom in", () => zoomPlane(me, plane, STEP_ZOOM)),
    tool("−", "Zoom out", () => zoomPlane(me, plane, 1 / STEP_ZOOM)),
    tool("⤢", "Show all", () => homePlane(me, plane)),
  );
  const stage = element("div", { className: "stage" }, base, tools, tip);
  const root = element("figure", {}, element("figcaption", {}, title), stage, words);
  /** @type {Plane} */
  const plane = {
    index,
    base,
    tip,
    title,
    words,
    stage,
    root,
    camera: { x: 0, y: 0, zoom: 1 },
    size: { width: 0, height: 0 },
    half: [0, 0],
    mark: 0,
    order: [],
    settle: () => cancelAnimationFrame(plane.motion ?? 0),
    // The pictures move on while the camera is moved by hand.
    travel: { root, settle: () => cancelAnimationFrame(plane.travel.motion ?? 0) },
  };
  listenToPlane(me, plane);
  return plane;
}

/**
 * The camera where there is something to see.
 * @param {Plane} plane
 * @param {View} view
 * @returns {View}
 */
function boundedPlane(plane, { x, y, zoom }) {
  const unit = unitOf(plane, zoom);
  /** @type {(at: number, half: number, room: number) => number} */
  const within = (at, half, room) => {
    const most = Math.max(0, half / PLANE_MARGIN - room / 2 / unit);
    return Math.max(-most, Math.min(most, at));
  };
  return {
    x: within(x, plane.half[0], plane.size.width),
    y: within(y, plane.half[1], plane.size.height),
    zoom,
  };
}

/**
 * Zoom so that what is at (px, py) stays there.
 * @param {Plane} plane
 * @param {View} camera
 * @param {number} factor
 */
function zoomedPlane(plane, camera, factor, px = plane.size.width / 2, py = plane.size.height / 2) {
  const zoom = Math.max(1, Math.min(LARGEST_PLANE_ZOOM, camera.zoom * factor));
  const nearer = 1 / unitOf(plane, camera.zoom) - 1 / unitOf(plane, zoom);
  return boundedPlane(plane, {
    x: camera.x + (px - plane.size.width / 2) * nearer,
    y: camera.y + (py - plane.size.height / 2) * nearer,
    zoom,
  });
}

/**
 * Move the camera, by and by.
 * @param {Group} me
 * @param {Plane} plane
 * @param {View} target
 */
function movePlane(me, plane, target) {
  const from = plane.camera;
  animate(plane, (share) => {
    plane.camera = between(from, target, share);
    sawPlane(me, plane);
  });
}

/**
 * @param {Group} me
 * @param {Plane} plane
 */
export function sawPlane(me, plane) {
  plane.base.style.touchAction = plane.camera.zoom > 1 ? "none" : "pan-y";
  plane.root.dataset.zoom = plane.camera.zoom.toFixed(2);
  drawPlane(me, plane);
  tipOn(me, plane);
}

/**
 * @param {Group} me
 * @param {Plane} plane
 * @param {number} factor
 */
function zoomPlane(me, plane, factor) {
  if (!plane.points) return;
  const focus = me.at ?? me.s.chosen;
  const [x, y] = onScreen(plane, plane.points[focus]);
  const inside = x >= 0 && y >= 0 && x <= plane.size.width && y <= plane.size.height;
  movePlane(
    me,
    plane,
    inside
      ? zoomedPlane(plane, plane.camera, factor, x, y)
      : zoomedPlane(plane, plane.camera, factor),
  );
}

/**
 * @param {Group} me
 * @param {Plane} plane
 */
function homePlane(me, plane) {
  movePlane(me, plane, { x: 0, y: 0, zoom: 1 });
}

/**
 * The number of the picture at a place, the one that lies on top; null if there is none.
 * @param {Plane} plane
 * @param {Point} place
 */
function pictureAt(plane, [x, y]) {
  if (!plane.shown) return null;
  const half = plane.mark / 2 + 3;
  for (let place = plane.order.length - 1; place >= 0; place--) {
    const i = plane.order[place];
    if (Math.abs(plane.shown[i][0] - x) <= half && Math.abs(plane.shown[i][1] - y) <= half)
      return i;
  }
  return null;
}

/**
 * The nearest picture in a direction: within 60 degrees of it, what is aside counts double.
 * @param {Point[]} shown
 * @param {number} from
 * @param {Point} way
 */
function nextPicture(shown, from, [right, down]) {
  let [best, least] = [from, Infinity];
  shown.forEach(([x, y], i) => {
    const [dx, dy] = [x - shown[from][0], y - shown[from][1]];
    const along = dx * right + dy * down;
    const aside = Math.abs(dx * down) + Math.abs(dy * right);
    if (i === from || along <= 0 || aside > 1.75 * along) return;
    const far = along + 2 * aside;
    if (far < least) [best, least] = [i, far];
  });
  return best;
}

/**
 * The hands on a canvas: where they are, and their middle and distance when their number last changed.
 * @typedef {{ x: number, y: number, apart: number }} Hold
 */

/**
 * @param {Group} me
 * @param {Plane} plane
 */
function listenToPlane(me, plane) {
  const { base } = plane;
  /** @type {Map<number, Point>} */
  const held = new Map();
  /** @type {(Hold & { camera: View }) | null} */
  let begun = null;
  let dragging = false;
  /** @type {(event: MouseEvent) => Point} */
  const here = (event) => {
    const box = base.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  /** @returns {Hold} */
  const middle = () => {
    const points = [...held.values()];
    const [x, y] = [0, 1].map(
      (axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length,
    );
    return {
      x,
      y,
      apart:
        points.length > 1
          ? Math.hypot(points[0][0] - points[1][0], points[0][1] - points[1][1])
          : 0,
    };
  };
  const begin = () => {
    begun = held.size ? { camera: plane.camera, ...middle() } : null;
  };
  base.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    held.set(event.pointerId, here(event));
    dragging = held.size > 1;
    begin();
  });
  base.addEventListener("pointermove", (event) => {
    if (held.has(event.pointerId) && !event.buttons) {
      release(event); // it was let go outside
      return;
    }
    if (!held.has(event.pointerId) || !begun) {
      if (event.pointerType === "mouse") pointAt(me, pictureAt(plane, here(event)), plane);
      return;
    }
    held.set(event.pointerId, here(event));
    const now = middle();
    if (!dragging && Math.hypot(now.x - begun.x, now.y - begun.y) < 5) return;
    dragging = true;
    plane.settle();
    if (!base.hasPointerCapture(event.pointerId)) base.setPointerCapture(event.pointerId);
    const unit = unitOf(plane, begun.camera.zoom);
    const moved = {
      ...begun.camera,
      x: begun.camera.x - (now.x - begun.x) / unit,
      y: begun.camera.y - (now.y - begun.y) / unit,
    };
    plane.camera = begun.apart
      ? zoomedPlane(plane, moved, now.apart / begun.apart, now.x, now.y)
      : boundedPlane(plane, moved);
    base.classList.add("dragging");
    sawPlane(me, plane);
  });
  /** @param {PointerEvent} event */
  const release = (event) => {
    if (!held.delete(event.pointerId)) return;
    begin();
    if (held.size) return;
    base.classList.remove("dragging");
    const tapped = event.type === "pointerup" && !dragging ? pictureAt(plane, here(event)) : null;
    dragging = false;
    if (tapped !== null) me.choose(tapped);
  };
  base.addEventListener("pointerup", release);
  base.addEventListener("pointercancel", release);
  base.addEventListener("pointerleave", (event) => {
    if (event.pointerType === "mouse" && !held.size) pointAt(me, null, plane);
  });
  base.addEventListener("dblclick", (event) =>
    movePlane(me, plane, zoomedPlane(plane, plane.camera, 2, ...here(event))),
  );
  base.addEventListener(
    "wheel",
    (event) => {
      const wanted = event.ctrlKey || event.metaKey || base.matches(":focus"); // else the page scrolls
      const factor = Math.exp(-Math.max(-60, Math.min(60, event.deltaY)) / 200);
      if (!wanted || (factor < 1 && plane.camera.zoom === 1)) return;
      event.preventDefault();
      plane.settle();
      plane.camera = zoomedPlane(plane, plane.camera, factor, ...here(event));
      sawPlane(me, plane);
    },
    { passive: false },
  );
  base.addEventListener("blur", () => pointAt(me, null, plane));
  base.addEventListener("keydown", (event) => walkByKey(me, plane, event));
}

/** @type {Record<string, Point>} */
const WAYS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
/** @type {Record<string, number>} */
const ZOOMS = { "+": STEP_ZOOM, "=": STEP_ZOOM, "-": 1 / STEP_ZOOM };

/**
 * @param {Group} me
 * @param {Plane} plane
 * @param {KeyboardEvent} event
 */
function walkByKey(me, plane, event) {
  if (event.ctrlKey || event.metaKey || event.altKey || !plane.shown) return;
  const now = me.at ?? me.s.chosen;
  if (event.key in WAYS) reveal(me, plane, nextPicture(plane.shown, now, WAYS[event.key]));
  else if (event.key === "Enter" || event.key === " ") me.choose(now);
  else if (event.key in ZOOMS) zoomPlane(me, plane, ZOOMS[event.key]);
  else if (event.key === "0") homePlane(me, plane);
  else if (event.key === "Escape" && me.at !== null) pointAt(me, null, plane);
  else return;
  event.preventDefault();
}

/**
 * Point at a picture with the keyboard, and move there if it is out of sight.
 * @param {Group} me
 * @param {Plane} plane
 * @param {number} i
 */
function reveal(me, plane, i) {
  pointAt(me, i, plane, true);
  if (!plane.shown || !plane.points) return;
  const [x, y] = plane.shown[i];
  const edge = plane.mark;
  const { width, height } = plane.size;
  if (x > edge && y > edge && x < width - edge && y < height - edge) return;
  const [to, down] = plane.points[i];
  movePlane(me, plane, boundedPlane(plane, { x: to, y: down, zoom: plane.camera.zoom }));
}
