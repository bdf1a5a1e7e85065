// Types of the final layer's lab, for editors and `tsc`: nothing here is run.

/** @import { Choice, Control, Slider } from "../../canvas/controls.js" */
/** @import { Grid } from "../../canvas/grid.js" */
/** @import { Folded, Lab, Player } from "../../canvas/lab.js" */
/** @import { RegionGrid } from "../../canvas/regions.js" */

/**
 * What is set; `Settings` in `settings.py` says what each is.
 * @typedef {object} Settings
 * @property {number} size
 * @property {number} channels
 * @property {number} classes
 * @property {number} seed
 * @property {Edges} edges
 * @property {number} unit
 * @property {Record<string, number>} cells By "channel,row,column".
 * @property {Record<string, number>} weights By "class,channel,row,column" or "class,bias".
 * @property {Source} source
 * @property {string} temperature
 * @property {number} constant
 * @property {Record<string, number>} moved By the number of a class, or "rest".
 * @property {string} token
 * @property {string} network
 * @property {string} a
 * @property {string} b
 * @property {number} listed
 * @property {number} cover
 * @property {Look} look
 */

/** @typedef {"weights" | "products"} Edges */
/** @typedef {"toy" | "network"} Source */
/** @typedef {"cells" | "smooth"} Look */

/**
 * Smallest and largest value.
 * @typedef {[least: number, most: number]} Limit
 */

/**
 * The small layer as it is before anything is changed, in its largest size.
 * @typedef {object} SentToy
 * @property {number[]} cells
 * @property {number[][]} weights For every seed.
 * @property {number[][]} biases For every seed.
 */

/**
 * What the network answered.
 * @typedef {object} Answer
 * @property {string} title Of the network.
 * @property {boolean} trained
 * @property {number} best How many classes are shown one by one.
 * @property {[number: number, name: string, logit: number, share: string][]} classes Most likely first.
 */

/**
 * The terms at the last layer that add up to the difference of two logits.
 * @typedef {object} Why
 * @property {number} a Number of a class.
 * @property {number} b
 * @property {[a: string, b: string]} names
 * @property {[a: number, b: number]} logits
 * @property {string} layer Name of the last layer.
 * @property {string} source Name of the step that it looks at.
 * @property {boolean} averaged Whether its maps are averaged.
 * @property {number} total The difference.
 * @property {number} bias The difference of the biases.
 * @property {number} count Of all channels or units.
 * @property {[count: number, sum: number]} for Those that speak for A.
 * @property {[count: number, sum: number]} against
 * @property {Row[]} rows Strongest for A first, then strongest against.
 * @property {Limit} range Of the features.
 * @property {{ height: number, width: number } | null} map Of the maps, if the features have a place.
 * @property {{ height: number, width: number }} photo
 * @property {number} sees Rows of pixels that a place can look at.
 * @property {number} edge Of the picture that the network sees.
 */

/**
 * A channel or unit; one with many weights has no single one.
 * @typedef {{ number: number, product: number, feature: number | null, weight: number | null }} Row
 */

/**
 * A line of the list, with the running total.
 * @typedef {object} Term
 * @property {"row" | "rest" | "bias"} kind
 * @property {string} name
 * @property {number} product What it adds.
 * @property {number} before
 * @property {number} after
 * @property {number} index Of its row, -1 for none.
 * @property {number | null} feature
 * @property {number | null} weight
 */

/**
 * @typedef {object} Header
 * @property {Settings} settings As the address has them.
 * @property {Settings} opening What the lab begins with.
 * @property {Limits} limits
 * @property {string} colours Name of the colour map.
 * @property {SentToy} toy
 * @property {string[]} temperatures
 * @property {[id: string, title: string][]} networks
 * @property {string} first Id of the one that is chosen when the address names none.
 * @property {string} token Names the network's logits on this picture.
 * @property {string} refusal Why there is no answer, or no terms; "" if there are.
 * @property {Answer | null} answer
 * @property {Why | null} why
 */

/** @typedef {{ [name in "size" | "channels" | "classes" | "seed" | "listed" | "cover" | "constant" | "moved" | "number"]: Limit }} Limits */

/**
 * The small layer, worked out.
 * @typedef {object} Toy
 * @property {[channel: number, row: number, column: number][]} places Of every cell of the vector.
 * @property {number[]} vector
 * @property {number[][]} weights By class.
 * @property {number[]} biases
 * @property {number[][]} products By class.
 * @property {number[]} logits
 * @property {number[][]} maps
 * @property {number} area Cells of a map.
 */

