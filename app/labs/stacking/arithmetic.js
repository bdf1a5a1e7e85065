// How large the maps of a stack are, what they cost and see, while a control is dragged: the same
// as `ali5.labs.stack`, which has the last word when it is let go.

const NAMES = {
  conv: "conv",
  first: "conv",
  relu: "relu",
  tanh: "tanh",
  lrn: "norm",
  bn: "bn",
  pool: "pool",
};

/** The operation of a layer, as the header names it. */
export function operationOf(me, layer) {
  return me.header.operations[layer.kind === "pool" ? layer.keep : layer.kind];
}

/** Kernel of a layer's window, or null if it looks at every pixel alone. */
export function windowOf(me, layer) {
  if (layer.kind === "first") return me.header.networks[layer.network].kernel;
  return layer.kind === "conv" || layer.kind === "pool" ? layer.kernel : null;
}

/** The network that the photo is prepared for: that of the first convolution, or "". */
export function readerOf(stack) {
  const first = stack.find(({ kind }) => kind === "conv" || kind === "first");
  return first?.network ?? "";
}

/** Edge of the maps after a window, and the equation that gives it. */
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

/** Parameters, multiply–adds and channels of a layer, and why it does not fit, if it does not. */
function costOf(me, layer, channels, pixels) {
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
  const known = me.header.networks[layer.network];
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
 * Work out a stack: a list with, for each layer, {name, shape, formula, parameters, multiplyAdds,
 * field: [size, stride, offset]}; the first that does not fit has `why`, those after it `idle`.
 */
export function outlineOf(me, { stack, size }) {
  let [channels, edge, spent] = [readerOf(stack) === "lenet5" ? 1 : 3, size, 0];
  let [sees, step, offset] = [1, 1, 0];
  let stopped = false;
  const counts = {};
  return stack.map((layer) => {
    const short = NAMES[layer.kind];
    counts[short] = (counts[short] ?? 0) + 1;
    const name = `${short}${counts[short]}`;
    if (stopped) return { name, idle: true };
    const kernel = windowOf(me, layer);
    const before = { channels, edge };
    let formula = "";
    if (kernel !== null) {
      if (kernel > edge + 2 * layer.padding) {
        stopped = true;
        return {
          name,
          before,
          why: `A window of ${kernel} × ${kernel} does not fit into maps of ${edge} × ${edge}${layer.padding ? ` with a border of ${layer.padding}` : ""}: the map vanishes.`,
        };
      }
      ({ count: edge, formula } = edgeAfter(edge, kernel, layer));
      sees += (kernel - 1) * step;
      offset -= layer.padding * step;
      step *= layer.stride;
    }
    const { out, parameters, products, wrong } = costOf(me, layer, channels, edge * edge);
    spent += products;
    if (wrong || spent > me.header.most) {
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

/** The settings of a layer in a few words. */
export function layerWords(me, layer) {
  const kernel = windowOf(me, layer);
  if (layer.kind === "bn") return `of ${me.header.networks[layer.network].title}`;
  if (layer.kind === "lrn") return "over 5 channels";
  if (kernel === null) return "every number alone";
  const parts = [`${kernel} × ${kernel}`];
  if (layer.stride > 1) parts.push(`stride ${layer.stride}`);
  if (layer.padding) parts.push(`pad ${layer.padding}`);
  if (layer.over) parts.push("over the end");
  return parts.join(", ");
}
