// Keeps the studio's small shell, so that it opens without the server, and, once somebody has opened the page
// that paints on the device, all that that page needs. Pages come from the server whenever it answers; pictures,
// the API and the dashboard are never kept here and never even looked at.
//
// The server puts KEPT before this: the addresses to keep, and a version that changes with any of their content.
"use strict";

const SHELL = `pentimento-shell-${KEPT.version}`;
const KIT_PREFIX = "pentimento-kit-";
const KIT = KIT_PREFIX + KEPT.kit.version;
const SCOPE = new URL(self.registration.scope).pathname;
const [DEVICE, OFFLINE] = KEPT.pages;
const DOWN = [502, 503, 504]; // what a proxy says for a studio that is not there

const under = (path) => new URL(path, self.registration.scope).href;
const FILES = new Set([...KEPT.shell, ...KEPT.kit.files].map(under));

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (FILES.has(url.href)) event.respondWith(keptFile(request));
  else if (request.mode === "navigate" && isPage(url.pathname)) event.respondWith(page(request, url.pathname));
});

// A page asks with a port, and is told when everything for painting without the server is here.
self.addEventListener("message", (event) => {
  if (event.data !== "keep-kit") return;
  event.waitUntil(
    keepKit().then(
      () => event.ports[0].postMessage({ kept: true }),
      () => event.ports[0].postMessage({ kept: false }),
    ),
  );
});

async function install() {
  const shell = await caches.open(SHELL);
  await shell.addAll(KEPT.shell.map(under));
  await shell.addAll(KEPT.pages.map((path) => new Request(under(path), { cache: "reload" })));
  // Whoever could paint without the server before the studio was renewed still can afterwards.
  if ((await caches.keys()).some((name) => name.startsWith(KIT_PREFIX))) await keepKit();
  await self.skipWaiting();
}

async function activate() {
  const old = (await caches.keys()).filter((name) => name.startsWith("pentimento-") && ![SHELL, KIT].includes(name));
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function keepKit() {
  const kit = await caches.open(KIT);
  const there = new Set((await kit.keys()).map((request) => request.url));
  await kit.addAll(KEPT.kit.files.map(under).filter((url) => !there.has(url)));
}

const isPage = (path) => !["api/", "docs", "assets/", "_"].some((room) => path.startsWith(SCOPE + room));

// Their address changes with their content, so what is kept is never out of date.
async function keptFile(request) {
  return (await caches.match(request.url, { ignoreVary: true })) ?? fetch(request);
}

async function page(request, path) {
  try {
    const answer = await fetch(request);
    if (!DOWN.includes(answer.status)) return answer;
  } catch {
    // Nobody there.
  }
  const kept = await caches.match(under(path === SCOPE + DEVICE ? DEVICE : OFFLINE), { ignoreVary: true });
  return path === SCOPE + DEVICE ? kept : atRoot(kept);
}

// The offline page stands in for pages at any depth: its own addresses are told where the root is.
async function atRoot(answer) {
  const text = (await answer.text()).replace('<base href="../">', `<base href="${self.registration.scope}">`);
  return new Response(text, { headers: answer.headers });
}
