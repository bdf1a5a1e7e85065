// The map as it is now on its two canvases: all of it, and what is lit.

/** @import { Rectangle } from "../../canvas/camera.js" */
/** @import { Edge, NetworkMap, Unit } from "./types.js" */

import { between } from "../../canvas/camera.js";
import { Painter } from "./draw.js";
import { holderOf } from "./graph.js";
import { known } from "./lookup.js";

/**
 * Where a step is drawn: its part of a tile, or its folded block.
 * @param {NetworkMap} me
 * @param {string} name
 * @returns {Rectangle}
 */
export function boxOf(me, name) {
  const node = known(me.boxes, holderOf(me.graph, name, me.opened));
  const part = node.kind === "tile" ? node.parts.find(({ step }) => step.name === name) : undefined;
  return part
    ? { x: node.x + part.x, y: node.y + part.y, width: part.width, height: part.height }
    : node;
}

/**
 * Draw the map as it is now.
 * @param {NetworkMap} me
 */
export function paint(me) {
  const painter = painterFor(me, me.base);
  const { layout, change } = me;
  painter.context.clearRect(0, 0, me.size.width, me.size.height);
  painter.bands(layout.bands);
  const share = change?.share ?? 1;
  const boxes = layout.nodes.map((node) => {
    if (!change) return node;
    const from = change.old.get(node.key) ?? change.old.get(`block ${node.block}`);
    if (!from) return node;
    const moved = between(rectangleOf(from), rectangleOf(node), share);
    return node.kind === "frame" ? moved : { ...moved, width: node.width, height: node.height };
  });
  layout.nodes.forEach((node, i) => {
    const box = painter.box(boxes[i]);
    if (node.kind === "frame" && painter.visible(box)) painter.frame(node, box);
  });
  painter.edges(layout.edges, share);
  layout.nodes.forEach((node, i) => {
    const box = painter.box(boxes[i]);
    if (node.kind === "frame" || !painter.visible(box)) return;
    painter.fade = change && !change.old.has(node.key) ? share : 1;
    painter.node(node, box);
  });
  for (const node of change?.leaving ?? []) {
    // into the block that was folded
    if (node.kind !== "tile") continue;
    const block = known(me.boxes, `block ${node.block}`);
    painter.fade = 1 - share;
    painter.node(
      node,
      painter.box({
        ...node,
        ...between({ x: node.x, y: node.y }, { x: block.x, y: block.y }, share),
      }),
    );
  }
  paintOver(me);
}

/**
 * @param {Rectangle} box
 * @returns {Rectangle}
 */
function rectangleOf({ x, y, width, height }) {
  return { x, y, width, height };
}

/**
 * @param {NetworkMap} me
 * @param {CanvasRenderingContext2D} context
 */
export function painterFor(me, context) {
  const { camera, size, theme, metrics, thumbnails, header } = me;
  return new Painter(context, {
    camera,
    ...size,
    theme,
    metrics,
    thumbnails,
    operations: header.operations,
  });
}

/**
 * Draw what is lit: what is pointed at, what it reads and who reads it; or what was searched for.
 * @param {NetworkMap} me
 */
export function paintOver(me) {
  const painter = painterFor(me, me.over);
  const { over, layout } = me;
  over.clearRect(0, 0, me.size.width, me.size.height);
  if (me.change) return;
  /** @param {string} name */
  const box = (name) => boxOf(me, name);
  if (me.pointed) {
    const { boxes, inputs, readers } = neighboursOf(me, me.pointed);
    painter.veil([
      ...readers.map((name) => ({ box: box(name), faint: true })),
      ...inputs.map((name) => ({ box: box(name) })),
      ...boxes.map((each) => ({ box: each })),
    ]);
    const mine = new Set(me.pointed.steps);
    /** @param {Edge} edge */
    const reads = (edge) =>
      !mine.has(edge.source) && [...edge.targets].some((name) => mine.has(name));
    /** @param {Edge} edge */
    const feeds = (edge) =>
      mine.has(edge.source) && [...edge.targets].some((name) => !mine.has(name));
    for (const edge of layout.edges) if (feeds(edge)) painter.edge(edge, me.theme.text, 1.5, 0.5);
    for (const edge of layout.edges) if (reads(edge)) painter.edge(edge, me.theme.accent, 3, 1);
    for (const name of inputs) painter.ring(box(name), me.theme.accent, 2);
    for (const each of boxes) painter.ring(each, me.theme.text, 2);
  } else if (me.matches) {
    painter.veil(me.matches.map((name) => ({ box: box(name) })));
    if (me.matches.length) painter.ring(box(me.matches[me.match]), me.theme.accent, 3);
  }
  if (me.chosen) painter.ring(box(me.chosen), me.theme.accent, 3);
}

/**
 * What a unit (a step, a folded block or a frame) reads and who reads it, and where it is drawn.
 * @param {NetworkMap} me
 * @param {Unit} unit
 * @returns {{ boxes: Rectangle[], inputs: string[], readers: string[] }}
 */
export function neighboursOf(me, unit) {
  const mine = new Set(unit.steps);
  const inputs = [
    ...new Set(unit.steps.flatMap((name) => known(me.graph.byName, name).inputs)),
  ].filter((name) => !mine.has(name));
  const readers = [...new Set(unit.steps.flatMap((name) => known(me.graph.readers, name)))].filter(
    (name) => !mine.has(name),
  );
  const boxes = [unit.kind === "step" ? boxOf(me, unit.steps[0]) : known(me.boxes, unit.holder)];
  return { boxes, inputs, readers };
}
