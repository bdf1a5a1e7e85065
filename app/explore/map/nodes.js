// What stands on a tile or a folded block, and how large that makes it.

/** @import { Bar, Block, Content, Graph, Header, Line, Look, Looks, Measures, Part, Step, Tile } from "./types.js" */

import { shareInWords } from "../../canvas/figures.js";
import { contextOf, element } from "../../canvas/shared.js";
import { BAR, INNER } from "./draw.js";
import { lastOf } from "./lookup.js";

/**
 * What `makeLook` puts on a tile: widths of words, the words themselves, the tags and their colours.
 * @typedef {object} Piece
 * @property {Measures} measures
 * @property {(words: string, size: number, bold?: boolean) => number} wide
 * @property {Step} head
 * @property {{ name: string, shape: string, count: string }} words
 * @property {Bar | null} bar
 * @property {Step[]} tags
 * @property {string[]} colours
 * @property {boolean} inside
 */

/**
 * The measures of a map.
 * @param {object} given
 * @param {boolean} given.vertical
 * @param {number} given.thumb
 * @param {number} given.type
 * @param {string} given.font
 * @returns {Measures}
 */
export function measuresOf({ vertical, thumb, type, font }) {
  const line = 15 * type;
  return {
    vertical,
    thumb,
    type,
    font,
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

/**
 * Return the function that says what stands where on a piece: see `types.js`.
 * @param {Measures} measures
 * @param {Graph} graph
 * @param {Header} header
 * @param {string} lens
 * @param {Set<string>} opened
 * @returns {Look}
 */
export function makeLook(measures, graph, header, lens, opened) {
  const context = contextOf(element("canvas"));
  /** @type {Piece["wide"]} */
  const wide = (words, size, bold = false) => {
    context.font = `${bold ? "600 " : ""}${size * measures.type}px ${measures.font}`;
    return context.measureText(words).width;
  };
  const costs = lens === "none" ? null : costsOf(graph, lens, opened);
  return (piece, inside = false) => {
    const place = measures.vertical && !inside ? placeBeside : placeBelow;
    const folded = "name" in piece;
    const head = folded ? lastOf(piece.steps) : piece.steps[0];
    const words = {
      name: folded ? piece.name : head.short,
      shape: head.shape.replaceAll(" × ", "\u2009×\u2009"),
      count: folded ? `${piece.steps.length} steps` : "",
    };
    const bar = costs && barOf(costs, piece);
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

/**
 * @param {ReturnType<typeof costsOf>} costs
 * @param {Tile | Block} piece
 * @returns {Bar}
 */
function barOf(costs, piece) {
  const share = costs.of(piece.steps);
  return { share, largest: costs.largest, words: percent(share) };
}

/**
 * Name, thumbnail and shape below one another, and then the tags.
 * @param {Piece} piece
 * @returns {Omit<Looks, "head" | "title" | "stripes">}
 */
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
  /** @type {Content[]} */
  const content = [];
  /** @param {Pick<Line, "words" | "size" | "bold" | "faint">} more */
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
  /** @type {Part[]} */
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

/**
 * The thumbnail beside name and shape, and the tags beside these.
 * @param {Piece} piece
 * @returns {Omit<Looks, "head" | "title" | "stripes">}
 */
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
  /** @type {Content[]} */
  const content = [{ thumb: head.name, x: BAR + 4, y: 4, width: thumb, height: thumb }];
  let y = 4;
  /** @param {Bar | Pick<Line, "words" | "size" | "bold" | "faint">} more */
  const row = (more) => {
    content.push({ x: left, y: y + line / 2, room: headWidth - left - 4, ...more });
    y += line;
  };
  row({ words: words.name, size: 12, bold: true });
  row({ words: words.shape, size: 11 });
  if (words.count) row({ words: words.count, size: 11, faint: true });
  if (bar) row(bar);
  const height = Math.max(thumb + 8, y + 3, tags.length * tag + 4);
  /** @type {Part[]} */
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

/**
 * @param {Step} step
 * @param {string} colour
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {Measures} measures
 * @returns {Content[]}
 */
function tagRow(step, colour, x, y, width, { tag }) {
  const edge = tag - 3;
  return [
    { fill: colour, x: x + 3, y: y + 1.5, width: 2.5, height: edge },
    { thumb: step.name, x: x + 7, y: y + 1.5, width: edge, height: edge },
    { words: step.short, x: x + 11 + edge, y: y + tag / 2, size: 11, room: width - edge - 13 },
  ];
}

/**
 * What the pieces on the map cost: the share of some steps, and the largest one shown.
 * @param {Graph} graph
 * @param {string} lens
 * @param {Set<string>} opened
 */
export function costsOf(graph, lens, opened) {
  /** @param {Step[]} steps */
  const sum = (steps) => steps.reduce((total, step) => total + (step.costs[lens] ?? 0), 0);
  const total = sum(graph.steps);
  /** @param {Step[]} steps */
  const of = (steps) => (total > 0 ? sum(steps) / total : 0);
  const shown = [
    ...graph.tiles.filter(({ block }) => !block || !graph.blocks.has(block) || opened.has(block)),
    ...[...graph.blocks.values()].filter((block) => !opened.has(block.key)),
  ];
  return { of, largest: Math.max(0, ...shown.map((piece) => of(piece.steps))) };
}

/**
 * A share of one as a percentage with as many digits as say something.
 * @param {number} share
 */
export function percent(share) {
  return share === 0 ? "0 %" : shareInWords(share);
}
