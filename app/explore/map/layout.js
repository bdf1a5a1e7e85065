// Where the pieces of a map stand: columns along the longest path, branches in lanes beside it, long
// edges in lanes of their own, and rows like lines of text where one row would be too long.
// "Along" is the direction of the flow, "across" the other one.

/** @import { Point } from "../../canvas/types.js" */
/** @import { Arranged, Arrangement, Band, Column, Lane, Link, Route, Row, Spacing } from "./types.js" */

import { known, lastOf } from "./lookup.js";

const THIN = 9; // half a lane through which only edges pass
const SLOT = 6; // between edges that run side by side
const BREAK = { row: 1, stage: 0.35, edge: 0.3 }; // what a new row costs, in full rows

/**
 * The lanes of pieces, and of the links that pass columns.
 * @typedef {{ of: number[], links: (number | null)[] }} Lanes
 */

/**
 * What routes and bands go by: `ranks` are the columns of pieces, `rowOf` the rows of columns.
 * @typedef {object} Grid
 * @property {Arranged[]} items
 * @property {Column[]} columns
 * @property {Row[]} rows
 * @property {number[]} rowOf
 * @property {number[]} ranks
 * @property {Lanes} lanes
 * @property {Point[]} places
 * @property {Map<string, number>[]} gutters
 * @property {number} margin
 */

/**
 * Arrange the pieces of one level.
 * @param {Arranged[]} items In topological order.
 * @param {Link[]} links Between positions in `items`.
 * @param {Spacing} style
 * @returns {Arrangement}
 */
export function arrange(items, links, style) {
  const ranks = rankItems(items, links);
  const lanes = assignLanes(items, links, ranks);
  const columns = measureColumns(items, links, ranks, lanes, style);
  const rows = breakRows(columns, style.limit);
  const turns = rows.length > 1;
  /** @type {number[]} */
  const rowOf = [];
  rows.forEach((row, at) => {
    for (let r = row.first; r <= row.last; r++) rowOf[r] = at;
  });
  const margin = turns ? 2 * SLOT + 4 : 0;
  for (const row of rows) {
    let along = margin + (style.inside ? 0 : style.lead);
    for (let r = row.first; r <= row.last; r++) {
      columns[r].start = along;
      columns[r].end = along + columns[r].length;
      along = columns[r].end + columns[r].gap;
    }
    row.end = columns[row.last].end;
    row.lanes = laneExtents(items, links, ranks, lanes, rowOf, rows.indexOf(row));
  }
  const gutters = fillGutters(links, ranks, rowOf, rows.length);
  stackRows(rows, gutters, style);
  /** @type {Point[]} */
  const places = items.map((item, i) => {
    const column = columns[ranks[i]];
    const lane = known(rows[rowOf[ranks[i]]].lanes, lanes.of[i]);
    return [column.start + (column.length - item.along) / 2, lane.centre - item.port];
  });
  const grid = { items, columns, rows, rowOf, ranks, lanes, places, gutters, margin };
  return {
    places,
    links: links.map((link) => ({
      ...link,
      skip: link.skip && ranks[link.to] - ranks[link.from] > 1,
    })),
    routes: links.map((link, i) => routeOf(link, i, grid)),
    bands: style.inside ? [] : bandsOf(grid, style),
    along: Math.max(0, ...rows.map((row) => row.end)) + margin + (style.inside ? 0 : style.lead),
    across: rows.length ? lastOf(rows).bottom + (style.inside ? 0 : 6) : 0,
    rows: rows.length,
  };
}

/**
 * The column of every piece: as late as its readers allow, none before what it reads.
 * @param {Arranged[]} items
 * @param {Link[]} links
 */
function rankItems(items, links) {
  const early = items.map(() => 0);
  /** @type {number[][]} */
  const into = items.map(() => []);
  /** @type {number[][]} */
  const out = items.map(() => []);
  for (const link of links) {
    into[link.to].push(link.from);
    out[link.from].push(link.to);
  }
  items.forEach((_, i) => {
    for (const from of into[i]) early[i] = Math.max(early[i], early[from] + 1);
  });
  const last = Math.max(0, ...early);
  const ranks = [...early];
  for (let i = items.length - 1; i >= 0; i--) {
    if (items[i].pin === "end") ranks[i] = last;
    else if (items[i].pin !== "start" && out[i].length)
      ranks[i] = Math.min(...out[i].map((to) => ranks[to] - 1));
  }
  return ranks;
}

