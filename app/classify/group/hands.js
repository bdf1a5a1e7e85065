// How a plane is moved and asked: drag, pinch, wheel, arrow keys.

import { LARGEST_PLANE_ZOOM, PLANE_MARGIN, drawPlane, onScreen, tipOn, unitOf } from "./plane.js";
import { animate, between } from "../../canvas/camera.js";
import { choosePicture, pointAt } from "./group.js";

const STEP_ZOOM = 1.5;

/** The camera where there is something to see. */
function boundedPlane(plane, { x, y, zoom }) {
  const unit = unitOf(plane, zoom);
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

/** Zoom so that what is at (px, py) stays there. */
function zoomedPlane(plane, camera, factor, px = plane.size.width / 2, py = plane.size.height / 2) {
  const zoom = Math.max(1, Math.min(LARGEST_PLANE_ZOOM, camera.zoom * factor));
  const nearer = 1 / unitOf(plane, camera.zoom) - 1 / unitOf(plane, zoom);
  return boundedPlane(plane, {
    x: camera.x + (px - plane.size.width / 2) * nearer,
    y: camera.y + (py - plane.size.height / 2) * nearer,
    zoom,
  });
}

function movePlane(me, plane, target) {
  const from = plane.camera;
  animate(plane, (share) => {
    plane.camera = between(from, target, share);
    sawPlane(me, plane);
  });
}

export function sawPlane(me, plane) {
  plane.base.style.touchAction = plane.camera.zoom > 1 ? "none" : "pan-y";
  plane.root.dataset.zoom = plane.camera.zoom.toFixed(2);
  drawPlane(me, plane);
  tipOn(me, plane);
}

export function zoomPlane(me, plane, factor) {
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

export function homePlane(me, plane) {
  movePlane(me, plane, { x: 0, y: 0, zoom: 1 });
}

/** The number of the picture at a place, the one that lies on top; null if there is none. */
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

/** The nearest picture in a direction: within 60 degrees of it, what is aside counts double. */
function nextPicture(plane, from, [right, down]) {
  let [best, least] = [from, Infinity];
  plane.shown.forEach(([x, y], i) => {
    const [dx, dy] = [x - plane.shown[from][0], y - plane.shown[from][1]];
    const along = dx * right + dy * down;
    const aside = Math.abs(dx * down) + Math.abs(dy * right);
    if (i === from || along <= 0 || aside > 1.75 * along) return;
    const far = along + 2 * aside;
    if (far < least) [best, least] = [i, far];
  });
  return best;
}

export function listenToPlane(me, plane) {
  const { base } = plane;
  const held = new Map();
  let begun = null;
  let dragging = false;
  const here = (event) => {
    const box = base.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
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
    if (held.has(event.pointerId) && !event.buttons) return release(event); // it was let go outside
    if (!held.has(event.pointerId)) {
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
  const release = (event) => {
    if (!held.delete(event.pointerId)) return;
    begin();
    if (held.size) return;
    base.classList.remove("dragging");
    const tapped = event.type === "pointerup" && !dragging ? pictureAt(plane, here(event)) : null;
    dragging = false;
    if (tapped !== null) choosePicture(me, tapped, plane);
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
  base.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const ways = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
    const zooms = { "+": STEP_ZOOM, "=": STEP_ZOOM, "-": 1 / STEP_ZOOM };
    if (event.key in ways)
      reveal(me, plane, nextPicture(plane, me.at ?? me.s.chosen, ways[event.key]));
    else if (event.key === "Enter" || event.key === " ")
      choosePicture(me, me.at ?? me.s.chosen, plane);
    else if (event.key in zooms) zoomPlane(me, plane, zooms[event.key]);
    else if (event.key === "0") homePlane(me, plane);
    else if (event.key === "Escape" && me.at !== null) pointAt(me, null, plane);
    else return;
    event.preventDefault();
  });
}

/** Point at a picture with the keyboard, and move there if it is out of sight. */
function reveal(me, plane, i) {
  pointAt(me, i, plane, true);
  const [x, y] = plane.shown[i];
  const edge = plane.mark;
  const { width, height } = plane.size;
  if (x > edge && y > edge && x < width - edge && y < height - edge) return;
  const [to, down] = plane.points[i];
  movePlane(me, plane, boundedPlane(plane, { x: to, y: down, zoom: plane.camera.zoom }));
}
