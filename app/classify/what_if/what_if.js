// The page "What if": the answer before and after, and what is changed in the network or the picture.

/** @import { Lab, Asking, Folded } from "../../canvas/lab.js" */
/** @import { Bytes, Given, Sent } from "../../canvas/types.js" */
/** @import { Answer, AnswerParts } from "./answer.js" */
/** @import { Limits } from "./codes.js" */
/** @import { Curve, CurveParts, Reach } from "./curve.js" */
/** @import { Maps, MapsParts } from "./maps.js" */
/** @import { NetworkParts, Part, Step } from "./network.js" */
/** @import { Picture, PictureParts } from "./picture.js" */
/** @import { Wall, WallParts } from "./wall.js" */

import { show } from "../../canvas/figures.js";
import { element, remember, usePalette, walk } from "../../canvas/shared.js";
import { adopt, ask, foldAway, hand, mountLab } from "../../canvas/lab.js";
import { buildAnswer, drawAnswer } from "./answer.js";
import { JOINT, codesOf } from "./codes.js";
import { CURVE_WORDS, buildCurve, drawCurve, onCurve, takeCurve } from "./curve.js";
import { EDITS, editWords } from "./edits.js";
import { buildMaps, drawMaps, takeMaps } from "./maps.js";
import { buildNetwork, takeNetwork, updateNetwork } from "./network.js";
import { buildPicture, drawPicture, updatePicture } from "./picture.js";
import { drawWall } from "./wall.js";

/**
 * Every choice of the page, as the address has it.
 * @typedef {Record<string, string>} Texts
 */

/**
 * What Python sends. The body has pictures (RGB bytes) and codes of maps, where `at` says.
 * @typedef {object} Header
 * @property {Texts} settings
 * @property {Texts} opening the settings when the address says nothing
 * @property {string} colours name of the colour map
 * @property {string} title of the network
 * @property {string} network its name
 * @property {string} question names the network with its weights and the picture
 * @property {Limits} limits of what one address can take
 * @property {Record<string, Reach>} ranges of the numbers of the edits
 * @property {Record<string, string>} curves which number each curve goes through
 * @property {Record<string, [words: string, help: string]>} kinds of changes
 * @property {boolean} working whether something is still being worked out
 * @property {string} refusal why the network cannot be changed; "" if it can
 * @property {string} pictureRefusal likewise for the picture
 * @property {Step[]} steps
 * @property {Part[]} parts
 * @property {{ code: string, words: string }[]} changes of the network, as they are now
 * @property {Answer} answer
 * @property {Picture} picture
 * @property {Wall} wall
 * @property {[Maps, Maps]} maps of the chosen step and a later one
 * @property {Curve | null} curve
 */

/**
 * The frame that all parts stand in, and how they tell Python.
 * @typedef {object} Frame
 * @property {Bytes} body
 * @property {() => void} commit tells Python what is set
 * @property {(choices: Record<string, string>) => void} set sets choices and tells Python
 * @property {(name: string, value: string | number) => void} drag sets one while it is dragged
 * @property {HTMLElement} chips what is changed now
 * @property {string} chipsSay
 * @property {HTMLButtonElement[]} halves
 * @property {HTMLElement} watch the answer in one line, for small windows
 * @property {HTMLElement} change
 * @property {HTMLElement} answerBox
 */

/**
 * @typedef {Lab<Texts, Header> & Asking & Folded & Frame & AnswerParts & NetworkParts & WallParts &
 *   PictureParts & CurveParts & MapsParts} WhatIf
 */

/**
 * Trigger "settings": all choices as JSON when a control is let go; "preview": while it is dragged.
 * @param {Given<Sent>} given
 */
export default function (given) {
  mountLab(given, { build, take, layOut });
  /** @type {WhatIf} */
  const me = remember(given.parentElement);
  me.preview = (settings) => given.setTriggerValue("preview", settings);
}

/** @param {Node & ParentNode} parent */
function build(parent) {
  /** @type {Partial<WhatIf>} */
  const begun = { pending: [], asking: false };
  const me = /** @type {WhatIf} */ (begun); // the parts add what is theirs
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

/**
 * @param {WhatIf} me
 * @param {Bytes} body
 */
function take(me, body) {
  me.body = body;
  usePalette(me.header.colours);
  adopt(me, me.header.settings);
  me.asking = false;
  takeNetwork(me);
  takeMaps(me);
  takeCurve(me);
  update(me);
}

/**
 * Show the choices as they now are; what Python knows of them follows.
 * @param {WhatIf} me
 */
function update(me) {
  me.halves.forEach((tab) => {
    const chosen = tab.dataset.half === me.s.half;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
  });
  me.network.hidden = me.s.half !== "network";
  me.picturePanel.hidden = me.s.half !== "picture";
  drawChips(me);
  updateNetwork(me);
  updatePicture(me);
  layOut(me);
}

/** @param {WhatIf} me */
function layOut(me) {
  if (!me.header || !me.root.clientWidth) return;
  drawAnswer(me);
  drawWall(me);
  drawPicture(me);
  drawCurve(me);
  drawMaps(me);
  drawTwin(me);
}

// --- What is changed now ----------------------------------------------------------------------

/** @param {WhatIf} me */
function drawChips(me) {
  const words = new Map(me.header.changes.map(({ code, words: said }) => [code, said]));
  /** @type {(text: string, remove: () => void) => HTMLButtonElement} */
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
  const codes = codesOf(me.s.change);
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

/** @param {WhatIf} me */
function drawTwin(me) {
  if (!me.details.open) return;
  /** @param {string} text */
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
  /** @param {string[]} names */
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
