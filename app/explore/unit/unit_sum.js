// Takes the numbers behind one pixel from Python to the unit that is shown, and its questions back.

import { remember, unpack } from "../../canvas/shared.js";
import { letterBox, putLetter } from "./letters.js";

/** @import { Given, Sent, Unpacked } from "../../canvas/types.js" */
/** @import { AnyLetter } from "./letters.js" */

/** @param {Given<Sent>} given */
export default function ({ data, parentElement, setTriggerValue }) {
  const box = letterBox("unit");
  const me = remember(parentElement, () => ({ data: /** @type {Sent | null} */ (null) }));
  /** @type {Unpacked<AnyLetter>} */
  const letter = unpack(data);
  if (letter.header.letter === "sum") box.send = (wish) => setTriggerValue("ask", wish);
  if (me.data === data) return;
  me.data = data;
  putLetter(box, letter);
}
