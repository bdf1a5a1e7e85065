// The page "What if": the answer before and after, and what is changed in the network or the picture.
// Header: settings and opening (every choice as text), title, network and question (names of the
// network, and of it with the picture), limits, ranges, curves, kinds, working, refusal, pictureRefusal, steps, parts, changes, answer, picture, wall, maps, curve.
// Body: pictures (RGB) and codes, where the header says `at`.
// Trigger "settings": all choices as JSON when a control is let go; "preview": while it is dragged.

import { show } from "../../canvas/figures.js";
import { element, remember, walk } from "../../canvas/shared.js";
import { adopt, ask, foldAway, hand, mountLab } from "../../canvas/lab.js";
import { buildAnswer, drawAnswer } from "./answer.js";
import { buildMaps, drawMaps, takeMaps } from "./maps.js";
import { buildNetwork, drawNetwork, takeNetwork, updateNetwork } from "./network.js";
import { buildPicture, drawPicture, updatePicture } from "./picture.js";
import { CURVE_WORDS, buildCurve, drawCurve, onCurve, takeCurve } from "./curve.js";

export const EDITS = ["crop", "cropx", "cropy", "blur", "turn", "right", "down", "grey", "paint"];
export const JOINT = "~";

export default function (given) {
  mountLab(given, { build, take, layOut });
  remember(given.parentElement).preview = (settings) => given.setTriggerValue("preview", settings);
}

function build(parent) {
  const me = { s: null, pending: [], asking: false };
  me.commit = () => {
    clearTimeout(me.timer);
    hand(me);
  };
  me.set = (choices) => {
    for (const [name, value] of Object.entries(choices)) me.s[name] = String(value);
    update(me);
    me.commit();
  };
  me.drag = (name, value) => {
    me.s[name] = String(value);
    update(me);
    ask(me);
  };
  me.chips = element("div", {
    className: "chips",
    tabIndex: -1,
    aria: { role: "group", label: "What is changed now" },
  });
  buildAnswer(me);
  buildNetwork(me);
  buildPicture(me);
  buildCurve(me);
  buildMaps(me);
  me.halves = ["network", "picture"].map((half) => {
    const tab = element(
      "button",
      { type: "button", aria: { role: "tab" }, dataset: { half } },
      `Change the ${half}`,
    );
    tab.onclick = () => me.set({ half });
    return tab;
  });
  const tabs = element(
    "div",
    { className: "tabs", aria: { role: "tablist", label: "What to change" } },
    ...me.halves,
  );
  walk(
    tabs,
    () => me.halves,
    () => 1,
  );
  me.watch = element("div", { className: "watch number", aria: { hidden: "true" } });
  me.change = element(
    "section",
    { className: "change" },
    tabs,
    me.watch,
    me.network,
    me.picturePanel,
  );
  const looked = element(
    "section",
    { className: "looked" },
    me.mapsPanel,
    foldAway(me, "The answer as a table", drawTwin),
  );
  me.answerBox = element("section", { className: "answer" }, me.chips, me.answer);
  me.root = element(
    "div",
    { className: "root lab what-if" },
    element(
      "div",
      { className: "two" },
      me.change,
      element("div", { className: "right" }, me.answerBox, looked),
    ),
  );
  parent.append(me.root);
  return me;
}

function take(me, body) {
  me.body = body;
  adopt(me, me.header.settings);
  me.asking = false;
  takeNetwork(me);
  takeMaps(me);
  takeCurve(me);
  update(me);
}

/** Show the choices as they now are; what Python knows of them follows. */
function update(me) {
  me.halves.forEach((tab) => {
    const chosen = tab.dataset.half === me.s.half;
    tab.setAttribute("aria-selected", chosen);
    tab.tabIndex = chosen ? 0 : -1;
  });
  me.network.hidden = me.s.half !== "network";
  me.picturePanel.hidden = me.s.half !== "picture";
  drawChips(me);
  updateNetwork(me);
  updatePicture(me);
  layOut(me);
}

function layOut(me) {
  if (!me.header || !me.root.clientWidth) return;
  drawAnswer(me);
  drawNetwork(me);
  drawPicture(me);
  drawCurve(me);
  drawMaps(me);
  drawTwin(me);
}