/**
 * The lane of every piece and of every link that passes columns: 0 is the longest path.
 * @param {Arranged[]} items
 * @param {Link[]} links
 * @param {number[]} ranks
 * @returns {Lanes}
 */
function assignLanes(items, links, ranks) {
  /** @type {number[][]} */
  const out = items.map(() => []);
  /** @type {number[][]} */
  const into = items.map(() => []);
  for (const link of links) {
    out[link.from].push(link.to);
    into[link.to].push(link.from);
  }
  const depth = items.map(() => 0);
  for (let i = items.length - 1; i >= 0; i--)
    for (const to of out[i]) depth[i] = Math.max(depth[i], depth[to] + 1);
  /** @type {Map<string, number | string>} */
  const taken = new Map();
  /** @type {(lane: number, rank: number) => number | string | undefined} */
  const owner = (lane, rank) => taken.get(`${lane} ${rank}`);
  /** @type {(lane: number, from: number, to: number, ...owners: unknown[]) => boolean} */
  const free = (lane, from, to, ...owners) => {
    for (let r = from; r <= to; r++)
      if (owner(lane, r) !== undefined && !owners.includes(owner(lane, r))) return false;
    return true;
  };
  /** @type {(lane: number, from: number, to: number, by: number | string) => void} */
  const take = (lane, from, to, by) => {
    for (let r = from; r <= to; r++) taken.set(`${lane} ${r}`, by);
  };
  /** @type {(number | null)[]} */
  const laneOf = items.map(() => null);
  const chain = items.map(() => -1);
  /** @param {number[]} list */
  const deepest = (list) => {
    /** @type {number | null} */
    let best = null;
    for (const i of list) if (best === null || depth[i] > depth[best]) best = i;
    return best;
  };
  /** @type {(start: number, next: (at: number) => number | null) => number[]} */
  const follow = (start, next) => {
    const found = [start];
    for (let i = next(start); i !== null; i = next(i)) found.push(i);
    return found;
  };
  /** @type {(found: number[], lane: number, from: number, to: number) => void} */
  const settle = (found, lane, from, to) => {
    for (const i of found) {
      laneOf[i] = lane;
      chain[i] = found[0];
    }
    take(lane, from, to, found[0]);
  };
  if (items.length) {
    const trunk = follow(/** @type {number} */ (deepest(items.map((_, i) => i))), (i) =>
      deepest(out[i]),
    );
    settle(trunk, 0, ranks[trunk[0]], ranks[lastOf(trunk)]);
  }
  items.forEach((_, i) => {
    if (laneOf[i] !== null) return;
    const found = follow(i, (at) => deepest(out[at].filter((to) => laneOf[to] === null)));
    /** @type {number | null} */
    let parent = null;
    for (const from of into[i]) if (parent === null || ranks[from] > ranks[parent]) parent = from;
    const from = parent === null ? ranks[i] : ranks[parent] + 1;
    const ends = out[lastOf(found)].map((to) => ranks[to] - 1);
    const to = Math.max(ranks[lastOf(found)], ends.length ? Math.min(...ends) : 0);
    const home = parent === null ? 0 : (laneOf[parent] ?? 0);
    const brother = parent === null ? undefined : out[parent].find((each) => laneOf[each] === home);
    const up = home < 0 || (home === 0 && brother !== undefined && i < brother);
    let lane = home + (up ? -1 : 1);
    while (!free(lane, from, to)) lane += up ? -1 : 1;
    settle(found, lane, from, to);
  });
  const settled = /** @type {number[]} */ (laneOf);
  /** @type {(number | null)[]} */
  const linkLanes = links.map(() => null);
  const long = links
    .map((link, i) => ({ link, i, span: ranks[link.to] - ranks[link.from] }))
    .filter(({ span }) => span > 1);
  for (const { link, i } of long.sort((a, b) => a.span - b.span)) {
    const [from, to] = [ranks[link.from] + 1, ranks[link.to] - 1];
    const mine = [chain[link.from], chain[link.to], `from ${link.from}`];
    /** @param {number} lane */
    const alone = (lane) =>
      free(lane, from, to, ...mine) &&
      !items.some((_, at) => settled[at] === lane && ranks[at] >= from && ranks[at] <= to);
    let lane = [settled[link.from], settled[link.to]].find(alone);
    if (lane === undefined) {
      lane = Math.min(settled[link.from], settled[link.to]) - 1;
      while (!alone(lane)) lane -= 1;
    }
    take(lane, from, to, `from ${link.from}`);
    linkLanes[i] = lane;
  }
  return { of: settled, links: linkLanes };
}

