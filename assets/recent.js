// Which pictures were brought here before. Kept by this browser alone; the pictures themselves are with the studio.
(() => {
  "use strict";

  const MOST = 10; // as in components/recent.py
  const PHOTOS = ["content-intake", "batch-intake"];

  Object.assign(((window.dash_clientside ??= {}).pentimento ??= {}), {
    // The newest first, each once.
    rememberUploads(...values) {
      const { triggered_id: intake, inputs_list: inputs } = window.dash_clientside.callback_context;
      const taken = values[inputs.findIndex(({ id }) => id === intake)];
      const arrived = (taken?.together ?? [taken]).map((picture) => picture?.id).filter(Boolean);
      if (!arrived.length) return window.dash_clientside.no_update;
      const known = { photo: [], style: [], ...values.at(-1) };
      const kind = PHOTOS.includes(intake) ? "photo" : "style";
      const names = new Set([...arrived.reverse(), ...known[kind]]);
      return { ...known, [kind]: [...names].slice(0, MOST) };
    },
  });
})();
