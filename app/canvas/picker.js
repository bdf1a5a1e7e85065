// Sample pictures to choose from.
// Header: edge, groups [{title, items: [{id, title}]}], selected, label. Body: RGB bytes.

const FEW = 10; // so many of a group are shown at first

export default function ({ data, parentElement, setTriggerValue }) {
  const first = !memories.has(parentElement);
  const me = remember(parentElement, () => {
    const root = element("div", { className: "root picker", aria: { role: "group" } });
    parentElement.append(root);
    return { root, unfolded: new Set() };
  });
  me.send = (id) => setTriggerValue("select", id);
  if (me.data !== data) fill(me, data);
  if (first) walk(me.root, () => [...me.root.querySelectorAll("button[data-id]")], columnsOf);
}

function fill(me, data) {
  const { header, body } = unpack(data);
  me.data = data;
  const { edge, groups, selected } = header;
  me.root.setAttribute("aria-label", header.label);
  const focused = me.root.getRootNode().activeElement?.dataset?.id;
  let number = 0;
  const parts = groups.flatMap(({ title, items }) => {
    const buttons = items.map(({ id, title: name }) => {
      const codes = body.subarray(number * edge * edge * 3, ++number * edge * edge * 3);
      return sampleButton(me, id, name, bitmap(edge, edge, codes, "rgb"), id === selected);
    });
    const hidden = buttons.slice(FEW);
    const grid = element("div", { className: "grid" }, ...buttons);
    const group = [element("div", { className: "group-title" }, title), grid];
    const needed = hidden.some(({ dataset }) => dataset.id === selected);
    if (hidden.length > 2 && !needed && !me.unfolded.has(title)) {
      hidden.forEach((button) => button.remove());
      const more = element("button", { type: "button", className: "more" }, `${hidden.length} more`);
      more.setAttribute("aria-label", `${hidden.length} more: ${title}`);
      more.onclick = () => {
        me.unfolded.add(title);
        grid.append(...hidden);
        more.remove();
        hidden[0].focus();
      };
      group.push(more);
    }
    return group;
  });
  me.root.replaceChildren(...parts);
  const buttons = [...me.root.querySelectorAll("button[data-id]")];
  if (!buttons.some((button) => button.tabIndex === 0)) buttons[0].tabIndex = 0;
  buttons.find((button) => button.dataset.id === focused)?.focus();
}

function sampleButton(me, id, name, picture, chosen) {
  picture.setAttribute("aria-hidden", "true");
  const button = element(
    "button",
    {
      type: "button",
      title: name,
      tabIndex: chosen ? 0 : -1,
      className: chosen ? "chosen" : "",
      dataset: { id },
      aria: { label: name, pressed: String(chosen) },
    },
    picture,
  );
  button.onclick = () => me.send(id);
  return button;
}
