// Change the network: choose a step, choose channels on its wall, or a branch or block by name.

import { show } from "../../canvas/figures.js";
import {
  FRAME_GREY,
  bitmap,
  drawScaled,
  element,
  legend,
  makeScale,
  paletteOf,
  sharpen,
  walk,
} from "../../canvas/shared.js";
import { choice } from "../../canvas/controls.js";
import { JOINT, codesOf } from "./what_if.js";

const TILE_GAP = 3;
const WALL_TALL = 300; // of the visible part, in CSS pixels

export function buildNetwork(me) {
  me.selected = new Set();
  me.cursor = null;
  me.anchor = me.told = null;
  const id = `w${Math.random().toString(36).slice(2)}`;
  me.stepList = element("datalist", { id });
  me.stepField = element("input", {
    type: "search",
    autocomplete: "off",
    aria: { label: "Step, by name" },
  });
  me.stepField.setAttribute("list", id);
  me.stepField.onchange = () => {
    const found = me.header.steps.find(
      ({ name }) => name.toLowerCase() === me.stepField.value.trim().toLowerCase(),
    );
    if (found) chooseStep(me, found.name);
    else me.stepField.value = me.s.step;
  };
  me.stepField.onfocus = () => me.stepField.select();
  me.strip = element("div", {
    className: "strip",
    aria: { role: "group", label: "Stages of the network" },
  });
  me.inner = element("div", {
    className: "strip inner",
    aria: { role: "group", label: "Steps of the block" },
  });
  for (const row of [me.strip, me.inner])
    walk(
      row,
      () => [...row.querySelectorAll("button")],
      () => 1,
    );
  me.wallBase = element("canvas", {
    className: "base",
    tabIndex: 0,
    aria: { role: "application" },
  });
  me.wallOver = element("canvas", { className: "over" });
  me.wallScroller = element(
    "div",
    { className: "scroller" },
    element("div", { className: "stage" }, me.wallBase, me.wallOver),
  );
  me.wallLegend = element("div");
  me.wallSaid = element("p", { className: "faint number read", aria: { live: "polite" } });
  me.channels = element("input", {
    type: "text",
    inputMode: "numeric",
    className: "channels",
    placeholder: "3,5-8",
    aria: { label: "Channels that are chosen, such as 3,5-8" },
  });
  me.channels.onchange = () => {
    me.selected = readRanges(me.channels.value, me.header.wall.count);
    showSelection(me);
  };
  const pick = (words, act) => {
    const made = element("button", { type: "button" }, words);
    made.onclick = () => {
      act();
      showSelection(me);
    };
    return made;
  };
  const all = () => Array.from({ length: me.header.wall.count }, (_, i) => i);
  me.picks = element(
    "div",
    { className: "row" },
    pick("Strongest", () => {
      const { strengths } = me.header.wall;
      me.selected = new Set([all().sort((a, b) => (strengths[b] ?? 0) - (strengths[a] ?? 0))[0]]);
    }),
    pick("All but these", () => {
      me.selected = new Set(all().filter((each) => !me.selected.has(each)));
    }),
    pick("All", () => {
      me.selected = new Set(all());
    }),
    pick("None", () => {
      me.selected = new Set();
    }),
  );
  me.kindRow = element("div", {
    className: "row kinds",
    aria: { role: "group", label: "What to do with the chosen channels" },
  });
  me.rank = element("button", { type: "button" });
  me.rank.onclick = () => me.set({ rank: me.s.rank === "yes" ? "" : "yes" });
  me.ranking = element("p", { className: "ranking", aria: { live: "polite" } });
  me.partChoice = choice({
    label: "Or a branch or block as a whole",
    help: "",
    options: [["", ""]],
    onChoose: (where) => {
      me.part = where;
      updateNetwork(me);
    },
  });
  me.partRow = element("div", {
    className: "row kinds",
    aria: { role: "group", label: "What to do with the branch" },
  });
  me.partBox = element("div", {}, me.partChoice.root, me.partRow);
  me.refusal = element("p", { className: "stop" });
  me.networkInner = element(
    "div",
    { className: "panel" },
    element("label", { className: "step" }, element("span", {}, "Step"), me.stepField),
    me.stepList,
    me.strip,
    me.inner,
    me.wallLegend,
    me.wallScroller,
    me.wallSaid,
    element(
      "div",
      { className: "row" },
      element("label", { className: "chosen" }, "Chosen: ", me.channels),
      me.picks,
    ),
    me.kindRow,
    element("div", { className: "row" }, me.rank),
    me.ranking,
    me.partBox,
  );
  me.network = element(
    "div",
    { aria: { role: "tabpanel", label: "Change the network" } },
    me.refusal,
    me.networkInner,
  );
  listenToWall(me);
}

