// The page that paints on the device: camera or photograph in, painting out, with nothing sent anywhere.

import { Camera, CameraError } from "./camera.js";
import { keepHere } from "./keeping.js";
import { between, Painter, STYLE_SIZE } from "./painter.js";

const OWN_VECTOR_MS = 3_000; // how long the photograph's own style is taken to hold
const PACE_MS = 1_000;
const ON = { wasm: "on the processor", webgpu: "on the graphics processor" };

const at = (id) => document.getElementById(id);
const main = document.querySelector("main");
const canvas = at("painting");
const camera = new Camera(at("camera"));
const painter = new Painter();
const board = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });

const styleVectors = new Map(); // value of the radio -> promise of its vector
let loading = null;
let photograph = null; // an ImageBitmap, instead of the camera
let own = null; // { vector, at } of what the camera sees
let isRunning = false;
let changed = false; // something that a still photograph is to be painted again for
let painted = 0;

const chosen = (name) => document.querySelector(`input[name="${name}"]:checked`);
const size = () => Number(chosen("size").value);
const strength = () => Number(at("strength").value) / 100;

function say(sentence, state = main.dataset.state) {
  main.dataset.state = state;
  if (at("status").textContent !== sentence) at("status").textContent = sentence;
}

// --- pixels ---------------------------------------------------------------------------------------------

/** The middle square of a picture, or all of it squeezed to a square, as `ImageData`. */
function square(picture, side, { whole = false, mirrored = false } = {}) {
  const width = picture.videoWidth ?? picture.width;
  const height = picture.videoHeight ?? picture.height;
  const short = Math.min(width, height);
  const [across, down] = whole ? [width, height] : [short, short];
  board.canvas.width = board.canvas.height = side; // also takes the last transformation back
  board.imageSmoothingQuality = "high";
  if (mirrored) board.setTransform(-1, 0, 0, 1, side, 0);
  board.drawImage(picture, (width - across) / 2, (height - down) / 2, across, down, 0, 0, side, side);
  return board.getImageData(0, 0, side, side);
}

const hasSource = () => photograph !== null || camera.isOpen;

/** What is to be painted now, if anything is. */
function next() {
  if (document.hidden) return null;
  if (!photograph) return camera.isOpen ? camera.take() : null;
  if (!changed) return null;
  changed = false;
  return photograph;
}

// --- styles ---------------------------------------------------------------------------------------------

function styleVector(radio) {
  if (!styleVectors.has(radio.value)) {
    const picture = radio.parentElement.querySelector("img");
    const vector = picture
      .decode()
      .then(() => createImageBitmap(picture))
      .then((bitmap) => painter.vector(square(bitmap, STYLE_SIZE, { whole: true })));
    styleVectors.set(radio.value, vector);
    vector.catch(() => styleVectors.delete(radio.value));
  }
  return styleVectors.get(radio.value);
}

async function vectorNow(picture) {
  const style = await styleVector(chosen("style"));
  if (strength() === 1) return style;
  if (!own || performance.now() - own.at > OWN_VECTOR_MS) {
    own = { vector: await painter.vector(square(picture, STYLE_SIZE)), at: performance.now() };
  }
  return between(own.vector, style, strength());
}

function addOwnStyle(file) {
  const tile = at("styles").firstElementChild.cloneNode(true);
  const [radio, picture, title] = tile.children;
  radio.value = `own-${Date.now()}`;
  picture.loading = "eager";
  picture.src = URL.createObjectURL(file);
  title.textContent = file.name.replace(/\.\w+$/, "");
  tile.title = "A painting of your own";
  picture.decode().then(
    () => {
      at("styles").prepend(tile);
      radio.checked = true;
      radio.focus();
      changed = true;
    },
    () => say(`${file.name} is not a picture that this browser can read.`),
  );
}

// --- painting -------------------------------------------------------------------------------------------

function load() {
  loading ??= painter.load(document.body.dataset.kit).catch((error) => {
    loading = null; // the next try begins anew
    throw error;
  });
  return loading;
}

