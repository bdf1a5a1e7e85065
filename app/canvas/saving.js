// The wall as a picture file: every tile as it is drawn, with a legend and a caption.

const PAPER = 16; // room around, in pixels of the page
const MOST_PIXELS = 64e6; // what browsers draw on one canvas
const LONGEST = 16000;

/** Draw the whole wall, with what is out of sight, its legend and its caption. */
function pictureOf(me) {
  const { tiles, header } = me;
  const style = getComputedStyle(me.root);
  const [ink, paper] = [style.color, style.getPropertyValue("--st-background-color") || "#fff"];
  const width = Math.max(560, tiles.totalWidth) + 2 * PAPER;
  const probe = element("canvas").getContext("2d");
  probe.font = "14px system-ui, sans-serif";
  const scale = me.scales.length > 1 ? null : me.scales[0];
  const lines = header.caption.flatMap((line) => wrapped(probe, line, width - 2 * PAPER));
  const foot = 20 * lines.length + (scale ? 30 : 8);
  const height = PAPER + tiles.totalHeight + 8 + foot + PAPER;
  const ratio = Math.min(2, LONGEST / height, LONGEST / width, Math.sqrt(MOST_PIXELS / (width * height)));
  const canvas = element("canvas", { width: Math.round(width * ratio), height: Math.round(height * ratio) });
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  context.fillStyle = paper;
  context.fillRect(0, 0, width, height);
  context.save();
  context.translate(PAPER, PAPER);
  tiles.paint(context, 0, tiles.totalHeight);
  context.restore();
  let y = PAPER + tiles.totalHeight + 24;
  context.fillStyle = ink;
  context.textBaseline = "alphabetic";
  context.textAlign = "left";
  if (scale) {
    y += paintLegend(context, scale, PAPER, y - 12);
    context.fillStyle = ink;
  }
  context.font = "14px system-ui, sans-serif";
  for (const line of lines) {
    context.fillText(line, PAPER, y);
    y += 20;
  }
  return canvas;
}

/** The legend, in the colours of the same function; returns how tall it is. */
function paintLegend(context, scale, left, top) {
  context.font = "14px system-ui, sans-serif";
  const [low, high] = [show(scale.minimum), show(scale.maximum)];
  const start = left + context.measureText(low).width + 8;
  context.fillText(low, left, top + 12);
  context.fillText(high, start + 168, top + 12);
  for (let x = 0; x < 160; x++) {
    context.fillStyle = cssOf(colourOf(scale.minimum + (x / 159) * (scale.maximum - scale.minimum), scale));
    context.fillRect(start + x, top, 1, 14);
  }
  context.strokeStyle = "#808080";
  context.strokeRect(start - 0.5, top - 0.5, 161, 15);
  return 26;
}

function wrapped(context, text, room) {
  const lines = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line ? `${line} ${word}` : word;
    if (line && context.measureText(longer).width > room) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

/** Hand the picture to the visitor as a file; nothing is sent anywhere. */
function savePicture(me) {
  usePalette(me.header.colours);
  pictureOf(me).toBlob((blob) => {
    const link = element("a", { href: URL.createObjectURL(blob), download: me.header.file });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  });
}
