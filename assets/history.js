// The list of paintings: asks before one is deleted, keeps the focus near, keeps up with other tabs,
// and remembers which two are to be seen side by side.
(() => {
  "use strict";

  const LIST = "history-list";
  const RETURN_MS = 3000; // a tab that comes back to the front looks again, but not more often than this
  const when = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  const tabs = "BroadcastChannel" in window ? new BroadcastChannel("pentimento-paintings") : null;

  let looked = Date.now();
  let asked = null; // the id of the entry that asks whether to delete it
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
    asked = asks ? entry.id : null;
    entry.querySelector(".history-question").hidden = !asks;
    entry.querySelector(asks ? "[data-keeps]" : "[data-asks]").focus();
  }

  document.addEventListener("click", (event) => {
    const entry = event.target.closest?.(".history-entry");
    const button = event.target.closest?.("button");
    if (!entry || !button) return;
    if (button.matches("[data-pick]")) pick(button.dataset.pick);
    else if (button.matches(".history-again")) return;
    else if (button.matches("[data-asks]")) ask(entry, true);
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

  // ---------------------------------------------------------------------------------------------- side by side

  let picked = []; // ids of at most two paintings, the one picked last at the end

  function pick(job) {
    picked = picked.includes(job) ? picked.filter((other) => other !== job) : [...picked.slice(-1), job];
    tellPicked();
  }

  function tellPicked() {
    mark();
    const isPair = picked.length === 2;
    window.dash_clientside.set_props("history-pair", { hidden: !picked.length });
    window.dash_clientside.set_props("history-pair-link", {
      children: isPair ? "See the two side by side" : "Choose another one, to see both side by side",
      href: isPair ? `${window.dash_clientside.pentimento.root}/compare/${picked.join("/")}` : location.pathname,
      className: isPair ? "btn btn-primary btn-sm" : "is-waiting",
    });
  }

  function mark() {
    for (const button of document.querySelectorAll("[data-pick]")) {
      const isPicked = String(picked.includes(button.dataset.pick));
      if (button.getAttribute("aria-pressed") !== isPicked) button.setAttribute("aria-pressed", isPicked);
    }
  }

  function refresh() {
    // Here and elsewhere on the page, the time as the visitor tells it.
    for (const time of document.querySelectorAll("time")) {
      const words = when.format(new Date(time.dateTime));
      if (time.textContent !== words) time.firstChild.data = words;
    }
    const list = document.getElementById(LIST);
    if (!list) return;
    closeGap(list);
    const question = asked && document.getElementById(asked)?.querySelector(".history-question");
    if (question?.hidden) question.hidden = false; // the list was drawn anew
    const there = picked.filter((job) => list.querySelector(`[data-pick="${job}"]`));
    if (there.length === picked.length) mark();
    else {
      picked = there; // the others were deleted
      tellPicked();
    }
  }

  new MutationObserver(refresh).observe(document.documentElement, { childList: true, subtree: true });
})();
