// Takes the numbers behind one pixel from Python to the unit that is shown, and its questions back.
// Header: `letter`, which of the letters it is, and what that holds (see unit.js).

import { remember, unpack } from "../../canvas/shared.js";
import { letterBox, putLetter } from "./letters.js";

export default function ({ data, parentElement, setTriggerValue }) {
  const box = letterBox("unit");
  const me = remember(parentElement, () => ({}));
  const { header, body } = unpack(data);
  if (header.letter === "sum") box.send = (wish) => setTriggerValue("ask", wish);
  if (me.data === data) return;
  me.data = data;
  putLetter(box, header.letter, { header, body });
}
