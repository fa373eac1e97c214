// Looks again now and then, while the page is seen: the page itself is asked for, and its tables are taken over.

const EVERY = 5000; // milliseconds
const follow = document.getElementById("follow");
const trouble = document.getElementById("trouble");

async function look() {
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.getElementById("standing").replaceWith(document.adoptNode(page.getElementById("standing")));
    trouble.textContent = "";
  } catch {
    trouble.textContent = "The studio does not answer. What is shown here is old.";
  }
}

setInterval(() => {
  if (follow.checked && !document.hidden) look();
}, EVERY);
