// How large the maps of a stack are, what they cost and see, while a control is dragged: the same
// as `ali5.labs.stack`, which has the last word when it is let go.

/** @import { Layer, Networks, OperationWords, Outline, Settings } from "./types.js" */

/**
 * What Python sends of the lab that this goes by.
 * @typedef {object} Known
 * @property {Networks} networks
 * @property {number} most Multiply–adds that the lab computes.
 */

/** @type {Record<Layer["kind"], string>} */
const NAMES = {
  conv: "conv",
  first: "conv",
  relu: "relu",
  tanh: "tanh",
  lrn: "norm",
  bn: "bn",
  pool: "pool",
};

/**
 * The operation of a layer, as the header names it.
 * @param {Record<string, OperationWords>} operations
 * @param {Layer} layer
 */
export function operationOf(operations, layer) {
  return operations[layer.kind === "pool" ? layer.keep : layer.kind];
}

/**
 * The layer and its kernel if it has a window, or null if it looks at every pixel alone.
 * @param {Networks} networks
 * @param {Layer} layer
 */
export function windowOf(networks, layer) {
  if (layer.kind === "first") return { layer, kernel: networks[layer.network].kernel };
  return layer.kind === "conv" || layer.kind === "pool" ? { layer, kernel: layer.kernel } : null;
}

/**
 * The network that the photo is prepared for: that of the first convolution, or "".
 * @param {Layer[]} stack
 */
export function readerOf(stack) {
  const first = stack.find(({ kind }) => kind === "conv" || kind === "first");
  return first?.kind === "first" ? first.network : "";
}

/**
 * Edge of the maps after a window, and the equation that gives it.
 * @param {number} size
 * @param {number} kernel
 * @param {{ stride: number, padding: number, over?: boolean }} window
 */
function edgeAfter(size, kernel, { stride, padding, over = false }) {
  const free = size + 2 * padding - kernel;
  let count = Math.floor(free / stride) + 1;
  const hangs = over && free % stride !== 0;
  const begins = count * stride < size + padding;
  if (hangs && begins) count++;
  const [open, close] = over ? ["⌈", "⌉"] : ["⌊", "⌋"];
  const less = hangs && !begins ? " − 1 (the last window would begin outside)" : "";
  return {
    count,
    formula: `${open}(${size} + ${2 * padding} − ${kernel}) / ${stride}${close} + 1${less} = ${count}`,
  };
}

/**
 * Parameters, multiply–adds and channels of a layer, and why it does not fit, if it does not.
 * @param {Networks} networks
 * @param {Layer} layer
 * @param {number} channels That come in.
 * @param {number} pixels Of a map that it makes.
 */
function costOf(networks, layer, channels, pixels) {
  const none = { out: channels, parameters: 0, products: 0, wrong: "" };
  if (layer.kind === "conv") {
    const each = channels * layer.kernel ** 2;
    return {
      out: layer.channels,
      parameters: layer.channels * (each + 1),
      products: layer.channels * pixels * each,
      wrong: "",
    };
  }
  if (layer.kind !== "first" && layer.kind !== "bn") return none;
  const known = networks[layer.network];
  const wanted = layer.kind === "first" ? known.inputs : known.channels;
  const wrong =
    wanted === channels
      ? ""
      : `It looks at ${wanted} ${wanted === 1 ? "channel" : "channels"}, but ${channels} ${channels === 1 ? "comes" : "come"} in.`;
  if (layer.kind === "bn") return { ...none, parameters: known.norm, wrong };
  return {
    out: known.channels,
    parameters: known.parameters,
    products: known.channels * pixels * known.inputs * known.kernel ** 2,
    wrong,
  };
}

/**
 * Work out a stack: what each layer makes; the first that does not fit says why, those after it are
 * idle.
 * @param {Known} known
 * @param {Pick<Settings, "stack" | "size">} settings
 * @returns {Outline[]}
 */
export function outlineOf({ networks, most }, { stack, size }) {
  let [channels, edge, spent] = [readerOf(stack) === "lenet5" ? 1 : 3, size, 0];
  let [sees, step, offset] = [1, 1, 0];
  let stopped = false;
  /** @type {Record<string, number>} */
  const counts = {};
  return stack.map((layer) => {
    const short = NAMES[layer.kind];
    counts[short] = (counts[short] ?? 0) + 1;
    const name = `${short}${counts[short]}`;
    if (stopped) return { name, idle: true };
    const found = windowOf(networks, layer);
    const before = { channels, edge };
    let formula = "";
    if (found) {
      const { kernel } = found;
      const { padding, stride } = found.layer;
      if (kernel > edge + 2 * padding) {
        stopped = true;
        return {
          name,
          before,
          why: `A window of ${kernel} × ${kernel} does not fit into maps of ${edge} × ${edge}${padding ? ` with a border of ${padding}` : ""}: the map vanishes.`,
        };
      }
      ({ count: edge, formula } = edgeAfter(edge, kernel, found.layer));
      sees += (kernel - 1) * step;
      offset -= padding * step;
      step *= stride;
    }
    const { out, parameters, products, wrong } = costOf(networks, layer, channels, edge * edge);
    spent += products;
    if (wrong || spent > most) {
      stopped = true;
      return {
        name,
        before,
        why:
          wrong || `Too much to compute for this lab: ${spent.toLocaleString("en")} multiply–adds.`,
      };
    }
    channels = out;
    return {
      name,
      before,
      shape: [channels, edge, edge],
      formula,
      parameters,
      multiplyAdds: products,
      field: [sees, step, offset],
    };
  });
}

/**
 * The settings of a layer in a few words.
 * @param {Networks} networks
 * @param {Layer} layer
 */
export function layerWords(networks, layer) {
  const found = windowOf(networks, layer);
  if (layer.kind === "bn") return `of ${networks[layer.network].title}`;
  if (layer.kind === "lrn") return "over 5 channels";
  if (!found) return "every number alone";
  const { stride, padding } = found.layer;
  const parts = [`${found.kernel} × ${found.kernel}`];
  if (stride > 1) parts.push(`stride ${stride}`);
  if (padding) parts.push(`pad ${padding}`);
  if (layer.kind === "pool" && layer.over) parts.push("over the end");
  return parts.join(", ");
}