export function takeNetwork(me) {
  const { header } = me;
  const { wall } = header;
  const wallOf = `${header.network}/${wall.step}`;
  if (me.wallOf !== wallOf) {
    me.selected = new Set();
    me.cursor = null;
    me.anchor = null;
    me.told = null;
    me.wallSaid.textContent = "";
    me.wallOf = wallOf;
  }
  me.wallScale = makeScale(wall.scale);
  const palette = paletteOf(me.wallScale, false);
  const size = wall.width * wall.height;
  me.wallTiles = Array.from({ length: wall.count }, (_, i) =>
    bitmap(
      wall.width,
      wall.height,
      me.body.subarray(wall.at + i * size, wall.at + (i + 1) * size),
      palette,
    ),
  );
  me.order = Array.from({ length: wall.count }, (_, i) => i);
  if (wall.drops) me.order.sort((a, b) => (wall.drops[b] ?? 0) - (wall.drops[a] ?? 0));
  if (!header.parts.some(({ where }) => where === me.part)) me.part = header.parts[0]?.where ?? "";
  drawStrip(me);
  const names = JSON.stringify([header.title, header.steps.map(({ name }) => name)]);
  if (me.offered === names) return; // what has the focus stays as it is
  me.offered = names;
  me.stepList.replaceChildren(
    ...header.steps.map(({ name, operation }) => element("option", { value: name }, operation)),
  );
  me.laterChoice.offer(header.steps.map(({ name, operation }) => [name, `${name} (${operation})`]));
  const kinds = (act) =>
    Object.entries(header.kinds).map(([kind, [words, help]]) => {
      const made = element("button", { type: "button", title: help, dataset: { kind } }, words);
      made.onclick = () => act(kind);
      return made;
    });
  me.kindRow.replaceChildren(
    ...kinds((kind) => addChange(me, `${kind}:${me.s.step}:${writeRanges(me.selected)}`)),
  );
  me.partRow.replaceChildren(...kinds((kind) => addChange(me, `${kind}:${me.part}`)));
  me.partChoice.offer(header.parts.map(({ where, title }) => [where, title]));
}

function chooseStep(me, step) {
  if (step === me.s.step) return;
  me.set({ step, rank: "" });
}

function addChange(me, code) {
  const codes = codesOf(me);
  const { changes, letters } = me.header.limits;
  const change = [...codes.filter((each) => each !== code), code].join(JOINT);
  if (codes.length >= changes || change.length > letters) {
    me.wallSaid.textContent = "There are too many changes for one address. Remove some first.";
    return;
  }
  me.set({ change });
}

export function updateNetwork(me) {
  const { header } = me;
  me.refusal.hidden = !header.refusal;
  me.refusal.textContent = header.refusal;
  me.networkInner.hidden = Boolean(header.refusal);
  if (me.stepField !== me.root?.getRootNode().activeElement) me.stepField.value = me.s.step;
  me.partBox.hidden = !header.parts.length;
  const part = header.parts.find(({ where }) => where === me.part);
  me.partChoice.update({ value: me.part, words: part?.note ?? "" });
  const asked = me.s.rank === "yes";
  const { drops } = header.wall;
  me.rank.textContent = !asked
    ? "Which channel matters most?"
    : drops
      ? "Order by number again"
      : "Stop";
  me.ranking.textContent = asked ? rankingWords(me) : "";
  showSelection(me);
}

function rankingWords(me) {
  const { drops, dropWords } = me.header.wall;
  const first = me.header.answer.rows[0].label;
  if (!drops) return `Muting every channel of ${me.s.step} in turn …`;
  const order = "The wall is in this order, for the unchanged network.";
  const top = me.order
    .filter((each) => drops[each] > 0)
    .slice(0, 5)
    .map((each) => `${each} (${dropWords[each]})`);
  if (!top.length) return `None of them, muted alone, moves “${first}” down. ${order}`;
  return `Muted alone, ${top.length === 1 ? "this one moves" : "these move"} “${first}” down most: ${top.join(", ")}. ${order}`;
}

