// A painting made here carries its settings: wherever its PNG is dropped, they come along.
(() => {
  "use strict";

  const noUpdate = () => window.dash_clientside.no_update;

  const note = (children, isError) => ({
    type: "P",
    namespace: "dash_html_components",
    props: isError ? { children, className: "note note-error", role: "alert" } : { children, className: "note" },
  });

  const NO_SETTINGS =
    "That picture carries no settings of a painting made here. To paint with it, drop it on the photograph or the painting.";

  Object.assign(((window.dash_clientside ??= {}).pentimento ??= {}), {
    nothingRestored: () => [],

    // [the settings inside the picture that came in, or nothing; what is said about it]
    settingsInside(...intakes) {
      const { triggered_id: intake, inputs_list: inputs } = window.dash_clientside.callback_context;
      const taken = intakes[inputs.findIndex(({ id }) => id === intake)];
      const settings = (taken?.together ?? [taken]).findLast((picture) => picture?.settings)?.settings;
      if (settings) return [settings, noUpdate()];
      if (intake !== "dropped-anywhere") return [noUpdate(), []];
      return [noUpdate(), [note(taken?.error ?? NO_SETTINGS, true)]];
    },
  });
})();
