// What the snapshots are made of, for editors and `tsc`: nothing here is run, or handed to a browser.

/** @import { Choice, Slider } from "../../canvas/controls.js" */
/** @import { Folded, Player } from "../../canvas/lab.js" */
/** @import { Bytes, Scale, Sent } from "../../canvas/types.js" */

/**
 * What Python sends of the maps or the kernels of all moments.
 * @typedef {object} SentPart
 * @property {number} count Of tiles at each moment.
 * @property {number} height Of a tile, in pixels.
 * @property {number} width
 * @property {boolean} colour Whether it has three bytes a pixel.
 * @property {[number, number][]} scales Smallest and largest value at each moment.
 */

/** @typedef {SentPart & { ranges: Scale[] }} TilePart With the same as scales. */

/**
 * @typedef {TilePart & { size: [number, number], cells: number }} Maps `size` is that of a whole map,
 *   `cells` are those of a vector, else 0.
 */

/**
 * What Python sends of a moment.
 * @typedef {object} Moment
 * @property {string} name In the address.
 * @property {string} label On its button.
 * @property {string} words When it was.
 * @property {number | null} right Share of test pictures that it had right; null if nobody measured.
 * @property {string | null} rightWords
 * @property {[string, number, string][]} classes The most likely: label, share, the share in words.
 * @property {number} followed Share of the class that is followed.
 */

/** @typedef {"all" | "own"} Span What the colours span: all moments, or each alone. */

/**
 * What Python sends.
 * @typedef {object} Header
 * @property {string} step
 * @property {string} colours Name of the colour map.
 * @property {{ moment: string, span: Span }} chosen
 * @property {number[]} channels Those that are shown; none of a vector.
 * @property {number} count Of all channels.
 * @property {Maps} maps
 * @property {TilePart | null} kernels
 * @property {string} followed The class that the trained network finds most likely.
 * @property {Moment[]} moments The earliest first.
 */

/** @typedef {{ x: number, y: number, w: number, h: number }} Spot Where a tile is on its canvas. */

/**
 * A figure of many tiles; `over` is for what is marked on them.
 * @typedef {object} TileFigure
 * @property {HTMLElement} root
 * @property {HTMLCanvasElement} base
 * @property {HTMLCanvasElement} over
 * @property {HTMLElement} caption
 * @property {HTMLElement} below
 * @property {CanvasRenderingContext2D} [context] Of `over`.
 * @property {Spot[]} tiles
 * @property {number} columns
 */

/**
 * What the component remembers.
 * @typedef {object} Kept
 * @property {HTMLElement} root
 * @property {Player & { at: number }} player There always is a moment.
 * @property {Slider} slider
 * @property {Choice<Span>} range
 * @property {HTMLElement} ticks
 * @property {HTMLElement} said
 * @property {TileFigure} maps
 * @property {TileFigure} kernels
 * @property {HTMLElement} mapPlace
 * @property {HTMLElement} kernelPlace
 * @property {HTMLElement} classes
 * @property {HTMLCanvasElement} curve
 * @property {HTMLElement} curveWords
 * @property {HTMLElement} tip
 * @property {(chosen: { moment: string, span: Span }) => void} send Tells Python.
 * @property {Sent} data What Python sent last.
 * @property {Header} header
 * @property {Bytes} codes Of the maps.
 * @property {Bytes} kernelCodes
 * @property {Span} span
 * @property {string[]} sent What Python was told and has not answered.
 * @property {{ index: number, row: number, column: number } | null} pointed A pixel of a tile.
 * @property {number} side Edge of the maps together, in CSS pixels.
 * @property {number} kernelSide
 * @property {boolean} [wasPlaying]
 * @property {number} [timer] Until Python is told.
 */

/** @typedef {Folded & Kept} Snapshots */

export {};
