// What two layers cost that make feature maps of a colour picture.

/** @import { Weighing } from "./types.js" */

const KERNEL = 3;
const COLOURS_IN = 3;

/**
 * Weights, biases and multiplications, as `ali5.labs.weighing` counts them.
 * @param {Weighing} weighing
 */
export function costsOf({ edge, maps }) {
  const pixels = edge * edge;
  const products = pixels * COLOURS_IN * pixels * maps;
  const weights = COLOURS_IN * KERNEL * KERNEL * maps;
  return {
    full: { weights: products, biases: pixels * maps, products },
    local: { weights, biases: maps, products: weights * pixels },
  };
}
