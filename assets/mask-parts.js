// What the mask painter is made of on the page: tools, stage and foot. It decides how things look and are called; what
// they do is the painter's (mask-painter.js).
(() => {
  "use strict";

  const pentimento = (window.pentimento ??= {});
  const PROPOSED = { subject: "Subject", background: "Background", sky: "Sky" };

  // Builds the painter's elements and ties them to its actions. Returns those that the painter changes later.
  pentimento.maskParts = (painter, words, selects, others) => {
    const tools = toolParts(painter, words, selects);
    const stage = stageParts(words, others);
    const foot = footParts(painter, words);
    const suggestions = suggestionParts(selects);
    const body = element(
      "div",
      "mask-painter",
      { role: "group", "aria-label": "Mask painter" },
      tools.body,
      stage.body,
      suggestions.body,
      foot.body,
    );
    return { ...tools, ...stage, ...foot, suggestions, body };
  };

  function toolParts(painter, words, selects) {
    const { SIZE } = pentimento.MaskBrush;
    const selectTool = tool("select", "Select", "Select the thing under a click (S)", () => painter.choose("select"));
    const paintTool = tool("paint", "Brush", `${words.brush} (B)`, () => painter.choose("paint"));
    const eraseTool = tool("erase", "Erase", "Take paint away (E)", () => painter.choose("erase"));
    const moveTool = tool("move", "Move", "", () => painter.choose("move"));
    const undo = tool("undo", "Undo", "Undo (Ctrl+Z)", () => painter.undo());
    const redo = tool("redo", "Redo", "Redo (Ctrl+Shift+Z)", () => painter.redo());
    const out = tool("out", "Zoom out", "Zoom out (-)", () => painter.view.further());
    const closer = tool("in", "Zoom in", "Zoom in (+)", () => painter.view.closer());
    const whole = element("button", "btn mask-tool mask-zoom", { type: "button", title: "Show the whole picture (0)" });
    whole.addEventListener("click", () => painter.view.reset());
    const fill = tool("fill", "Fill", "Paint the whole picture", () => painter.fill());
    const invert = tool("invert", "Invert", "Swap painted and unpainted", () => painter.invert());
    const soften = tool("soften", "Soften", "Make all edges softer", () => painter.soften());
    const clear = tool("clear", "Clear", "Take all paint away", () => painter.clear());

    const shares = { min: 0, max: 100, step: 5 };
    const size = slider("Size", "Brush size ([ and ])", SIZE, (value) => painter.brush.setSize(value));
    const softness = slider("Softness", "How soft the edge is", shares, (value) => painter.brush.setSoftness(value));
    const sliders = element("div", "mask-sliders", {}, size.body, softness.body);
    const selection = selectionParts(painter);
    const choices = [...(selects ? [selectTool] : []), paintTool, eraseTool, moveTool];
    const body = element(
      "div",
      "mask-tools",
      { role: "toolbar", "aria-label": "Painting tools" },
      group("mask-brushes", "Tool", ...choices),
      group("mask-steps", "Steps", undo, redo),
      group("mask-zooms", "Zoom", out, whole, closer),
      group("mask-wholes", "Whole picture", fill, invert, soften, clear),
      element("div", "mask-settings", {}, sliders, selection.body),
    );
    const { addTool, takeTool, extent } = selection;
    const tools = { selectTool, paintTool, eraseTool, moveTool, undo, redo, out, closer, whole };
    return { ...tools, size, softness, sliders, selection: selection.body, addTool, takeTool, extent, body };
  }

  // What the Select tool can be told: whether it adds, and how much.
  function selectionParts(painter) {
    const addTool = tool("", "Add", "A click adds the thing under it", () => painter.selector.choose(false));
    const takeTool = tool("", "Take away", "A click takes away the thing under it, as with Alt", () =>
      painter.selector.choose(true),
    );
    const input = element("input", "form-range", { type: "range", min: 0, step: 1, "aria-label": "How much is selected" });
    input.addEventListener("input", () => painter.selector.setLevel(Number(input.value)));
    const less = element("span", "mask-slider-name", { "aria-hidden": "true" }, "Less");
    const more = element("span", "mask-slider-name", { "aria-hidden": "true" }, "More");
    const steps = (count, at) => {
      input.disabled = count < 2;
      input.title = count < 2 ? "Click on something first: then this makes it less or more" : "How much is selected";
      input.max = Math.max(1, count - 1);
      input.value = at;
      input.setAttribute("aria-valuetext", count < 2 ? "nothing selected" : `${at + 1} of ${count}`);
    };
    const range = element("label", "mask-extent", {}, less, input, more);
    const body = element("div", "mask-selection", {}, group("mask-ways", "A click", addTool, takeTool), range);
    return { addTool, takeTool, extent: { input, steps }, body };
  }

  function stageParts(words, others) {
    const picture = element("img", "mask-picture", { alt: "", draggable: "false" });
    const canvas = element("canvas", "mask-canvas", {
      tabindex: "0",
      role: "application",
      "aria-roledescription": "painting area",
      "aria-label": `${words.brush}. Arrow keys move the tool, Space sets it down.`,
    });
    const ring = element("div", "mask-ring", { "aria-hidden": "true" });
    const layers = others.map(([colour, url]) => {
      const layer = element("div", "region-layer mask-other", { "data-colour": colour });
      layer.style.setProperty("--region-mask", `url("${url}")`);
      return layer;
    });
    const board = element("div", "mask-board", {}, picture, ...layers, canvas, ring);
    const frame = element("div", "mask-frame", {}, board);
    return { picture, canvas, ring, board, frame, body: element("div", "mask-stage", {}, frame) };
  }

  // A place for what the studio proposes, kept from the beginning so that nothing moves when it comes.
  function suggestionParts(selects) {
    const label = element("span", "mask-suggestions-name", {}, "Looking what could be selected …");
    const chips = element("span", "mask-chips");
    const body = element("div", "mask-suggestions", { role: "group", "aria-label": "Suggestions" }, label, chips);
    body.hidden = !selects;
    const offer = (proposed, choose) => {
      label.textContent = "Suggested:";
      chips.replaceChildren(
        ...proposed.map((one) => {
          const name = PROPOSED[one.name];
          const chip = element("button", "btn mask-chip", { type: "button", title: `Select: ${name}` }, name);
          chip.addEventListener("click", () => choose(one));
          return chip;
        }),
      );
    };
    const none = () => {
      label.textContent = "Select takes the thing under a click; with Alt, or Take away, it leaves again.";
    };
    return { body, offer, none };
  }

  function footParts(painter, words) {
    const status = element("p", "mask-status", { role: "status" });
    const chooser = element("input", "", { type: "file", accept: "image/png,image/jpeg,image/webp" });
    chooser.hidden = true;
    chooser.addEventListener("change", () => {
      if (chooser.files.length) painter.open(chooser.files[0]);
      chooser.value = ""; // or choosing the same file twice would change nothing
    });
    const open = tool("open", "Open", "Open a picture as mask: white is painted", () => chooser.click());
    const save = tool("save", "Save", "Save the mask as a PNG file", () => painter.save());
    const use = element("button", "btn btn-primary mask-use", { type: "button" }, words.use);
    use.addEventListener("click", () => painter.use());
    const swatch = element("span", "mask-swatch", { "aria-hidden": "true" });
    const files = group("mask-files", "Mask file", open, save);
    return { status, save, use, body: element("div", "mask-foot", {}, swatch, status, files, chooser, use) };
  }

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

  function tool(icon, label, title, action) {
    const text = element("span", "mask-label", {}, label);
    const made = element("button", "btn mask-tool", { type: "button", title }, text);
    if (icon) {
      made.classList.add(`mask-tool-${icon}`);
      made.prepend(pentimento.maskIcon(icon));
    }
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
})();
