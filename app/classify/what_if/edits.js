// What is done to the picture: in words, and drawn here while it is being dragged.

/** @import { Change } from "../../canvas/photo.js" */
/** @import { WhatIf, Texts } from "./what_if.js" */

import { show } from "../../canvas/figures.js";
import { changedPhoto } from "../../canvas/photo.js";
import { JOINT, readMarks } from "./codes.js";
import { paintOver } from "./marks.js";

export const EDITS = ["crop", "cropx", "cropy", "blur", "turn", "right", "down", "grey", "paint"];

const DRAWN_AT_ONCE_PX = 128; // larger pictures wait for Python: the browser would stutter

/**
 * What an edit of the picture is called; "" if it is not made.
 * @param {Pick<WhatIf, "s" | "header">} me
 * @param {string} name
 */
export function editWords({ s, header }, name) {
  if (s[name] === header.opening[name]) return "";
  const value = Number(s[name]);
  const percent = `${show(Math.abs(value))} %`;
  switch (name) {
    case "crop":
      return `picture cropped to ${percent}`;
    case "blur":
      return `picture blurred by ${percent}`;
    case "turn":
      return `picture turned by ${show(value)}°`;
    case "right":
      return `picture moved ${percent} to the ${value > 0 ? "right" : "left"}`;
    case "down":
      return `picture moved ${percent} ${value > 0 ? "down" : "up"}`;
    case "grey":
      return "picture in grey";
    case "paint": {
      const count = s.paint.split(JOINT).length;
      return `painted over: ${count} ${count === 1 ? "mark" : "marks"}`;
    }
    default:
      return s.crop === header.opening.crop
        ? ""
        : `crop lies at ${percent} ${name === "cropx" ? "across" : "down"}`;
  }
}

/**
 * A share of the edge in whole pixels; a half goes to the even one, as Python rounds.
 * @param {string} percent
 * @param {number} size
 */
export function pixelsOf(percent, size) {
  const exact = (Number(percent) * size) / 100;
  const below = Math.floor(exact);
  return exact - below === 0.5 ? below + Math.abs(below % 2) : Math.round(exact);
}

/**
 * What is done to a cropped picture of that many pixels before it is painted over.
 * @param {Texts} s
 * @param {number} size
 * @returns {Change}
 */
export function changeOf(s, size) {
  return {
    grey: s.grey === "yes",
    blur: (Number(s.blur) * size) / 100,
    turn: Number(s.turn),
    right: pixelsOf(s.right, size),
    down: pixelsOf(s.down, size),
    shuffle: 0,
  };
}

/**
 * A picture out of the body, RGB bytes.
 * @param {WhatIf} me
 * @param {number} at
 */
export function pictureBytes(me, at) {
  const { size } = me.header.picture;
  return me.body.subarray(at, at + 3 * size * size);
}

/**
 * The edited picture as RGB bytes: Python's, or drawn here while something is being dragged.
 * @param {WhatIf} me
 */
export function editedBytes(me) {
  const { s, header } = me;
  const { picture, settings } = header;
  const { size } = picture;
  const key = EDITS.map((name) => s[name]).join("|");
  if (EDITS.every((name) => s[name] === settings[name]) || header.pictureRefusal)
    return pictureBytes(me, picture.edited);
  if (me.drawnOf?.key === key && me.drawnOf.body === me.body) return me.drawnOf.bytes;
  let bytes = pictureBytes(me, picture.edited).slice();
  if (size <= DRAWN_AT_ONCE_PX)
    bytes = changedPhoto(pictureBytes(me, picture.cropped), size, changeOf(s, size));
  paintOver(bytes, size, readMarks(s.paint), picture.grey);
  me.drawnOf = { key, body: me.body, bytes };
  return bytes;
}
