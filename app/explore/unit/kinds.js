// What lies behind a pixel of a step that has no weights: the winner of a pooling, the summands of an
// addition, the branch of a concatenation, the stages of a function.

import { show } from "../../canvas/figures.js";
import { element, sharpen } from "../../canvas/shared.js";
import { Grid } from "../../canvas/grid.js";
import { paintBar, rangeOf } from "./painting.js";
import { mark, onlyShown } from "./places.js";
import { EARLIER } from "./state.js";
import { areaInWords } from "./words.js";

/** @import { Area } from "./areas.js" */
/** @import { Letter } from "./letters.js" */
/** @import { Unit } from "./state.js" */

/**
 * A named number.
 * @typedef {object} Line
 * @property {string} words
 * @property {number} value
 * @property {"part" | "whole"} [role]
 * @property {string} [note]
 * @property {(() => void) | null} [go] Leads to where it is from.
 */

/**
 * What lies behind a pixel that is no weighted sum.
 * @param {Unit} me
 * @param {Letter} letter
 */
export function kindParts(me, letter) {
  const { kind } = letter;
  if (kind === "largest" || kind === "average") return poolingParts(me, letter);
  if (me.header.branches.length) return concatenationParts(me, letter);
  if (kind === "sum" || kind === "copy") return additionParts(me, letter, me.termWidth);
  return kind === "function" || kind === "picture"
    ? functionParts(me, letter, me.termWidth)
    : [verdict(letter)];
}

/**
 * Named numbers as bars on one scale.
 * @param {Line[]} lines
 * @param {number} width In CSS pixels.
 */
function barLines(lines, width) {
  const range = rangeOf(lines.map(({ value }) => value));
  const wide = Math.max(80, Math.min(420, width - (width < 560 ? 30 : 420)));
  return element(
    "div",
    { className: "bar-lines" },
    ...lines.map(({ words, value, role = "part", note = "", go = null }) => {
      const canvas = element("canvas", { aria: { hidden: "true" } });
      const context = sharpen(canvas, wide, 26);
      paintBar(context, { x: 0, width: wide, y: 5, height: 16 }, value, range);
      const title = go
        ? Object.assign(
            element(
              "button",
              { type: "button", className: "link", title: `Go to ${words}` },
              words,
            ),
            { onclick: go },
          )
        : element("span", {}, words);
      return element(
        "div",
        { className: `bar-line ${role}`, dataset: { value } },
        element("span", { className: "who" }, title),
        element("b", { className: "number" }, show(value, 6)),
        canvas,
        ...(note ? [element("span", { className: "faint number note" }, note)] : []),
      );
    }),
  );
}

/**
 * The window of a pooling: its numbers, the winner or the average, and the way back.
 * @param {Unit} me
 * @param {Letter} letter
 */
function poolingParts(me, letter) {
  const { sum, kind, value } = letter;
  const grid = new Grid({ label: `Under the window: ${me.header.inputWords}` });
  const scale = sum.patchScale;
  grid.set({ height: sum.height, width: sum.width, values: sum.patches, scale });
  onlyShown(grid);
  const longest = Math.max(sum.height, sum.width);
  grid.draw(Math.max(44, Math.min(300, longest * 54)));
  const count = Array.from(sum.patches).filter(
    (_, i) => !sum.outside(Math.floor(i / sum.width), i % sum.width),
  ).length;
  if (kind !== "largest" || !letter.winner) {
    const added = sum.patches.reduce((total, each) => total + each, 0);
    return [
      grid.figure,
      element(
        "p",
        { className: "number total", dataset: { total: sum.total, value } },
        `The average: ${show(added, 6)} / ${count} = `,
        element("b", {}, show(sum.total, 6)),
        `, ${show(value, 6)} in the map.`,
      ),
    ];
  }
  const [row, column] = letter.winner;
  grid.mark([{ row: sum.rows.indexOf(row), column: sum.columns.indexOf(column), colour: EARLIER }]);
  const words = element(
    "p",
    { className: "number total", dataset: { total: sum.total, value, winner: `${row}.${column}` } },
    `The largest of ${count}: `,
    element("b", {}, show(sum.total, 6)),
    `, from row ${row}, column ${column} of ${sum.sourceName}. It is ${show(value, 6)} in the map.`,
  );
  return [grid.figure, words, wayBack(me, letter)];
}

/**
 * Where the winner came from, step by step down to the picture.
 * @param {Unit} me
 * @param {Letter} letter
 */
