// The whole network: a card for every step, in execution order, blocks framed.
// Header: steps [{name, short, operation, colour, shape, block, inputs, thumb}], selected, label.
// A thumb is {at, count, height, width, cells, scale, rgb}: where its codes begin in the body.

function build(parent) {
  const cards = element("div", { className: "cards", aria: { role: "group" } });
  const said = element("div", { className: "said faint" }); // the cards speak for themselves
  const root = element("div", { className: "root overview" }, cards, said);
  parent.append(root);
  return { root, cards, said };
}

export default function ({ data, parentElement, setTriggerValue }) {
  const first = !memories.has(parentElement);
  const me = remember(parentElement, () => build(parentElement));
  me.send = (name) => setTriggerValue("select", name);
  if (me.data !== data) fill(me, data);
  if (first) walk(me.cards, () => [...me.cards.querySelectorAll("button")], columnsOf);
}

function fill(me, data) {
  const { header, body } = unpack(data);
  me.data = data;
  me.header = header;
  const focused = me.root.getRootNode().activeElement?.dataset?.name;
  const scrolled = me.cards.scrollTop;
  me.cards.setAttribute("aria-label", header.label);
  me.byName = new Map();
  const groups = [];
  let open = null;
  for (const step of header.steps) {
    const button = card(me, step, body);
    me.byName.set(step.name, { step, button });
    if (!step.block) {
      groups.push(button);
      open = null;
    } else if (open && open.dataset.block === step.block) {
      open.lastChild.append(button);
    } else {
      open = element(
        "div",
        { className: "block", dataset: { block: step.block } },
        element("div", { className: "block-name" }, step.block),
        element("div", { className: "block-steps" }, button),
      );
      groups.push(open);
    }
  }
  me.cards.replaceChildren(...groups);
  choose(me, header.selected, false);
  if (focused) me.byName.get(focused)?.button.focus({ preventScroll: true });
  me.cards.scrollTop = scrolled;
  const chosen = me.byName.get(header.selected)?.button;
  if (chosen) reveal(me.cards, chosen);
}

function reveal(scroller, item) {
  const outer = scroller.getBoundingClientRect();
  const inner = item.getBoundingClientRect();
  if (inner.top < outer.top) scroller.scrollTop -= outer.top - inner.top + 24;
  if (inner.bottom > outer.bottom) scroller.scrollTop += inner.bottom - outer.bottom + 8;
}

function card(me, step, body) {
  const button = element(
    "button",
    {
      type: "button",
      className: "card",
      tabIndex: -1,
      dataset: { name: step.name },
      aria: { label: `${step.name}, ${step.operation}, ${step.shape}` },
      style: { borderTopColor: step.colour },
    },
    thumbnail(step.thumb, body),
    element("span", { className: "name" }, step.short),
    element("span", { className: "shape" }, step.shape),
  );
  button.onclick = () => {
    choose(me, step.name, true);
    me.send(step.name);
  };
  button.onpointerenter = () => point(me, step);
  button.onfocus = () => point(me, step);
  button.onpointerleave = button.onblur = () => point(me, null);
  return button;
}

function thumbnail(thumb, body) {
  const columns = thumb.count > 1 ? 2 : 1;
  const gap = thumb.count > 1 ? 2 : 0;
  const canvas = element("canvas", { className: "thumb", aria: { hidden: "true" } });
  const edge = 62;
  const context = sharpen(canvas, edge, edge);
  const room = (edge - gap * (columns - 1)) / columns;
  const size = thumb.height * thumb.width;
  const fit = room / Math.max(thumb.width, thumb.height);
  const [width, height] = [thumb.width * fit, Math.max(thumb.cells ? 14 : 1, thumb.height * fit)];
  for (let i = 0; i < thumb.count; i++) {
    const from = thumb.at + i * size * (thumb.rgb ? 3 : 1);
    const codes = body.subarray(from, from + size * (thumb.rgb ? 3 : 1));
    const style = thumb.rgb ? "rgb" : paletteOf(makeScale(thumb.scale), thumb.cells);
    const x = (i % columns) * (room + gap) + (room - width) / 2;
    const y = Math.floor(i / columns) * (room + gap) + (room - height) / 2;
    drawScaled(context, bitmap(thumb.width, thumb.height, codes, style), x, y, width, height);
  }
  return canvas;
}

function choose(me, name, byHand) {
  for (const [each, { button }] of me.byName) {
    const chosen = each === name;
    button.classList.toggle("chosen", chosen);
    button.setAttribute("aria-pressed", String(chosen));
    button.tabIndex = chosen ? 0 : -1;
  }
  if (!byHand) point(me, null);
}

/** Light the steps that a step reads, and say what it is. */
function point(me, step) {
  for (const [name, { button }] of me.byName) {
    button.classList.toggle("source", Boolean(step?.inputs.includes(name)));
  }
  const shown = step ?? me.byName.get(me.header.selected)?.step;
  if (!shown) return;
  const reads = shown.inputs.length ? `, reads ${shown.inputs.join(" and ")}` : "";
  me.said.textContent = `${shown.name}: ${shown.operation}, ${shown.shape}${reads}`;
}
