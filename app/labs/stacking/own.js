// The controls of the chosen layer.

import { choice, slider } from "../../canvas/controls.js";
import { ask } from "../../canvas/lab.js";
import { operationOf, windowOf } from "./arithmetic.js";

/** @import { Convolution, FirstConvolution, Own, Pooling, Stacking } from "./types.js" */

/**
 * @param {Stacking} me
 * @param {(me: Stacking) => void} update Shows the settings as they then are.
 * @param {() => void} commit
 * @returns {Own}
 */
export function ownControls(me, update, commit) {
  /** @param {Record<string, unknown>} change */
  const set = (change) => {
    const layer = Object.assign(me.s.stack[me.s.layer - 1], change);
    if ("kernel" in change && (layer.kind === "conv" || layer.kind === "pool"))
      layer.padding = Math.min(layer.padding, mostPadding(layer));
    update(me);
    ask(me);
  };
  /** @type {(name: string, label: string, help: string, format?: (value: number) => string) => ReturnType<typeof slider>} */
  const control = (name, label, help, format = String) =>
    slider({ label, help, onInput: (value) => set({ [name]: value }), onCommit: commit, format });
  return {
    channels: control(
      "channels",
      "Channels",
      "How many feature maps it makes, one for each filter.",
    ),
    kernel: control(
      "kernel",
      "Window",
      "How much is looked at together.",
      (value) => `${value} × ${value}`,
    ),
    stride: control("stride", "Stride", "How far the window moves each time."),
    padding: control("padding", "Padding", "Border on each side, so that edges count too."),
    keep: choice({
      label: "Keep",
      help: "",
      options: [
        ["max", "Maximum"],
        ["average", "Average"],
      ],
      onChoose: (keep) => {
        set({ keep });
        commit();
      },
    }),
    over: choice({
      label: "At the end",
      help: "",
      options: [
        ["no", "Only whole windows"],
        ["yes", "Windows may hang over"],
      ],
      onChoose: (value) => {
        set({ over: value === "yes" });
        commit();
      },
    }),
  };
}

/** @param {Convolution | Pooling} layer */
function mostPadding(layer) {
  return layer.kind === "pool" ? Math.floor(layer.kernel / 2) : layer.kernel - 1;
}

/** @param {Stacking} me */
export function updateOwn(me) {
  const { s, own } = me;
  const layer = s.stack[s.layer - 1];
  me.panel.hidden = !layer;
  if (!layer) return;
  const found = windowOf(me.header.networks, layer);
  for (const control of Object.values(own)) control.root.hidden = !found;
  own.keep.root.hidden = own.over.root.hidden = layer.kind !== "pool";
  own.channels.root.hidden = !found || layer.kind === "pool";
  const operation = operationOf(me.header.operations, layer);
  me.title.textContent = `${me.outline[s.layer - 1].name}: ${operation.name}`;
  me.sentence.textContent = operation.sentence;
  if (!found) return;
  updateWindow(me, found.layer, found.kernel);
  if (layer.kind !== "pool") return;
  own.keep.update({ value: layer.keep });
  own.over.update({
    value: layer.over ? "yes" : "no",
    words: layer.over ? "A last window may stick out." : "What does not fill a window is left out.",
  });
}

/**
 * @param {Stacking} me
 * @param {Convolution | FirstConvolution | Pooling} layer
 * @param {number} kernel Its own, or that of its network.
 */
function updateWindow({ s, own, header, outline: outlines }, layer, kernel) {
  const { limits } = header;
  const outline = outlines[s.layer - 1];
  const known = layer.kind === "first" ? header.networks[layer.network] : null;
  const fixed = known ? "Fixed by the network’s own kernels." : "";
  const edge = outline.before?.edge ?? Infinity;
  const [least, most] = limits[layer.kind === "pool" ? "pool" : "kernel"];
  const room = edge + 2 * layer.padding;
  const limited = !outline.why && room < most;
  const [fewest, many] = known ? [known.channels, known.channels] : limits.channels;
  own.channels.update({
    min: fewest,
    max: many,
    value: layer.kind === "conv" ? layer.channels : fewest,
    why: fixed,
  });
  own.kernel.update({
    min: known ? kernel : least,
    max: known ? kernel : limited ? room : most,
    value: kernel,
    why:
      fixed ||
      (limited ? `${least} to ${room}: the window must fit into the maps that come in.` : ""),
  });
  const [shortest, longest] = limits[layer.kind === "pool" ? "pool" : "stride"];
  own.stride.update({ min: shortest, max: longest, value: layer.stride });
  const needed = outline.why ? 0 : Math.max(0, Math.ceil((kernel - edge) / 2));
  const pad = layer.kind === "first" ? kernel - 1 : mostPadding(layer);
  const half = layer.kind === "pool" ? `0 to ${pad}: at most half the window.` : "";
  own.padding.update({
    min: needed,
    max: Math.max(pad, layer.padding),
    value: layer.padding,
    why: needed ? `From ${needed}: less, and the window does not fit.` : half,
  });
}
