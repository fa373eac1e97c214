// The strength of a painting after the fact, live while the slider is dragged, and the link to take home just that.
(() => {
  "use strict";

  const WHOLE = 100; // as in components/result.py

  let shown = null; // what is known of the painting on the easel
  let strength = WHOLE;

  const at = (id) => document.getElementById(id);
  const pentimento = (window.pentimento ??= {});

  // At both ends the very pictures; between them the studio mixes.
  function look() {
    if (!shown?.result || strength >= WHOLE) return null;
    return strength <= 0 ? shown.photograph : `${shown.result}/preview-strength.jpg?strength=${strength / WHOLE}`;
  }

  function words() {
    if (strength >= WHOLE) return "the painting";
    return strength <= 0 ? "the photograph" : `${strength} %`;
  }

  function readout() {
    at("strength-slider")?.setAttribute("aria-valuetext", words());
    at("strength-readout").textContent = words();
  }

  // A stage gives way to the painting as soon as somebody chooses how strong it is.
  function turnTo(value) {
    if (value === strength) return;
    strength = value;
    pentimento.stages.leave();
    pentimento.over.show(look());
  }

  pentimento.strength = { look };

  document.addEventListener("input", (event) => {
    if (event.target.id !== "strength-slider") return;
    turnTo(Number(event.target.value));
    readout();
  });

  Object.assign(((window.dash_clientside ??= {}).pentimento ??= {}), {
    // [strength, name of the file] of a painting that has just come to the easel
    freshResult(job) {
      strength = WHOLE;
      pentimento.stages.leave();
      pentimento.over.show(null);
      return [WHOLE, job ? `pentimento-${job.slice(0, 8)}` : ""];
    },

    // [link to the painting, link to its film, the strength in words]
    takeHome(result, value, format, name) {
      shown = result ?? null;
      if (shown) turnTo(Number(value ?? WHOLE));
      const query = new URLSearchParams({ download: (name ?? "").trim() });
      const film = shown?.stages.length > 1 ? `${window.dash_clientside.pentimento.root}/api/v1/jobs/${shown.job}/timelapse.webp?${query}` : "";
      if (strength < WHOLE) query.set("strength", strength / WHOLE);
      readout();
      return [shown?.result ? `${shown.result}/result.${format}?${query}` : "", film, words()];
    },
  });
})();
