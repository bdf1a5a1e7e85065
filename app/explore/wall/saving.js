// The wall as a picture file: every tile as it is drawn, with a legend and a caption.

import { contextOf, element, usePalette } from "../../canvas/shared.js";
import { handOver, paintLegend, wrapped } from "../../canvas/paper.js";

/** @import { Wall } from "./wall.js" */

const PAPER = 16; // room around, in pixels of the page
const MOST_PIXELS = 64e6; // what browsers draw on one canvas
const LONGEST = 16000;

/**
 * Draw the whole wall, with what is out of sight, its legend and its caption.
 * @param {Wall} me
 */
function pictureOf(me) {
  const { tiles, header } = me;
  const style = getComputedStyle(me.root);
  const [ink, paper] = [style.color, style.getPropertyValue("--st-background-color") || "#fff"];
  const width = Math.max(560, tiles.totalWidth) + 2 * PAPER;
  const probe = contextOf(element("canvas"));
  probe.font = "14px system-ui, sans-serif";
  const scale = me.scales.length > 1 ? null : me.scales[0];
  const lines = header.caption.flatMap((line) => wrapped(probe, line, width - 2 * PAPER));
  const foot = 20 * lines.length + (scale ? 30 : 8);
  const height = PAPER + tiles.totalHeight + 8 + foot + PAPER;
  const ratio = Math.min(
    2,
    LONGEST / height,
    LONGEST / width,
    Math.sqrt(MOST_PIXELS / (width * height)),
  );
  const canvas = element("canvas", {
    width: Math.round(width * ratio),
    height: Math.round(height * ratio),
  });
  const context = contextOf(canvas);
  context.scale(ratio, ratio);
  context.fillStyle = paper;
  context.fillRect(0, 0, width, height);
  context.save();
  context.translate(PAPER, PAPER);
  tiles.paint(context, 0, tiles.totalHeight);
  context.restore();
  let y = PAPER + tiles.totalHeight + 24;
  context.fillStyle = ink;
  context.textBaseline = "alphabetic";
  context.textAlign = "left";
  if (scale) {
    y += paintLegend(context, scale, PAPER, y - 12);
    context.fillStyle = ink;
  }
  context.font = "14px system-ui, sans-serif";
  for (const line of lines) {
    context.fillText(line, PAPER, y);
    y += 20;
  }
  return canvas;
}

/**
 * Hand the picture to the visitor.
 * @param {Wall} me
 */
export function savePicture(me) {
  usePalette(me.header.colours);
  pictureOf(me).toBlob((blob) => blob && handOver(me.header.file, blob));
}
