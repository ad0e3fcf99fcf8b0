// Small comforts. Every page works without this file.

// A second click on the same button sends nothing twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  for (const button of form.querySelectorAll("button[type=submit]")) button.setAttribute("aria-disabled", "true");
});

// Coming back with the browser's back button: the form may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
  }
});

// A page that the browser has kept whole may show old money: where somebody was signed in it is loaded anew.
window.addEventListener("pageshow", (event) => {
  if (event.persisted && document.querySelector("form[action='/sign-out/']")) location.reload();
});

// A page to keep offers to print itself; without this file its hint says how.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// Live status: leave the page alone while nothing changed, and say aloud what did. What was open stays open, and a
// focus whose place is gone goes to the heading. (Where its id is still there, htmx has put it back.)
let held = { focus: false, open: [] };

function words(node) {
  const copy = node.cloneNode(true);
  for (const unseen of copy.querySelectorAll("noscript")) unseen.remove();
  return copy.textContent.replace(/\s+/g, " ").trim();
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const now = event.detail.target;
  const next = new DOMParser().parseFromString(event.detail.serverResponse, "text/html").body.firstElementChild;
  if (!next || next.id !== now.id) {
    event.detail.shouldSwap = false; // signed out meanwhile, say: another page came back
    return;
  }
  const same = words(now) === words(next) && now.hasAttribute("hx-get") === next.hasAttribute("hx-get");
  if (same) event.detail.shouldSwap = false;
  held = {
    focus: now.contains(document.activeElement),
    open: Array.from(now.querySelectorAll("details[open]"), (details) => details.id),
  };
});

document.addEventListener("htmx:afterSettle", (event) => {
  const now = event.detail.elt;
  for (const id of held.open) document.getElementById(id)?.setAttribute("open", "");
  if (held.focus && !now.contains(document.activeElement)) {
    const heading = now.querySelector("h1, h2");
    heading?.setAttribute("tabindex", "-1");
    heading?.focus({ preventScroll: true });
  }
  if (now.dataset.title) document.title = now.dataset.title;
  const said = now.querySelector("[data-announce]");
  if (said) document.getElementById("announcement").textContent = words(said);
});
