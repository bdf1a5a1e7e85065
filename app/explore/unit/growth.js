// The receptive field, layer by layer: what one unit of every step on the way can see of the picture.

import { element } from "../../canvas/shared.js";
import { slider } from "../../canvas/controls.js";
import { Player } from "../../canvas/lab.js";
import { EARLIER } from "./state.js";
import { areaInWords } from "./words.js";

/** @import { Layer } from "./letters.js" */

export class Growth {
  /** @type {Layer[]} */
  layers = [];

  /**
   * @param {object} given
   * @param {() => void} given.redraw Called when another layer is shown.
   * @param {() => boolean} given.yields Tells whether the visitor is pointing at something: then it
   *   waits.
   * @param {() => void} given.taken Called when the visitor chooses a layer.
   */
  constructor({ redraw, yields, taken }) {
    this.player = new Player({
      count: () => this.layers.length,
      draw: () => this.show(redraw),
      reset: () => {},
      yields,
    });
    this.reach = slider({
      label: "How far into the network",
      help: "",
      format: (value) => this.layers[value]?.name ?? "",
      onInput: (value) => {
        this.player.pause();
        taken();
        this.player.goTo(value);
      },
      onCommit: () => {},
    });
    this.words = element("p", { className: "number growth-words" });
    this.player.bar.replaceChildren(this.player.toggle, this.reach.root);
    this.player.toggle.setAttribute("aria-label", "Play the growth of the receptive field");
    this.player.say = (words, label) => {
      this.player.toggle.textContent = words;
      this.player.toggle.setAttribute("aria-label", `${label} the growth of the receptive field`);
    };
    this.root = element("div", { className: "growth-bar" }, this.player.bar, this.words);
  }

  /**
   * Take the layers on the way to a pixel.
   * @param {Layer[]} layers
   */
  set(layers) {
    this.layers = layers;
    this.player.settle();
    this.update();
  }

  /** Play it from the picture on, in a few seconds however many layers there are. */
  play() {
    this.player.speed = Math.max(2, this.layers.length / 3);
    this.player.play();
  }

  /** @param {() => void} redraw */
  show(redraw) {
    this.update();
    redraw();
  }

  update() {
    const last = this.layers.length - 1;
    const at = this.player.at ?? last;
    this.reach.update({ min: 0, max: Math.max(0, last), value: Math.max(0, at) });
    const layer = this.layers[at];
    this.words.textContent = layer
      ? `One unit of ${layer.name} sees ${areaInWords(layer.box)}.`
      : "";
  }

  /** The boxes to draw on the picture, the present layer's last; null when all of it is shown. */
  boxes() {
    const { at } = this.player;
    if (at === null || !this.layers[at]) return null;
    const seen = this.layers.slice(0, at + 1);
    return seen.map(({ box }, i) => (i === at ? { box } : { box, colour: EARLIER, shade: 0 }));
  }

  /** Show the whole field again; tell whether there was anything to close. */
  close() {
    const open = this.player.at !== null && this.player.at < this.layers.length - 1;
    this.player.rewind();
    this.update();
    return open;
  }
}
