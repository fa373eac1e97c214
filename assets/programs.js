// The dialog for programs: shows a new token with a line to try it, copies both, asks before one is revoked, and keeps
// the focus near.
(() => {
  "use strict";

  const COPIED_MS = 2000;
  const { root } = window.dash_clientside.pentimento;

  const at = (id) => document.getElementById(id);
  const noUpdate = () => window.dash_clientside.no_update;

  let isNew = false; // a token was made, and its button to copy is yet to be drawn
  let gap = null; // the place of a token that is about to go

  Object.assign(window.dash_clientside.pentimento, {
    openPrograms: () => true,

    // [the token, what went wrong]
    forgetToken: (isOpen) => (isOpen ? [noUpdate(), noUpdate()] : [null, null]),

    // [what is said, the token, a line to try it with, whether these stay hidden]
    showToken(made) {
      if (!made) return [null, null, null, true];
      isNew = true;
      const told = `“${made.name}” is made. Copy the token now: it is shown this once.`;
      return [told, made.token, `curl -H "Authorization: Bearer ${made.token}" ${location.origin}${root}/api/v1/jobs`, false];
    },

    // [Make disabled, whether the reason stays hidden]
    mayMake: (connected) => [connected === false, connected !== false],
  });

  // ---------------------------------------------------------------------------------------------- copying

  async function copy(button) {
    const text = at(button.dataset.copies);
    getSelection().selectAllChildren(text); // also where nothing may be copied by itself: over plain http, say
    let words = "Press Ctrl+C";
    try {
      await navigator.clipboard.writeText(text.textContent);
      words = "Copied";
    } catch {
      // It is chosen, at least.
    }
    button.textContent = words;
    window.dash_clientside.set_props("token-copied", { children: words });
    setTimeout(() => {
      button.textContent = "Copy";
      window.dash_clientside.set_props("token-copied", { children: null });
    }, COPIED_MS);
  }

  // ---------------------------------------------------------------------------------------------- revoking

  function ask(token, asks) {
    token.querySelector(".token-question").hidden = !asks;
    token.querySelector(asks ? "[data-keeps]" : "[data-asks]").focus();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(".programs button");
    const token = button?.closest(".token");
    if (button?.matches("[data-copies]")) copy(button);
    else if (!token) return;
    else if (button.matches("[data-asks]")) ask(token, true);
    else if (button.matches("[data-keeps]")) ask(token, false);
    else gap = { place: [...token.parentElement.children].indexOf(token), count: token.parentElement.children.length };
  });

  document.addEventListener("keydown", (event) => {
    const question = event.key === "Escape" && event.target.closest?.(".token-question");
    if (question) {
      event.preventDefault(); // Esc also closes the dialog
      ask(question.closest(".token"), false);
    } else if (event.key === "Enter" && event.target.id === "token-name" && !event.repeat) at("token-make").click();
  }, true);

  // ---------------------------------------------------------------------------------------------- focus

  function refresh() {
    if (isNew && at("token-shown")?.hidden === false) {
      isNew = false;
      at("token-shown").querySelector("[data-copies]").focus();
    }
    const tokens = document.querySelectorAll(".token");
    if (!gap || tokens.length >= gap.count) return;
    const next = tokens[Math.min(gap.place, tokens.length - 1)];
    (next?.querySelector("[data-asks]") ?? at("token-name"))?.focus();
    gap = null;
  }

  new MutationObserver(refresh).observe(document.documentElement, { childList: true, subtree: true, attributeFilter: ["hidden"] });
})();
