// What is said under the picture cards about the pictures that came in. All of it happens in the browser, so that
// "the studio does not answer" can be read while it does not. A picture's notes leave with the picture.
(() => {
  "use strict";

  const NUMBERS = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"];

  const noUpdate = () => window.dash_clientside.no_update;
  const latest = (intakes) => intakes.filter(Boolean).sort((a, b) => b.at - a.at)[0];
  const newest = () => latest(window.dash_clientside.callback_context.inputs_list.map(({ value }) => value));

  const paragraph = (children, more) => ({
    type: "P",
    namespace: "dash_html_components",
    props: { children, className: "note", ...more },
  });
  const failure = (sentence) => paragraph(sentence, { className: "note note-error", role: "alert" });

  // What there is to say about these pictures, and the error if one could not be taken.
  function sentences(pictures, error) {
    const notes = [...new Set(pictures.flatMap((picture) => picture.notes ?? []))];
    return [...notes.map((note) => paragraph(note)), ...(error ? [failure(error)] : [])];
  }

  const named = (count) => NUMBERS[count] ?? String(count);

  function leftOut(count, most) {
    return `${named(most)} paintings fit; ${named(count).toLowerCase()} ${count === 1 ? "was" : "were"} left out.`;
  }

  let settled = null; // the time of the intake whose pictures have found their place among the styles

  Object.assign(((window.dash_clientside ??= {}).pentimento ??= {}), {
    // At once, and of errors only where it takes the studio to know which pictures are used.
    takenNotes: () => sentences(newest()?.id ? [newest()] : [], newest()?.error),
    takenErrors: () => sentences([], newest()?.error),

    // Once the photograph is another: whatever was said of the one before has had its time.
    contentNotes(content, taken) {
      return taken?.id && taken.id === content?.id ? noUpdate() : [];
    },

    // Which of the pictures that came together are used is known once the styles have changed.
    styleNotes(styles, chosen, added, most) {
      const used = new Set((styles ?? []).map((style) => style.id));
      const taken = latest([chosen, added]);
      const pictures = taken?.together ?? (taken?.id ? [taken] : []);
      const hanging = pictures.filter(({ id }) => used.has(id));
      const missing = used.size >= Number(most) ? pictures.length - hanging.length : 0;
      if (!(hanging.length + missing) || settled === taken.at) return [];
      settled = taken.at;
      const notes = sentences(hanging, taken.error);
      return missing ? [...notes, paragraph(leftOut(missing, Number(most)))] : notes;
    },

    // [the mask, its notes, whether its painter is open]: both go with the photograph that they were made for.
    keepMask(content, mask, ...dialog) {
      const leaves = mask && mask.of !== content?.id;
      const closed = window.pentimento.mask.closed(content, ...dialog);
      const words = leaves ? "The mask belonged to the photograph before, and was removed with it." : closed;
      const notes = words ? [paragraph(words)] : content ? [] : noUpdate();
      return [leaves ? null : noUpdate(), notes, closed ? false : noUpdate()];
    },

    removeMask: () => [null, [], Date.now()],

    // Whether the line that tells of the mask beside Start stays hidden. With a mask its fold is open.
    tellMask(mask) {
      if (mask) document.getElementById("mask-fold").open = true;
      return !mask;
    },
  });
})();