async function paintOnce(picture) {
  const side = size();
  const vector = await vectorNow(picture);
  const painting = await painter.paint(square(picture, side, { mirrored: !photograph && camera.isMirror }), vector);
  if (canvas.width !== side) canvas.width = canvas.height = side;
  canvas.getContext("2d").putImageData(painting, 0, 0);
  painted += 1;
}

// One picture at a time: what the camera sees meanwhile is dropped, never queued.
async function run() {
  if (isRunning) return;
  isRunning = true;
  try {
    while (hasSource()) {
      const picture = next();
      if (!picture) {
        await new Promise(requestAnimationFrame); // which rests as long as the page is hidden
        continue;
      }
      await paintOnce(picture);
      at("snapshot").disabled = false;
      if (!hasSource()) break; // stopped meanwhile, which stays said
      if (photograph || main.dataset.state !== "painting") say(photograph ? "Painted" : "Painting", "painting");
      describe();
    }
  } catch (error) {
    stop();
    say(`The picture could not be painted: ${error.message}`);
  } finally {
    isRunning = false;
  }
}

function describe() {
  const style = chosen("style").parentElement.querySelector("span").textContent;
  const words = `${photograph ? "The photograph" : "The camera’s picture"} in the style of ${style}`;
  if (canvas.getAttribute("aria-label") !== words) canvas.setAttribute("aria-label", words);
}

let counted = 0;
setInterval(async () => {
  const since = painted - counted;
  counted = painted;
  if (!since || photograph) {
    at("pace").textContent = "";
    return;
  }
  at("pace").textContent = `${since} a second, ${ON[await painter.accelerator(size())]}`;
}, PACE_MS);

async function begin(openSource) {
  say("Fetching the network…", "loading");
  at("start").disabled = at("turn").disabled = true;
  try {
    await Promise.all([openSource(), load()]);
    at("start").textContent = camera.isOpen ? "Stop camera" : "Start camera";
    at("turn").hidden = !camera.isOpen || (await camera.count()) < 2;
    own = null;
    changed = true;
    run();
  } catch (error) {
    stop();
    say(
      error instanceof CameraError
        ? error.message
        : "The network could not be fetched. Open this page once while the studio answers.",
    );
  } finally {
    at("start").disabled = at("turn").disabled = false;
  }
}

function stop() {
  camera.close();
  at("start").textContent = "Start camera";
  at("turn").hidden = true;
  say(painted ? "Stopped" : "Ready", painted ? "stopped" : "idle");
}

// --- hands ----------------------------------------------------------------------------------------------

at("start").addEventListener("click", () => {
  photograph = null;
  if (camera.isOpen) stop();
  else begin(() => camera.open());
});

at("turn").addEventListener("click", () => begin(() => camera.turn()));

camera.addEventListener("ended", () => {
  stop();
  say("The camera has ended");
});

at("photograph").addEventListener("change", ({ target }) => {
  const [file] = target.files;
  target.value = "";
  if (!file) return;
  begin(async () => {
    photograph = await createImageBitmap(file).catch(() => {
      throw new CameraError(`${file.name} is not a picture that this browser can read.`);
    });
    camera.close();
  });
});

at("own-style").addEventListener("change", ({ target }) => {
  const [file] = target.files;
  target.value = "";
  if (file) addOwnStyle(file);
});

at("strength").addEventListener("input", () => {
  at("strength-shown").textContent = `${at("strength").value}%`;
  changed = true;
});

main.addEventListener("change", ({ target }) => {
  if (["style", "size"].includes(target.name)) changed = true;
});

at("snapshot").addEventListener("click", () => {
  canvas.toBlob((blob) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `pentimento-${new Date().toISOString().slice(0, 19).replaceAll(/[:T]/g, "-")}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    say("Saved");
  });
});

// The networks come while the person looks around.
load()
  .then(keepHere)
  .then((kept) => {
    if (kept) at("kept").textContent = "Kept on this device: from now on this page works without the studio, too.";
  })
  .catch(() => {}); // told when somebody starts
