// The second part of the final layer's lab: softmax, term by term.

import { inBrackets, shareInWords, show } from "../../canvas/figures.js";
import { element, focusedNear, sharpen } from "../../canvas/shared.js";
import { choice, slider } from "../../canvas/controls.js";
import { table } from "../../canvas/grid.js";
import { bounds } from "../../canvas/lab.js";
import { softmaxTerms, together } from "./arithmetic.js";
import { makePart, signedTerm } from "./part.js";

/** @import { Column, Entering, FinalLayer, Soft, Source, Stage } from "./types.js" */

/** @type {[Source, string][]} */
const SOURCES = [
  ["toy", "The layer above"],
  ["network", "The network below"],
];
const CLASS_COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00"];
const REST_COLOUR = "#8b93a1";
const REST = "rest";

/** @param {FinalLayer} me */
export function buildSoftmax(me) {
  const controls = {
    source: choice({
      label: "Logits from",
      help: "",
      options: SOURCES,
      onChoose: (source) => me.choose({ source, moved: {} }),
    }),
    temperature: slider({
      label: "Temperature",
      help: "Logits are divided by it.",
      format: (index) => temperatureAt(me, index),
      onInput: (index) => me.change({ temperature: temperatureAt(me, index) }),
      onCommit: () => me.commit(),
    }),
    constant: slider({
      label: "Add to all logits",
      help: "The same number to every one.",
      format: (value) => (value ? signedTerm(value) : "0"),
      onInput: (constant) => me.change({ constant }),
      onCommit: () => me.commit(),
    }),
  };
  const soft = /** @type {Soft} */ ({ columns: /** @type {Column[]} */ ([]), shownKey: null });
  me.soft = soft;
  soft.back = element("button", { type: "button" }, "Put all logits back");
  soft.back.onclick = () => me.choose({ moved: {}, constant: 0, temperature: "1" });
  soft.pipeline = element("div", { className: "pipeline" });
  soft.said = element("p", { className: "said short", aria: { live: "polite" } });
  soft.chart = element("canvas", { className: "chart", aria: { role: "img" } });
  soft.chart.onpointerdown = (event) => {
    const { left, width } = soft.chart.getBoundingClientRect();
    const count = me.header.temperatures.length;
    const index = Math.max(
      0,
      Math.min(count - 1, Math.floor(((event.clientX - left) / width) * count)),
    );
    me.choose({ temperature: temperatureAt(me, index) });
  };
  soft.limits = element("p", { className: "formula" });
  soft.proof = element("p", { className: "formula" });
  const chart = element(
    "figure",
    { className: "grid" },
    element("figcaption", {}, "Shares at every temperature (click to set it)"),
    soft.chart,
    soft.limits,
    soft.proof,
  );
  return Object.assign(
    soft,
    makePart(
      "Softmax, term by term",
      "Logits can be any numbers. Softmax makes shares of them that add up to one: it raises e to the power of each, and divides by the sum. Drag a bar, or walk to it and use the arrow keys (Delete puts it back).",
      controls,
      element("div", { className: "row" }, soft.back),
      element(
        "div",
        { className: "two by-chart" },
        element("div", {}, soft.pipeline, soft.said),
        chart,
      ),
    ),
  );
}

/**
 * @param {FinalLayer} me
 * @param {number} index
 */
function temperatureAt(me, index) {
  return me.header.temperatures[index];
}

// --- The arithmetic ---------------------------------------------------------------------------

/**
 * The classes as they came in: those that are shown, and all others together.
 * @param {FinalLayer} me
 * @returns {Entering[]}
 */
function enteringRows(me) {
  const { s, header, toy } = me;
  if (s.source === "toy" || !header.answer) {
    return toy.logits.map((logit, k) => ({ key: String(k), name: `class ${k}`, logits: [logit] }));
  }
  const { classes, best } = header.answer;
  const rows = classes
    .slice(0, best)
    .map(([number, name, logit]) => ({ key: String(number), name, logits: [logit] }));
  const others = classes.slice(best).map(([, , logit]) => logit);
  if (others.length === 1)
    rows.push({ key: REST, name: `1 other: ${classes[best][1]}`, logits: others });
  else if (others.length)
    rows.push({
      key: REST,
      name: `${others.length.toLocaleString("en")} others together`,
      logits: others,
    });
  return rows;
}

// --- Controls and columns ---------------------------------------------------------------------

