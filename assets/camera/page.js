// The page of the studio's camera: frames to the studio, paintings back, style and strength as they are now.

import { Camera, CameraError } from "./camera.js";
import { Stream } from "./stream.js";

const PACE_MS = 1_000;
const AGAIN_MS = 2_000; // between two tries to reach the studio
const QUALITY = 0.8; // of the frames that are sent
const FINAL = ["cameras_full", "replaced"]; // refusals after which it makes no sense to go on
const LOST = "The connection to the studio was lost. It is tried again every two seconds.";
const NO_STUDIO = "The studio does not answer. Try again in a moment.";

const at = (id) => document.getElementById(id);
const main = document.querySelector("main");
const canvas = at("painting");
const camera = new Camera(at("camera"));
const stream = new Stream("api/v1/camera");
const board = new OffscreenCanvas(1, 1).getContext("2d");

const taken = new Map(); // value of a style's radio -> promise of the studio's picture
let newest = null; // the painting that is seen, as it came
let isRunning = false;
let painted = 0;

const chosen = (name) => document.querySelector(`input[name="${name}"]:checked`);
const title = () => chosen("style").parentElement.querySelector("span").textContent;
const strength = () => Number(at("strength").value) / 100;

function say(sentence, state = main.dataset.state) {
  main.dataset.state = state;
  if (at("status").textContent !== sentence) at("status").textContent = sentence;
}

// --- the studio's pictures --------------------------------------------------------------------------------

class StudioError extends Error {}

async function posted(address, body) {
  const answer = await fetch(address, { method: "POST", body }).catch(() => {
    throw new StudioError(NO_STUDIO);
  });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new StudioError(said.error?.message ?? NO_STUDIO);
  return said;
}

function uploaded(file) {
  const form = new FormData();
  form.append("file", file);
  return posted("api/v1/images", form);
}

function stylePicture(radio) {
  if (!taken.has(radio.value)) {
    const picture = posted(`api/v1/samples/${radio.value}`);
    taken.set(radio.value, picture);
    picture.catch(() => taken.delete(radio.value)); // the next try begins anew
  }
  return taken.get(radio.value);
}

/** Tells the studio how to paint now. */
async function tell() {
  const radio = chosen("style");
  const { id } = await stylePicture(radio);
  if (radio.checked) stream.look({ styles: [{ image: id }], strength: strength() });
}

async function addOwnStyle(file) {
  const picture = uploaded(file);
  const tile = at("styles").firstElementChild.cloneNode(true);
  const [radio, image, name] = tile.children;
  radio.value = `own-${Date.now()}`;
  image.loading = "eager";
  image.src = new URL((await picture).thumbnail, document.baseURI).href;
  name.textContent = file.name.replace(/\.\w+$/, "");
  tile.title = "A painting of your own";
  taken.set(radio.value, picture);
  at("styles").prepend(tile);
  radio.checked = true;
  radio.focus();
  await tell();
}

// --- frames -----------------------------------------------------------------------------------------------

/** What a video shows as a JPEG, its longer side at most `side` pixels. */
function frame(video, side, quality) {
  const scale = Math.min(1, side / Math.max(video.videoWidth, video.videoHeight));
  board.canvas.width = Math.round(video.videoWidth * scale); // also takes the last transformation back
  board.canvas.height = Math.round(video.videoHeight * scale);
  board.imageSmoothingQuality = "high";
  if (camera.isMirror) board.setTransform(-1, 0, 0, 1, board.canvas.width, 0);
  board.drawImage(video, 0, 0, board.canvas.width, board.canvas.height);
  return board.canvas.convertToBlob({ type: "image/jpeg", quality });
}

// What the camera sees while a frame is under way is dropped, never queued.
async function run() {
  if (isRunning) return;
  isRunning = true;
  while (camera.isOpen) {
    const video = !document.hidden && stream.isFree ? camera.take() : null;
    if (video) stream.paint(await frame(video, Number(chosen("size").value), QUALITY));
    else await new Promise(requestAnimationFrame); // which rests as long as the page is hidden
  }
  isRunning = false;
}

