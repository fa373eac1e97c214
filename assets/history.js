// The list of paintings: asks before one is deleted, keeps the focus near, tells the time as the visitor does, and
// keeps up with other tabs.
(() => {
  "use strict";

  const LIST = "history-list";
  const RETURN_MS = 3000; // a tab that comes back to the front looks again, but not more often than this
  const when = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  const tabs = "BroadcastChannel" in window ? new BroadcastChannel("pentimento-paintings") : null;

  let looked = Date.now();
  let gap = null; // {place, href} of a painting that is about to go

  function lookAgain() {
    looked = Date.now();
    window.dash_clientside.set_props?.("history-elsewhere", { data: looked });
  }

  Object.assign(((window.dash_clientside ??= {}).pentimento ??= {}), {
    tellOtherTabs(change) {
      tabs?.postMessage(change);
    },
  });

  tabs?.addEventListener("message", lookAgain);
  window.addEventListener("focus", () => Date.now() - looked > RETURN_MS && lookAgain());

  // ---------------------------------------------------------------------------------------------- deleting

  function ask(entry, asks) {
    entry.querySelector(".history-question").hidden = !asks;
    entry.querySelector(asks ? "[data-keeps]" : "[data-asks]").focus();
  }

  document.addEventListener("click", (event) => {
    const entry = event.target.closest?.(".history-entry");
    const button = event.target.closest?.("button");
    if (!entry || !button) return;
    if (button.matches("[data-asks]")) ask(entry, true);
    else if (button.matches("[data-keeps]")) ask(entry, false);
    else {
      const { href } = entry.querySelector(".history-link");
      gap = { place: [...entry.parentElement.children].indexOf(entry), href };
    }
  });

  document.addEventListener("keydown", (event) => {
    const question = event.target.closest?.(".history-question");
    if (event.key !== "Escape" || !question) return;
    event.preventDefault(); // Esc also stops a painting
    ask(question.closest(".history-entry"), false);
  }, true);

  // The next painting takes the place of the one that went, or the one before it.
  function closeGap(list) {
    if (!gap) return;
    const links = [...list.querySelectorAll(".history-link")];
    if (links.some(({ href }) => href === gap.href)) return;
    (links[Math.min(gap.place, links.length - 1)] ?? document.getElementById("new-button"))?.focus();
    gap = null;
  }

  function refresh() {
    const list = document.getElementById(LIST);
    if (!list) return;
    for (const time of list.querySelectorAll("time")) {
      const words = when.format(new Date(time.dateTime));
      if (time.textContent !== words) time.firstChild.data = words;
    }
    closeGap(list);
  }

  new MutationObserver(refresh).observe(document.documentElement, { childList: true, subtree: true });
})();