/** @param {FinalLayer} me */
export function updateSoftmax(me) {
  const { s, soft, header } = me;
  const { controls } = soft;
  const answer = s.source === "network" ? header.answer : null;
  controls.source.update({
    value: s.source,
    disabled: header.answer ? {} : { network: "no answer" },
    words: answer
      ? `${answer.title}'s answer to the chosen picture.`
      : "The small layer whose numbers you can change.",
  });
  const temperature = Number(s.temperature);
  controls.temperature.update({
    min: 0,
    max: header.temperatures.length - 1,
    value: header.temperatures.indexOf(s.temperature),
  });
  controls.temperature.input.setAttribute("aria-valuetext", s.temperature);
  const [min, max] = header.limits.constant;
  controls.constant.update({ min, max, step: 0.5, value: s.constant });
  soft.rows = enteringRows(me);
  soft.terms = softmaxTerms(soft.rows, temperature, s.moved, s.constant);
  const original = softmaxTerms(soft.rows, temperature, {}, 0).logits;
  const [low, high] = bounds([0, ...original]);
  if (!soft.dragging) soft.range = [low - 6, high + 6];
  soft.original = original;
  soft.back.disabled =
    !s.constant && s.temperature === "1" && !Object.values(s.moved).some(Boolean);
  const key = JSON.stringify(soft.rows.map(({ key: each, name }) => [each, name]));
  if (key !== soft.shownKey) {
    soft.shownKey = key;
    makeColumns(me);
  }
  fillColumns(me);
  drawLimits(me);
}

/**
 * Something for every stage.
 * @template T
 * @param {() => T} make
 * @returns {Record<Stage, T>}
 */
function byStage(make) {
  return { logit: make(), divided: make(), shifted: make(), exponential: make(), share: make() };
}

/** @type {Stage[]} */
const BETWEEN = ["divided", "shifted", "exponential"];

/** @param {FinalLayer} me */
function makeColumns(me) {
  const { soft } = me;
  const { rows, pipeline } = soft;
  pipeline.style.gridTemplateColumns = `repeat(${rows.length}, minmax(0, 1fr))`;
  soft.columns = rows.map(({ key, name }, i) => {
    const colour = key === REST ? REST_COLOUR : CLASS_COLOURS[i % CLASS_COLOURS.length];
    const fill = element("div", { className: "fill", style: { background: colour } });
    const zero = element("div", { className: "zero" });
    const ghost = element("div", { className: "ghost" });
    const lever = element(
      "div",
      {
        className: "lever",
        tabIndex: 0,
        aria: { role: "slider", label: `Logit of ${name}`, orientation: "vertical" },
      },
      zero,
      fill,
      ghost,
    );
    const share = element("div", { className: "fill", style: { background: colour } });
    const numbers = byStage(() => element("div", { className: "number" }));
    const column = {
      colour,
      fill,
      zero,
      ghost,
      lever,
      share,
      numbers,
      head: element(
        "div",
        { className: "head", title: name },
        element("span", { className: "swatch", style: { background: colour } }),
        name,
      ),
      track: element("div", { className: "share-track" }, share),
    };
    listenToLever(me, lever, key, i);
    for (const node of [column.head, lever, column.track, ...Object.values(numbers)]) {
      node.addEventListener("pointerenter", () => sayColumn(me, i));
      node.addEventListener("pointerleave", () => sayColumn(me, null));
    }
    return column;
  });
  soft.captions = byStage(() => element("div", { className: "stage-name" }));
  /** @param {(column: Column) => HTMLElement} pick */
  const line = (pick) => soft.columns.map(pick);
  pipeline.replaceChildren(
    ...line(({ head }) => head),
    soft.captions.logit,
    ...line(({ lever }) => lever),
    ...line(({ numbers }) => numbers.logit),
    ...BETWEEN.flatMap((stage) => [soft.captions[stage], ...line(({ numbers }) => numbers[stage])]),
    soft.captions.share,
    ...line(({ track }) => track),
    ...line(({ numbers }) => numbers.share),
  );
}

/**
 * @param {FinalLayer} me
 * @param {HTMLElement} lever
 * @param {string} key
 * @param {number} i
 */