/** One button for each stage: a block, or a step that belongs to none. */
function drawStrip(me) {
  const { steps } = me.header;
  const chosen = steps.find(({ name }) => name === me.s.step);
  const stages = [];
  for (const step of steps) {
    const name = step.block ?? step.name;
    if (stages.at(-1)?.name === name) stages.at(-1).steps.push(step);
    else stages.push({ name, steps: [step] });
  }
  const button = (words, step, pressed) => {
    const made = element(
      "button",
      {
        type: "button",
        title: `${step.operation}, ${step.shape}`,
        tabIndex: pressed ? 0 : -1,
        style: { borderTopColor: step.colour },
        aria: { pressed },
      },
      words,
    );
    made.onclick = () => chooseStep(me, step.name);
    return made;
  };
  const inside = (stage) => stage.steps.includes(chosen);
  const focused = me.root?.getRootNode().activeElement?.textContent;
  const refocus = (row) => {
    if (me.hadFocus === row)
      [...row.querySelectorAll("button")].find((each) => each.textContent === focused)?.focus();
  };
  me.hadFocus = [me.strip, me.inner].find((row) =>
    row.contains(me.root?.getRootNode().activeElement),
  );
  me.strip.replaceChildren(
    ...stages.map((stage) => button(stage.name, stage.steps.at(-1), inside(stage))),
  );
  refocus(me.strip);
  const stage = stages.find(inside);
  me.inner.hidden = !stage || stage.steps.length < 2;
  me.inner.replaceChildren(
    ...(me.inner.hidden
      ? []
      : stage.steps.map((step) =>
          button(step.name.replace(`${step.block}.`, ""), step, step === chosen),
        )),
  );
  refocus(me.inner);
  for (const row of [me.strip, me.inner])
    if (row.firstChild && !row.querySelector('[tabindex="0"]')) row.firstChild.tabIndex = 0;
}

// --- The wall ---------------------------------------------------------------------------------

export function drawNetwork(me) {
  const { wall } = me.header;
  const room = me.network.clientWidth - 16;
  if (me.network.hidden || room <= 0) return;
  const edge = Math.sqrt((room * WALL_TALL) / wall.count) - TILE_GAP;
  me.tile = Math.floor(Math.max(18, Math.min(54, edge)));
  me.across = Math.max(1, Math.floor((room + TILE_GAP) / (me.tile + TILE_GAP)));
  const rows = Math.ceil(wall.count / me.across);
  const [width, height] = [
    Math.min(me.across, wall.count) * (me.tile + TILE_GAP) + 4,
    rows * (me.tile + TILE_GAP) + 4,
  ];
  const context = sharpen(me.wallBase, width, height);
  me.wallPen = sharpen(me.wallOver, width, height);
  context.imageSmoothingQuality = "high";
  me.order.forEach((channel, position) => {
    const [x, y] = wallCorner(me, position);
    context.fillStyle = FRAME_GREY;
    context.fillRect(x - 0.5, y - 0.5, me.tile + 1, me.tile + 1);
    drawScaled(context, me.wallTiles[channel], x, y, me.tile, me.tile);
  });
  const noun = me.header.steps.find(({ name }) => name === wall.step).noun;
  me.noun = noun;
  const changed = wall.changed.length ? `; ${wall.changed.length} changed (dashed)` : "";
  me.wallLegend.replaceChildren(
    legend(
      me.wallScale,
      `${wall.step} as it is now, ${wall.count.toLocaleString("en")} ${noun}s${changed}`,
    ),
  );
  me.wallBase.setAttribute(
    "aria-label",
    `${wall.count} ${noun}s of ${wall.step}. Arrow keys move, space chooses, shift and arrows choose a range, Escape chooses none.`,
  );
  showSelection(me);
  if (me.told !== null) saySomething(me, me.told);
}

function wallCorner(me, position) {
  return [
    (position % me.across) * (me.tile + TILE_GAP) + 2,
    Math.floor(position / me.across) * (me.tile + TILE_GAP) + 2,
  ];
}

function showSelection(me) {
  const count = me.selected.size;
  if (me.channels !== me.root?.getRootNode().activeElement)
    me.channels.value = writeRanges(me.selected);
  const whole = count === me.header.wall.count;
  for (const each of me.kindRow.children) {
    each.disabled = !count || (whole && each.dataset.kind === "keep");
    each.title = !count
      ? "Choose channels first."
      : each.disabled
        ? "To keep all changes nothing."
        : me.header.kinds[each.dataset.kind][1];
  }
  const pen = me.wallPen;
  if (!pen) return;
  pen.clearRect(0, 0, me.wallOver.width, me.wallOver.height);
  const style = getComputedStyle(me.root);
  const accent = style.getPropertyValue("--st-primary-color");
  const changed = new Set(me.header.wall.changed);
  me.order.forEach((channel, position) => {
    const [x, y] = wallCorner(me, position);
    const frame = (colour, thick, dash = []) => {
      pen.strokeStyle = colour;
      pen.lineWidth = thick;
      pen.setLineDash(dash);
      pen.strokeRect(x + 0.5, y + 0.5, me.tile - 1, me.tile - 1);
    };
    if (changed.has(channel)) {
      frame("#fff", 2);
      frame("#b45309", 2, [4, 3]);
    }
    if (me.selected.has(channel)) {
      frame(accent, 4);
      pen.fillStyle = accent;
      pen.fillRect(x, y, 11, 11);
      pen.fillStyle = "#fff";
      pen.font = "bold 10px sans-serif";
      pen.fillText("✓", x + 1.5, y + 9);
    }
    if (channel === me.cursor) frame(style.color, 2);
  });
}