// --- What is changed now ----------------------------------------------------------------------

/** What each edit of the picture is called; "" if it is not made. */
export function editWords(me, name) {
  const { s, header } = me;
  if (s[name] === header.opening[name]) return "";
  const value = Number(s[name]);
  const percent = `${show(Math.abs(value))} %`;
  switch (name) {
    case "crop":
      return `picture cropped to ${percent}`;
    case "blur":
      return `picture blurred by ${percent}`;
    case "turn":
      return `picture turned by ${show(value)}°`;
    case "right":
      return `picture moved ${percent} to the ${value > 0 ? "right" : "left"}`;
    case "down":
      return `picture moved ${percent} ${value > 0 ? "down" : "up"}`;
    case "grey":
      return "picture in grey";
    case "paint": {
      const count = s.paint.split(JOINT).length;
      return `painted over: ${count} ${count === 1 ? "mark" : "marks"}`;
    }
    default:
      return s.crop === header.opening.crop
        ? ""
        : `crop lies at ${percent} ${name === "cropx" ? "across" : "down"}`;
  }
}

export function codesOf(me) {
  return me.s.change.split(JOINT).filter(Boolean);
}

function drawChips(me) {
  const words = new Map(me.header.changes.map(({ code, words: said }) => [code, said]));
  const chip = (text, remove) => {
    const made = element(
      "button",
      { type: "button", className: "chip", aria: { label: `Take back: ${text}` } },
      text,
      element("span", { aria: { hidden: "true" } }, " ×"),
    );
    made.onclick = () => {
      remove();
      (me.chips.querySelector("button") ?? me.chips).focus();
    };
    return made;
  };
  const codes = codesOf(me);
  const said = JSON.stringify([
    codes.map((code) => words.get(code) ?? code),
    EDITS.map((name) => editWords(me, name)),
  ]);
  if (said === me.chipsSay) return; // what has the focus stays as it is
  me.chipsSay = said;
  const chips = codes.map((code) =>
    chip(words.get(code) ?? code, () =>
      me.set({ change: codes.filter((each) => each !== code).join(JOINT) }),
    ),
  );
  for (const name of EDITS) {
    const text = editWords(me, name);
    if (text) chips.push(chip(text, () => me.set({ [name]: me.header.opening[name] })));
  }
  if (!chips.length) {
    me.chips.replaceChildren(
      element(
        "span",
        { className: "faint" },
        "Nothing is changed yet. Choose channels or edit the picture.",
      ),
    );
    return;
  }
  const all = element("button", { type: "button", className: "chip all" }, "Remove all");
  all.onclick = () => {
    me.set({
      change: "",
      ...Object.fromEntries(EDITS.map((name) => [name, me.header.opening[name]])),
    });
    me.chips.focus();
  };
  me.chips.replaceChildren(...chips, all);
}

function drawTwin(me) {
  if (!me.details.open) return;
  const cell = (text) => element("td", {}, text);
  const { rows } = me.header.answer;
  const lines = rows.map(({ label, words, points, ranks, logits }) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, label),
      cell(words[0]),
      cell(words[1]),
      cell(points || "± 0 points"),
      cell(`${ranks[0]} → ${ranks[1]}`),
      cell(show(logits[0])),
      cell(show(logits[1])),
    ),
  );
  const heads = [
    "class",
    "share before",
    "share after",
    "change",
    "rank",
    "logit before",
    "logit after",
  ];
  const head = (names) =>
    element("tr", {}, ...names.map((each) => element("th", { scope: "col" }, each)));
  me.twin.replaceChildren(element("table", {}, head(heads), ...lines));
  if (me.curve && me.s.half === "picture" && me.s.curve !== "none") {
    const { values, labels, shares } = me.curve;
    const stops = values.map((value, i) =>
      element("tr", {}, cell(show(value)), ...shares.map((line) => cell(onCurve(line[i])))),
    );
    me.twin.append(element("table", {}, head([CURVE_WORDS[me.s.curve], ...labels]), ...stops));
  }
}
