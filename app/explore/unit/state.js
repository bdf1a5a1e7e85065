// What a unit holds while it is on the page, and what is asked of it from several sides.

/** @import { Bytes, Place, Scale, Sent } from "../../canvas/types.js" */
/** @import { Grid } from "../../canvas/grid.js" */
/** @import { Player } from "../../canvas/lab.js" */
/** @import { Area, Field, Windows } from "./areas.js" */
/** @import { Detail } from "./detail.js" */
/** @import { Growth } from "./growth.js" */
/** @import { FieldLetter, Letter, LetterBox, Where } from "./letters.js" */
/** @import { Terms } from "./terms.js" */

/**
 * How a unit is looked at.
 * @typedef {object} Settings
 * @property {Place | null} at The pixel that is chosen; null for the strongest.
 * @property {"rank" | "index"} order Of the terms: largest first, or as the input has them.
 * @property {"yes" | ""} fold Whether a batch normalisation is folded into the convolution before it.
 * @property {"theory" | "gradient"} field Which receptive field is shown.
 * @property {"step" | "channel" | "network"} scope Whose range the colours span.
 */

/**
 * A map that the channel is made of, for steps that keep channels apart.
 * @typedef {object} Source
 * @property {string} name Of the step.
 * @property {string} title
 * @property {string} words What the unit makes of what is under its window.
 * @property {string} kind
 * @property {[number, number]} scale
 * @property {number} height
 * @property {number} width
 * @property {Where<"f4">} values
 * @property {Windows} windows
 */

/**
 * Small pictures of the input channels of a weighted sum, as they are sent.
 * @typedef {object} SentTiles
 * @property {string} name Of the step that they are of.
 * @property {number} first Channel.
 * @property {number} height Of a picture; maps may have more pixels.
 * @property {number} width
 * @property {number} mapHeight
 * @property {number} mapWidth
 * @property {[number, number]} scale
 * @property {Where<"u1">} codes
 * @property {Windows} windows
 */

/** @typedef {{name: string, first: number, size: number}} Branch The channels of one input. */

/**
 * What Python sends of a unit: all that is the same for every pixel.
 * @typedef {object} Header
 * @property {string} id Of this unit of this trace: letters are addressed with it.
 * @property {string} step
 * @property {string} operation
 * @property {number} channel
 * @property {number} count Of the channels of the step.
 * @property {"channel" | "unit"} noun
 * @property {boolean} vector Whether the step gives one number per channel.
 * @property {string} caption What is written under what is saved.
 * @property {Settings} settings
 * @property {string} colours Name of the colour map.
 * @property {Place} strongest
 * @property {boolean} rescales Whether input and output have ranges too different for one scale.
 * @property {string | null} foldable The convolution that it can be folded into.
 * @property {string[]} classes Names of the units, if they stand for classes.
 * @property {{height: number, width: number, scale: [number, number], words: string, title: string,
 *   values: Where<"f4">}} map
 * @property {Photo} photo
 * @property {Field} field
 * @property {Source[]} sources
 * @property {SentTiles | null} tiles
 * @property {Branch[]} branches Of a concatenation.
 * @property {string[]} roles Of the inputs of an addition.
 * @property {string} inputWords Names of the inputs.
 */

/**
 * The picture as the network sees it: its size, and that of what the network gets.
 * @typedef {{height: number, width: number, rows: number, columns: number, bytes: Where<"u1">}} Photo
 */

/** @typedef {{grid: Grid, root: HTMLElement, legend: HTMLElement}} Panel */

/** @typedef {Panel & {source: Source, own: Float32Array}} Input */

/**
 * Pictures of the input channels, made when they are first needed.
 * @typedef {Omit<SentTiles, "codes"> & {codes: Bytes, range: Scale, palette: Uint32Array,
 *   made: Map<number, HTMLCanvasElement>}} InputTiles
 */

