// The options as the hand feels them: presets and their times, what a slider's place means, what number cannot be, and
// that a reload changes none of them.
(() => {
  "use strict";

  const DECADES = 3; // as in components/controls.py
  const KEY = "pentimento-options";
  const STYLES = "style-pictures"; // as in components/ids.py
  const UNTIL_KNOWN_MS = 3000; // a machine that is new to the studio is tried while the studio starts
  const MOST_QUESTIONS = 20;

  const noUpdate = () => window.dash_clientside.no_update;
  const inputs = () => window.dash_clientside.callback_context.inputs_list;
  const at = (id) => document.getElementById(id);

  let restored = false;
  let asked = 0;

  Object.assign(((window.dash_clientside ??= {}).pentimento ??= {}), {
    choosePreset(...values) {
      const presets = values.at(-1);
      const clicked = window.dash_clientside.callback_context.triggered_id;
      const place = [...document.querySelectorAll(".preset")].indexOf(at(clicked));
      return presets[place] ?? presets.map(noUpdate).slice(0, 2);
    },

    markPreset: (size, steps, presets) =>
      presets.map(([width, count]) => String(width === size && count === steps)),

    // [each preset's time, each preset's title, the time of what is chosen]
    showTimes(times) {
      if (!times) return window.dash_clientside.callback_context.outputs_list.map(noUpdate);
      if (times.presets.includes(null) && asked++ < MOST_QUESTIONS) {
        setTimeout(() => window.dash_clientside.set_props("times-asked", { data: Date.now() }), UNTIL_KNOWN_MS);
      }
      return [...times.presets, ...times.titles, times.chosen];
    },

    // The weights in words, also for those who hear the slider.
    readWeights: (...places) =>
      places.map((place, i) => {
        const words = weight(Number(place));
        at(inputs()[i].id)?.setAttribute("aria-valuetext", words);
        return words;
      }),

    // Which of the numbers cannot be used.
    markNumbers: (...values) =>
      values.map((value, i) => {
        const field = at(inputs()[i].id);
        const wrong = !isUsable(value, field);
        field?.setAttribute("aria-invalid", String(wrong));
        return wrong;
      }),

    // As long as the tab lives. What an opened painting was made with comes later, and wins.
    keepOptions() {
      if (restored) keep(KEY, Object.fromEntries(inputs().map(({ id, value }) => [id, value])));
      else {
        restored = true;
        describe();
        for (const [id, value] of Object.entries(kept())) {
          if (at(id) && value !== null) window.dash_clientside.set_props(id, { value });
        }
      }
    },

    // Where the blend's sliders stand, into what the page's own store reads when it is reloaded.
    keepShares(shares, styles) {
      if (styles?.length !== shares.length) return;
      const moved = styles.map((style, place) => ({ ...style, share: Number(shares[place]) }));
      if (shares.length) keep(STYLES, moved);
    },
  });

  const weight = (place) => (place <= -DECADES ? "off" : String(Number((10 ** place).toPrecision(place < 0 ? 2 : 3))));

  function isUsable(value, field) {
    if (value === null || value === undefined || value === "") return false;
    return Number.isInteger(Number(value)) && Number(value) >= Number(field.min) && Number(value) <= Number(field.max);
  }

  // A control's help belongs to it for those who cannot see that it stands below.
  function describe() {
    for (const help of document.querySelectorAll(".control > .hint")) {
      at(help.id.replace(/-help$/, ""))?.setAttribute("aria-describedby", help.id);
    }
  }

  function kept() {
    try {
      return JSON.parse(sessionStorage.getItem(KEY)) ?? {};
    } catch {
      return {}; // storage is forbidden here
    }
  }

  function keep(key, value) {
    try {
      sessionStorage.setItem(key, JSON.stringify(value));
    } catch {
      // They hold until the page is left.
    }
  }
})();