function listenToLever(me, lever, key, i) {
  const { soft } = me;
  /** @param {number} logit */
  const move = (logit) => {
    const [low, high] = soft.range;
    const base = soft.original[i] + me.s.constant;
    const [least, most] = me.header.limits.moved;
    const shift = Math.max(least, Math.min(most, Math.max(low, Math.min(high, logit)) - base));
    const moved = { ...me.s.moved, [key]: Math.round(shift * 10) / 10 };
    if (!moved[key]) delete moved[key];
    me.change({ moved });
  };
  /** @param {PointerEvent} event */
  const at = (event) => {
    const { top, height } = lever.getBoundingClientRect();
    const [low, high] = soft.range;
    move(high - ((event.clientY - top) / height) * (high - low));
  };
  lever.onpointerdown = (event) => {
    lever.setPointerCapture(event.pointerId);
    lever.focus();
    soft.dragging = true;
    at(event);
  };
  lever.onpointermove = (event) => {
    if (soft.dragging && lever.hasPointerCapture(event.pointerId)) at(event);
  };
  lever.onpointerup = lever.onpointercancel = () => {
    if (!soft.dragging) return;
    soft.dragging = false;
    me.commit();
  };
  lever.onfocus = () => sayColumn(me, i);
  lever.onblur = () => sayColumn(me, null);
  lever.onkeydown = (event) => {
    /** @type {Record<string, number>} */
    const steps = {
      ArrowUp: 0.1,
      ArrowRight: 0.1,
      ArrowDown: -0.1,
      ArrowLeft: -0.1,
      PageUp: 1,
      PageDown: -1,
    };
    if (event.key === "Delete" || event.key === "Backspace") move(soft.original[i] + me.s.constant);
    else if (event.key === "Home" || event.key === "End")
      move(soft.range[event.key === "End" ? 1 : 0]);
    else if (event.key in steps) move(soft.terms.logits[i] + steps[event.key]);
    else return;
    event.preventDefault();
    me.commit();
  };
}

/** @param {FinalLayer} me */
function fillColumns(me) {
  const { s, soft } = me;
  const {
    terms,
    range: [low, high],
    original,
    captions,
    rows,
  } = soft;
  /** @param {number} value */
  const place = (value) => 100 * ((Math.max(low, Math.min(high, value)) - low) / (high - low));
  captions.logit.textContent = s.constant ? `logit ${signedTerm(s.constant)}` : "logit";
  captions.divided.textContent = `÷ temperature ${s.temperature}`;
  captions.shifted.textContent = `− the largest of them, ${inBrackets(terms.largest)}, so that no power overflows`;
  captions.exponential.textContent = "e to the power of it";
  captions.share.textContent = `÷ their sum, ${show(terms.total)}, gives the share`;
  soft.columns.forEach((column, i) => {
    const logit = terms.logits[i];
    const [from, to] = [place(Math.min(0, logit)), place(Math.max(0, logit))];
    Object.assign(column.fill.style, {
      bottom: `${from}%`,
      height: `${Math.max(0.8, to - from)}%`,
    });
    column.zero.style.bottom = `${place(0)}%`;
    column.ghost.style.bottom = `${place(original[i])}%`;
    column.ghost.hidden = logit === original[i];
    for (const [name, value] of Object.entries({ valuemin: low, valuemax: high, valuenow: logit }))
      column.lever.setAttribute(`aria-${name}`, String(Number(value.toFixed(3))));
    column.lever.setAttribute(
      "aria-valuetext",
      `${show(logit)}, share ${shareInWords(terms.shares[i])}`,
    );
    column.lever.title =
      rows[i].key === REST && rows[i].logits.length > 1
        ? "The logarithm of the sum of all their exponentials, times the temperature: the one logit that does what all of them do."
        : "";
    column.share.style.height = `${100 * terms.shares[i]}%`;
    column.numbers.logit.textContent = show(logit, 4);
    column.numbers.divided.textContent = show(terms.divided[i], 4);
    column.numbers.shifted.textContent = show(terms.shifted[i], 4);
    column.numbers.exponential.textContent = show(terms.exponentials[i], 3);
    column.numbers.share.textContent = shareInWords(terms.shares[i]);
  });
  sayColumn(me, null);
}

/**
 * @param {FinalLayer} me
 * @param {number | null} i
 */
function sayColumn(me, i) {
  const { soft, s } = me;
  const { rows, terms, said, original, columns } = soft;
  const held = focusedNear(soft.pipeline);
  i ??= columns.findIndex(({ lever }) => lever === held);
  for (const [each, { head }] of columns.entries()) head.classList.toggle("pointed", each === i);
  if (i < 0) {
    const sum = terms.shares.reduce((total, share) => total + share, 0);
    said.textContent = `The shares add up to ${(100 * sum).toFixed(1)} %.`;
    return;
  }
  const shift = s.moved[rows[i].key];
  const moved = shift ? `${show(original[i])} was moved by ${signedTerm(shift)}. ` : "";
  said.textContent = `${rows[i].name}: ${moved}${show(terms.logits[i])} ÷ ${s.temperature} = ${show(terms.divided[i])}; − ${inBrackets(terms.largest, 4)} = ${show(terms.shifted[i])}; e to the power of it = ${show(terms.exponentials[i])}; ÷ ${show(terms.total)} = ${shareInWords(terms.shares[i])}.`;
}

