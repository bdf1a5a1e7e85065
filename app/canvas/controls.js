// Sliders and choices inside a component: they speak while they are dragged.

import { element } from "./shared.js";

/**
 * A control of a lab: what it is made of, and how it is told what can be chosen.
 * @typedef {object} Control
 * @property {HTMLElement} root
 */

/**
 * What a slider is told: `why` says what limits it.
 * @typedef {{ min: number, max: number, value: number, step?: number, why?: string }} Range
 */

/**
 * @typedef {Control & { input: HTMLInputElement, update: (range: Range) => void }} Slider
 */

/**
 * What a choice is told: `disabled` says why an option cannot be chosen, `words` replace its help.
 * @template {string} V
 * @typedef {{ value: V, disabled?: { [option in V]?: string }, words?: string }} Chosen
 */

/**
 * @template {string} V
 * @typedef {Control & {
 *   select: HTMLSelectElement,
 *   offer: (options: [V, string][]) => void,
 *   update: (chosen: Chosen<V>) => void,
 * }} Choice
 */

/**
 * A slider with its value and a sentence.
 * @param {object} options
 * @param {string} options.label
 * @param {string} options.help
 * @param {(value: number) => void} options.onInput Called while it is dragged.
 * @param {() => void} options.onCommit Called when it is let go.
 * @param {(value: number) => string} [options.format]
 * @returns {Slider}
 */
export function slider({ label, help, onInput, onCommit, format = String }) {
  const id = `s${Math.random().toString(36).slice(2)}`;
  const input = element("input", { type: "range", id, step: 1 });
  const output = element("output", { className: "number", htmlFor: id });
  const note = element("span", { className: "faint note" }, help);
  const root = element(
    "div",
    { className: "control" },
    element("label", { htmlFor: id }, element("span", {}, label), output),
    input,
    note,
  );
  input.oninput = () => {
    output.textContent = format(Number(input.value));
    onInput(Number(input.value));
  };
  input.onchange = () => onCommit();
  return {
    root,
    input,
    update({ min, max, value, step = 1, why = "" }) {
      Object.assign(input, { min, max, step });
      input.value = String(value);
      input.disabled = min === max;
      output.textContent = format(value);
      note.textContent = why || help;
      note.classList.toggle("limit", Boolean(why));
    },
  };
}

/**
 * A choice of a few.
 * @template {string} V
 * @param {object} given
 * @param {string} given.label
 * @param {string} given.help
 * @param {[V, string][]} given.options What can be chosen, in the address and in words.
 * @param {(value: V) => void} given.onChoose
 * @returns {Choice<V>}
 */
export function choice({ label, help, options, onChoose }) {
  const id = `c${Math.random().toString(36).slice(2)}`;
  const select = element("select", { id });
  /** @param {[V, string][]} list */
  const offer = (list) => {
    options = list;
    select.replaceChildren(...list.map(([value, words]) => element("option", { value }, words)));
  };
  offer(options);
  const note = element("span", { className: "faint note" }, help);
  const root = element(
    "div",
    { className: "control" },
    element("label", { htmlFor: id }, element("span", {}, label)),
    select,
    note,
  );
  select.onchange = () => onChoose(/** @type {V} */ (select.value));
  return {
    root,
    select,
    offer,
    update({ value, disabled, words = "" }) {
      options.forEach(([each, text], index) => {
        const why = disabled?.[each];
        const option = select.options[index];
        option.disabled = Boolean(why);
        option.textContent = why ? `${text} (${why})` : text;
      });
      select.value = value;
      note.textContent = words || help;
    },
  };
}
