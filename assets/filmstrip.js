// The stages under a painting: which of them is on the easel, by click and by arrow key.
(() => {
  "use strict";

  const pentimento = (window.pentimento ??= {});

  let chosen = null; // the address of the stage on the easel; none is the painting itself

  const strip = () => document.getElementById("film-strip");
  const frames = () => [...(strip()?.querySelectorAll("[data-stage]") ?? [])];
  const part = (type, props) => ({ type, namespace: "dash_html_components", props });

  function mark() {
    for (const frame of frames()) {
      const isChosen = frame.dataset.stage === (chosen ?? "");
      frame.setAttribute("aria-checked", String(isChosen));
      frame.tabIndex = isChosen ? 0 : -1;
    }
  }

  function show(frame) {
    chosen = frame.dataset.stage || null;
    mark();
    pentimento.over.show(chosen ?? pentimento.strength.look());
  }

  pentimento.stages = {
    // Back to the painting, without a word about it.
    leave() {
      chosen = null;
      mark();
    },
  };

  document.addEventListener("click", (event) => {
    const frame = event.target.closest?.("[data-stage]");
    if (frame) show(frame);
  });

  document.addEventListener("keydown", (event) => {
    const all = frames();
    const here = all.indexOf(event.target);
    if (here < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const place = {
      ArrowRight: here + 1,
      ArrowDown: here + 1,
      ArrowLeft: here - 1,
      ArrowUp: here - 1,
      Home: 0,
      End: all.length - 1,
      Escape: all.length - 1,
    }[event.key];
    if (place === undefined || (event.key === "Escape" && !chosen)) return;
    event.preventDefault();
    const frame = all[Math.max(0, Math.min(place, all.length - 1))];
    frame.focus();
    frame.scrollIntoView({ block: "nearest", inline: "nearest" });
    show(frame);
  });

  function frame(url, picture, words) {
    const isChosen = url === (chosen ?? "");
    return part("Button", {
      children: [part("Img", { src: picture, alt: "" }), part("Span", { children: words })],
      key: url || "painting",
      type: "button",
      role: "radio",
      className: "stage",
      tabIndex: isChosen ? 0 : -1,
      "aria-checked": String(isChosen),
      "aria-label": url ? `After step ${words}` : words,
      "data-stage": url,
    });
  }

  Object.assign(((window.dash_clientside ??= {}).pentimento ??= {}), {
    // A frame for each stage, and the painting as it is now at the end.
    stageFrames(shown) {
      const stages = shown?.stages ?? [];
      if (stages.length < 2) return [];
      if (chosen && !stages.some(({ url }) => url === chosen)) {
        pentimento.stages.leave(); // thinned out meanwhile
        pentimento.over.show(pentimento.strength.look());
      }
      const newest = stages.at(-1).url;
      return [
        ...stages.map(({ step, url }) => frame(url, url, String(step))),
        frame("", newest, shown.result ? "Result" : "Now"),
      ];
    },
  });
})();
