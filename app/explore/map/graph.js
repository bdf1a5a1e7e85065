// What is drawn as one piece on the map, and how the pieces hang together.
//
// A tile is a step with those that follow it alone and change no shape ("tags": batch norm, ReLU
// and so on). A block is folded (one node) or open (a frame with its tiles inside).

/** @import { Point } from "../../canvas/types.js" */
/** @import { Block, BlockItem, Edge, FrameItem, Graph, Header, Layout, Link, Look, MapNode, PortItem, Route, Step, Style, Tile, TileItem } from "./types.js" */

import { arrange } from "./layout.js";
import { known, lastOf } from "./lookup.js";

/**
 * Index the steps of a network: by name, who reads each, and the tiles.
 * @param {Header} header
 * @returns {Graph}
 */
export function indexSteps(header) {
  /** @type {Map<string, Step>} */
  const byName = new Map(header.steps.map((step, order) => [step.name, { ...step, order }]));
  const steps = [...byName.values()];
  /** @type {Map<string, string[]>} */
  const readers = new Map(steps.map((step) => [step.name, []]));
  for (const step of steps) for (const name of step.inputs) readers.get(name)?.push(step.name);
  /** @type {Tile[]} */
  const tiles = [];
  /** @type {Map<string, Tile>} */
  const tileOf = new Map();
  for (const step of steps) {
    const before = step.inputs.length === 1 ? byName.get(step.inputs[0]) : null;
    const joins =
      step.tag && before?.block === step.block && known(readers, before.name).length === 1;
    /** @type {Tile} */
    const tile = joins
      ? known(tileOf, before.name)
      : { key: step.name, block: step.block, steps: [] };
    if (!joins) tiles.push(tile);
    tile.steps.push(step);
    tileOf.set(step.name, tile);
  }
  /** @type {Map<string, Block>} */
  const blocks = new Map(
    header.blocks.map((block) => [block.key, { ...block, tiles: [], steps: [] }]),
  );
  for (const tile of tiles) blocks.get(tile.block ?? "")?.tiles.push(tile);
  for (const step of steps) blocks.get(step.block ?? "")?.steps.push(step);
  return { steps, byName, readers, tiles, tileOf, blocks };
}

/**
 * The node that holds a step on the map: its tile, or its block where that is folded.
 * @param {Graph} graph
 * @param {string} name
 * @param {Set<string>} opened
 */
export function holderOf(graph, name, opened) {
  const { block } = known(graph.byName, name);
  return block && !opened.has(block) ? `block ${block}` : known(graph.tileOf, name).key;
}

/**
 * The key of the unit that shows a step: its own, or that of its block where it is folded.
 * @param {Graph} graph
 * @param {string} name
 * @param {Set<string>} opened
 */
export function unitKeyOf(graph, name, opened) {
  const { block } = known(graph.byName, name);
  return block && !opened.has(block) ? `block ${block}` : `step ${name}`;
}

/**
 * Lay the whole network out.
 * @param {Graph} graph
 * @param {Set<string>} opened Keys of the open blocks.
 * @param {Look} look
 * @param {Style} style
 * @returns {Layout}
 */
export function layOutMap(graph, opened, look, style) {
  /** @type {MapNode[]} */
  const nodes = [];
  /** @type {Edge[]} */
  const edges = [];
  /** @type {(place: Point) => Point} */
  const turn = style.vertical
    ? ([along, across]) => [across, along]
    : ([along, across]) => [along, across];
  const items = outerItems(graph, opened, look, style);
  const outer = arrange(items, linksBetween(graph, items), style);
  /** @type {(item: TileItem | BlockItem | FrameItem, place: Point) => void} */
  const put = (item, place) => {
    const [x, y] = turn(place);
    const [width, height] = turn([item.along, item.across]);
    nodes.push({ ...item, x, y, width, height });
  };
  /**
   * @param {Link} link
   * @param {Route} route
   * @param {Point} origin
   * @param {number | null} [lead] Where it begins, if not at the first point.
   * @param {number | null} [tail]
   */
  const draw = (link, route, [along, across], lead = null, tail = null) => {
    const moved = route.points.map(([a, c]) => turn([a + along, c + across]));
    if (lead !== null) moved.unshift(turn([lead, route.points[0][1] + across]));
    if (tail !== null) moved.push(turn([tail, lastOf(route.points)[1] + across]));
    edges.push({
      source: link.source,
      targets: link.targets,
      points: moved,
      round: route.round,
      skip: link.skip,
      ends: !link.passes,
    });
  };
  outer.routes.forEach((route, i) => {
    draw(outer.links[i], route, [0, 0]);
  });
  items.forEach((item, i) => {
    const place = outer.places[i];
    put(item, place);
    if (item.kind !== "frame") return;
    const { inner } = item;
    /** @type {Point} */
    const origin = [place[0] + style.pads[0], place[1] + style.pads[2]];
    inner.items.forEach((each, j) => {
      if (each.kind !== "port")
        put(each, [origin[0] + inner.places[j][0], origin[1] + inner.places[j][1]]);
    });
    inner.routes.forEach((route, j) => {
      const link = inner.links[j];
      const lead = inner.items[link.from].kind === "port" ? place[0] : null;
      const tail = inner.items[link.to].kind === "port" ? place[0] + item.along : null;
      draw(link, route, origin, lead, tail);
    });
  });
  const bands = outer.bands.map(({ size, start, end, before, after }) => {
    const [x, y] = turn([start, before]);
    const [right, bottom] = turn([end, after]);
    return { size, x, y, width: right - x, height: bottom - y };
  });
  const [width, height] = turn([outer.along, outer.across]);
  return { nodes, edges, bands, width, height, rows: outer.rows };
}