// --- What the temperature does ----------------------------------------------------------------

/** @param {FinalLayer} me */
function drawLimits(me) {
  const { s, soft, header } = me;
  const { rows, terms } = soft;
  soft.all = header.temperatures.map(
    (text) => softmaxTerms(rows, Number(text), s.moved, s.constant).shares,
  );
  const count = rows.reduce((sum, { logits }) => sum + logits.length, 0);
  soft.limits.textContent = `${limitWords(me)} The larger the temperature, the more even they become, on the way to 1/${count.toLocaleString("en")} = ${shareInWords(1 / count)} for each.`;
  const plain = softmaxTerms(rows, Number(s.temperature), s.moved, 0).shares;
  const change = Math.max(...plain.map((share, i) => Math.abs(share - terms.shares[i])));
  soft.proof.textContent = s.constant
    ? `${signedTerm(s.constant)} on all logits: the largest moves along, and subtracting it takes the number out again. No share changed${change ? ` (by ${show(change, 2)} at most, from rounding)` : ""}.`
    : "Add a number to all logits: watch the shares.";
}

/**
 * What the coldest and the hottest temperature make of the largest of all single logits.
 * @param {FinalLayer} me
 */
function limitWords(me) {
  const {
    s,
    soft,
    header: { temperatures },
  } = me;
  const { rows } = soft;
  const most = rows.map(({ key, logits }) => Math.max(...logits) + (s.moved[key] ?? 0));
  const row = most.indexOf(Math.max(...most));
  const tied = rows
    .flatMap(({ key, logits }) => logits.map((logit) => logit + (s.moved[key] ?? 0)))
    .filter((logit) => logit === most[row]).length;
  const { key, name, logits } = rows[row];
  /** @param {number} index */
  const shareAt = (index) => {
    const temperature = Number(temperatures[index]);
    return (
      soft.all[index][row] *
      Math.exp((Math.max(...logits) - together(logits, temperature)) / temperature)
    );
  };
  const who = key === REST && logits.length > 1 ? "the largest of the others" : name;
  const takes =
    tied > 1 ? `the ${tied} largest logits share everything` : "the largest logit takes all";
  const last = temperatures.length - 1;
  return `Towards 0 ${takes}: ${who} gets ${shareInWords(shareAt(0))} at ${temperatures[0]}, and ${shareInWords(shareAt(last))} at ${temperatures[last]}.`;
}

/** @param {FinalLayer} me */
export function layOutSoftmax(me) {
  const { soft, s, header } = me;
  const room = soft.chart.parentElement?.clientWidth;
  if (!room || !soft.rows) return;
  const width = Math.min(420, room);
  const height = 190;
  const foot = 18;
  const context = sharpen(soft.chart, width, height);
  const count = soft.all.length;
  const step = width / count;
  soft.all.forEach((shares, t) => {
    let top = 0;
    shares.forEach((share, i) => {
      context.fillStyle = soft.columns[i].colour;
      context.fillRect(t * step, top * (height - foot), step - 1, share * (height - foot) + 0.5);
      top += share;
    });
  });
  context.fillStyle = getComputedStyle(me.root).color;
  context.font = "12px system-ui, sans-serif";
  context.textBaseline = "bottom";
  for (const text of ["0.1", "1", "10"]) {
    const index = header.temperatures.indexOf(text);
    context.textAlign = index === 0 ? "left" : index === count - 1 ? "right" : "center";
    context.fillText(
      text,
      index === 0 ? 0 : index === count - 1 ? width : (index + 0.5) * step,
      height,
    );
  }
  const now = header.temperatures.indexOf(s.temperature);
  context.strokeStyle = "#fff";
  context.lineWidth = 4;
  context.strokeRect(now * step, 2, step - 1, height - foot - 4);
  context.strokeStyle = "#000";
  context.lineWidth = 2;
  context.strokeRect(now * step, 2, step - 1, height - foot - 4);
  const words = soft.rows
    .map(({ name }, i) => `${name} ${shareInWords(soft.terms.shares[i])}`)
    .join(", ");
  soft.chart.setAttribute("aria-label", `Shares at temperature ${s.temperature}: ${words}`);
}

/** @param {FinalLayer} me */
export function softmaxTables(me) {
  const { terms, rows } = me.soft;
  const values = rows.flatMap((_, i) => [
    terms.logits[i],
    terms.divided[i],
    terms.shifted[i],
    terms.exponentials[i],
    terms.shares[i],
  ]);
  const names = rows.map(({ name }) => name).join(", ");
  return [
    table(
      `Softmax: logit, divided, minus the largest, exponential, share; a row each for ${names}`,
      values,
      5,
    ),
  ];
}
