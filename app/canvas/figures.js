// Numbers as a visitor reads them.

/**
 * A number with as many digits as help, and a true minus sign.
 * @param {number | null} value
 * @param {number} [digits]
 */
export function show(value, digits = 4) {
  if (value === null || Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+∞" : "−∞";
  const size = Math.abs(value);
  const text =
    size !== 0 && (size < 1e-3 || size >= 1e5)
      ? value.toExponential(digits - 2)
      : String(Number(value.toPrecision(digits)));
  return text.replaceAll("-", "−");
}

/**
 * A share of one as a percentage with as many digits as say something, as `share_in_words` does.
 * @param {number} share
 */
export function shareInWords(share) {
  const value = 100 * share;
  if (value >= 99.95) return share === 1 ? "100 %" : "> 99.9 %";
  if (value >= 10) return `${value.toFixed(1)} %`;
  return value >= 0.01 ? `${value.toFixed(2)} %` : "< 0.01 %";
}
