// Sliders and choices inside a component: they speak while they are dragged.

import { element } from "./shared.js";

/**
 * A slider with its value and a sentence.
 * `update({min, max, value, why})` changes what can be chosen; `why` says what limits it.
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
      input.value = value;
      input.disabled = min === max;
      output.textContent = format(value);
      note.textContent = why || help;
      note.classList.toggle("limit", Boolean(why));
    },
  };
}

/** A choice of a few: options are [id, words]; `update({value, disabled: {id: why}})`. */
export function choice({ label, help, options, onChoose }) {
  const id = `c${Math.random().toString(36).slice(2)}`;
  const select = element("select", { id });
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
  select.onchange = () => onChoose(select.value);
  return {
    root,
    select,
    offer,
    update({ value, disabled = {}, words = "" }) {
      for (const option of select.options) {
        const why = disabled[option.value];
        option.disabled = Boolean(why);
        const [, text] = options.find(([each]) => each === option.value);
        option.textContent = why ? `${text} (${why})` : text;
      }
      select.value = value;
      note.textContent = words || help;
    },
  };
}
