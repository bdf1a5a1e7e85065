// What every lab is made of: how it is mounted, its settings, and the bar that plays it.

/** @import { Bytes, Given, Numbers, Sent } from "./types.js" */
/** @import { Control } from "./controls.js" */

import { element, memories, onResize, remember, unpack } from "./shared.js";
import { slider } from "./controls.js";

/**
 * What every lab remembers; each adds its own by `&`.
 * @template S Its settings.
 * @template H The header that Python sends.
 * @typedef {object} Lab
 * @property {HTMLElement} root
 * @property {Sent} data What Python sent last.
 * @property {H} header Of it.
 * @property {S} s The settings as they are.
 * @property {(settings: string) => void} send Tells Python the settings, as JSON.
 * @property {string[]} pending What was sent and has not been answered.
 * @property {string} known The settings as Python sent them last.
 * @property {Player} [player]
 */

/**
 * What a lab has that asks Python while a control is dragged.
 * @typedef {object} Asking
 * @property {(settings: string) => void} preview Sends a question.
 * @property {boolean} [asking] Whether an answer is awaited.
 * @property {number} [asked] When the question was sent.
 * @property {number} [timer]
 */

/**
 * What `frameLab` adds to a lab.
 * @typedef {object} Framed
 * @property {Record<string, Control>} controls
 * @property {HTMLElement} controlColumn
 * @property {HTMLElement} bench
 */

/**
 * What `foldAway` adds to a lab.
 * @typedef {object} Folded
 * @property {HTMLElement} twin
 * @property {HTMLDetailsElement} details
 */

/**
 * Build a lab once, take what Python sends, and lay it out whenever its width or the theme changes.
 * @template {Lab<unknown, unknown>} L
 * @param {Given<Sent>} given
 * @param {object} parts
 * @param {(parent: HTMLElement | ShadowRoot) => L} parts.build
 * @param {(me: L, body: Bytes) => void} parts.take
 * @param {(me: L) => void} parts.layOut
 */
export function mountLab({ data, parentElement, setTriggerValue }, { build, take, layOut }) {
  const first = !memories.has(parentElement);
  const me = remember(parentElement, () => build(parentElement));
  me.send = (settings) => setTriggerValue("settings", settings);
  if (me.data !== data) {
    const { header, body } = unpack(data);
    Object.assign(me, { data, header });
    take(me, body);
  } else layOut(me); // the theme may have changed
  if (first) onResize(me.root, () => layOut(me));
}

/**
 * Take over the settings that Python has sent, unless they are the answer to what was sent to it: a
 * link or the back button is news, an answer is not.
 * @template S
 * @param {Pick<Lab<S, unknown>, "s" | "pending" | "known" | "player"> & { root?: HTMLElement }} me
 * @param {S} settings
 */
export function adopt(me, settings) {
  me.pending ??= [];
  const given = JSON.stringify(settings);
  const answered = me.pending.indexOf(given);
  if (answered >= 0) me.pending.splice(0, answered + 1);
  else if (given !== me.known) {
    me.s = structuredClone(settings);
    me.pending = [];
    me.player?.rewind();
  }
  me.known = given;
  tellWaiting(me);
}

/**
 * Tell Python the settings.
 * @param {Pick<Lab<unknown, unknown>, "s" | "pending" | "send"> & { root?: HTMLElement }} me
 */
export function hand(me) {
  const settings = JSON.stringify(me.s);
  me.pending.push(settings);
  tellWaiting(me);
  me.send(settings);
}

/**
 * Say in the page how many answers are still to come.
 * @param {{ root?: HTMLElement, pending: string[] }} me
 */
function tellWaiting(me) {
  if (me.root) me.root.dataset.waiting = String(me.pending.length);
}

const PREVIEW_MS = 120;
const LATE_MS = 3000; // an answer that has not come by then will not come

/**
 * Ask Python while a control is dragged: one question at a time. The lab sets `preview`, which sends
 * it, and forgets `asking` when it takes an answer.
 * @param {Pick<Lab<unknown, unknown>, "s" | "pending"> & Asking} me
 */
export function ask(me) {
  clearTimeout(me.timer);
  me.timer = setTimeout(() => {
    if (me.asking && performance.now() - (me.asked ?? 0) < LATE_MS) return ask(me);
    Object.assign(me, { asking: true, asked: performance.now() });
    const settings = JSON.stringify(me.s);
    me.pending.push(settings);
    me.preview(settings);
  }, PREVIEW_MS);
}

/**
 * What the controls of a lab call: change(name) takes a value while it is dragged, commit() tells
 * Python, choose(name) does both.
 * @template {Pick<Lab<object, unknown>, "s" | "pending" | "send">} L
 * @param {L} me
 * @param {(me: L) => void} update Shows the settings as they then are.
 */
export function handsOf(me, update) {
  /** @typedef {L["s"]} S */
  /** @type {<K extends keyof S>(name: K) => (value: S[K]) => void} */
  const change = (name) => (value) => {
    /** @type {S} */ (me.s)[name] = value;
    update(me);
  };
  const commit = () => hand(me);
  /** @type {<K extends keyof S>(name: K) => (value: S[K]) => void} */
  const choose = (name) => (value) => {
    change(name)(value);
    commit();
  };
  return { change, commit, choose };
}

