// Types that scripts share, for editors and `tsc`: nothing here is run, or handed to a browser.

/**
 * What Streamlit hands to a component, each time that Python has run.
 * @template D
 * @typedef {object} Given
 * @property {D} data What Python sends: bytes as `packing.py` makes them, or JSON.
 * @property {HTMLElement | ShadowRoot} parentElement Where the component is put.
 * @property {string} key Of the component on its page.
 * @property {(name: string, value: unknown) => void} setTriggerValue Says once that something happened.
 * @property {(name: string, value: unknown) => void} setStateValue Says what is so from now on.
 */

/**
 * A component: what its script exports as default.
 * @template D
 * @typedef {(given: Given<D>) => void} Component
 */

/** @typedef {Uint8Array<ArrayBuffer>} Bytes */

/**
 * Bytes as Streamlit hands them over.
 * @typedef {Bytes | ArrayBuffer} Sent
 */

/**
 * What `unpack` makes of bytes.
 * @template H
 * @typedef {{ header: H, body: Bytes }} Unpacked
 */

/**
 * Red, green and blue, 0 to 255 each.
 * @typedef {number[]} Colour
 */

/**
 * A colour map: two arms from zero's colour, or one that rises.
 * @typedef {object} Palette
 * @property {string} zero What zero's colour is called.
 * @property {Colour[]} [positive]
 * @property {Colour[]} [negative]
 * @property {Colour[]} [rising]
 */

/**
 * Which values the colours stand for.
 * @typedef {object} Scale
 * @property {number} minimum Of the values.
 * @property {number} maximum
 * @property {number} high The largest magnitude: where the colours end.
 * @property {number} low Where codes begin: -high if there are negative values, else 0.
 * @property {boolean} constant Whether all values are the same.
 */

/**
 * A row of numbers.
 * @typedef {number[] | Uint8Array | Int8Array | Uint16Array | Int16Array | Int32Array | Uint32Array | Float32Array | Float64Array} Numbers
 */

/**
 * A row and a column.
 * @typedef {[number, number]} Place
 */

/**
 * A place on a canvas, across and down, in CSS pixels.
 * @typedef {[number, number]} Point
 */

/**
 * A rectangle: left, top, width and height.
 * @typedef {[number, number, number, number]} Box
 */

/**
 * @template T
 * @typedef {T extends string ? string | number : T extends DOMTokenList ? string : T} Written
 */

/**
 * What `element` sets on an element of that tag.
 * @template {keyof HTMLElementTagNameMap} K
 * @typedef {{ [P in Exclude<keyof HTMLElementTagNameMap[K], "dataset" | "style">]?: Written<HTMLElementTagNameMap[K][P]> } & {
 *   dataset?: Record<string, unknown>,
 *   aria?: Record<string, unknown>,
 *   style?: Partial<CSSStyleDeclaration>,
 * }} Properties
 */

export {};