function wayBack(me, letter) {
  /** @param {Area | null} box */
  const light = (box) => () => {
    me.winner = box;
    mark(me);
  };
  const steps = letter.winners.map(({ step, channel, row, column, words, box }) => {
    const go = element(
      "button",
      { type: "button", className: "link number" },
      `${step} at row ${row}, column ${column}`,
    );
    go.onclick = () => me.go({ step, channel, at: [row, column] });
    go.onpointerenter = go.onfocus = light(box);
    go.onpointerleave = go.onblur = light(null);
    return element("li", {}, go, element("span", { className: "faint" }, words ? ` ${words}` : ""));
  });
  const made = letter.winners[letter.winners.length - 1];
  return element(
    "div",
    { className: "way" },
    element("p", {}, "Its way back:"),
    element("ol", {}, ...steps),
    element(
      "p",
      {},
      `It was made in ${made.step}, from ${areaInWords(made.box)}, framed in light blue there.`,
    ),
  );
}

/**
 * What is added, and the sum, on one scale.
 * @param {Unit} me
 * @param {Letter} letter
 * @param {number} width In CSS pixels.
 */
function additionParts(me, letter, width) {
  const { sum } = letter;
  /** @type {Line[]} */
  const lines = sum.sources.map((source, i) => ({
    words: `${me.header.roles[i] ?? ""}${source.name}`,
    value: sum.contributions[i],
    go: () => me.go({ step: source.name, channel: sum.channels[i], at: letter.at }),
  }));
  if (sum.bias !== null) lines.push({ words: "a constant", value: sum.bias });
  lines.push({
    words: sum.count > 1 || sum.bias !== null ? "their sum" : "handed on",
    value: sum.total,
    role: "whole",
  });
  return [barLines(lines, width), verdict(letter)];
}

/**
 * Whether what was computed again is what is in the map.
 * @param {Letter} letter
 */
function verdict({ sum: { total }, value }) {
  const apart = Math.abs(total - value);
  const differs =
    apart > 0 ? ` They differ by ${show(apart, 2)}: the network computes in 32 bits.` : "";
  return element(
    "p",
    { className: "number total", dataset: { total, value } },
    element("b", {}, show(total, 6)),
    show(total, 6) === show(value, 6) ? " = " : " ≈ ",
    element("b", {}, `${show(value, 6)} in the map.`),
    element("span", { className: "faint" }, differs),
  );
}

/**
 * Which channels came from which branch; the chosen one is marked.
 * @param {Unit} me
 * @param {Letter} letter
 */
function concatenationParts(me, letter) {
  const { branches, channel, count } = me.header;
  const bar = element("div", {
    className: "branches",
    aria: { role: "list", label: "The branches" },
  });
  for (const [i, { name, first, size }] of branches.entries()) {
    const here = channel >= first && channel < first + size;
    const words = `channels ${first} to ${first + size - 1} from ${name}`;
    const go = element(
      "button",
      {
        type: "button",
        className: here ? "branch here" : "branch",
        title: `${words}. Go there`,
        style: { flexGrow: String(size) },
        dataset: { name },
        aria: { label: here ? `${words}: this channel is number ${channel - first} of it` : words },
      },
      element("span", { className: "branch-name" }, name),
      element("span", { className: "number" }, `${first}–${first + size - 1}`),
      ...(here
        ? [
            element("span", {
              className: "pin",
              style: { left: `${(100 * (channel - first + 0.5)) / size}%` },
            }),
          ]
        : []),
    );
    go.onclick = () => me.go({ step: name, channel: here ? channel - first : 0, at: letter.at });
    go.classList.add(`shade-${i % 4}`);
    bar.append(
      element(
        "div",
        { className: "branch-cell", style: { flexGrow: String(size) }, aria: { role: "listitem" } },
        go,
      ),
    );
  }
  const home = branches.find(({ first, size }) => channel >= first && channel < first + size);
  const words = home
    ? `Channel ${channel} of ${count} is channel ${channel - home.first} of ${home.name}; its numbers are only handed on.`
    : "";
  return [bar, element("p", {}, words), verdict(letter)];
}

/**
 * The stages of a function: each with its formula, its numbers and what comes out.
 * @param {Unit} me
 * @param {Letter} letter
 * @param {number} width In CSS pixels.
 */
function functionParts(me, letter, width) {
  const { sum, stages } = letter;
  if (sum.count > 1) {
    // values of very different sizes: no common scale
    const list = element(
      "ol",
      { className: "stages-list" },
      ...stages.map(({ name, words, value }) =>
        element(
          "li",
          { dataset: { value } },
          element("span", { className: "who" }, name),
          element("span", { className: "number formula" }, words),
          element("b", { className: "number" }, show(value, 6)),
        ),
      ),
    );
    return [list, verdict(letter)];
  }
  /** @type {Line[]} */
  const lines = stages.map(({ name, words, value }, i) => ({
    words: name,
    note: words,
    value,
    role: i === stages.length - 1 ? "whole" : "part",
  }));
  if (sum.count) {
    const [channel, at] = [sum.channels[0], letter.at];
    lines.unshift({
      words: sum.sourceName,
      value: sum.contributions[0],
      go: () => me.go({ step: sum.sourceName, channel, at }),
    });
  }
  return [barLines(lines, width), verdict(letter)];
}
