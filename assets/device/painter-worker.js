// Runs the two networks with LiteRT: on the graphics processor where that is faster, otherwise on the processor.
// A classic worker, because LiteRT's loader wants importScripts.
"use strict";

const RUNTIME = "litert/litert_wasm_compat_internal.js";
const PREDICTOR = "models/predictor-int8.tflite";
const transformerFile = (size) => `models/transformer-${size}-int8.tflite`;
const STYLE_SIZE = 256;
const DIMENSIONS = 100;
const COLOURS = 3;

let kit;
let litert;
let predictor;
const transformers = new Map(); // side -> { network, accelerator }, compiled when a side is first asked for

const answers = {
  async load({ kit: address }) {
    kit = address;
    self.Module = { locateFile: (name) => `${kit}litert/${name}`, printErr: complain };
    litert = await import(`${kit}litert/core.js`);
    await litert.loadLiteRt(kit + RUNTIME);
    predictor = await litert.loadAndCompile(await fetched(PREDICTOR), { accelerator: "wasm" });
  },

  async vector({ pixels }) {
    return (await run(predictor, { picture: input(pixels, STYLE_SIZE) })).vector;
  },

  async paint({ pixels, size, vector }) {
    const { network } = await transformer(size);
    return opaque((await run(network, inputs(pixels, size, vector))).painting);
  },

  async accelerator({ size }) {
    return (await transformer(size)).accelerator;
  },
};

// One at a time: the networks share a memory.
let turn = Promise.resolve();
self.addEventListener("message", ({ data: { id, ask, ...what } }) => {
  turn = turn
    .then(() => answers[ask](what))
    .then((result) => self.postMessage({ id, result }, result?.buffer ? [result.buffer] : []))
    .catch((error) => self.postMessage({ id, error: error.message }));
});

async function transformer(size) {
  if (!transformers.has(size)) transformers.set(size, await fastest(await fetched(transformerFile(size)), size));
  return transformers.get(size);
}

/** The network compiled for whichever of the two paints a picture sooner here. */
async function fastest(file, size) {
  const wasm = { network: await litert.loadAndCompile(file, { accelerator: "wasm" }), accelerator: "wasm" };
  const device = litert.getDefaultEnvironment().webGpuDevice;
  if (!device || device.adapterInfo?.isFallbackAdapter) return wasm;
  try {
    const gpu = { network: await litert.loadAndCompile(file, { accelerator: "webgpu" }), accelerator: "webgpu" };
    const sooner =
      gpu.network.isFullyAccelerated && (await seconds(gpu.network, size)) < (await seconds(wasm.network, size));
    const [chosen, other] = sooner ? [gpu, wasm] : [wasm, gpu];
    other.network.delete();
    return chosen;
  } catch {
    return wasm;
  }
}

async function seconds(network, size) {
  const pixels = new Uint8ClampedArray(4 * size * size);
  const vector = new Float32Array(DIMENSIONS);
  const paint = () => run(network, inputs(pixels, size, vector));
  await paint(); // the first time prepares
  const begun = performance.now();
  await paint();
  return (performance.now() - begun) / 1000;
}

/** Tensors in, values out, by the names that they have in the network's manifest. */
async function run(network, inputs) {
  const outputs = await network.run(inputs);
  const values = {};
  for (const [name, tensor] of Object.entries(outputs)) values[name] = await tensor.data();
  for (const tensor of [...Object.values(inputs), ...Object.values(outputs)]) tensor.delete();
  return values;
}

const inputs = (pixels, size, vector) => ({
  picture: input(pixels, size),
  vector: new litert.Tensor(vector, [1, DIMENSIONS]),
});

/** Pixels (RGBA, bytes) as the networks take them: RGB, 0..1. */
function input(pixels, size) {
  const values = new Float32Array(size * size * COLOURS);
  for (let from = 0, to = 0; from < pixels.length; from += 4) {
    values[to++] = pixels[from] / 255;
    values[to++] = pixels[from + 1] / 255;
    values[to++] = pixels[from + 2] / 255;
  }
  return new litert.Tensor(values, [1, size, size, COLOURS]);
}

function opaque(values) {
  const pixels = new Uint8ClampedArray((values.length / COLOURS) * 4); // rounds, too
  for (let from = 0, to = 0; from < values.length; to += 4) {
    pixels[to] = values[from++] * 255;
    pixels[to + 1] = values[from++] * 255;
    pixels[to + 2] = values[from++] * 255;
    pixels[to + 3] = 255;
  }
  return pixels;
}

/** The runtime tells everything that it does as if it were an error. */
function complain(line) {
  if (!/^(INFO|WARNING|I\d)/.test(line)) console.error(line);
}

async function fetched(name) {
  const answer = await fetch(kit + name);
  if (!answer.ok) throw new Error(`${name} is not there (${answer.status}).`);
  return new Uint8Array(await answer.arrayBuffer());
}
