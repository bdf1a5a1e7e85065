// Types of the stacking lab, for editors and `tsc`: nothing here is run.

/** @import { Choice, Slider } from "../../canvas/controls.js" */
/** @import { Grid } from "../../canvas/grid.js" */
/** @import { Asking, Folded, Framed, Lab, Player } from "../../canvas/lab.js" */
/** @import { Change } from "../../canvas/photo.js" */
/** @import { Bytes, Place } from "../../canvas/types.js" */
/** @import { MapTile } from "./tile.js" */

/** @typedef {{ kind: "conv", channels: number, kernel: number, stride: number, padding: number }} Convolution */
/** @typedef {{ kind: "first", network: string, stride: number, padding: number }} FirstConvolution */
/** @typedef {{ kind: "pool", keep: "max" | "average", kernel: number, stride: number, padding: number, over: boolean }} Pooling */
/** @typedef {{ kind: "bn", network: string }} FirstBatchNorm */
/** @typedef {{ kind: "relu" } | { kind: "tanh" } | { kind: "lrn" }} Plain */

/**
 * A layer as Python takes it.
 * @typedef {Convolution | FirstConvolution | Pooling | FirstBatchNorm | Plain} Layer
 */

/**
 * What is set: of the photo, what is done to it; of the stack, its layers and what is looked at.
 * @typedef {Change & {
 *   stack: Layer[],
 *   size: number,
 *   layer: number,
 *   channel: number,
 * }} Settings
 */

/**
 * A first stage of a network that a stack can begin with.
 * @typedef {object} Known
 * @property {string} title Of the network.
 * @property {boolean} trained Whether its weights learned anything.
 * @property {number} channels That its first convolution makes.
 * @property {number} inputs That it looks at.
 * @property {number} kernel Its edge.
 * @property {number} parameters Of the convolution.
 * @property {number} norm Parameters of its batch normalisation, 0 if there is none.
 * @property {number} size Edge of the photo that it sees.
 * @property {Layer[]} stack The stage.
 */

/** @typedef {Record<string, Known>} Networks */

/**
 * Maps or kernels as codes, where they begin in the body.
 * @typedef {object} Tiles
 * @property {number} at
 * @property {number} count
 * @property {number} height
 * @property {number} width
 * @property {number[]} scale Smallest and largest value.
 */

/** @typedef {"equivariance" | "invariance"} MeterName */

/**
 * How the maps of a layer answer to the change; null where nothing can be compared.
 * @typedef {{ [name in MeterName]: number | null } & { compared: number }} Meters
 */

/**
 * What Python says of a layer that works.
 * @typedef {object} About
 * @property {string} name
 * @property {Meters} meter
 * @property {Tiles} thumb Its strongest maps, small.
 * @property {Tiles & { titles: string[] }} [wall] All of its maps, if it is the chosen one.
 * @property {Tiles & { colour: boolean }} [kernels] Of a first convolution.
 * @property {Tiles & { channel: number, alike: number | null, seen: number }} [pair] One map of the
 *   changed photo, its counterpart and their difference; `seen` is where the mask begins of what
 *   was compared.
 */

/** @typedef {{ name: string, colour: string, sentence: string }} OperationWords */

/**
 * @typedef {object} Header
 * @property {Settings} settings As the address has them.
 * @property {Settings} opening What the lab begins with.
 * @property {About[]} layers Those that work.
 * @property {{ layer: number, why: string } | null} broken What stops the stack.
 * @property {Networks} networks
 * @property {number} most Multiply–adds that the lab computes.
 * @property {{ layers: number } & { [name in "channels" | "kernel" | "pool" | "stride"]: [number, number] }} limits
 *   Most layers; smallest and largest setting of one.
 * @property {{ [name in RangeName]: [min: number, max: number, step: number] }} ranges
 * @property {number[]} tiles Edges of squares to shuffle.
 * @property {Record<string, OperationWords>} operations By kind of layer; a pooling's is what it keeps.
 * @property {string} photoColour
 * @property {string} colours Name of the colour map.
 */

/** @typedef {"size" | "right" | "down" | "turn" | "blur"} RangeName */

