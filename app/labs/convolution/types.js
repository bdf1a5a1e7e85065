// Types of the convolution lab, for editors and `tsc`: nothing here is run.

/** @import { Choice, Slider } from "../../canvas/controls.js" */
/** @import { Grid } from "../../canvas/grid.js" */
/** @import { Folded, Framed, Lab, Player } from "../../canvas/lab.js" */
/** @import { Bytes, Place } from "../../canvas/types.js" */
/** @import { StrideStory } from "./stride.js" */

/** @typedef {"valid" | "same" | "full" | "number"} Padding */
/** @typedef {"zeros" | "reflect" | "replicate" | "circular"} Mode */

/**
 * How a window moves.
 * @typedef {object} Moves
 * @property {number} kernel Edge of the window.
 * @property {number} stride Pixels between two positions.
 * @property {number} dilation Pixels between two taps.
 */

/**
 * What is set, as `settings.py` has it.
 * @typedef {Moves & {
 *   input: "toy" | "photo",
 *   size: number,
 *   channels: number,
 *   preset: string,
 *   filter: number,
 *   padding: Padding,
 *   border: number,
 *   mode: Mode,
 *   bias: number,
 *   moved: number,
 *   cells: Record<string, number>,
 *   weights: number[][][] | null,
 * }} Settings
 */

/** @typedef {"size" | "channels" | "filter" | "kernel" | "stride" | "border" | "dilation"} Count */

/**
 * A kernel with a name; `least` is the smallest window that it fits, `tables` its weights for the
 * windows 1, 2, 3 …
 * @typedef {{ title: string, does: string, least: number, tables: (number[][] | null)[] }} Kernel
 */

/**
 * A trained layer.
 * @typedef {{ title: string, size: number, channels: number, filters: number[][][][] }} Layer
 */

/**
 * What Python sends; the body is the photograph, RGB bytes.
 * @typedef {object} Header
 * @property {Settings} settings
 * @property {Settings} opening Settings to start again with.
 * @property {Record<Count | "moved" | "bias" | "number", [number, number]>} limits Smallest and
 *   largest; "number" is that of a cell or a weight.
 * @property {number[]} toy Three channels of as many rows and columns as `size` can be.
 * @property {Record<string, Kernel>} kernels
 * @property {Layer[]} layers
 * @property {{ height: number, width: number }} photo
 * @property {number[]} brightness Shares of red, green and blue.
 * @property {string} colours Name of the colour map.
 */

/**
 * How the window moves along one axis; `why` says what forbids it.
 * @typedef {object} Along
 * @property {number} size Pixels of the picture.
 * @property {number} extent Pixels that the window spans.
 * @property {number} before Border before the first pixel.
 * @property {number} after Border behind the last pixel.
 * @property {number} count Positions: pixels of the result.
 * @property {string | null} why
 */

/**
 * A channel with its border.
 * @typedef {{ height: number, width: number, values: Float64Array }} Border
 */

/**
 * All that is computed.
 * @typedef {object} Result
 * @property {Along} rows
 * @property {Along} columns
 * @property {number[][][]} weights
 * @property {Border[]} borders
 * @property {Float64Array[]} parts What each channel gives.
 * @property {Float64Array} output
 */

/**
 * What is pointed at.
 * @typedef {{ kind: "input" | "weight" | "output", place: Place }} Pointed
 */

/**
 * @typedef {object} Controls
 * @property {Choice<"toy" | "photo">} input
 * @property {Slider} size
 * @property {Slider} channels
 * @property {Choice<string>} preset
 * @property {Slider} filter
 * @property {Slider} kernel
 * @property {Slider} stride
 * @property {Choice<Padding>} padding
 * @property {Slider} border
 * @property {Choice<Mode>} mode
 * @property {Slider} dilation
 * @property {Slider} bias
 */

/**
 * What the lab remembers.
 * @typedef {Lab<Settings, Header> & Framed & Folded & {
 *   controls: Controls & Framed["controls"],
 *   player: Player,
 *   story: StrideStory,
 *   photo: Bytes,
 *   planes: { channels: number, all: Float64Array[] } | null,
 *   result: Result,
 *   pointed: Pointed | null,
 *   slide: number,
 *   staged: string,
 *   inputs: Grid[],
 *   kernels: Grid[],
 *   partGrids: Grid[],
 *   output: Grid,
 *   formula: HTMLElement,
 *   stageRow: HTMLElement,
 *   legend: HTMLElement,
 *   said: HTMLElement,
 *   waiting?: number,
 * }} Convolution
 */

export {};
