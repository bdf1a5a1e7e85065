// What part of the map is seen: fit, zoom, pan, and the hands that do it.
//
// `me` has layout, camera {x, y, zoom} (the map's point at the top left of the view), size {width,
// height} of the view, and the functions moved() and arrived().

import { holderOf } from "../explore/map/graph.js";

const LARGEST_ZOOM = 3;
const LEGIBLE_ZOOM = 0.8;
export const MARGIN = 8;
const MOTION_MS = 250;

export function fitZoom({ layout, size }) {
  const room = [size.width - 2 * MARGIN, size.height - 2 * MARGIN];
  return Math.min(1, room[0] / layout.width, room[1] / layout.height);
}

/** The camera within its bounds: what fits is centred, what does not can be moved to its edges. */
export function bounded({ layout, size }, { x, y, zoom }) {
  const within = (at, content, view) => {
    const room = view / zoom;
    const margin = MARGIN / zoom;
    if (content + 2 * margin <= room) return (content - room) / 2;
    return Math.max(-margin, Math.min(content - room + margin, at));
  };
  return { x: within(x, layout.width, size.width), y: within(y, layout.height, size.height), zoom };
}

/** The camera that shows a box in the middle. */
function centred(me, { x, y, width, height }, zoom) {
  const [across, down] = [me.size.width / zoom, me.size.height / zoom];
  return bounded(me, { x: x + width / 2 - across / 2, y: y + height / 2 - down / 2, zoom });
}

/** The camera at first: all of the map if it stays legible, else at what is chosen, or the beginning. */
export function homeCamera(me) {
  const fit = fitZoom(me);
  const wide = (me.size.width - 2 * MARGIN) / me.layout.width;
  const zoom = me.strip
    ? 1
    : fit >= LEGIBLE_ZOOM
      ? fit
      : Math.min(1, Math.max(wide, LEGIBLE_ZOOM * 0.9));
  if (me.chosen) return centred(me, me.boxes.get(holderOf(me.graph, me.chosen, me.opened)), zoom);
  return bounded(me, { x: 0, y: 0, zoom });
}

/** The camera moved as little as possible so that a box is seen. */
export function revealing(me, camera, { x, y, width, height }) {
  const pad = 12 / camera.zoom;
  const into = (at, room, from, length) => {
    if (length + 2 * pad > room || from - pad < at) return from - pad;
    return Math.max(at, from + length + pad - room);
  };
  return bounded(me, {
    x: into(camera.x, me.size.width / camera.zoom, x, width),
    y: into(camera.y, me.size.height / camera.zoom, y, height),
    zoom: camera.zoom,
  });
}

export function zoomedAt(me, factor, px = me.size.width / 2, py = me.size.height / 2) {
  const { x, y, zoom } = me.camera;
  const next = Math.max(Math.min(0.5, fitZoom(me)) * 0.9, Math.min(LARGEST_ZOOM, zoom * factor));
  return bounded(me, { x: x + px / zoom - px / next, y: y + py / zoom - py / next, zoom: next });
}

function isStill() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** Call frame(0..1) until the motion is over; a new motion ends the last one. */
export function animate(me, frame) {
  me.settle();
  if (isStill() || !me.root.isConnected) return frame(1);
  const start = performance.now();
  const tick = (now) => {
    const share = Math.min(1, Math.max(0, now - start) / MOTION_MS);
    frame(1 - (1 - share) ** 3);
    if (share < 1) me.motion = requestAnimationFrame(tick);
  };
  frame(0);
  me.motion = requestAnimationFrame(tick);
}

export function between(from, to, share) {
  return Object.fromEntries(
    Object.keys(to).map((name) => [name, from[name] + (to[name] - from[name]) * share]),
  );
}

/** Move the camera, by and by. */
export function moveTo(me, target) {
  const from = me.camera;
  animate(me, (share) => {
    me.camera = between(from, target, share);
    me.moved();
    if (share === 1) me.arrived();
  });
}

/** Drag, pinch and wheel. A plain wheel and a finger that moves up or down scroll the page. */
export function listenToHands(me) {
  const { view, small } = me;
  const held = new Map();
  let begun = null; // {camera, x, y, distance} when the fingers last changed
  let dragging = false;
  const middle = () => {
    const points = [...held.values()];
    const [x, y] = [0, 1].map(
      (axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length,
    );
    const distance =
      points.length > 1 ? Math.hypot(points[0][0] - points[1][0], points[0][1] - points[1][1]) : 0;
    return { x, y, distance };
  };
  const begin = () => {
    begun = held.size ? { camera: me.camera, ...middle() } : null;
  };
  const here = (event) => {
    const bounds = view.getBoundingClientRect();
    return [event.clientX - bounds.left, event.clientY - bounds.top];
  };
  view.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.target === small) return;
    held.set(event.pointerId, here(event));
    begin();
  });
  view.addEventListener("pointermove", (event) => {
    if (!held.has(event.pointerId)) return;
    if (!event.buttons) return release(event); // it was let go outside
    held.set(event.pointerId, here(event));
    const now = middle();
    if (!dragging && held.size < 2 && Math.hypot(now.x - begun.x, now.y - begun.y) < 5) return;
    if (!dragging) {
      dragging = true;
      me.settle();
      view.classList.add("dragging");
      me.point(null);
    }
    if (!view.hasPointerCapture(event.pointerId)) view.setPointerCapture(event.pointerId);
    const { camera } = begun;
    me.camera = bounded(me, {
      ...camera,
      x: camera.x - (now.x - begun.x) / camera.zoom,
      y: camera.y - (now.y - begun.y) / camera.zoom,
    });
    if (begun.distance) me.camera = zoomedAt(me, now.distance / begun.distance, now.x, now.y);
    me.moved();
  });
  const release = (event) => {
    if (!held.delete(event.pointerId)) return;
    begin();
    if (held.size || !dragging) return;
    view.classList.remove("dragging");
    setTimeout(() => {
      dragging = false;
    }); // the click that follows a drag chooses nothing
    me.arrived();
  };
  view.addEventListener("pointerup", release);
  view.addEventListener("pointercancel", release);
  view.addEventListener(
    "click",
    (event) => {
      if (dragging) event.stopPropagation();
    },
    true,
  );
  view.addEventListener(
    "wheel",
    (event) => {
      const zooms = event.ctrlKey || event.metaKey;
      if (!zooms && Math.abs(event.deltaX) <= Math.abs(event.deltaY)) return;
      event.preventDefault();
      me.settle();
      me.camera = zooms
        ? zoomedAt(me, Math.exp(-Math.max(-60, Math.min(60, event.deltaY)) / 120), ...here(event))
        : bounded(me, { ...me.camera, x: me.camera.x + event.deltaX / me.camera.zoom });
      me.moved();
      me.arrived();
    },
    { passive: false },
  );
  const aim = (event) => {
    const bounds = small.getBoundingClientRect();
    const scale = bounds.width / me.layout.width;
    const at = {
      x: (event.clientX - bounds.left) / scale,
      y: (event.clientY - bounds.top) / scale,
      width: 0,
      height: 0,
    };
    me.camera = centred(me, at, me.camera.zoom);
    me.moved();
  };
  small.onpointerdown = (event) => {
    small.setPointerCapture(event.pointerId);
    aim(event);
  };
  small.onpointermove = (event) => {
    if (small.hasPointerCapture(event.pointerId)) aim(event);
  };
  small.onpointerup = () => me.arrived();
}
