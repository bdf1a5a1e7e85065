// What the map is made of, for editors and `tsc`: nothing here is run, or handed to a browser.

/** @import { Camera, Held, Rectangle, Size } from "../../canvas/camera.js" */
/** @import { Bytes, Point } from "../../canvas/types.js" */

/**
 * What Python sends of a thumbnail: tiles one after the other.
 * @typedef {object} Thumb
 * @property {number} at Where its codes begin in the body.
 * @property {number} count Of tiles.
 * @property {number} height Of a tile, in pixels.
 * @property {number} width
 * @property {boolean} [rgb] Whether it is the picture: three bytes a pixel.
 * @property {number} [cells] Of a vector, else 0.
 * @property {[number, number]} [scale] Smallest and largest value of the step.
 */

/**
 * What Python sends of a step.
 * @typedef {object} SentStep
 * @property {string} name
 * @property {string} short Its name within its block.
 * @property {string} operation A key of `operations`.
 * @property {boolean} tag Whether it changes each value by itself.
 * @property {string} shape In words.
 * @property {string} size Height × width, "" of a vector.
 * @property {string | null} block Key of the block that it belongs to.
 * @property {string[]} inputs Names of the steps that it reads.
 * @property {Record<string, number | null>} costs By lens; null where it is not known.
 * @property {Thumb} thumb
 */

/**
 * What Python sends.
 * @typedef {object} Header
 * @property {string} network Another network, another text.
 * @property {string} label Of the whole map.
 * @property {SentStep[]} steps In the order of execution.
 * @property {{ key: string, name: string }[]} blocks In that order, too.
 * @property {Record<string, { colour: string, title: string, sentence: string }>} operations
 * @property {{ foldedFrom: number }} limits With more steps than this blocks are folded at first.
 * @property {{ key: string, title: string, words: string }[]} lenses What the bars can compare.
 * @property {string | null} chosen Name of a step.
 * @property {string[]} opened Keys of the open blocks.
 * @property {string} lens
 * @property {string} colours Name of the colour map.
 * @property {"tall" | "strip"} height
 */

/** @typedef {SentStep & { order: number }} Step */

/**
 * A step with its tags.
 * @typedef {{ key: string, block: string | null, steps: Step[] }} Tile
 */

/** @typedef {{ key: string, name: string, tiles: Tile[], steps: Step[] }} Block */

/**
 * @typedef {object} Graph
 * @property {Step[]} steps
 * @property {Map<string, Step>} byName
 * @property {Map<string, string[]>} readers Names of the steps that read a step.
 * @property {Tile[]} tiles
 * @property {Map<string, Tile>} tileOf By the name of a step.
 * @property {Map<string, Block>} blocks By their key.
 */

/**
 * What `arrange` has to know of a piece.
 * @typedef {object} Arranged
 * @property {string} kind
 * @property {number} along Its length in the direction of the flow.
 * @property {number} across
 * @property {number} port Where edges meet it, across.
 * @property {string} size The resolution.
 * @property {"start" | "end"} [pin] It stays in the first or the last column.
 * @property {(source: string) => number} [portIn] Where the edge from a step enters a frame.
 * @property {(source: string) => number} [portOut]
 */

/**
 * @typedef {{ along: number, across: number, port: number }} Measured
 */

/**
 * One thing that is drawn on a tile.
 * @typedef {{ x: number, y: number, room: number, words: string, size: number, bold?: boolean,
 *   faint?: boolean, centred?: boolean }} Line
 * @typedef {{ share: number, largest: number, words: string }} Bar The share of the cost.
 * @typedef {Line | Bar & { x: number, y: number, room: number } | { thumb: string } & Rectangle |
 *   { fill: string } & Rectangle} Content
 */

/** @typedef {{ step: Step } & Rectangle} Part The part of a tile that stands for a step. */

/**
 * How a tile or a folded block looks.
 * @typedef {Measured & {
 *   head: Step,
 *   title: string,
 *   stripes: string[],
 *   content: Content[],
 *   parts: Part[],
 *   upright?: boolean,
 * }} Looks Stripes are colours, one for each operation; `upright` if they lie on the left.
 */

/** @typedef {(piece: Tile | Block, inside?: boolean) => Looks} Look */

/**
 * @typedef {{ key: string, steps: Step[], size: string }} Piece
 * @typedef {Piece & Looks & { kind: "tile", block?: string }} TileItem
 * @typedef {Piece & Looks & { kind: "block", block: string }} BlockItem
 * @typedef {Piece & Measured & {
 *   kind: "port", step: string, pin: "start" | "end",
 * }} PortItem Where a value goes into a frame, or out of it.
 * @typedef {Piece & Measured & {
 *   kind: "frame",
 *   block: string,
 *   title: string,
 *   inner: Arrangement & { items: (TileItem | PortItem)[] },
 *   portIn: (source: string) => number,
 *   portOut: (source: string) => number,
 * }} FrameItem An open block.
 */

/**
 * An edge between two pieces of one level.
 * @typedef {object} Link
 * @property {number} from Position of the piece it leaves.
 * @property {number} to
 * @property {string} source Name of the step whose value it is.
 * @property {Set<string>} targets Names of the steps that read it there.
 * @property {boolean} skip Whether it goes into an addition, past other steps.
 * @property {boolean} passes Whether it goes on inside the piece.
 */

/** @typedef {{ points: Point[], round: boolean }} Route */

/** @typedef {{ before: number, after: number, centre: number }} Lane */

