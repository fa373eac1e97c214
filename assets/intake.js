// Pictures come in here: by drop, by click, from the camera, from the clipboard.
//
//   data-intake="store-id"    on any element: it takes pictures for that dcc.Store
//   data-intake-multiple      several at once; they are sent one after the other
//   data-intake-more="..."    said to whoever brings several where one fits: where they would go
//   data-intake-filled        the page says that it holds a picture: a paste then looks for an empty one
//   data-intake-capture       on it, or on a button inside: phones open the camera ("user" for the front one)
//   data-intake-ignore        a part of it that minds its own clicks (buttons and links inside do so anyway)
//   data-intake-anywhere="store-id"  takes what is dropped beside all of them
//   data-max-bytes            larger files are refused before they travel
//
// What the studio answers reaches the store as {data: {id, width, height, url, thumbnail, notes, at}}, a failure as
// {data: {error: "sentence", at}}. With data-intake-multiple there is one answer to a round, when it is over: the last
// picture, the errors if there were any, and `together`, all its pictures. Told of each as it arrives, the page would
// have to know which of them were taken off it meanwhile.
//
// While it works the element has the classes `is-dragover` or `is-uploading` and the CSS variable
// --intake-progress (0 to 1). Dash draws its page late and may redraw it, so everything listens on the document.
(() => {
  "use strict";

  const UPLOAD_URL = `${window.dash_clientside.pentimento.root}/api/v1/images`;
  const ACCEPTED = "image/jpeg,image/png,image/webp";
  const INTERACTIVE = "a[href], button, input, select, textarea, label, summary, [data-intake-ignore]";
  const NATIVE = "button, a[href]"; // already focusable, and the browser turns their Enter into a click

  const pentimento = (window.pentimento ??= {});

  // ---------------------------------------------------------------------------------------------- sending

  // Sends one picture. Resolves to the studio's answer; rejects with an Error whose message is fit to be shown.
  pentimento.upload = async (file, { progress = () => {}, signal } = {}) => {
    // Reading a byte first tells a folder, or a file that has moved, from a studio that does not answer.
    await file
      .slice(0, 1)
      .arrayBuffer()
      .catch(() => {
        throw new Error(`“${file.name}” could not be read. Is it a folder, or has it been moved?`);
      });
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest(); // fetch cannot tell how much has been sent
      request.open("POST", UPLOAD_URL);
      request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
      request.onload = () => {
        const answer = parsed(request.responseText);
        if (request.status < 300 && answer?.id) resolve({ thumbnail: `${answer.url}/thumbnail.jpg`, ...answer });
        else reject(new Error(answer?.error?.message ?? failure(request.status)));
      };
      request.onerror = () => reject(new Error("The studio did not answer. Is it still running?"));
      request.onabort = () => reject(new DOMException("Replaced by a newer picture.", "AbortError"));
      signal?.addEventListener("abort", () => request.abort(), { once: true });
      const form = new FormData();
      form.append("file", file, file.name || "picture");
      request.send(form);
    });
  };

  // Puts a value into a dcc.Store. The time makes each one new, so that the same picture twice is two events.
  pentimento.deliver = (store, data) => {
    window.dash_clientside.set_props(store, { data: { ...data, at: Date.now() } });
  };

  function parsed(text) {
    try {
      return JSON.parse(text);
    } catch {
      return null; // a proxy's HTML page, for one
    }
  }

  function failure(status) {
    if (status === 413) return "The file is too large for the studio.";
    return `The studio could not take the picture (status ${status}). Try again in a moment.`;
  }

  // ---------------------------------------------------------------------------------------------- one round

  const rounds = new Map(); // store id -> the round of pictures under way for it

  // A newer picture replaces the one still travelling; where several are welcome it waits for its turn instead.
  async function take(card, files) {
    const store = storeOf(card);
    const several = card.hasAttribute("data-intake-multiple");
    const limit = Number(card.dataset.maxBytes) || Infinity;
    const earlier = rounds.get(store);
    if (earlier && several) {
      earlier.waiting.push(...files);
      return;
    }
    earlier?.abort.abort();

    const round = { waiting: several ? files : files.slice(0, 1), abort: new AbortController() };
    const { signal } = round.abort;
    const together = [];
    const failures = [];
    rounds.set(store, round);
    tellRounds();
    markUploading(store, 0);
    while (round.waiting.length) {
      const file = round.waiting.shift();
      const done = together.length + failures.length;
      const progress = (part) => markUploading(store, (done + part) / (done + 1 + round.waiting.length));
      try {
        if (file.size > limit) throw new Error(tooLarge(file.size, limit));
        const answer = await pentimento.upload(file, { progress, signal });
        if (signal.aborted) return;
        together.push(several ? answer : withNote(answer, files.length, card));
      } catch (error) {
        if (signal.aborted) return;
        failures.push(several ? `${file.name}: ${error.message}` : error.message);
      }
    }
    const error = failures.length ? { error: failures.join(" ") } : {};
    pentimento.deliver(store, { ...together.at(-1), ...error, ...(several && { together }) });
    rounds.delete(store);
    tellRounds();
    markUploading(store, null);
  }

  // For whoever must wait for the pictures: the number of stores that some are travelling to.
  function tellRounds() {
    document.dispatchEvent(new CustomEvent("pentimento:uploading", { detail: rounds.size }));
  }

  function withNote(answer, count, card) {
    if (count === 1) return answer;
    const words = ["One picture fits here: the first of them is used.", card.dataset.intakeMore].filter(Boolean);
    return { ...answer, notes: [...(answer.notes ?? []), words.join(" ")] };
  }

  function tooLarge(bytes, limit) {
    const megabytes = (n) => (n / 2 ** 20).toLocaleString("en", { maximumFractionDigits: 1 });
    return `The file has ${megabytes(bytes)} MB; the limit is ${megabytes(limit)} MB. Save it smaller and try again.`;
  }

  // Finds the elements anew each time: Dash may have replaced them, or their class list, since the last one.
  function markUploading(store, progress) {
    for (const card of document.querySelectorAll(`[data-intake="${CSS.escape(store)}"]`)) {
      card.classList.toggle("is-uploading", progress !== null);
      if (progress === null) {
        card.removeAttribute("aria-busy");
        card.style.removeProperty("--intake-progress");
      } else {
        card.setAttribute("aria-busy", "true");
        card.style.setProperty("--intake-progress", progress.toFixed(3));
      }
    }
  }

  const storeOf = (card) => card.dataset.intake ?? card.dataset.intakeAnywhere;
  const cardOf = (node) => (node instanceof Element ? node.closest("[data-intake]") : null);

  // ---------------------------------------------------------------------------------------------- choosing

  const chooser = document.createElement("input");
  chooser.type = "file";
  chooser.accept = ACCEPTED;
  chooser.hidden = true;
  chooser.addEventListener("change", () => {
    if (chooser.files.length) take(chooser.card, [...chooser.files]);
  });

  function choose(card, capture) {
    document.body.append(chooser); // Safari opens it only when it is part of the page
    chooser.card = card;
    chooser.value = ""; // or choosing the same file twice would change nothing
    chooser.multiple = card.hasAttribute("data-intake-multiple");
    chooser.toggleAttribute("capture", false);
    if (capture !== undefined) chooser.setAttribute("capture", capture || "environment");
    chooser.click();
  }

  document.addEventListener("click", (event) => {
    const card = cardOf(event.target);
    if (!card || event.defaultPrevented) return;
    const source = event.target.closest("[data-intake-capture], [data-intake]"); // the card, or its camera button
    const control = event.target.closest(INTERACTIVE);
    const inside = control && control !== card && card.contains(control);
    if (inside && control !== source) return;
    choose(card, source.dataset.intakeCapture);
  });

  document.addEventListener("keydown", (event) => {
    const card = cardOf(event.target);
    if (card !== event.target || card.matches(NATIVE) || event.repeat) return;
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault(); // Space would scroll the page
    choose(card, card.dataset.intakeCapture);
  });

  // ---------------------------------------------------------------------------------------------- dropping

  function highlight(card) {
    for (const other of document.querySelectorAll(".is-dragover")) {
      if (other !== card) other.classList.remove("is-dragover");
    }
    card?.classList.add("is-dragover");
  }

  const anywhere = () =>
    document.querySelector(".modal.show") ? null : document.querySelector("[data-intake-anywhere]");

  function drag(event) {
    const carriesFiles = event.dataTransfer.types.includes("Files");
    const card = cardOf(event.target) ?? (carriesFiles ? anywhere() : null);
    // A file let go beside a card would make the browser leave the page for it, and the work with it.
    if (!card && !carriesFiles) return;
    if (event.target.matches?.("input[type=file]")) return;
    event.preventDefault();
    if (event.type === "drop") {
      highlight(null);
      if (card) dropped(card, [...event.dataTransfer.files]);
    } else {
      event.dataTransfer.dropEffect = card ? "copy" : "none";
      highlight(card);
    }
  }

  function dropped(card, files) {
    if (files.length) take(card, files);
    else {
      const error = "That is a link to a picture, not a file. Save the picture first, or copy it and paste it here.";
      pentimento.deliver(storeOf(card), { error });
    }
  }

  for (const type of ["dragenter", "dragover", "drop"]) document.addEventListener(type, drag);
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) highlight(null); // out of the window
  });

  // ---------------------------------------------------------------------------------------------- pasting

  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    const writing = event.target.closest?.("input, textarea, [contenteditable]");
    if (writing && (!files.length || writing.isContentEditable)) return;
    const meant = meantCard();
    if (files.length) {
      event.preventDefault();
      const card = meant ?? firstEmptyCard();
      if (card) take(card, files);
      else refusePaste();
    } else if (meant) {
      pentimento.deliver(meant.dataset.intake, { error: "There is no picture on the clipboard." });
    }
  });

  // A card reached with the keyboard, else the one under the pointer, else the one clicked last.
  function meantCard() {
    return (
      cardOf(document.querySelector(":focus-visible")) ??
      [...document.querySelectorAll("[data-intake]:hover")].at(-1) ??
      cardOf(document.activeElement)
    );
  }

  const visibleCards = () =>
    [...document.querySelectorAll("[data-intake]")].filter((card) => card.getClientRects().length);

  const firstEmptyCard = () => visibleCards().find((card) => !card.hasAttribute("data-intake-filled"));

  function refusePaste() {
    const [card] = visibleCards();
    const error = "Every place holds a picture already. Point at the one to replace and paste again.";
    if (card) pentimento.deliver(card.dataset.intake, { error });
  }

  // ---------------------------------------------------------------------------------------------- reach

  const ownRoles = new WeakSet(); // cards whose role the page has not chosen itself

  // Makes every card reachable with the keyboard. A role of "button" would hide buttons inside from screen
  // readers, so a card that has some is a group.
  function makeReachable() {
    for (const card of document.querySelectorAll("[data-intake]")) {
      if (card.matches(NATIVE)) continue;
      if (!card.hasAttribute("tabindex")) card.tabIndex = 0;
      if (!card.hasAttribute("role")) ownRoles.add(card);
      const role = card.querySelector(INTERACTIVE) ? "group" : "button";
      if (ownRoles.has(card) && card.getAttribute("role") !== role) card.setAttribute("role", role);
    }
  }

  new MutationObserver(makeReachable).observe(document.documentElement, { childList: true, subtree: true });
  makeReachable();
})();