/**
 * The pieces of the outermost level in the order of execution.
 * @param {Graph} graph
 * @param {Set<string>} opened
 * @param {Look} look
 * @param {Style} style
 */
function outerItems(graph, opened, look, style) {
  /** @type {(TileItem | BlockItem | FrameItem)[]} */
  const items = [];
  const seen = new Set();
  for (const tile of graph.tiles) {
    const block = graph.blocks.get(tile.block ?? "");
    if (!block) {
      items.push({
        key: tile.key,
        kind: "tile",
        steps: tile.steps,
        size: lastOf(tile.steps).size,
        ...look(tile),
      });
    } else if (!seen.has(block.key)) {
      seen.add(block.key);
      const item = {
        key: `block ${block.key}`,
        block: block.key,
        steps: block.steps,
        size: lastOf(block.steps).size,
      };
      items.push(
        opened.has(block.key)
          ? { ...item, kind: "frame", title: block.name, ...frameOf(graph, block, look, style) }
          : { ...item, kind: "block", ...look(block) },
      );
    }
  }
  return items;
}

/**
 * An open block: its tiles arranged by themselves, with a port for each value that goes in or out.
 * @param {Graph} graph
 * @param {Block} block
 * @param {Look} look
 * @param {Style} style
 */
function frameOf(graph, block, look, style) {
  const inside = new Set(block.steps.map((step) => step.name));
  const sources = [...new Set(block.steps.flatMap((step) => step.inputs))].filter(
    (name) => !inside.has(name),
  );
  const results = block.steps
    .map((step) => step.name)
    .filter((name) => known(graph.readers, name).some((reader) => !inside.has(reader)));
  /** @type {(name: string, pin: "start" | "end") => PortItem} */
  const port = (name, pin) => ({
    kind: "port",
    key: `${pin} ${name}`,
    step: name,
    pin,
    along: 0,
    across: 0,
    port: 0,
    steps: [],
    size: "",
  });
  /** @type {(TileItem | PortItem)[]} */
  const items = [
    ...sources.map((name) => port(name, "start")),
    ...block.tiles.map((tile) => ({
      key: tile.key,
      kind: /** @type {const} */ ("tile"),
      block: block.key,
      steps: tile.steps,
      size: lastOf(tile.steps).size,
      ...look(tile, true),
    })),
    ...results.map((name) => port(name, "end")),
  ];
  const [start, end, before, after] = style.pads;
  const limit = style.limit - start - end;
  const inner = {
    items,
    ...arrange(items, linksBetween(graph, items, inside), { ...style, limit, inside: true }),
  };
  /** @param {string} key */
  const across = (key) => {
    const at = items.findIndex((item) => item.key === key);
    return before + (at < 0 ? inner.across / 2 : inner.places[at][1]);
  };
  return {
    inner,
    along: inner.along + start + end,
    across: inner.across + before + after,
    port: sources.length ? across(`start ${sources[0]}`) : before + inner.across / 2,
    /** @param {string} source */
    portIn: (source) => across(`start ${source}`),
    /** @param {string} source */
    portOut: (source) => across(`end ${source}`),
  };
}

/**
 * The links between the pieces of one level.
 * @param {Graph} graph
 * @param {(TileItem | BlockItem | FrameItem | PortItem)[]} items
 * @param {Set<string>} [inside] Names of the steps inside a frame.
 */
function linksBetween(graph, items, inside = new Set()) {
  /** @type {Map<string, number>} */
  const holder = new Map();
  items.forEach((item, at) => {
    for (const step of item.steps) holder.set(step.name, at);
  });
  /** @type {Map<string, number>} */
  const entry = new Map();
  items.forEach((item, at) => {
    if (item.kind === "port" && item.pin === "start") entry.set(item.step, at);
  });
  /** @type {Map<string, Link>} */
  const links = new Map();
  /** @type {(from: number, to: number, source: string, target: Step, passes?: boolean) => void} */
  const add = (from, to, source, target, passes = false) => {
    const key = `${from} ${to} ${source}`;
    /** @type {Link} */
    const link = links.get(key) ?? { from, to, source, targets: new Set(), skip: false, passes };
    links.set(key, link);
    link.targets.add(target.name);
    link.skip ||= target.operation === "addition";
  };
  items.forEach((item, to) => {
    if (item.kind === "port" && item.pin === "end") {
      for (const reader of known(graph.readers, item.step)) {
        if (!inside.has(reader))
          add(known(holder, item.step), to, item.step, known(graph.byName, reader), true);
      }
    }
    for (const step of item.steps) {
      for (const source of step.inputs) {
        const from = holder.get(source) ?? entry.get(source);
        if (from !== undefined && from !== to) add(from, to, source, step, item.kind === "frame");
      }
    }
  });
  return [...links.values()];
}
