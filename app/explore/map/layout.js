// Where the pieces of a map stand: columns along the longest path, branches in lanes beside it, long
// edges in lanes of their own, and rows like lines of text where one row would be too long.
// "Along" is the direction of the flow, "across" the other one.

const THIN = 9; // half a lane through which only edges pass
const SLOT = 6; // between edges that run side by side
const BREAK = { row: 1, stage: 0.35, edge: 0.3 }; // what a new row costs, in full rows

/**
 * Arrange the pieces of one level.
 * @param items In topological order: {along, across, port} and, for frames, portIn(source) and
 *   portOut(source): where edges meet them, across; size: the resolution; pin: "start" or "end".
 * @param links {from, to, source, skip}: positions in `items`.
 * @param style {limit, gap, lane, row, label, lead, inside}: the longest row; space between columns,
 *   lanes and rows; height of a row's labels; what a band sticks out before its first column.
 * @returns places [[along, across]], routes [{points, round}], links, bands, along, across, rows (how many).
 */
export function arrange(items, links, style) {
  const ranks = rankItems(items, links);
  const lanes = assignLanes(items, links, ranks);
  const columns = measureColumns(items, links, ranks, lanes, style);
  const rows = breakRows(columns, style.limit);
  const turns = rows.length > 1;
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
  const places = items.map((item, i) => {
    const column = columns[ranks[i]];
    const lane = rows[rowOf[ranks[i]]].lanes.get(lanes.of[i]);
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
    across: rows.length ? rows.at(-1).bottom + (style.inside ? 0 : 6) : 0,
    rows: rows.length,
  };
}

/** The column of every piece: as late as its readers allow, none before what it reads. */
function rankItems(items, links) {
  const early = items.map(() => 0);
  const [into, out] = [items.map(() => []), items.map(() => [])];
  for (const link of links) {
    into[link.to].push(link.from);
    out[link.from].push(link.to);
  }
  items.forEach((item, i) => {
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

/** The lane of every piece and of every link that passes columns: 0 is the longest path. */
function assignLanes(items, links, ranks) {
  const out = items.map(() => []);
  const into = items.map(() => []);
  for (const link of links) {
    out[link.from].push(link.to);
    into[link.to].push(link.from);
  }
  const depth = items.map(() => 0);
  for (let i = items.length - 1; i >= 0; i--)
    for (const to of out[i]) depth[i] = Math.max(depth[i], depth[to] + 1);
  const taken = new Map();
  const owner = (lane, rank) => taken.get(`${lane} ${rank}`);
  const free = (lane, from, to, ...owners) => {
    for (let r = from; r <= to; r++)
      if (owner(lane, r) !== undefined && !owners.includes(owner(lane, r))) return false;
    return true;
  };
  const take = (lane, from, to, by) => {
    for (let r = from; r <= to; r++) taken.set(`${lane} ${r}`, by);
  };
  const of = items.map(() => null);
  const chain = items.map(() => null);
  const deepest = (list) =>
    list.reduce((best, i) => (best === null || depth[i] > depth[best] ? i : best), null);
  const follow = (start, next) => {
    const found = [start];
    for (let i = next(start); i !== null; i = next(i)) found.push(i);
    return found;
  };
  const settle = (found, lane, from, to) => {
    for (const i of found) {
      of[i] = lane;
      chain[i] = found[0];
    }
    take(lane, from, to, found[0]);
  };
  if (items.length) {
    const trunk = follow(deepest(items.map((_, i) => i)), (i) => deepest(out[i]));
    settle(trunk, 0, ranks[trunk[0]], ranks[trunk.at(-1)]);
  }
  items.forEach((_, i) => {
    if (of[i] !== null) return;
    const found = follow(i, (at) => deepest(out[at].filter((to) => of[to] === null)));
    const parent = into[i].reduce(
      (best, from) => (best === null || ranks[from] > ranks[best] ? from : best),
      null,
    );
    const from = parent === null ? ranks[i] : ranks[parent] + 1;
    const ends = out[found.at(-1)].map((to) => ranks[to] - 1);
    const to = Math.max(ranks[found.at(-1)], ends.length ? Math.min(...ends) : 0);
    const home = parent === null ? 0 : of[parent];
    const brother = parent === null ? undefined : out[parent].find((each) => of[each] === home);
    const up = home < 0 || (home === 0 && brother !== undefined && i < brother);
    let lane = home + (up ? -1 : 1);
    while (!free(lane, from, to)) lane += up ? -1 : 1;
    settle(found, lane, from, to);
  });
  const linkLanes = links.map(() => null);
  const long = links
    .map((link, i) => ({ link, i, span: ranks[link.to] - ranks[link.from] }))
    .filter(({ span }) => span > 1);
  for (const { link, i } of long.sort((a, b) => a.span - b.span)) {
    const [from, to] = [ranks[link.from] + 1, ranks[link.to] - 1];
    const mine = [chain[link.from], chain[link.to], `from ${link.from}`];
    const alone = (lane) =>
      free(lane, from, to, ...mine) &&
      !items.some((_, at) => of[at] === lane && ranks[at] >= from && ranks[at] <= to);
    let lane = [of[link.from], of[link.to]].find(alone);
    if (lane === undefined) {
      lane = Math.min(of[link.from], of[link.to]) - 1;
      while (!alone(lane)) lane -= 1;
    }
    take(lane, from, to, `from ${link.from}`);
    linkLanes[i] = lane;
  }
  return { of, links: linkLanes };
}

/** The columns: how long each is, the gap behind it, its resolution, how many edges go on from it. */
function measureColumns(items, links, ranks, lanes, style) {
  const count = items.length ? Math.max(...ranks) + 1 : 0;
  const columns = Array.from({ length: count }, () => ({
    length: 0,
    size: null,
    edges: 0,
    gap: style.gap,
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

/** Break the columns into rows no longer than `limit`, best between resolutions and few edges. */
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
  const rows = [];
  for (let end = columns.length; end > 0; end = best[end].from)
    rows.unshift({ first: best[end].from, last: end - 1 });
  return rows;
}

/** The lanes that are used in one row: how far each reaches before and after its centre. */
function laneExtents(items, links, ranks, lanes, rowOf, at) {
  const found = new Map();
  const widen = (lane, before, after) => {
    const known = found.get(lane) ?? { before: 0, after: 0 };
    found.set(lane, {
      before: Math.max(known.before, before),
      after: Math.max(known.after, after),
    });
  };
  items.forEach((item, i) => {
    if (rowOf[ranks[i]] === at)
      widen(lanes.of[i], Math.max(THIN, item.port), Math.max(THIN, item.across - item.port));
  });
  links.forEach((link, i) => {
    const same = rowOf[ranks[link.from]] === at && rowOf[ranks[link.to]] === at;
    if (same && lanes.links[i] !== null) widen(lanes.links[i], THIN, THIN);
  });
  return new Map([...found].sort(([one], [other]) => one - other));
}

/** Edges that go on in another row run between the rows: which, and on which track. */
function fillGutters(links, ranks, rowOf, count) {
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

function stackRows(rows, gutters, style) {
  let across = 0;
  rows.forEach((row, at) => {
    row.top = across;
    across += style.label;
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

/** The way of an edge: bends lie in the gaps between columns and rows, so it crosses no piece. */
function routeOf(link, at, { items, columns, rows, rowOf, ranks, lanes, places, gutters, margin }) {
  const [a, b] = [ranks[link.from], ranks[link.to]];
  const [from, to] = [items[link.from], items[link.to]];
  const leave = places[link.from][1] + (from.portOut ? from.portOut(link.source) : from.port);
  const enter = places[link.to][1] + (to.portIn ? to.portIn(link.source) : to.port);
  const start = [places[link.from][0] + from.along, leave];
  const end = [places[link.to][0], enter];
  if (rowOf[a] === rowOf[b]) {
    const points = [start, [columns[a].end, leave]];
    if (lanes.links[at] !== null) {
      const { centre } = rows[rowOf[a]].lanes.get(lanes.links[at]);
      points.push([columns[a + 1].start, centre], [columns[b - 1].end, centre]);
    }
    points.push([columns[b].start, enter], end);
    return { points, round: false };
  }
  const track = (row) => rows[row].gutter + SLOT * gutters[row].get(`${link.from} ${link.source}`);
  const out =
    a === rows[rowOf[a]].last ? columns[a].end + SLOT + 2 : columns[a].end + columns[a].gap / 2;
  const back =
    b === rows[rowOf[b]].first
      ? columns[b].start - SLOT - 4
      : columns[b].start - columns[b - 1].gap / 2;
  const points = [start, [out, leave], [out, track(rowOf[a])]];
  if (rowOf[b] > rowOf[a] + 1)
    points.push([margin / 4, track(rowOf[a])], [margin / 4, track(rowOf[b] - 1)]);
  points.push([back, track(rowOf[b] - 1)], [back, enter], end);
  return { points, round: true };
}

/** The bands behind columns of one resolution, row by row. */
function bandsOf({ columns, rows }, style) {
  const bands = [];
  for (const row of rows) {
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