/**
 * The columns: how long each is, the gap behind it, its resolution, how many edges go on from it.
 * @param {Arranged[]} items
 * @param {Link[]} links
 * @param {number[]} ranks
 * @param {Lanes} lanes
 * @param {Spacing} style
 */
function measureColumns(items, links, ranks, lanes, style) {
  const count = items.length ? Math.max(...ranks) + 1 : 0;
  /** @type {Column[]} */
  const columns = Array.from({ length: count }, () => ({
    length: 0,
    size: null,
    edges: 0,
    gap: style.gap,
    changes: false,
    start: 0,
    end: 0,
  }));
  items.forEach((item, i) => {
    const column = columns[ranks[i]];
    column.length = Math.max(column.length, item.along);
    if (item.kind !== "port" && (column.size === null || lanes.of[i] === 0))
      column.size = item.size;
  });
  for (const link of links)
    for (let r = ranks[link.from]; r < ranks[link.to]; r++) columns[r].edges += 1;
  columns.forEach((column, r) => {
    column.changes = r + 1 < count && column.size !== columns[r + 1].size;
    if (column.changes && !style.inside) column.gap = Math.max(style.gap, style.lead + 14);
  });
  return columns;
}

/**
 * Break the columns into rows no longer than `limit`, best between resolutions and few edges.
 * @param {Column[]} columns
 * @param {number} limit
 */
function breakRows(columns, limit) {
  const best = [{ cost: 0, from: 0 }];
  for (let end = 1; end <= columns.length; end++) {
    best[end] = { cost: Infinity, from: end - 1 };
    let length = 0;
    for (let first = end - 1; first >= 0; first--) {
      length += columns[first].length + (first < end - 1 ? columns[first].gap : 0);
      if (length > limit && first < end - 1) break;
      const slack = Number.isFinite(limit) ? Math.max(0, 1 - length / limit) : 0;
      const before =
        first === 0
          ? 0
          : (columns[first - 1].changes ? 0 : BREAK.stage) +
            BREAK.edge * (columns[first - 1].edges - 1);
      const cost = best[first].cost + BREAK.row + 0.6 * slack * slack + before;
      if (cost < best[end].cost) best[end] = { cost, from: first };
    }
  }
  /** @type {Row[]} */
  const rows = [];
  for (let end = columns.length; end > 0; end = best[end].from)
    rows.unshift(newRow(best[end].from, end - 1));
  return rows;
}

/**
 * @param {number} first Of its columns.
 * @param {number} last
 * @returns {Row}
 */
function newRow(first, last) {
  return { first, last, end: 0, top: 0, bottom: 0, gutter: 0, lanes: new Map() };
}

/**
 * The lanes that are used in one row: how far each reaches before and after its centre.
 * @param {Arranged[]} items
 * @param {Link[]} links
 * @param {number[]} ranks
 * @param {Lanes} lanes
 * @param {number[]} rowOf
 * @param {number} at Number of the row.
 */
function laneExtents(items, links, ranks, lanes, rowOf, at) {
  /** @type {Map<number, Lane>} */
  const found = new Map();
  /** @type {(lane: number, before: number, after: number) => void} */
  const widen = (lane, before, after) => {
    const wide = found.get(lane) ?? { before: 0, after: 0 };
    found.set(lane, {
      before: Math.max(wide.before, before),
      after: Math.max(wide.after, after),
      centre: 0,
    });
  };
  items.forEach((item, i) => {
    if (rowOf[ranks[i]] === at)
      widen(lanes.of[i], Math.max(THIN, item.port), Math.max(THIN, item.across - item.port));
  });
  links.forEach((link, i) => {
    const same = rowOf[ranks[link.from]] === at && rowOf[ranks[link.to]] === at;
    const lane = lanes.links[i];
    if (same && lane !== null) widen(lane, THIN, THIN);
  });
  return new Map([...found].sort(([one], [other]) => one - other));
}

