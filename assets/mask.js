// The mask painter: a veil is painted over a picture where the style should go.
//
//   <div data-mask-painter="store-id"     the dcc.Store that hears of the mask
//        data-mask-key                    what of the store's the mask is for: each key has a draft of its own
//        data-mask-of                     the id of the picture to paint over
//        data-mask-content="URL"          that picture
//        data-mask-width data-mask-height its size (else that of what the URL shows)
//        data-mask-current="URL"          a mask to go on with; changing it is an edit that can be undone
//        data-mask-select="URL"           the picture at the studio, which then selects things in it
//        data-mask-words                  "mask", "region" or "guide": how it speaks (mask-words.js)
//        data-mask-colour                 of the veil, by the names of mask.css
//        data-mask-others>                "colour URL" of other masks of the picture, faintly shown, parted by commas
//
// "Use" uploads a grey PNG (white is painted) and puts {id, width, height, url, ..., share, key, of, at} into the
// store; `share` is the painted part, 0 to 1. The div lives in a dialog that comes and goes: what was painted is kept for as
// long as the page lives and the picture stays the same.
//
// window.pentimento.mask.painter("store-id") gives the painter on the page (fill, clear, invert, soften, undo, redo,
// use).
(() => {
  "use strict";

  const SIZE_KEY_FACTOR = 1.2;

  const pentimento = (window.pentimento ??= {});

  // ---------------------------------------------------------------------------------------------- keys

  // Shortcuts work anywhere in the dialog, not only with the canvas focused, but never while someone is typing.
  document.addEventListener("keydown", (event) => {
    const painter = [...painters.values()].find(({ root }) => root.getClientRects().length);
    if (!painter || event.target.closest?.("input:not([type=range]), textarea, select, [contenteditable]")) return;
    const action = shortcut(event, painter);
    if (!action) return;
    event.preventDefault();
    action();
  });

  function shortcut(event, painter) {
    const key = event.key.toLowerCase();
    if (event.ctrlKey || event.metaKey) {
      if (key === "z") return () => (event.shiftKey ? painter.redo() : painter.undo());
      if (key === "y") return () => painter.redo();
      return null;
    }
    if (event.altKey) return null;
    return {
      b: () => painter.choose("paint"),
      e: () => painter.choose("erase"),
      h: () => painter.choose("move"),
      s: () => painter.choose("select"),
      "+": () => painter.view.closer(),
      "=": () => painter.view.closer(), // the same key without Shift
      "-": () => painter.view.further(),
      0: () => painter.view.reset(),
      "[": () => painter.brush.scaleSize(1 / SIZE_KEY_FACTOR),
      "]": () => painter.brush.scaleSize(SIZE_KEY_FACTOR),
    }[key];
  }

  // ---------------------------------------------------------------------------------------------- coming and going

  const painters = new Map(); // div -> its painter

  function sweep(changes) {
    for (const [root, painter] of painters) {
      const { maskPainter: store, maskKey: key = "" } = root.dataset;
      const same = store === painter.store && key === painter.key;
      if (root.isConnected && painter.parts.body.isConnected && same) continue;
      painter.hands.lift();
      painter.parts.body.remove();
      painters.delete(root);
    }
    for (const { type, target } of changes) {
      if (type === "attributes") painters.get(target)?.load();
    }
    for (const root of document.querySelectorAll("[data-mask-painter]")) {
      if (!painters.has(root)) painters.set(root, new pentimento.MaskPainter(root));
    }
  }

  new MutationObserver(sweep).observe(document.documentElement, {
    childList: true,
    subtree: true,
    attributeFilter: ["data-mask-painter", "data-mask-key", "data-mask-content", "data-mask-current"],
  });
  sweep([]);

  pentimento.mask = {
    painter: (store) => [...painters.values()].find((painter) => painter.store === store),

    // Why an open dialog, with this painter in it, is to be closed now that the photograph is this one; else null.
    closed: (photograph, isOpen, painter) =>
      isOpen && painter?.props["data-mask-of"] !== photograph?.id
        ? "The photograph was changed, so the painter of the one before was closed."
        : null,
  };
})();
