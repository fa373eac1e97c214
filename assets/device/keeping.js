// Has the service worker keep all that this page needs, so that it opens and paints without the studio.

/** Resolves to whether everything is kept on this device now. */
export async function keepHere() {
  if (!("serviceWorker" in navigator)) return false;
  try {
    await navigator.serviceWorker.register("service-worker.js", { updateViaCache: "none" });
    const { active } = await navigator.serviceWorker.ready;
    return await new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }) => resolve(data.kept);
      active.postMessage("keep-kit", [port2]);
    });
  } catch {
    return false; // storage is forbidden or full: the page works as long as it is open
  }
}