/**
 * @typedef {object} Column
 * @property {number} length
 * @property {string | null} size
 * @property {number} edges How many go on from it.
 * @property {number} gap Behind it.
 * @property {boolean} changes Whether the next one has another resolution.
 * @property {number} start
 * @property {number} end
 */

/**
 * @typedef {object} Row
 * @property {number} first Of its columns.
 * @property {number} last
 * @property {number} end
 * @property {number} top
 * @property {number} bottom
 * @property {number} gutter Where the first edge below it runs.
 * @property {Map<number, Lane>} lanes
 */

/**
 * What `arrange` needs of a style.
 * @typedef {object} Spacing
 * @property {number} limit The longest row.
 * @property {number} gap Between columns.
 * @property {number} lane Between lanes.
 * @property {number} row Between rows.
 * @property {number} label Height of a row's labels.
 * @property {number} lead What a band sticks out before its first column.
 * @property {boolean} [inside] Whether it is inside a frame.
 */

/**
 * @typedef {Spacing & { vertical: boolean, pads: number[] }} Style Pads: start, end, before and after
 *   of a frame, along and across the flow.
 */

/** @typedef {{ size: string, start: number, end: number, before: number, after: number }} Band */

/**
 * What `arrange` gives.
 * @typedef {object} Arrangement
 * @property {Point[]} places Along and across.
 * @property {Link[]} links
 * @property {Route[]} routes
 * @property {Band[]} bands
 * @property {number} along
 * @property {number} across
 * @property {number} rows How many.
 */

/** @typedef {(TileItem | BlockItem | FrameItem) & Rectangle} MapNode */

/**
 * @typedef {object} Edge
 * @property {string} source
 * @property {Set<string>} targets
 * @property {Point[]} points
 * @property {boolean} round
 * @property {boolean} skip
 * @property {boolean} ends Whether it ends in an arrow.
 */

/**
 * @typedef {Size & {
 *   nodes: MapNode[],
 *   edges: Edge[],
 *   bands: ({ size: string } & Rectangle)[],
 *   rows: number,
 * }} Layout
 */

/**
 * The measures of a map in CSS pixels at zoom 1.
 * @typedef {object} Measures
 * @property {boolean} vertical
 * @property {number} thumb Edge of a thumbnail.
 * @property {number} type How much larger than usual the page's type is.
 * @property {number} line
 * @property {number} tag
 * @property {number} title
 * @property {string} font
 * @property {Omit<Style, "limit">} style
 */

/** @typedef {Record<"text" | "ground" | "second" | "border" | "accent" | "font", string>} Theme */

/**
 * All thumbnails on one canvas, and where each begins, by the name of the step.
 * @typedef {{ sheet: HTMLCanvasElement, places: Map<string, Thumb & { x: number, y: number }> }} Thumbnails
 */

/**
 * What a `Painter` draws with.
 * @typedef {Size & {
 *   camera: Camera,
 *   theme: Theme,
 *   metrics: Measures,
 *   thumbnails: Thumbnails,
 *   operations: Header["operations"],
 * }} Sheet
 */

/**
 * What can be pointed at; `holder` is the key of its node, `box` where it is.
 * @typedef {{ key: string, name: string, steps: string[], holder: string, box: Rectangle }} Pointable
 * @typedef {Pointable & { kind: "step", step: Step, block?: string }} StepUnit
 * @typedef {Pointable & { kind: "block" | "frame", last: Step, block: string }} BlockUnit
 * @typedef {StepUnit | BlockUnit} Unit
 */

/**
 * What the component remembers.
 * @typedef {object} Kept
 * @property {HTMLElement} stage
 * @property {HTMLCanvasElement} canvas
 * @property {HTMLCanvasElement} veil
 * @property {string} [sized] What size the canvases have.
 * @property {HTMLElement} layer Of the buttons.
 * @property {HTMLCanvasElement} small
 * @property {HTMLElement} said
 * @property {HTMLElement} tools
 * @property {HTMLElement} key
 * @property {HTMLInputElement} search
 * @property {HTMLSelectElement} lenses
 * @property {HTMLElement} folds
 * @property {CanvasRenderingContext2D} base
 * @property {CanvasRenderingContext2D} over
 * @property {(name: string, value: string) => void} send Tells Python.
 * @property {Bytes} data What Python sent last.
 * @property {Bytes} body
 * @property {Header} header
 * @property {Graph} graph
 * @property {Thumbnails} thumbnails
 * @property {boolean} strip
 * @property {Set<string>} opened
 * @property {string} lens
 * @property {string | null} chosen
 * @property {Record<string, string[]>} pending What was sent and has not been answered.
 * @property {Record<string, string>} known What Python sent last, by the same names.
 * @property {Theme} theme
 * @property {number} type
 * @property {boolean} vertical
 * @property {number} spread How much longer rows are than the view.
 * @property {number} tallest
 * @property {number} thumb
 * @property {Measures} metrics
 * @property {Layout} layout
 * @property {Map<string, MapNode>} boxes By their key.
 * @property {{ share: number, old: Map<string, MapNode>, leaving: MapNode[] } | null} change While
 *   blocks fold or unfold.
 * @property {Map<string, Unit>} units
 * @property {Map<string, HTMLButtonElement>} buttons
 * @property {string | null | undefined} focused Key of a unit.
 * @property {Unit | null} pointed
 * @property {string[] | null} matches Names of the steps that were searched for.
 * @property {number} match Which of them is looked at.
 * @property {Point} rest How far the view is scrolled at rest.
 * @property {(unit: Unit | null) => void} point
 * @property {(unit: Unit) => void} press Goes into a step, or folds or unfolds a block.
 */

/** @typedef {Held & Kept} NetworkMap */

export {};
