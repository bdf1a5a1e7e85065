// Types of the learning lab, for editors and `tsc`: nothing here is run.

/** @import { Choice, Slider } from "../../canvas/controls.js" */
/** @import { Grid } from "../../canvas/grid.js" */
/** @import { Folded, Lab } from "../../canvas/lab.js" */
/** @import { Place } from "../../canvas/types.js" */

/**
 * What the training is set to.
 * @typedef {object} Settings
 * @property {"digits" | "shapes" | "mnist"} data
 * @property {number} difficulty Of the drawings, percent.
 * @property {"new" | "same"} pictures
 * @property {number} stages Convolution stages.
 * @property {"average" | "max"} pooling
 * @property {"tanh" | "relu"} activation
 * @property {"sgd" | "momentum" | "adam"} optimiser
 * @property {string} rate
 * @property {string} batch
 * @property {number} seed
 */

/** @typedef {"difficulty" | "stages" | "seed"} Ranged */

/**
 * What the controls are sent.
 * @typedef {object} ControlsHeader
 * @property {Settings} settings
 * @property {Partial<Settings> | null} begun Of the training that has learned something already.
 * @property {string[]} rates What can be chosen.
 * @property {string[]} batches
 * @property {{ [name in Ranged]: [least: number, most: number] }} limits
 */

/**
 * @typedef {object} Controls
 * @property {Choice<Settings["data"]>} data
 * @property {Slider} difficulty
 * @property {Choice<Settings["pictures"]>} pictures
 * @property {Slider} rate
 * @property {Slider} batch
 * @property {Choice<Settings["optimiser"]>} optimiser
 * @property {Slider} stages
 * @property {Choice<Settings["pooling"]>} pooling
 * @property {Choice<Settings["activation"]>} activation
 * @property {Slider} seed
 */

/** @typedef {Lab<Settings, ControlsHeader> & { controls: Controls }} Training */

/** @typedef {"kernels" | "maps"} Kind */

/** @typedef {[count: number, height: number, width: number]} Shape */

/**
 * What the network has become; the body holds kernels, maps and picture as float32.
 * @typedef {object} Header
 * @property {Shape} kernels Of the first layer.
 * @property {Shape} maps Of the fixed picture.
 * @property {[height: number, width: number]} picture
 * @property {string[]} classes
 * @property {number} watch The class whose picture it is.
 * @property {string[]} stages Names of the layers whose maps can be shown.
 * @property {number} stage Which of them it is, 1 for the first.
 * @property {string} layer Its name.
 * @property {string} answer What the network makes of the picture, in words.
 * @property {number} seen Pictures that it has learned from.
 * @property {string} colours Name of the colour map.
 */

/**
 * @typedef {Lab<unknown, Header> & Folded & {
 *   controls: { watch: Choice<string>, stage: Choice<string> },
 *   pointed: { kind: Kind, index: number, place: Place } | { kind: "picture", place: Place } | null,
 *   kernels: Grid[],
 *   maps: Grid[],
 *   values: { kernels: Float32Array, maps: Float32Array, picture: Float32Array },
 *   kernelRow: HTMLElement,
 *   kernelLegend: HTMLElement,
 *   mapRow: HTMLElement,
 *   mapLegend: HTMLElement,
 *   picture: Grid,
 *   answer: HTMLElement,
 *   said: HTMLElement,
 *   mapTitle: HTMLElement,
 *   offered?: string,
 *   staged?: string,
 * }} Inside
 * `offered` and `staged` are the lists that were offered last.
 */

export {};
