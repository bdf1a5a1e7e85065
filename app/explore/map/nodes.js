// What stands on a tile or a folded block, and how large that makes it.

import { shareInWords } from "../../canvas/figures.js";
import { element } from "../../canvas/shared.js";
import { BAR, INNER } from "./draw.js";

/**
 * The measures of a map in CSS pixels at zoom 1.
 * @param thumb Edge of a thumbnail.
 * @param type How much larger than usual the page's type is.
 */
export function measuresOf({ vertical, thumb, type, lens }) {
  const line = 15 * type;
  return {
    vertical,
    thumb,
    type,
    lens,
    line,
    tag: 17 * type,
    title: 24 * type,
    style: {
      vertical,
      gap: vertical ? 20 : 22,
      lane: vertical ? 7 : 12,
      row: 24,
      label: vertical ? 0 : 22 * type,
      lead: vertical ? 22 * type : 8,
      pads: vertical ? [28 * type, 14, 8, 8] : [16, 14, 26 * type, 10],
    },
  };
}

/** Return the function that says what stands where on a piece: see `layOutMap`. */
export function makeLook(measures, graph, header, lens, opened) {
  const context = element("canvas").getContext("2d");
  const wide = (words, size, bold = false) => {
    context.font = `${bold ? "600 " : ""}${size * measures.type}px ${measures.font ?? "sans-serif"}`;
    return context.measureText(words).width;
  };
  const costs = lens === "none" ? null : costsOf(graph, lens, opened);
  return (kind, piece, inside = false) => {
    const place = measures.vertical && !inside ? placeBeside : placeBelow;
    const folded = kind === "block";
    const head = folded ? piece.steps.at(-1) : piece.steps[0];
    const words = {
      name: folded ? piece.name : head.short,
      shape: head.shape.replaceAll(" × ", "\u2009×\u2009"),
      count: folded ? `${piece.steps.length} steps` : "",
    };
    const share = costs && costs.of(piece.steps);
    const bar = costs && { share, largest: costs.largest, words: percent(share) };
    const tags = folded ? [] : piece.steps.slice(1);
    const colours = tags.map((tag) => header.operations[tag.operation].colour);
    const stripes = (folded ? piece.steps : [head]).map(
      (step) => header.operations[step.operation].colour,
    );
    return {
      head,
      title: words.name,
      stripes,
      ...place({ measures, wide, head, words, bar, tags, colours, inside }),
    };
  };
}

/** Name, thumbnail and shape below one another, and then the tags. */
function placeBelow({ measures, wide, head, words, bar, tags, colours, inside }) {
  const { line, tag, type, vertical } = measures;
  const thumb = vertical ? measures.thumb * 1.1 : measures.thumb;
  const text = Math.max(
    wide(words.name, 12, true),
    wide(words.shape, 11),
    ...tags.map((each) => wide(each.short, 11) + 20),
  );
  const width = Math.max(
    thumb + 2 * INNER,
    Math.min(text + 2 * INNER, (vertical && inside ? 76 : 104) * type),
  );
  const content = [];
  const row = (more) =>
    content.push({ x: width / 2, y: y + line / 2, room: width - 6, centred: true, ...more });
  let y = BAR + 1;
  row({ words: words.name, size: 12, bold: true });
  y += line + 1;
  content.push({ thumb: head.name, x: (width - thumb) / 2, y, width: thumb, height: thumb });
  const middle = y + thumb / 2;
  y += thumb + 2;
  row({ words: words.shape, size: 11 });
  y += line;
  if (words.count) {
    row({ words: words.count, size: 11, faint: true });
    y += line;
  }
  if (bar) {
    content.push({ ...bar, x: 4, y: y + line / 2, room: width - 8 });
    y += line + 2;
  }
  y += 2;
  const parts = [{ step: head, x: 0, y: 0, width, height: y }];
  tags.forEach((step, i) => {
    parts.push({ step, x: 0, y, width, height: tag });
    content.push(...tagRow(step, colours[i], 0, y, width, measures));
    y += tag;
  });
  const height = y + (tags.length ? 2 : 0);
  const size = vertical
    ? { along: height, across: width, port: width / 2 }
    : { along: width, across: height, port: middle };
  return { ...size, content, parts };
}

/** The thumbnail beside name and shape, and the tags beside these. */
function placeBeside({ measures, wide, head, words, bar, tags, colours }) {
  const { thumb, line, tag, type } = measures;
  const left = BAR + 4 + thumb + 6;
  const text = Math.max(
    wide(words.name, 12, true),
    wide(words.shape, 11),
    wide(words.count, 11),
    bar ? 40 * type : 0,
  );
  const headWidth = left + Math.min(1.1 * text, 110 * type) + INNER; // text shrinks less than its tile
  const tagWidth = tags.length
    ? Math.min(Math.max(...tags.map((each) => wide(each.short, 11))), 80 * type) + 30
    : 0;
  const content = [{ thumb: head.name, x: BAR + 4, y: 4, width: thumb, height: thumb }];
  let y = 4;
  const row = (more) => {
    content.push({ x: left, y: y + line / 2, room: headWidth - left - 4, ...more });
    y += line;
  };
  row({ words: words.name, size: 12, bold: true });
  row({ words: words.shape, size: 11 });
  if (words.count) row({ words: words.count, size: 11, faint: true });
  if (bar) row(bar);
  const height = Math.max(thumb + 8, y + 3, tags.length * tag + 4);
  const parts = [{ step: head, x: 0, y: 0, width: headWidth, height }];
  y = (height - tags.length * tag) / 2;
  tags.forEach((step, i) => {
    parts.push({ step, x: headWidth, y, width: tagWidth, height: tag });
    content.push(...tagRow(step, colours[i], headWidth, y, tagWidth, measures));
    y += tag;
  });
  const width = headWidth + tagWidth;
  return { along: height, across: width, port: width / 2, upright: true, content, parts };
}

function tagRow(step, colour, x, y, width, { tag }) {
  const edge = tag - 3;
  return [
    { fill: colour, x: x + 3, y: y + 1.5, width: 2.5, height: edge },
    { thumb: step.name, x: x + 7, y: y + 1.5, width: edge, height: edge },
    { words: step.short, x: x + 11 + edge, y: y + tag / 2, size: 11, room: width - edge - 13 },
  ];
}

/** What the pieces on the map cost: the share of some steps, and the largest one shown. */
export function costsOf(graph, lens, opened) {
  const sum = (steps) => steps.reduce((total, step) => total + (step.costs[lens] ?? 0), 0);
  const total = sum(graph.steps);
  const of = (steps) => (total > 0 ? sum(steps) / total : 0);
  const shown = [
    ...graph.tiles.filter((tile) => !graph.blocks.has(tile.block) || opened.has(tile.block)),
    ...[...graph.blocks.values()].filter((block) => !opened.has(block.key)),
  ];
  return { of, largest: Math.max(0, ...shown.map((piece) => of(piece.steps))) };
}

/** A share of one as a percentage with as many digits as say something. */
export function percent(share) {
  return share === 0 ? "0 %" : shareInWords(share);
}
