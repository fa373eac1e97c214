// Painting a video: brings a clip to the studio, asks for it to be painted, and shows how far it is. All of it goes
// through the studio's API, so a page that is loaded again finds the video where it is.
(() => {
  "use strict";

  const API = `${window.dash_clientside.pentimento.root}/api/v1`;
  const RETRY_MS = 3000;
  const NO_ANSWER = "The studio does not answer. Try again in a moment.";

  let style = null; // id of the painting
  let clip = null; // the uploaded video
  let job = null; // the newest one that was asked for
  let events = null; // its log
  let isSending = false;

  const part = (name) => document.getElementById(`video-${name}`);

  // About the clip, and about what a hand did; how the painting is going has a line of its own.
  function say(words) {
    part("note").textContent = words;
  }

  async function ask(path, method = "GET", body = undefined) {
    const headers = body === undefined ? {} : { "Content-Type": "application/json" };
    let answer;
    try {
      answer = await fetch(`${API}${path}`, { method, headers, body: body && JSON.stringify(body) });
    } catch {
      throw new Error(NO_ANSWER);
    }
    const told = answer.status === 204 ? null : await answer.json().catch(() => null);
    if (!answer.ok) throw Object.assign(new Error(told?.error?.message ?? NO_ANSWER), { status: answer.status });
    return told;
  }

  // What a person does here may fail, and then is said.
  async function attempt(deed) {
    try {
      await deed();
    } catch (error) {
      say(error.message);
    }
    show();
  }

  // ---------------------------------------------------------------------------------------------- the clip

  function choose() {
    const input = document.createElement("input");
    input.type = "file";
    input.accept = "video/mp4,video/quicktime,video/webm,image/gif,.mp4,.mov,.webm,.gif";
    input.addEventListener("change", () => input.files[0] && attempt(() => send(input.files[0])));
    input.click();
  }

  async function send(file) {
    if (isSending) return;
    const most = Number(part("card").dataset.maxBytes);
    if (file.size > most) {
      throw new Error(`This video is larger than ${Math.round(most / 2 ** 20)} MB, the most that is accepted.`);
    }
    isSending = true;
    show();
    try {
      const taken = await upload(file);
      if (clip) ask(`/videos/${clip.id}`, "DELETE").catch(() => {}); // nobody asks for it any more
      clip = taken;
    } finally {
      isSending = false;
    }
    const sound = clip.has_sound ? "with sound" : "without sound";
    say(`${clip.width}×${clip.height}, ${clock(clip.seconds)}, ${clip.frames} frames, ${sound}.`);
  }

  // Not fetch: that does not tell how much has gone.
  function upload(file) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      const form = new FormData();
      form.append("file", file, "video");
      request.responseType = "json";
      request.upload.addEventListener("progress", ({ loaded, total }) => {
        say(loaded < total ? `Sending: ${Math.floor((100 * loaded) / total)} %` : "Looking at the video…");
      });
      request.addEventListener("error", () => reject(new Error(NO_ANSWER)));
      request.addEventListener("load", () => {
        if (request.status === 201) resolve(request.response);
        else reject(new Error(request.response?.error?.message ?? NO_ANSWER));
      });
      request.open("POST", `${API}/videos`);
      request.send(form);
    });
  }

  // ---------------------------------------------------------------------------------------------- the job

  async function start() {
    if (!style) throw new Error("Choose a painting first.");
    const { quality } = document.querySelector("[data-quality][aria-pressed=true]").dataset;
    follow(await ask("/video-jobs", "POST", { video: clip.id, style, options: { quality } }));
    say("");
  }

  const isOver = () => !job || ["done", "failed", "cancelled"].includes(job.state);

  function follow(found) {
    job = found;
    leave();
    show();
    if (isOver()) return;
    events = new EventSource(`${API}/video-jobs/${job.id}/events`);
    events.addEventListener("step", ({ data }) => {
      const { step, steps, seconds_left } = JSON.parse(data);
      Object.assign(job, { step, steps, seconds_left });
      show();
    });
    events.addEventListener("preview", ({ data }) => {
      job.preview = `${API}/video-jobs/${job.id}/preview.jpg?seq=${JSON.parse(data).seq}`;
      show();
    });
    // A log tells everything from its beginning: where the job is now is asked for.
    events.addEventListener("state", refresh);
    events.addEventListener("error", ({ target }) => setTimeout(reconnect, RETRY_MS, target));
  }

  // After a break the browser opens a log again; after an answer that is an error it never does.
  async function reconnect(log) {
    const answered = await refresh();
    if (log !== events || log.readyState !== EventSource.CLOSED) return;
    if (answered) follow(job);
    else setTimeout(reconnect, RETRY_MS, log);
  }

  // Where the job is now; resolves to whether the studio said so.
  async function refresh() {
    if (!job) return false;
    const { id } = job;
    let now = null;
    try {
      now = await ask(`/video-jobs/${id}`);
    } catch (error) {
      if (error.status !== 404) return false;
    }
    if (job?.id !== id) return false;
    job = now;
    if (!job) say("This video is not here any more.");
    if (isOver()) leave();
    show();
    return true;
  }

  function leave() {
    events?.close();
    events = null;
  }

  async function act(name) {
    job = await ask(`/video-jobs/${job.id}/${name}`, "POST");
    say("");
  }

  // ---------------------------------------------------------------------------------------------- to be seen

  function clock(seconds) {
    const whole = Math.max(0, Math.round(seconds));
    const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
    const [hours, ...rest] = parts;
    const [minutes, last] = hours ? rest.map((value) => String(value).padStart(2, "0")) : [rest[0], String(rest[1]).padStart(2, "0")];
    return hours ? `${hours}:${minutes}:${last}` : `${minutes}:${last}`;
  }

  function status() {
    if (job.state === "failed") return job.error;
    if (job.state === "cancelled") return "Given up.";
    if (job.state === "done") return "The video is painted.";
    const done = job.step ? ` Frame ${job.step} of ${job.steps}.` : "";
    if (job.state === "paused") return `${job.error ?? "Resting."}${done}`;
    if (job.state !== "running") return `Waiting for its turn.${done}`;
    const left = job.seconds_left ? ` ${clock(job.seconds_left)} left.` : "";
    return `Painting.${done}${left}`;
  }

  // Why none can be painted now; nothing when it can.
  function obstacle() {
    if (isSending) return "The video is on its way.";
    if (!isOver()) return "A video is being painted. Another one can follow it.";
    return clip ? "" : "Choose a video first.";
  }

  function show() {
    if (!part("run")) return;
    part("start").title = obstacle();
    part("start").disabled = part("start").title !== "";
    part("run").hidden = !job;
    if (!job) return;
    const [over, progress] = [isOver(), part("progress")];
    progress.max = Math.max(job.steps, 1);
    progress.value = job.step;
    progress.hidden = over;
    part("pause").hidden = over || !["running", "paused"].includes(job.state);
    part("pause").textContent = job.state === "paused" ? "Go on" : "Pause";
    part("stop").hidden = over;
    part("preview").hidden = over || !job.preview;
    if (job.preview && !over) part("preview").src = job.preview;
    part("result").hidden = part("download").hidden = !job.result;
    if (job.result && part("result").getAttribute("src") !== job.result) {
      part("result").src = job.result;
      part("download").href = `${job.result}?download=true`;
    }
    part("status").textContent = status();
  }

  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.("#video button");
    if (!button) return;
    if (button.dataset.quality) {
      for (const choice of document.querySelectorAll("[data-quality]")) {
        choice.setAttribute("aria-pressed", String(choice === button));
      }
    } else if (button.id === "video-card") choose();
    else if (button.id === "video-start") attempt(start);
    else if (button.id === "video-pause") attempt(() => act(job.state === "paused" ? "resume" : "pause"));
    else if (button.id === "video-stop") attempt(() => act("cancel"));
  });

  for (const kind of ["dragover", "drop"]) {
    document.addEventListener(kind, (event) => {
      if (!event.target.closest?.("#video")) return;
      event.preventDefault();
      event.stopPropagation(); // the page itself takes what is dropped anywhere for a picture
      const [file] = event.dataTransfer.files;
      if (kind === "drop" && file) attempt(() => send(file));
    }, true);
  }

  // Where the last one is, once the panel is opened.
  document.addEventListener("toggle", ({ target }) => {
    if (target.id !== "video" || !target.open || job) return;
    ask("/video-jobs?limit=1").then(({ jobs: [newest] }) => newest && !job && follow(newest)).catch(() => {});
  }, true);

  Object.assign(((window.dash_clientside ??= {}).pentimento ??= {}), {
    videoStyle(styles) {
      style = styles?.[0]?.id ?? null;
      return style ?? "";
    },
  });
})();
