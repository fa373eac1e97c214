// Start, Pause and Stop as the hand feels them: a second click never does more than the first, the focus is never
// lost, and what stands in the way is said without the studio.
(() => {
  "use strict";

  const LIVE = ["queued", "running", "paused", "interrupted"];
  const FRESH_MS = 1000; // Pause and Stop appear where Start was: so long a click counts as the rest of a double one
  const STARTERS = "#start-button, .example, .cell, #more-button, #larger-button, #batch-start, #vary-start";
  const ENDERS = "#pause-button, #stop-button";
  const SILENT = "The studio does not answer.";

  let clicked = false; // a starter was clicked, and the studio has not answered
  let isLive = false;
  let stopAppeared = -Infinity;
  let held = null; // what had the focus last, also when it has since vanished

  const at = (id) => document.getElementById(id);
  const isShown = (element) => Boolean(element?.getClientRects().length);

  Object.assign(((window.dash_clientside ??= {}).pentimento ??= {}), {
    // [Start disabled, why, Stop disabled, why, each example disabled]
    readiness(obstacle, awaited, uploading, arriving, connected) {
      const { triggered, outputs_list: outputs } = window.dash_clientside.callback_context;
      // Not its first cause alone: while it waits for others, Dash lets them come together.
      if (!awaited && triggered.some(({ prop_id: id }) => id.startsWith("start-awaited."))) clicked = false;
      const lost = connected === false;
      const own = lost ? `${SILENT} Start waits until it does.`
        : uploading || arriving ? "A picture is on its way."
        : null;
      const examples = outputs.slice(4).map(() => Boolean(own || awaited));
      const reason = own ?? obstacle ?? null;
      const stop = lost ? `${SILENT} Stop waits until it does.` : null;
      return [Boolean(reason || awaited), reason, lost, stop, ...examples];
    },

    // [Pause disabled, its title]
    mayRest(obstacle, name, connected) {
      const does = name === "Resume" ? "Go on with the painting" : "Let the painting rest";
      return [Boolean(obstacle) || connected === false, obstacle ?? `${does} (Ctrl+Shift+Enter)`];
    },

    // [more epochs disabled, title, double size disabled, title, why]
    onward(obstacles, awaited, connected) {
      const silent = connected === false ? `${SILENT} Going on waits until it does.` : null;
      const [more, larger] = obstacles.map((obstacle) => silent ?? obstacle);
      const titles = ["Paint on from here, as a new painting", "Paint on from here at twice the size, as a new painting"];
      const reason = more ?? larger;
      return [Boolean(more || awaited), more ?? titles[0], Boolean(larger || awaited), larger ?? titles[1], reason];
    },
  });

  // Before Dash hears of it.
  window.addEventListener(
    "click",
    (event) => {
      const button = event.target.closest?.(`${STARTERS}, ${ENDERS}`);
      if (!button) return;
      const starts = button.matches(STARTERS);
      // When the hand moved counts, not when a busy page gets to it. Esc, our own click, means it.
      const hasty = event.isTrusted && event.timeStamp - stopAppeared < FRESH_MS;
      if (starts ? clicked : hasty) {
        event.preventDefault();
        event.stopImmediatePropagation();
      } else if (starts) clicked = true;
    },
    true,
  );

  // A key that is held down starts, but does not go on to stop.
  document.addEventListener("keydown", (event) => {
    if (event.repeat && event.target.matches?.(ENDERS)) event.preventDefault();
  });

  document.addEventListener("pentimento:lost", () => {
    clicked = false;
  });

  // ---------------------------------------------------------------------------------------------- focus

  document.addEventListener("focusin", (event) => {
    held = event.target;
  });
  document.addEventListener("pointerdown", () => {
    held = null; // unless what is pressed takes the focus, which it says next
  });

  function pass(from, ...heirs) {
    if (!held?.matches?.(from) || (document.activeElement !== document.body && isShown(document.activeElement))) return;
    heirs.find((heir) => isShown(heir) && !heir.disabled)?.focus({ preventScroll: true });
  }

  function turned() {
    const live = LIVE.includes(at("page")?.dataset.state);
    if (live === isLive) return;
    isLive = live;
    if (live) {
      stopAppeared = performance.now();
      const stop = at("stop-button");
      const enders = document.querySelectorAll(ENDERS);
      for (const ender of enders) ender.setAttribute("aria-disabled", "true");
      setTimeout(() => enders.forEach((ender) => ender.removeAttribute("aria-disabled")), FRESH_MS);
      pass(STARTERS, stop);
    } else pass(ENDERS, at("start-button"), at("download-link"), at("new-button"));
  }

  new MutationObserver(turned).observe(document.documentElement, { subtree: true, attributeFilter: ["data-state"] });

  // ---------------------------------------------------------------------------------------------- keys

  const WRITING = "input:not([type=range]), select, textarea, dialog, [role=dialog], [contenteditable]"; // Esc has a meaning of its own there

  // Ctrl+Enter starts, Ctrl+Shift+Enter pauses and resumes, Esc stops and keeps; not while a dialog is open.
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || document.querySelector(".modal.show")) return;
    const enters = event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.repeat;
    const stops = event.key === "Escape" && !event.target.closest?.(WRITING);
    const button = enters ? at(event.shiftKey ? "pause-button" : "start-button") : stops ? at("stop-button") : null;
    if (!isShown(button) || button.disabled) return;
    event.preventDefault();
    button.focus({ preventScroll: true }); // so that Esc, next, is not taken for the field's
    button.click();
  });
})();
