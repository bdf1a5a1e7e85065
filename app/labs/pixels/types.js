// Types of the lab of pixels, for editors and `tsc`: nothing here is run.

/** @import { Choice, Slider } from "../../canvas/controls.js" */
/** @import { Grid } from "../../canvas/grid.js" */
/** @import { Folded, Framed, Lab, Player } from "../../canvas/lab.js" */
/** @import { Bytes, Place } from "../../canvas/types.js" */

/**
 * What is set where a patch is looked at, as `settings.py` has it.
 * @typedef {object} Settings
 * @property {number} row Of the patch's first pixel; -1 if it lies where it opens.
 * @property {number} column
 * @property {number} patch Its edge, in pixels.
 * @property {"bytes" | "shares" | "normalised"} units
 * @property {"all" | "red" | "green" | "blue"} light
 * @property {Record<string, number>} cells
 */

/**
 * What Python sends of a patch; the body is the photograph, RGB bytes.
 * @typedef {object} Header
 * @property {Settings} settings
 * @property {Settings} opening Settings to start again with.
 * @property {{ patch: [number, number], changed: number }} limits Smallest and largest patch, and how
 *   many bytes can be changed.
 * @property {number} height Of the photograph.
 * @property {number} width
 * @property {Place} start Row and column of the patch at first.
 * @property {number[]} mean Of the network, for red, green and blue.
 * @property {number[]} std
 */

/**
 * The numbers of the patch.
 * @typedef {object} Patch
 * @property {number} row Of its first pixel.
 * @property {number} column
 * @property {Bytes} bytes RGB.
 * @property {Float64Array[]} values Of each colour, in the chosen units.
 */

/**
 * What the patch remembers.
 * @typedef {Lab<Settings, Header> & Framed & Folded & {
 *   controls: Framed["controls"] & {
 *     patch: Slider,
 *     row: Slider,
 *     column: Slider,
 *     units: Choice<Settings["units"]>,
 *     light: Choice<Settings["light"]>,
 *   },
 *   player: Player,
 *   photo: Bytes,
 *   found: Patch,
 *   pointed: Place | null,
 *   whole: Grid,
 *   close: Grid,
 *   planes: Grid[],
 *   formula: HTMLElement,
 *   said: HTMLElement,
 *   waiting?: number,
 * }} Pixels
 */

/**
 * A step on the way into a network.
 * @typedef {object} Step
 * @property {string} name
 * @property {string} title
 * @property {string} words
 * @property {number} channels
 */

/**
 * A step that is a picture; the box is what is kept of it: left, top, right, bottom.
 * @typedef {Step & {
 *   kind: "picture",
 *   height: number,
 *   width: number,
 *   box: [number, number, number, number] | null,
 * }} PictureRung
 */

/** @typedef {PictureRung | Step & { kind: "scaled" | "normalised", box: null }} Rung */

/**
 * What Python sends of the way into a network; the body is the bytes, RGB, of the steps that are
 * pictures, one after the other.
 * @typedef {object} RungsHeader
 * @property {Rung[]} rungs
 * @property {number} size Edge of what the network sees.
 * @property {number} border
 * @property {number[]} mean
 * @property {number[]} std
 */

/**
 * A step as it is shown: a picture, or the numbers of each channel.
 * @typedef {object} Card
 * @property {Rung} rung
 * @property {Grid[]} grids
 * @property {Bytes | null} bytes
 * @property {Float64Array[]} values
 * @property {HTMLElement} node
 */

/**
 * What the way into a network remembers.
 * @typedef {Lab<unknown, RungsHeader> & Framed & Folded & {
 *   player: Player,
 *   cards: Card[],
 *   last: Bytes,
 *   pointed: Place | null,
 *   row: HTMLElement,
 *   legend: HTMLElement,
 *   said: HTMLElement,
 * }} Rungs
 */

/**
 * What is set where costs are compared.
 * @typedef {{ edge: number, maps: number }} Weighing
 */

/**
 * What Python sends of the costs.
 * @typedef {object} WeighingHeader
 * @property {Weighing} settings
 * @property {Weighing} opening
 * @property {Record<keyof Weighing, [number, number]>} limits Smallest and largest.
 */

/**
 * What the costs remember.
 * @typedef {Lab<Weighing, WeighingHeader> & Framed & {
 *   controls: Framed["controls"] & Record<keyof Weighing, Slider>,
 *   formula: HTMLElement,
 *   table: HTMLTableElement,
 *   said: HTMLElement,
 * }} Scales
 */

export {};