/**
 * Edges that go on in another row run between the rows: which, and on which track.
 * @param {Link[]} links
 * @param {number[]} ranks
 * @param {number[]} rowOf
 * @param {number} count Of rows.
 */
function fillGutters(links, ranks, rowOf, count) {
  /** @type {Map<string, number>[]} */
  const gutters = Array.from({ length: count }, () => new Map());
  for (const link of links) {
    const [from, to] = [rowOf[ranks[link.from]], rowOf[ranks[link.to]]];
    for (const row of to > from ? new Set([from, to - 1]) : []) {
      const key = `${link.from} ${link.source}`;
      if (!gutters[row].has(key)) gutters[row].set(key, gutters[row].size);
    }
  }
  return gutters;
}

/**
 * @param {Row[]} rows
 * @param {Map<string, number>[]} gutters
 * @param {Spacing} style
 */
function stackRows(rows, gutters, style) {
  let across = 0;
  rows.forEach((row, at) => {
    row.top = across;
    across += style.label;
    /** @type {Lane | null} */
    let before = null;
    for (const lane of row.lanes.values()) {
      if (before)
        across += Math.min(before.after, lane.before) > THIN ? style.lane : style.lane / 2;
      lane.centre = across + lane.before;
      across = lane.centre + lane.after;
      before = lane;
    }
    row.bottom = across;
    row.gutter = across + style.row * 0.7;
    if (at + 1 < rows.length)
      across = row.gutter + Math.max(0, gutters[at].size - 1) * SLOT + style.row * 0.7;
  });
}

/**
 * The way of an edge: bends lie in the gaps between columns and rows, so it crosses no piece.
 * @param {Link} link
 * @param {number} at Its number.
 * @param {Grid} grid
 * @returns {Route}
 */
function routeOf(link, at, { items, columns, rows, rowOf, ranks, lanes, places, gutters, margin }) {
  const [a, b] = [ranks[link.from], ranks[link.to]];
  const [from, to] = [items[link.from], items[link.to]];
  const leave = places[link.from][1] + (from.portOut ? from.portOut(link.source) : from.port);
  const enter = places[link.to][1] + (to.portIn ? to.portIn(link.source) : to.port);
  /** @type {Point} */
  const start = [places[link.from][0] + from.along, leave];
  /** @type {Point} */
  const end = [places[link.to][0], enter];
  if (rowOf[a] === rowOf[b]) {
    /** @type {Point[]} */
    const points = [start, [columns[a].end, leave]];
    const lane = lanes.links[at];
    if (lane !== null) {
      const { centre } = known(rows[rowOf[a]].lanes, lane);
      points.push([columns[a + 1].start, centre], [columns[b - 1].end, centre]);
    }
    points.push([columns[b].start, enter], end);
    return { points, round: false };
  }
  /** @param {number} row */
  const track = (row) =>
    rows[row].gutter + SLOT * known(gutters[row], `${link.from} ${link.source}`);
  const out =
    a === rows[rowOf[a]].last ? columns[a].end + SLOT + 2 : columns[a].end + columns[a].gap / 2;
  const back =
    b === rows[rowOf[b]].first
      ? columns[b].start - SLOT - 4
      : columns[b].start - columns[b - 1].gap / 2;
  /** @type {Point[]} */
  const points = [start, [out, leave], [out, track(rowOf[a])]];
  if (rowOf[b] > rowOf[a] + 1)
    points.push([margin / 4, track(rowOf[a])], [margin / 4, track(rowOf[b] - 1)]);
  points.push([back, track(rowOf[b] - 1)], [back, enter], end);
  return { points, round: true };
}

/**
 * The bands behind columns of one resolution, row by row.
 * @param {Grid} grid
 * @param {Spacing} style
 */
function bandsOf({ columns, rows }, style) {
  /** @type {Band[]} */
  const bands = [];
  for (const row of rows) {
    /** @type {Band | null} */
    let open = null;
    for (let r = row.first; r <= row.last; r++) {
      if (open && open.size === columns[r].size) open.end = columns[r].end + 6;
      else {
        open = {
          size: columns[r].size ?? "",
          start: columns[r].start - style.lead,
          end: columns[r].end + 6,
          before: row.top,
          after: row.bottom + 6,
        };
        bands.push(open);
      }
    }
  }
  return bands;
}
