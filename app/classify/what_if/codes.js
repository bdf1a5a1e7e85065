// What is changed and painted, as short words for the address: as `in_address.py` reads and writes them.

/**
 * Paint over the picture, in whole percent of its edge.
 * @typedef {object} Mark
 * @property {string} kind "r" for a rectangle, "b" for a stroke of a brush
 * @property {string} colour six hexadecimal digits
 * @property {number[]} numbers left, top, width and height; or the radius, then the points
 */

/**
 * What one address can take.
 * @typedef {object} Limits
 * @property {number} letters of all changes together, and likewise of all paint
 * @property {number} changes of the network
 * @property {number} marks on the picture
 * @property {number} points of one stroke
 */

export const JOINT = "~";

/** @param {string} text */
export function codesOf(text) {
  return text.split(JOINT).filter(Boolean);
}

/**
 * One change of the network: "mute:conv1:3,5-8", or "mute:a>b" for a whole branch.
 * @param {string} kind
 * @param {string} where a step, or "step>into" for a branch that another one reads
 * @param {Iterable<number> | null} channels null for all that there are
 */
export function writeChange(kind, where, channels = null) {
  return channels === null ? `${kind}:${where}` : `${kind}:${where}:${writeRanges(channels)}`;
}

/**
 * The changes with one more; null if one address cannot take it.
 * @param {string} text
 * @param {string} code
 * @param {Limits} limits
 */
export function withChange(text, code, { changes, letters }) {
  const codes = codesOf(text);
  const longer = [...codes.filter((each) => each !== code), code].join(JOINT);
  return codes.length >= changes || longer.length > letters ? null : longer;
}

/**
 * Numbers as ranges: "3,5-8".
 * @param {Iterable<number>} numbers
 */
export function writeRanges(numbers) {
  /** @type {[number, number][]} */
  const runs = [];
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last && number === last[1] + 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(",");
}

/**
 * The numbers below `count` that are meant, however they are separated.
 * @param {string} text
 * @param {number} count
 * @returns {Set<number>}
 */
export function readRanges(text, count) {
  const found = new Set();
  for (const [, from, to] of text.replaceAll("–", "-").matchAll(/(\d+)\s*(?:-\s*(\d+))?/g)) {
    for (let each = Number(from); each <= Math.min(Number(to ?? from), count - 1); each++)
      found.add(each);
  }
  return found;
}

/**
 * @param {string} text
 * @returns {Mark[]}
 */
export function readMarks(text) {
  return codesOf(text).map((code) => {
    const [kind, colour, ...numbers] = code.split(".");
    return { kind, colour, numbers: numbers.map(Number) };
  });
}

/** @param {Mark[]} marks */
export function writeMarks(marks) {
  return marks.map(({ kind, colour, numbers }) => [kind, colour, ...numbers].join(".")).join(JOINT);
}
