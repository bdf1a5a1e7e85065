// What part of the map is seen: fit, zoom, pan, and the hands that do it.

/** @import { Point } from "./types.js" */

const LARGEST_ZOOM = 3;
export const MARGIN = 8;
const MOTION_MS = 250;

/**
 * The map's point at the top left of the view, and how many CSS pixels wide one of the map's is.
 * @typedef {{ x: number, y: number, zoom: number }} Camera
 */

/**
 * @typedef {{ width: number, height: number }} Size
 * @typedef {{ x: number, y: number } & Size} Rectangle
 */

/**
 * What is seen of what: the sizes of the map and of the view.
 * @typedef {{ layout: Size, size: Size }} Sight
 */

/**
 * What moves by and by.
 * @typedef {object} Moving
 * @property {HTMLElement} root
 * @property {number} [motion] The frame that is to come.
 * @property {() => void} settle Ends the last motion at once.
 */

/**
 * A component with a camera.
 * @typedef {Sight & Moving & {
 *   camera: Camera,
 *   moved: () => void,
 *   arrived: () => void,
 * }} Seeing `moved` is called while the camera moves, `arrived` when it rests.
 */

/**
 * A component whose camera is moved by hand.
 * @typedef {Seeing & {
 *   view: HTMLElement,
 *   small: HTMLElement,
 *   point: (what: null) => void,
 * }} Held The small map shows where the camera is; `point` is told that nothing is pointed at.
 */

/**
 * The zoom with which all is seen.
 * @param {Sight} me
 */
export function fitZoom({ layout, size }) {
  const room = [size.width - 2 * MARGIN, size.height - 2 * MARGIN];
  return Math.min(1, room[0] / layout.width, room[1] / layout.height);
}

/**
 * The camera within its bounds: what fits is centred, what does not can be moved to its edges.
 * @param {Sight} me
 * @param {Camera} camera
 * @returns {Camera}
 */
export function bounded({ layout, size }, { x, y, zoom }) {
  /** @type {(at: number, content: number, view: number) => number} */
  const within = (at, content, view) => {
    const room = view / zoom;
    const margin = MARGIN / zoom;
    if (content + 2 * margin <= room) return (content - room) / 2;
    return Math.max(-margin, Math.min(content - room + margin, at));
  };
  return { x: within(x, layout.width, size.width), y: within(y, layout.height, size.height), zoom };
}

/**
 * The camera that shows a box in the middle.
 * @param {Sight} me
 * @param {Rectangle} box
 * @param {number} zoom
 */
export function centred(me, { x, y, width, height }, zoom) {
  const [across, down] = [me.size.width / zoom, me.size.height / zoom];
  return bounded(me, { x: x + width / 2 - across / 2, y: y + height / 2 - down / 2, zoom });
}

/**
 * The camera moved as little as possible so that a box is seen.
 * @param {Sight} me
 * @param {Camera} camera
 * @param {Rectangle} box
 */
export function revealing(me, camera, { x, y, width, height }) {
  const pad = 12 / camera.zoom;
  /** @type {(at: number, room: number, from: number, length: number) => number} */
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

/**
 * The camera nearer by a factor, or farther, while a point of the view stays where it is.
 * @param {Sight & { camera: Camera }} me
 * @param {number} factor
 * @param {number} [px]
 * @param {number} [py]
 */
export function zoomedAt(me, factor, px = me.size.width / 2, py = me.size.height / 2) {
  const { x, y, zoom } = me.camera;
  const next = Math.max(Math.min(0.5, fitZoom(me)) * 0.9, Math.min(LARGEST_ZOOM, zoom * factor));
  return bounded(me, { x: x + px / zoom - px / next, y: y + py / zoom - py / next, zoom: next });
}

function isStill() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/**
 * Call frame(0..1) until the motion is over; a new motion ends the last one.
 * @param {Moving} me
 * @param {(share: number) => void} frame
 */
export function animate(me, frame) {
  me.settle();
  if (isStill() || !me.root.isConnected) return frame(1);
  const start = performance.now();
  /** @param {number} now */
  const tick = (now) => {
    const share = Math.min(1, Math.max(0, now - start) / MOTION_MS);
    frame(1 - (1 - share) ** 3);
    if (share < 1) me.motion = requestAnimationFrame(tick);
  };
  frame(0);
  me.motion = requestAnimationFrame(tick);
}

/**
 * What lies between two records of numbers.
 * @template {Record<string, number>} R
 * @param {R} from
 * @param {R} to
 * @param {number} share
 */
export function between(from, to, share) {
  const made = Object.keys(to).map((name) => [name, from[name] + (to[name] - from[name]) * share]);
  return /** @type {R} */ (Object.fromEntries(made));
}

/**
 * Move the camera, by and by.
 * @param {Seeing} me
 * @param {Camera} target
 */
export function moveTo(me, target) {
  const from = me.camera;
  animate(me, (share) => {
    me.camera = between(from, target, share);
    me.moved();
    if (share === 1) me.arrived();
  });
}

/**
 * Drag, pinch and wheel. A plain wheel and a finger that moves up or down scroll the page.
 * @param {Held} me
 */
export function listenToHands(me) {
  const { view, small } = me;
  /** @type {Map<number, Point>} */
  const held = new Map();
  /** @type {{ camera: Camera, x: number, y: number, distance: number } | null} */
  let begun = null; // when the fingers last changed
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
  /** @type {(event: MouseEvent) => Point} */
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
    if (!begun || !held.has(event.pointerId)) return;
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
  /** @param {PointerEvent} event */
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
  /** @param {PointerEvent} event */
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
