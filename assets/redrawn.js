// What Dash draws anew keeps the focus: an element that had it hands it on to the one that took its place. Found again
// by its id, or by its place among the links and buttons of the nearest element around it that has one.
(() => {
  "use strict";

  const REDRAWN = "#history-list, #group";
  const FOCUSABLE = "a, button";

  let held = null; // {element, id, place} of what has the focus

  document.addEventListener("focusin", ({ target }) => {
    const named = target.closest(REDRAWN) && target.closest("[id]");
    held = named && { element: target, id: named.id, place: [...named.querySelectorAll(FOCUSABLE)].indexOf(target) };
  });
  document.addEventListener("pointerdown", () => {
    held = null; // unless what is pressed takes the focus, which it says next
  });

  function handOn() {
    if (!held || held.element.isConnected || document.activeElement !== document.body) return;
    const named = document.getElementById(held.id);
    (named?.querySelectorAll(FOCUSABLE)[held.place] ?? named)?.focus({ preventScroll: true });
  }

  // What is hidden at first cannot take it yet.
  new MutationObserver(handOn).observe(document.documentElement, {
    childList: true,
    subtree: true,
    attributeFilter: ["hidden"],
  });
})();