/**
 * Go back to the opening settings.
 * @template S
 * @template {Lab<S, { opening: S }>} L
 * @param {L} me
 * @param {(me: L) => void} update
 * @param {() => void} [commit]
 */
export function startAgain(me, update, commit = () => hand(me)) {
  me.s = structuredClone(me.header.opening);
  update(me);
  commit();
}

/**
 * The bar that plays a lab step by step: play, pause, back, forth, all at once, start again, speed.
 * `at` is the present step, or null when all is shown.
 */
export class Player {
  /** @type {number | null} */
  at = null;
  playing = false;

  /**
   * @param {object} options
   * @param {() => number} options.count Tells how many steps there are.
   * @param {() => void} options.draw Called when the step has changed.
   * @param {((share: number) => void) | null} [options.slide] Called with how far (0..1) it is on the
   *   way to the next step, to animate it.
   * @param {() => boolean} [options.yields] Tells whether the visitor is pointing at something: then
   *   it waits.
   * @param {() => void} options.reset Called to start again with the opening settings.
   * @param {number} [options.speed] Steps a second at first.
   */
  constructor({ count, draw, slide = null, yields = () => false, reset, speed = 4 }) {
    this.count = count;
    this.draw = draw;
    this.slide = slide;
    this.yields = yields;
    this.speed = speed;
    /** @type {(words: string, act: () => void, label?: string) => HTMLButtonElement} */
    const button = (words, act, label = words) => {
      const made = element("button", { type: "button", aria: { label } }, words);
      made.onclick = act;
      return made;
    };
    /** @type {(move: () => void) => () => void} */
    const step = (move) => () => {
      this.pause();
      move();
    };
    this.toggle = button("▶ Play", () => (this.playing ? this.pause() : this.play()), "Play");
    const pace = slider({
      label: "Speed",
      help: "Steps a second.",
      onInput: (value) => {
        this.speed = value;
      },
      onCommit: () => {},
    });
    pace.update({ min: 1, max: 30, value: speed });
    pace.root.classList.add("speed");
    this.bar = element(
      "div",
      { className: "row" },
      this.toggle,
      button(
        "◀ Step",
        step(() => this.goTo((this.at ?? this.count()) - 1)),
        "One step back",
      ),
      button(
        "Step ▶",
        step(() => this.goTo((this.at ?? -1) + 1)),
        "One step on",
      ),
      button(
        "Show all",
        step(() => {
          this.at = null;
          this.draw();
        }),
      ),
      button("Start again", step(reset)),
      pace.root,
    );
  }

  /** Show all again, without drawing. */
  rewind() {
    this.pause();
    this.at = null;
  }

  /** Stay within the steps there are, after their number has changed. */
  settle() {
    if (this.at !== null) this.at = Math.min(this.at, this.count() - 1);
  }

  /**
   * Go to a step, or as near to it as there are steps.
   * @param {number} step
   */
  goTo(step) {
    this.at = Math.max(0, Math.min(this.count() - 1, step));
    this.draw();
  }

  pause() {
    this.playing = false;
    this.say("▶ Play", "Play");
  }

  /**
   * Say what the button does that plays.
   * @param {string} words
   * @param {string} label
   */
  say(words, label) {
    this.toggle.textContent = words;
    this.toggle.setAttribute("aria-label", label);
  }

  play() {
    if (this.at === null || this.at >= this.count() - 1) this.at = 0;
    this.playing = true;
    this.say("Pause", "Pause");
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    /** @type {number | null} */
    let before = null;
    let time = 0; // in steps
    /** @param {number} now */
    const frame = (now) => {
      if (!this.playing || !this.bar.isConnected) return;
      if (before !== null && !this.yields())
        time += ((now - before) / 1000) * (still ? Math.min(2, this.speed) : this.speed);
      before = now;
      const whole = Math.floor(time);
      time -= whole;
      if (whole > 0) {
        this.at = Math.min((this.at ?? 0) + whole, this.count() - 1);
        if (this.at === this.count() - 1) this.pause();
        this.draw();
      } else if (this.slide && !still && !this.yields()) {
        this.slide(Math.max(0, (time - 0.5) * 2)); // rest, then slide to the next position
      }
      if (this.playing) requestAnimationFrame(frame);
    };
    this.draw();
    requestAnimationFrame(frame);
  }
}

/**
 * Put a lab together: its controls on one side, the bar and everything else on the other.
 * @param {Framed & { root: HTMLElement }} me
 * @param {string} name Of the lab, for its style.
 * @param {...(Node | string)} parts
 */
export function frameLab(me, name, ...parts) {
  me.controlColumn = element(
    "div",
    { className: "controls" },
    ...Object.values(me.controls).map(({ root }) => root),
  );
  me.bench = element("div", {}, ...parts);
  me.root = element(
    "div",
    { className: `root lab ${name}` },
    element("div", { className: "bench" }, me.controlColumn, me.bench),
  );
  return me.root;
}

/**
 * A part that is folded away at first and filled when it is opened: the text twin.
 * @template {Folded} L
 * @param {L} me
 * @param {string} words
 * @param {(me: L) => void} fill
 */
export function foldAway(me, words, fill) {
  me.twin = element("div");
  me.details = element("details", {}, element("summary", {}, words), me.twin);
  me.details.ontoggle = () => fill(me);
  return me.details;
}

/**
 * The smallest and the largest of some values.
 * @param {Numbers} values
 * @returns {[number, number]}
 */
export function bounds(values) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}