stream.addEventListener("painting", async ({ detail: blob }) => {
  newest = blob;
  painted += 1;
  const picture = await createImageBitmap(blob);
  if (newest !== blob || !camera.isOpen) return;
  if (canvas.width !== picture.width || canvas.height !== picture.height) {
    canvas.width = picture.width;
    canvas.height = picture.height;
    canvas.parentElement.style.setProperty("--aspect", (picture.width / picture.height).toFixed(4));
  }
  canvas.getContext("2d").drawImage(picture, 0, 0);
  canvas.setAttribute("aria-label", `The camera’s picture in the style of ${title()}`);
  at("snapshot").disabled = at("easel").disabled = false;
  say("Painting", "painting");
});

stream.addEventListener("refusal", ({ detail: { code, message } }) => {
  if (code === "superseded") return;
  if (FINAL.includes(code)) stop(message);
  else say(message);
});

stream.addEventListener("lost", () => {
  if (!camera.isOpen) return;
  say(LOST, "lost");
  setTimeout(() => camera.isOpen && stream.open(), AGAIN_MS);
});

let counted = 0;
setInterval(() => {
  const since = painted - counted;
  counted = painted;
  at("pace").textContent = since ? `${since} a second` : "";
}, PACE_MS);

// --- hands ------------------------------------------------------------------------------------------------

const why = (error) =>
  error instanceof CameraError || error instanceof StudioError ? error.message : "The camera could not be started.";

async function begin(openSource) {
  say("Starting the camera…", "loading");
  at("start").disabled = at("turn").disabled = true;
  try {
    await Promise.all([openSource(), tell()]);
    const cameras = await camera.count();
    if (!camera.isOpen) return; // whatever closed it has said so
    at("start").textContent = "Stop camera";
    at("turn").hidden = cameras < 2;
    stream.open();
    run();
  } catch (error) {
    stop(why(error));
  } finally {
    at("start").disabled = at("turn").disabled = false;
  }
}

function stop(sentence) {
  camera.close();
  stream.close();
  at("start").textContent = "Start camera";
  at("turn").hidden = true;
  say(sentence, painted ? "stopped" : "idle");
}

at("start").addEventListener("click", () => {
  if (camera.isOpen) stop("Stopped");
  else begin(() => camera.open());
});

at("turn").addEventListener("click", () => begin(() => camera.turn()));

camera.addEventListener("ended", () => stop("The camera has ended"));

const telling = () => tell().catch((error) => say(why(error)));

at("strength").addEventListener("input", () => {
  at("strength-shown").textContent = `${at("strength").value}%`;
  telling();
});

main.addEventListener("change", ({ target }) => {
  if (target.name === "style") telling();
});

at("own-style").addEventListener("change", ({ target }) => {
  const [file] = target.files;
  target.value = "";
  if (file) addOwnStyle(file).catch((error) => say(why(error)));
});

at("snapshot").addEventListener("click", () => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(newest);
  link.download = `pentimento-${new Date().toISOString().slice(0, 19).replaceAll(/[:T]/g, "-")}.jpg`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
});

// A photograph, and the painting it is seen in, go to the studio's page, where its previews and runs are.
at("easel").addEventListener("click", async () => {
  at("easel").disabled = true;
  try {
    if (!camera.isOpen) throw new StudioError("Start the camera, so that there is a photograph to take along.");
    const photograph = await frame(at("camera"), Infinity, 0.95);
    const pictures = await Promise.all([uploaded(photograph), stylePicture(chosen("style"))]);
    const [content, style] = pictures.map(({ id, width, height, url, thumbnail }) => ({ id, width, height, url, thumbnail, share: 50 }));
    // Where the page keeps them (components/pictures.py).
    sessionStorage.setItem("content-picture", JSON.stringify(content));
    sessionStorage.setItem("style-pictures", JSON.stringify([style]));
    location.assign("./");
  } catch (error) {
    say(why(error));
    at("easel").disabled = false;
  }
});
