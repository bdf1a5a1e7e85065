// Where the camera of the map begins.

/** @import { NetworkMap } from "./types.js" */

import { MARGIN, bounded, centred, fitZoom } from "../../canvas/camera.js";
import { holderOf } from "./graph.js";
import { known } from "./lookup.js";

const LEGIBLE_ZOOM = 0.8;

/**
 * The camera at first: all of the map if it stays legible, else at what is chosen, or the beginning.
 * @param {Pick<NetworkMap, "size" | "layout" | "strip" | "chosen" | "boxes" | "graph" | "opened">} me
 */
export function homeCamera(me) {
  const fit = fitZoom(me);
  const wide = (me.size.width - 2 * MARGIN) / me.layout.width;
  const zoom = me.strip
    ? 1
    : fit >= LEGIBLE_ZOOM
      ? fit
      : Math.min(1, Math.max(wide, LEGIBLE_ZOOM * 0.9));
  if (me.chosen) {
    return centred(me, known(me.boxes, holderOf(me.graph, me.chosen, me.opened)), zoom);
  }
  return bounded(me, { x: 0, y: 0, zoom });
}
