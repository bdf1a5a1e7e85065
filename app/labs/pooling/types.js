// Types of the pooling lab, for editors and `tsc`: nothing here is run.

/** @import { Choice, Slider } from "../../canvas/controls.js" */
/** @import { Grid } from "../../canvas/grid.js" */
/** @import { Folded, Framed, Lab, Player } from "../../canvas/lab.js" */
/** @import { Bytes, Place } from "../../canvas/types.js" */

/** @typedef {"max" | "average" | "l2"} Kind */
/** @typedef {"none" | "pepper" | "salt" | "gauss"} Noise */

/**
 * What is set, as `settings.py` has it.
 * @typedef {object} Settings
 * @property {"toy" | "photo"} input
 * @property {number} size
 * @property {Kind} kind
 * @property {"moving" | "adaptive"} windows
 * @property {number} bins
 * @property {number} kernel
 * @property {number} stride
 * @property {number} padding
 * @property {"floor" | "ceil"} ceil
 * @property {Noise} noise
 * @property {number} amount
 * @property {number} shift
 */

/** @typedef {"size" | "bins" | "kernel" | "stride" | "padding" | "amount" | "shift"} Count */

/**
 * What Python sends; the body is the brightness of the photograph, one byte a pixel.
 * @typedef {object} Header
 * @property {Settings} settings
 * @property {Settings} opening Settings to start again with.
 * @property {Record<Count, [number, number]>} limits Smallest and largest.
 * @property {number[]} toy As many rows and columns as `size` can be.
 * @property {{ height: number, width: number }} photo
 * @property {number} seed Of the noise.
 * @property {string} colours Name of the colour map.
 */

/**
 * How many windows there are along one axis; `dropped` if a last one would begin outside.
 * @typedef {{ size: number, count: number, dropped: boolean }} Along
 */

/**
 * Where a window begins along an axis, where it ends, and by how many pixels an average divides.
 * @typedef {{ start: number, end: number, counted: number }} Span
 */

/**
 * A window: its cells within the picture, and by what an average divides.
 * @typedef {{ rows: Span, columns: Span, cells: Place[], divisor: number }} Window
 */

/**
 * @typedef {{ max: Float64Array, average: Float64Array }} Both
 */

/**
 * All that is computed.
 * @typedef {object} Result
 * @property {[number, number]} edges Rows and columns of the picture.
 * @property {Float64Array} clean
 * @property {Float64Array} changed With noise, and moved.
 * @property {Along} rows
 * @property {Along} columns
 * @property {Both} both Of the changed picture.
 * @property {Both} before Of the clean one.
 * @property {Float64Array} output
 */

/**
 * @typedef {object} Controls
 * @property {Choice<Settings["input"]>} input
 * @property {Slider} size
 * @property {Choice<Kind>} kind
 * @property {Choice<Settings["windows"]>} windows
 * @property {Slider} bins
 * @property {Slider} kernel
 * @property {Slider} stride
 * @property {Slider} padding
 * @property {Choice<Settings["ceil"]>} ceil
 * @property {Choice<Noise>} noise
 * @property {Slider} amount
 * @property {Slider} shift
 */

/**
 * What is pointed at.
 * @typedef {{ kind: "input" | "output", place: Place }} Pointed
 */

/**
 * What the lab remembers.
 * @typedef {Lab<Settings, Header> & Framed & Folded & {
 *   controls: Controls & Framed["controls"],
 *   player: Player,
 *   photo: Bytes,
 *   result: Result,
 *   pointed: Pointed | null,
 *   input: Grid,
 *   output: Grid,
 *   pictures: { picture: Grid, max: Grid, average: Grid },
 *   formula: HTMLElement,
 *   stageRow: HTMLElement,
 *   legend: HTMLElement,
 *   said: HTMLElement,
 *   story: HTMLElement,
 *   measured: HTMLElement,
 * }} Pooling
 */

export {};
