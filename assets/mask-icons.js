// The mask painter's icons: strokes on a 24 by 24 grid; a path that ends in "Z!" is filled.
(() => {
  "use strict";

  const SVG = "http://www.w3.org/2000/svg";

  const ICONS = {
    select: ["M5 3.5 18.5 10l-5.7 2-2 5.7Z!", "M14.5 14.5 20 20"],
    paint: [
      "M20.5 3.5 11 13",
      "M11 13c-3-.8-5.6.9-5.8 3.8-.1 1.6-1 2.4-2.4 2.7 3.6 2 9.2 1 9.4-3.7 0-1.1-.4-2.2-1.2-2.8Z!",
    ],
    erase: [
      "M9 20h11",
      "m3.8 14.2 9.7-9.7a2 2 0 0 1 2.8 0l4 4a2 2 0 0 1 0 2.8L11.6 20H7.9l-4.1-4.1a1.2 1.2 0 0 1 0-1.7Z",
      "m8.5 9.5 6.7 6.7",
    ],
    move: [
      "M12 3v18M3 12h18",
      "m9.5 5.5 2.5-2.5 2.5 2.5M9.5 18.5 12 21l2.5-2.5",
      "M5.5 9.5 3 12l2.5 2.5M18.5 9.5 21 12l-2.5 2.5",
    ],
    undo: ["M8.5 4.5 4 9l4.5 4.5", "M4 9h10a5.5 5.5 0 0 1 0 11h-4"],
    redo: ["M15.5 4.5 20 9l-4.5 4.5", "M20 9H10a5.5 5.5 0 0 0 0 11h4"],
    fill: ["M6 4h12a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2Z!"],
    invert: ["M12 3.5a8.5 8.5 0 0 0 0 17Z!", "M12 3.5a8.5 8.5 0 0 1 0 17"],
    soften: [
      "M12 9.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5Z!",
      "M12 5v.01M17 7v.01M19 12v.01M17 17v.01M12 19v.01M7 17v.01M5 12v.01M7 7v.01",
    ],
    clear: ["M4 6.5h16", "M9 6.5V4h6v2.5", "M6 6.5 7 20h10l1-13.5", "M10 10.5v6M14 10.5v6"],
    out: ["M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Z", "m15.5 15.5 5 5", "M7.5 10.5h6"],
    in: ["M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Z", "m15.5 15.5 5 5", "M7.5 10.5h6M10.5 7.5v6"],
    open: ["M12 16V4", "m7 9 5-5 5 5", "M4 15v4a1.5 1.5 0 0 0 1.5 1.5h13A1.5 1.5 0 0 0 20 19v-4"],
    save: ["M12 4v12", "m7 11 5 5 5-5", "M4 15v4a1.5 1.5 0 0 0 1.5 1.5h13A1.5 1.5 0 0 0 20 19v-4"],
  };

  (window.pentimento ??= {}).maskIcon = (name) => {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("class", "mask-icon");
    svg.setAttribute("aria-hidden", "true");
    for (const drawing of ICONS[name]) {
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("d", drawing.replace("!", ""));
      if (drawing.endsWith("!")) path.setAttribute("fill", "currentColor");
      svg.append(path);
    }
    return svg;
  };
})();
