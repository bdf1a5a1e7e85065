// The arithmetic of a convolution, as `ali5.labs.arithmetic` does it.

/** How the window moves along one axis, as `ali5.labs.arithmetic` works it out; `why` if it cannot. */
export function axisOf(size, s) {
  const extent = (s.kernel - 1) * s.dilation + 1;
  let before = 0;
  let after = 0;
  if (s.padding === "full") before = after = extent - 1;
  if (s.padding === "number") before = after = s.border;
  if (s.padding === "same") {
    const whole = Math.max((Math.ceil(size / s.stride) - 1) * s.stride + extent - size, 0);
    before = Math.floor(whole / 2);
    after = whole - before;
  }
  const most = { reflect: size - 1, circular: size }[s.mode] ?? Infinity;
  let why = null;
  if (after > most) why = `the border can take at most ${most} pixels from the picture`;
  if (extent > size + before + after) why = "the window must fit into the picture and its border";
  const count = Math.floor((size + before + after - extent) / s.stride) + 1;
  return { size, extent, before, after, count, why };
}

/** Where a place outside the picture takes its number from; -1 for zeros. */
function sourceOf(place, size, mode) {
  if (place >= 0 && place < size) return place;
  if (mode === "zeros") return -1;
  if (mode === "replicate") return Math.max(0, Math.min(size - 1, place));
  if (mode === "circular") return ((place % size) + size) % size;
  return place < 0 ? -place : 2 * (size - 1) - place;
}

export function padded(plane, rows, columns, mode) {
  const [height, width] = [
    rows.size + rows.before + rows.after,
    columns.size + columns.before + columns.after,
  ];
  const out = new Float64Array(height * width);
  const from = Array.from({ length: width }, (_, x) =>
    sourceOf(x - columns.before, columns.size, mode),
  );
  for (let y = 0; y < height; y++) {
    const row = sourceOf(y - rows.before, rows.size, mode);
    if (row < 0) continue;
    for (let x = 0; x < width; x++) {
      if (from[x] >= 0) out[y * width + x] = plane[row * columns.size + from[x]];
    }
  }
  return { height, width, values: out };
}

export function convolved(border, weights, rows, columns, s) {
  const out = new Float64Array(rows.count * columns.count);
  for (let i = 0; i < s.kernel; i++) {
    for (let j = 0; j < s.kernel; j++) {
      const weight = weights[i][j];
      if (weight === 0) continue;
      for (let r = 0; r < rows.count; r++) {
        let at = (r * s.stride + i * s.dilation) * border.width + j * s.dilation;
        const end = (r + 1) * columns.count;
        for (let o = r * columns.count; o < end; o++) {
          out[o] += weight * border.values[at];
          at += s.stride;
        }
      }
    }
  }
  return out;
}