function saySomething(me, channel) {
  me.told = channel;
  const { wall } = me.header;
  const drop = wall.drops ? `, muted alone: ${wall.dropWords[channel]}` : "";
  const state = me.selected.has(channel) ? ", chosen" : "";
  me.wallSaid.textContent = `${me.noun} ${channel}, mean magnitude ${show(wall.strengths[channel], 3)}${drop}${state}`;
}

function listenToWall(me) {
  const where = (event) => {
    const box = me.wallBase.getBoundingClientRect();
    const [column, row] = [event.clientX - box.left, event.clientY - box.top].map((each) =>
      Math.floor((each - 2) / (me.tile + TILE_GAP)),
    );
    return column >= 0 && column < me.across && row >= 0
      ? me.order[row * me.across + column]
      : undefined;
  };
  const reach = (channel) => {
    const [from, to] = [me.anchor ?? channel, channel]
      .map((each) => me.order.indexOf(each))
      .sort((a, b) => a - b);
    for (const each of me.order.slice(from, to + 1)) me.selected.add(each);
  };
  const toggle = (channel) => {
    if (me.selected.has(channel)) me.selected.delete(channel);
    else me.selected.add(channel);
    me.anchor = channel;
  };
  me.wallBase.onpointermove = (event) => {
    const at = where(event);
    if (at === undefined) return;
    me.wallSaid.setAttribute("aria-live", "off"); // a pointer would never let it finish
    saySomething(me, at);
  };
  me.wallBase.onclick = (event) => {
    const at = where(event);
    if (at === undefined) return;
    if (event.shiftKey) reach(at);
    else toggle(at);
    me.cursor = at;
    saySomething(me, at);
    showSelection(me);
  };
  me.wallBase.onblur = () => {
    me.cursor = null;
    showSelection(me);
  };
  me.wallBase.onkeydown = (event) => {
    const place = me.cursor === null ? -1 : me.order.indexOf(me.cursor);
    const last = me.order.length - 1;
    const moves = {
      ArrowRight: place + 1,
      ArrowLeft: place - 1,
      ArrowDown: place + me.across,
      ArrowUp: place - me.across,
      Home: 0,
      End: last,
    };
    if (event.key in moves) {
      me.cursor = me.order[Math.max(0, Math.min(last, place < 0 ? 0 : moves[event.key]))];
      if (event.shiftKey) reach(me.cursor);
    } else if ((event.key === " " || event.key === "Enter") && place >= 0) toggle(me.cursor);
    else if (event.key === "Escape") me.selected = new Set();
    else return;
    event.preventDefault();
    me.wallSaid.setAttribute("aria-live", "polite");
    if (me.cursor !== null) {
      const [, y] = wallCorner(me, me.order.indexOf(me.cursor));
      if (y < me.wallScroller.scrollTop) me.wallScroller.scrollTop = y - TILE_GAP;
      else if (y + me.tile > me.wallScroller.scrollTop + me.wallScroller.clientHeight)
        me.wallScroller.scrollTop = y + me.tile + TILE_GAP - me.wallScroller.clientHeight;
      saySomething(me, me.cursor);
    }
    showSelection(me);
  };
}

/** Numbers as ranges: "3,5-8", as `what_if_codes.write_channels`. */
function writeRanges(numbers) {
  const runs = [];
  for (const number of [...numbers].sort((a, b) => a - b)) {
    if (runs.length && number === runs.at(-1)[1] + 1) runs.at(-1)[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(",");
}

function readRanges(text, count) {
  const found = new Set();
  for (const [, from, to] of text.replaceAll("–", "-").matchAll(/(\d+)\s*(?:-\s*(\d+))?/g)) {
    for (let each = Number(from); each <= Math.min(Number(to ?? from), count - 1); each++)
      found.add(each);
  }
  return found;
}
