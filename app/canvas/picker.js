// Sample pictures to choose from.
// Header: edge, groups [{title, items: [{id, title}]}], selected, label. Body: RGB bytes.

export default function ({ data, parentElement, setTriggerValue }) {
  const first = !memories.has(parentElement);
  const me = remember(parentElement, () => {
    const root = element("div", { className: "root picker", aria: { role: "group" } });
    parentElement.append(root);
    return { root };
  });
  me.send = (id) => setTriggerValue("select", id);
  if (me.data !== data) fill(me, data);
  if (first) walk(me.root, () => [...me.root.querySelectorAll("button")], columnsOf);
}

function fill(me, data) {
  const { header, body } = unpack(data);
  me.data = data;
  const { edge, groups, selected } = header;
  me.root.setAttribute("aria-label", header.label);
  const focused = me.root.getRootNode().activeElement?.dataset?.id;
  let number = 0;
  const parts = groups.flatMap(({ title, items }) => [
    element("div", { className: "group-title" }, title),
    element(
      "div",
      { className: "grid" },
      ...items.map(({ id, title: name }) => {
        const codes = body.subarray(number * edge * edge * 3, ++number * edge * edge * 3);
        const picture = bitmap(edge, edge, codes, "rgb");
        picture.setAttribute("aria-hidden", "true");
        const chosen = id === selected;
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
      }),
    ),
  ]);
  me.root.replaceChildren(...parts);
  const buttons = [...me.root.querySelectorAll("button")];
  if (!buttons.some((button) => button.tabIndex === 0)) buttons[0].tabIndex = 0;
  buttons.find((button) => button.dataset.id === focused)?.focus();
}
