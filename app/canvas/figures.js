// Numbers as a visitor reads them: as `ali5/figures.py` writes them, which is tested. Both round the
// exact value of a number, and what lies in the middle away from zero.

const PLAIN_FROM = 1e-3; // what is smaller is written with a power of ten
const PLAIN_TO = 1e5; // and so is what is not smaller than this

/**
 * A number with as many digits as help, and a true minus sign.
 * @param {number | null} value
 * @param {number} [digits] Significant ones at most, 2 or more; one less before a power of ten.
 */
export function show(value, digits = 4) {
  if (value === null || Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+∞" : "−∞";
  const size = Math.abs(value);
  if (size === 0 || (size >= PLAIN_FROM && size < PLAIN_TO))
    return truly(Number(value.toPrecision(digits)));
  const [mantissa, power] = value.toExponential(digits - 2).split("e");
  return truly(`${Number(mantissa)}e${power}`);
}

/**
 * A number as text, with a true minus sign.
 * @param {number | string} text
 */
export function truly(text) {
  return String(text).replaceAll("-", "−");
}

/**
 * A number with its sign, also if it is above zero.
 * @param {number} value
 * @param {number} [digits]
 */
export function signed(value, digits = 4) {
  const text = show(value, digits);
  return value > 0 && !text.startsWith("+") ? `+${text}` : text;
}

/**
 * A number for the middle of a formula: in brackets if it is negative.
 * @param {number} value
 * @param {number} [digits]
 */
export function inBrackets(value, digits = 3) {
  const text = show(value, digits);
  return value < 0 ? `(${text})` : text;
}

/**
 * A share of one as a percentage with as many digits as say something.
 * @param {number} share
 */
export function shareInWords(share) {
  const value = 100 * share;
  if (Number.isNaN(value)) return "not a number";
  if (value >= 99.95) return share === 1 ? "100 %" : "> 99.9 %";
  if (value >= 10) return `${value.toFixed(1)} %`;
  return value >= 0.01 ? `${value.toFixed(2)} %` : "< 0.01 %";
}