/**
 * A class, or several together: what softmax gets.
 * @typedef {{ key: string, name: string, logits: number[] }} Entering
 */

/**
 * Every term of a softmax, for each row.
 * @typedef {object} Terms
 * @property {number[]} logits
 * @property {number[]} divided
 * @property {number} largest
 * @property {number[]} shifted
 * @property {number[]} exponentials
 * @property {number} total
 * @property {number[]} shares
 */

/**
 * A part of the page.
 * @template {Record<string, Control>} C
 * @typedef {{ root: HTMLElement, bench: HTMLElement, controls: C }} Part
 */

/**
 * @typedef {Part<{ size: Slider, channels: Slider, classes: Slider, seed: Slider, bias: Slider, edges: Choice<Edges> }> & {
 *   maps: Grid[],
 *   weightGrids: Grid[],
 *   productGrids: Grid[],
 *   nodes: { node: HTMLButtonElement, value: HTMLElement }[],
 *   formula: HTMLElement,
 *   mapColumn: HTMLElement,
 *   vector: Grid,
 *   field: HTMLCanvasElement,
 *   nodeColumn: HTMLElement,
 *   over: HTMLCanvasElement,
 *   network: HTMLElement,
 *   legend: HTMLElement,
 *   said: HTMLElement,
 *   sumTitle: HTMLElement,
 *   sum: HTMLElement,
 *   sumLine: HTMLElement,
 *   slide?: number,
 *   key?: string,
 *   context?: CanvasRenderingContext2D,
 *   size: { width: number, height: number, cell: number },
 * }} Flat
 * `slide` is how far the next cell is on its way, 0..1; `key` tells what the grids were made for.
 */

/** @typedef {"logit" | "divided" | "shifted" | "exponential" | "share"} Stage */

/**
 * @typedef {object} Column
 * @property {string} colour
 * @property {HTMLElement} fill
 * @property {HTMLElement} zero
 * @property {HTMLElement} ghost
 * @property {HTMLElement} lever
 * @property {HTMLElement} share
 * @property {Record<Stage, HTMLElement>} numbers
 * @property {HTMLElement} head
 * @property {HTMLElement} track
 */

/**
 * @typedef {Part<{ source: Choice<Source>, temperature: Slider, constant: Slider }> & {
 *   columns: Column[],
 *   captions: Record<Stage, HTMLElement>,
 *   shownKey: string | null,
 *   back: HTMLButtonElement,
 *   pipeline: HTMLElement,
 *   said: HTMLElement,
 *   chart: HTMLCanvasElement,
 *   limits: HTMLElement,
 *   proof: HTMLElement,
 *   rows: Entering[],
 *   terms: Terms,
 *   original: number[],
 *   range: Limit,
 *   all: number[][],
 *   dragging?: boolean,
 * }} Soft
 * `original` are the logits before anything was dragged, `range` the ends of the levers, `all` the
 * shares at every temperature.
 */

/**
 * @typedef {Part<{ network: Choice<string>, a: Choice<string>, b: Choice<string>, listed: Slider, cover: Slider, look: Choice<Look> }> & {
 *   pointed: number | null,
 *   offered: Record<string, string>,
 *   chosen: [a: string, b: string],
 *   shown?: string,
 *   terms: Term[],
 *   regions: Float32Array,
 *   maps: Float32Array,
 *   places: Float32Array,
 *   photo: HTMLCanvasElement,
 *   width?: number,
 *   swap: HTMLButtonElement,
 *   sum: HTMLElement,
 *   refusal: HTMLElement,
 *   grid: RegionGrid,
 *   plain: HTMLCanvasElement,
 *   plainFigure: HTMLElement,
 *   legend: HTMLElement,
 *   account: HTMLElement,
 *   side: HTMLElement,
 *   list: HTMLElement,
 *   said: HTMLElement,
 *   body: HTMLElement,
 *   note: HTMLElement,
 * }} Asked
 * `pointed` is the term that is pointed at.
 */

/**
 * What is pointed at in the small layer: a cell of the vector, a class, or both.
 * @typedef {{ cell?: number | null, unit?: number | null }} Pointed
 */

/**
 * @typedef {Lab<Settings, Header> & Folded & {
 *   player: Player,
 *   pointed: Pointed | null,
 *   toy: Toy,
 *   flat: Flat,
 *   soft: Soft,
 *   asked: Asked,
 *   commit: () => void,
 *   change: (changes: Partial<Settings>) => void,
 *   choose: (changes: Partial<Settings>) => void,
 * }} FinalLayer
 */

export {};
