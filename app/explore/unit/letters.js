// A letter box that components share: what Python sends to one reaches the other without sending
// the rest again.

export function letterBox(name) {
  const boxes = (globalThis.ali5Letters ??= new Map());
  if (!boxes.has(name)) boxes.set(name, { letters: new Map(), read: null, send: null });
  return boxes.get(name);
}

/** Put in what Python sent under a name, in place of what was there; tell who reads. */
export function putLetter(box, name, letter) {
  box.letters.set(name, letter);
  box.read?.(name, letter);
}

/** An array among the raw bytes: where it starts, how many numbers, of which type. */
export function arrayOf(body, place) {
  if (!place) return null;
  const types = { f4: Float32Array, f8: Float64Array, u1: Uint8Array, i4: Int32Array };
  return new types[place.type](body.buffer, place.at, place.count);
}
