// What the way back is made of, for editors and `tsc`: nothing here is run, or handed to a browser.

/** @import { Slider } from "../../canvas/controls.js" */
/** @import { Folded, Player } from "../../canvas/lab.js" */
/** @import { Bytes, Scale, Sent } from "../../canvas/types.js" */

/** @typedef {[number, number, number, number]} Rows Top, left, bottom and right of a part of a map. */

/**
 * What Python sends of a stage.
 * @typedef {object} SentStage
 * @property {string} step Where the signal arrives.
 * @property {string} short Its name within its block.
 * @property {string} kind What was done.
 * @property {string} title Of that.
 * @property {string} sentence About that.
 * @property {boolean} same Whether the channels stay what they were.
 * @property {[number, number]} map Height and width.
 * @property {number} count Of channels.
 * @property {number} live Of channels with a signal.
 * @property {number} values Of values that are not zero.
 * @property {number} cells Of a vector, else 0.
 * @property {number[]} channels Those that are shown.
 * @property {Rows} seen The part that is shown.
 * @property {Rows} box The part that can differ from zero.
 * @property {[number, number, number, number]} tile Where the tiles begin in the body, how many there
 *   are, how high and how wide.
 * @property {[number, number]} scale
 * @property {number | null} switches Where they begin in the body.
 * @property {[number[], number[]] | null} field Size, stride and offset of what a unit sees of the
 *   picture, down and across.
 * @property {number[]} from Numbers of the stages before.
 */

/** @typedef {SentStage & { number: number, range: Scale }} Stage */

/**
 * What Python sends.
 * @typedef {object} Header
 * @property {{ step: string, channel: number, row: number, column: number, value: number,
 *   vector: boolean }} unit
 * @property {boolean} strongest Whether the unit is that of its channel.
 * @property {Stage[]} stages
 * @property {Rows} crop What the unit sees of the picture.
 * @property {{ at: number, high: number }} painted What the picture gets: its bytes, and what full
 *   colour is.
 * @property {{ at: number, height: number, width: number }} photo
 * @property {{ most: number }} limits How many tiles are shown together.
 * @property {string} colours Name of the colour map.
 */

/**
 * What is drawn of a stage, and where it lies in its map.
 * @typedef {object} Tile
 * @property {Stage} stage
 * @property {number} top
 * @property {number} left
 * @property {number} height In cells.
 * @property {number} width
 * @property {number} index Among the tiles of its stage.
 * @property {HTMLCanvasElement} image
 * @property {Bytes} [codes]
 */

/**
 * A tile and where it is on its canvas; `down` and `right` are the edges of a cell.
 * @typedef {Tile & {
 *   x: number, y: number, w: number, h: number, down: number, right: number,
 * }} DrawnTile
 */

/** @typedef {"before" | "after" | "part" | "photo"} PanelName */

/**
 * @typedef {object} Panel
 * @property {PanelName} name
 * @property {DrawnTile[]} tiles
 * @property {HTMLElement} figure
 * @property {HTMLElement} caption
 * @property {HTMLElement} note
 * @property {HTMLCanvasElement} base
 * @property {HTMLCanvasElement} over For what is marked.
 * @property {CanvasRenderingContext2D} [context] Of `over`.
 */

/** @typedef {{ name: PanelName, tile: number, row: number, column: number }} Cell */

/**
 * What the component remembers.
 * @typedef {object} Kept
 * @property {HTMLElement} root
 * @property {Player} player
 * @property {Slider} slider
 * @property {HTMLElement} unit
 * @property {HTMLElement} strip Of the stages.
 * @property {Record<PanelName, Panel>} panels
 * @property {HTMLElement} sign
 * @property {HTMLElement} focus
 * @property {HTMLElement} said
 * @property {HTMLElement} value
 * @property {Sent} data What Python sent last.
 * @property {Header} header
 * @property {Bytes} body
 * @property {string} key Another unit, another one.
 * @property {HTMLCanvasElement} photo
 * @property {[number, number]} size Height and width of what the unit sees.
 * @property {Bytes} painted
 * @property {HTMLCanvasElement} paintedBitmap
 * @property {Cell | null} at What is pointed at.
 * @property {Stage} [shown]
 */

/** @typedef {Folded & Kept} Deconvolution */

export {};
