// Regions in the browser: they leave with their photograph, are told of beside Start, and some are suggested.
(() => {
  "use strict";

  const MOST = 4;
  const FULL = "Four regions fit. Delete one to make room.";
  const NAMES = { subject: "Subject", background: "Background", sky: "Sky" };

  const noUpdate = () => window.dash_clientside.no_update;
  const at = (id) => document.getElementById(id);
  const html = (type, props) => ({ type, namespace: "dash_html_components", props });

  // ---------------------------------------------------------------------------------------------- focus

  let pressed = null; // the id of a region's button, from its click until the hand goes elsewhere

  document.addEventListener("click", ({ target }) => {
    pressed = target.closest?.(".region-button")?.id ?? null;
  });
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Tab") pressed = null;
  });

  // The list is drawn anew in place: a region that moved takes the focus along, one that left hands it on.
  function passFocus() {
    const { activeElement } = document;
    if (!pressed || !(activeElement === document.body || activeElement.matches(".region-button"))) return;
    const own = at(pressed);
    if (own) own.focus();
    else if (activeElement === document.body) {
      (document.querySelector('#regions-list [aria-label^="Delete"]') ?? at("region-add"))?.focus();
    }
  }

  new MutationObserver(passFocus).observe(document.documentElement, {
    childList: true,
    subtree: true,
    attributeFilter: ["id"],
  });

  // ---------------------------------------------------------------------------------------------- callbacks

  let asked = null; // the photograph whose proposals were asked for last

  function suggestion({ name, mask }, of, regions) {
    const isThere = regions.some(({ id }) => id === mask);
    const full = regions.length >= MOST;
    return html("Button", {
      id: { type: "region-suggestion", name, mask, of },
      type: "button",
      disabled: isThere || full,
      title: isThere ? "It is in the list already" : full ? FULL : `Make it a region: ${NAMES[name].toLowerCase()}`,
      className: "region-suggestion",
      children: `+ ${NAMES[name]}`,
    });
  }

  Object.assign(((window.dash_clientside ??= {}).pentimento ??= {}), {
    // [the regions, their notes, whether their painter is open]: they go with the photograph they were made for.
    keepRegions(content, regions, ...dialog) {
      const fitting = (regions ?? []).filter(({ of }) => of === content?.id);
      const leave = fitting.length < (regions ?? []).length;
      const closed = window.pentimento.mask.closed(content, ...dialog);
      const words = leave ? "The regions belonged to the photograph before, and were removed with it." : closed;
      const notes = words ? [html("P", { children: words, className: "note" })] : content ? [] : noUpdate();
      return [leave ? fitting : noUpdate(), notes, closed ? false : noUpdate()];
    },

    removeRegions: () => [[], Date.now()],

    // [whether the line beside Start stays hidden, what it says, Add disabled, why]. With regions their fold is open.
    tellRegions(regions) {
      const count = regions?.length ?? 0;
      if (count) at("regions-fold").open = true;
      const words = count === 1 ? "One region has a style of its own." : `${count} regions have styles of their own.`;
      return [!count, words, count >= MOST, count >= MOST ? FULL : "Select or paint a part of the photograph"];
    },

    // Asked for when the fold is open: it takes the studio a moment, and not everyone wants regions. Nothing waits for
    // the answer: Dash would hold back all that listens to the buttons which it brings, and what listens beside them.
    askProposals(_clicks, content) {
      requestAnimationFrame(async () => {
        if (!content || !at("regions-fold")?.open) return; // the click opens it only now
        asked = content.id;
        const proposed = await window.pentimento.maskProposals(content.url);
        if (asked !== content.id) return; // of a photograph that has left meanwhile
        window.dash_clientside.set_props("region-proposals", { data: { of: content.id, proposed } });
      });
    },

    offerProposals(proposals, content, regions) {
      if (!content || proposals?.of !== content.id) return [];
      return proposals.proposed.map((one) => suggestion(one, content.id, regions ?? []));
    },
  });
})();
