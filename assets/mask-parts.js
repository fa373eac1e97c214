// What the mask painter is made of on the page: tools, stage and foot. It decides how things look and are called; what
// they do is the painter's (mask.js).
(() => {
  "use strict";

  const SVG = "http://www.w3.org/2000/svg";

  // Strokes on a 24 by 24 grid; a path that ends in "Z!" is filled.
  const ICONS = {
    paint: [
      "M20.5 3.5 11 13",
      "M11 13c-3-.8-5.6.9-5.8 3.8-.1 1.6-1 2.4-2.4 2.7 3.6 2 9.2 1 9.4-3.7 0-1.1-.4-2.2-1.2-2.8Z!",
    ],
    erase: [
      "M9 20h11",
      "m3.8 14.2 9.7-9.7a2 2 0 0 1 2.8 0l4 4a2 2 0 0 1 0 2.8L11.6 20H7.9l-4.1-4.1a1.2 1.2 0 0 1 0-1.7Z",
      "m8.5 9.5 6.7 6.7",
    ],
    undo: ["M8.5 4.5 4 9l4.5 4.5", "M4 9h10a5.5 5.5 0 0 1 0 11h-4"],
    redo: ["M15.5 4.5 20 9l-4.5 4.5", "M20 9H10a5.5 5.5 0 0 0 0 11h4"],
    fill: ["M6 4h12a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2Z!"],
    invert: ["M12 3.5a8.5 8.5 0 0 0 0 17Z!", "M12 3.5a8.5 8.5 0 0 1 0 17"],
    clear: ["M4 6.5h16", "M9 6.5V4h6v2.5", "M6 6.5 7 20h10l1-13.5", "M10 10.5v6M14 10.5v6"],
  };

  // Builds the painter's elements and ties them to its actions. Returns those that the painter changes later.
  (window.pentimento ??= {}).maskParts = (painter, sizes) => {
    const paintTool = tool("paint", "Brush", "Paint where the style should go (B)", () => painter.choose(false));
    const eraseTool = tool("erase", "Erase", "Take paint away (E)", () => painter.choose(true));
    const size = slider("Size", "Brush size ([ and ])", sizes, (value) => painter.setSize(value));
    const shares = { min: 0, max: 100, step: 5 };
    const softness = slider("Softness", "How soft the edge is", shares, (value) => painter.setSoftness(value));
    const undo = tool("undo", "Undo", "Undo (Ctrl+Z)", () => painter.undo());
    const redo = tool("redo", "Redo", "Redo (Ctrl+Shift+Z)", () => painter.redo());
    const fill = tool("fill", "Fill", "Paint the whole picture", () => painter.fill());
    const invert = tool("invert", "Invert", "Swap painted and unpainted", () => painter.invert());
    const clear = tool("clear", "Clear", "Take all paint away", () => painter.clear());

    const picture = element("img", "mask-picture", { alt: "", draggable: "false" });
    const canvas = element("canvas", "mask-canvas", {
      tabindex: "0",
      role: "application",
      "aria-roledescription": "painting area",
      "aria-label": "Paint where the style should go. Arrow keys move the brush, Space paints.",
    });
    const ring = element("div", "mask-ring", { "aria-hidden": "true" });
    const frame = element("div", "mask-frame", {}, picture, canvas, ring);

    const status = element("p", "mask-status", { role: "status" });
    const use = element("button", "btn btn-primary mask-use", { type: "button" }, "Use this mask");
    use.addEventListener("click", () => painter.use());

    const body = element(
      "div",
      "mask-painter",
      { role: "group", "aria-label": "Mask painter" },
      element(
        "div",
        "mask-tools",
        { role: "toolbar", "aria-label": "Painting tools" },
        group("mask-brushes", "Tool", paintTool, eraseTool),
        element("div", "mask-sliders", {}, size.body, softness.body),
        group("mask-steps", "Steps", undo, redo),
        group("mask-wholes", "Whole picture", fill, invert, clear),
      ),
      element("div", "mask-stage", {}, frame),
      element("div", "mask-foot", {}, element("span", "mask-swatch", { "aria-hidden": "true" }), status, use),
    );
    return { body, paintTool, eraseTool, size, softness, undo, redo, picture, canvas, ring, frame, status, use };
  };

  function element(tag, className, attributes = {}, ...children) {
    const made = document.createElement(tag);
    made.className = className;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  function group(className, label, ...children) {
    return element("div", `btn-group ${className}`, { role: "group", "aria-label": label }, ...children);
  }

  function tool(name, label, title, action) {
    const text = element("span", "mask-label", {}, label);
    const made = element("button", `btn mask-tool mask-tool-${name}`, { type: "button", title }, icon(name), text);
    made.addEventListener("click", action);
    return made;
  }

  function slider(label, title, { min, max, step }, action) {
    const input = element("input", "form-range", { type: "range", title, min, max, step });
    const output = element("output", "mask-value");
    const body = element("label", "mask-slider", {}, element("span", "mask-slider-name", {}, label), input, output);
    input.addEventListener("input", () => action(Number(input.value)));
    const show = (value) => {
      input.value = value;
      output.textContent = `${Math.round(value)} %`;
      input.setAttribute("aria-valuetext", output.textContent);
    };
    return { body, input, show };
  }

  function icon(name) {
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
  }
})();
