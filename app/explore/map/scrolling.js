// What happens when the browser scrolls the view of the map.

/** @import { NetworkMap } from "./types.js" */

import { bounded } from "../../canvas/camera.js";

export const REST = 100000; // how far the view is scrolled, so that the browser can scroll it back

/**
 * The browser brings a button into sight that has the focus or was searched for: let the camera do
 * it. What is drawn stays in the view wherever that is scrolled to, and the view goes back at once.
 * @param {NetworkMap} me
 */
export function followScroll(me) {
  const { view, camera } = me;
  const [x, y] = [view.scrollLeft - me.rest[0], view.scrollTop - me.rest[1]];
  view.scrollTo(REST, REST);
  me.rest = [view.scrollLeft, view.scrollTop];
  if (!me.layout || Math.hypot(x, y) < 1 || Math.hypot(x, y) > REST / 2) return;
  me.camera = bounded(me, {
    ...camera,
    x: camera.x + x / camera.zoom,
    y: camera.y + y / camera.zoom,
  });
  me.moved();
  me.arrived();
}