/**
 * Photo, inputs and map side by side.
 * @typedef {object} Panels
 * @property {Panel} photo
 * @property {Bytes} photoBytes
 * @property {Input[]} inputs Exact ones.
 * @property {Panel | null} tile The one that follows the term that is pointed at.
 * @property {InputTiles | null} tiles What that shows.
 * @property {number | null} tileChannel Which of them.
 * @property {Panel} map
 * @property {Float32Array} values Of the map.
 * @property {number} side Of a panel, in CSS pixels; 0 before they are drawn.
 */

/**
 * What the gradient reaches, as it is drawn; or why it is not known.
 * @typedef {Omit<FieldLetter, "values" | "scale"> & {values: Float32Array, scale: Scale}} Heat
 */

/**
 * A unit, as it is on the page.
 * @typedef {object} Unit
 * @property {Sent | null} data What Python sent last.
 * @property {Header} header
 * @property {string} facts The header without its settings: what need not be built again.
 * @property {Settings} s
 * @property {string} known The settings as Python sent them last.
 * @property {string[]} pending What was sent and has not been answered.
 * @property {Place | null} pointed The pixel that is pointed at.
 * @property {Place | null} rested The one at which pointing has rested.
 * @property {string | null} asked Key of the pixel that Python was asked for.
 * @property {number} timer
 * @property {string} entered The step whose growth has been played.
 * @property {Map<string, Letter>} sums By the key of a pixel.
 * @property {Map<string, Heat>} heats
 * @property {boolean} heatWanted Whether the gradient is still to come.
 * @property {Area | null} winner What a step on the way back sees, while it is pointed at.
 * @property {Letter | null} shown
 * @property {Settings["order"] | null} shownOrder
 * @property {number | null} shownWidth
 * @property {Drawn | null} drawn
 * @property {number} width In CSS pixels; 0 before it is laid out.
 * @property {number} termWidth
 * @property {LetterBox} box
 * @property {(place: {step: string, channel: number, at: Place | null}) => void} go
 * @property {Panels} panels
 * @property {Growth} growth
 * @property {Terms} terms
 * @property {Player} player Adds the terms up one by one.
 * @property {Detail} detail
 * @property {HTMLElement} root
 * @property {HTMLElement} places Holds the panels.
 * @property {HTMLElement} said What is pointed at, in words.
 * @property {HTMLElement} heatWords
 * @property {HTMLElement} title
 * @property {HTMLElement} order
 * @property {HTMLElement} parts What is behind a pixel that is no sum of weights.
 * @property {HTMLElement} work
 * @property {HTMLElement} note
 * @property {HTMLElement} inWords The sum, for those who hear the page.
 * @property {HTMLElement} twin
 * @property {HTMLDetailsElement} details
 * @property {HTMLButtonElement} heat
 * @property {HTMLButtonElement} own
 * @property {HTMLButtonElement} ranked
 * @property {HTMLButtonElement} indexed
 * @property {HTMLButtonElement} folded
 */

/**
 * What the panels were drawn for.
 * @typedef {Pick<Settings, "fold" | "scope"> & {facts: string, heat: Heat | boolean | null}} Drawn
 */

export const EARLIER = "#22d3ee"; // what is framed beside the unit itself

/**
 * @param {Place} at
 * @param {Settings["fold"]} fold
 */
export const keyOf = (at, fold = "") => `${at.join(".")}${fold ? " folded" : ""}`;

/**
 * The pixel that is shown: the one pointed at, else the one that was chosen.
 * @param {Unit} me
 * @returns {Place}
 */
export function placeNow({ header, pointed, s }) {
  return header.vector ? [0, 0] : (pointed ?? s.at ?? header.strongest);
}

/**
 * The pixel whose sum is shown: pointing must rest before it counts.
 * @param {Unit} me
 * @returns {Place}
 */
export function placeWanted({ header, rested, s }) {
  return header.vector ? [0, 0] : (rested ?? s.at ?? header.strongest);
}

/**
 * @param {Unit} me
 * @param {Place} place
 */
export function letterOf(me, place) {
  return me.sums.get(keyOf(place, me.s.fold));
}

/**
 * What the gradient reaches from the pixel whose sum is shown.
 * @param {Unit} me
 */
export function heatNow(me) {
  return me.heats.get(keyOf(placeWanted(me)));
}