/**
 * A layer that works.
 * @typedef {object} Working
 * @property {string} name
 * @property {{ channels: number, edge: number }} before What comes in.
 * @property {[channels: number, rows: number, columns: number]} shape
 * @property {string} formula Of the edge; "" if it stays.
 * @property {number} parameters
 * @property {number} multiplyAdds
 * @property {Field} field
 * @property {undefined} [why]
 * @property {undefined} [idle]
 */

/**
 * The first that does not work.
 * @typedef {object} Stopped
 * @property {string} name
 * @property {{ channels: number, edge: number }} before
 * @property {string} why
 * @property {undefined} [shape]
 * @property {undefined} [formula]
 * @property {undefined} [parameters]
 * @property {undefined} [multiplyAdds]
 * @property {undefined} [field]
 * @property {undefined} [idle]
 */

/**
 * One behind it.
 * @typedef {object} Idle
 * @property {string} name
 * @property {true} idle
 * @property {undefined} [before]
 * @property {undefined} [why]
 * @property {undefined} [shape]
 * @property {undefined} [formula]
 * @property {undefined} [parameters]
 * @property {undefined} [multiplyAdds]
 * @property {undefined} [field]
 */

/** @typedef {Working | Stopped | Idle} Outline */

/**
 * What one number sees, in pixels of the photo: how many, how far to the next, where the first begins.
 * @typedef {[size: number, stride: number, offset: number]} Field
 */

/**
 * What is pointed at: a pixel of the photo, a layer, a number of one of its maps or of the pair.
 * @typedef {object} Pointed
 * @property {Place} [photo]
 * @property {number} [layer] From 0.
 * @property {Place} [place]
 * @property {number} [channel]
 * @property {number} [pair]
 */

/**
 * What can be done with the layers.
 * @typedef {object} Acts
 * @property {(channel: number) => void} compare
 * @property {(index: number) => void} choose
 * @property {(kind: NewKind) => void} add
 * @property {(index: number) => void} remove
 * @property {(index: number, by: number) => void} move
 * @property {(pointed: Pointed | null) => void} point
 */

/** @typedef {"conv" | "relu" | "max" | "average"} NewKind */

/**
 * The controls of the chosen layer.
 * @typedef {object} Own
 * @property {Slider} channels
 * @property {Slider} kernel
 * @property {Slider} stride
 * @property {Slider} padding
 * @property {Choice<"max" | "average">} keep
 * @property {Choice<"no" | "yes">} over
 */

/** @typedef {{ [name in RangeName]: Slider } & { shuffle: Choice<string>, grey: Choice<"no" | "yes"> }} Controls */

/**
 * @typedef {object} Parts
 * @property {Bytes} body The photo (RGB), and codes.
 * @property {Outline[]} outline Of what is set.
 * @property {Pointed | null} pointed
 * @property {string | null} [focus] What is to have the focus once the cards are made anew.
 * @property {Uint8Array} [changed] The changed photo, RGB.
 * @property {string | null} [photoOf] The change that it was made by.
 * @property {Player} player
 * @property {Controls} controls
 * @property {Own} own
 * @property {Acts} acts
 * @property {Choice<string>} preset
 * @property {HTMLButtonElement[]} adders
 * @property {HTMLElement} start
 * @property {HTMLElement} photoBox
 * @property {Grid} photo
 * @property {Grid} mini
 * @property {HTMLButtonElement} undo
 * @property {HTMLElement} formula
 * @property {HTMLElement} cards
 * @property {HTMLElement} stop
 * @property {HTMLElement} watch
 * @property {HTMLElement} said
 * @property {HTMLElement} story
 * @property {HTMLTableElement} growth
 * @property {HTMLElement} panel
 * @property {HTMLElement} title
 * @property {HTMLElement} sentence
 * @property {HTMLElement} wall
 * @property {HTMLElement} legend
 * @property {HTMLElement} compare
 * @property {HTMLElement} pairTitle
 * @property {HTMLElement} pairWords
 * @property {HTMLElement} pairRow
 * @property {MapTile[]} tiles The maps of the chosen layer.
 * @property {MapTile[]} pair
 */

/** @typedef {Lab<Settings, Header> & Asking & Framed & Folded & Parts} Stacking */

export {};
