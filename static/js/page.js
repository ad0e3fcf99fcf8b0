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

// Live status: leave the page alone while nothing changed, and say aloud what did.
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
});

document.addEventListener("htmx:afterSettle", (event) => {
  const said = event.detail.elt.querySelector("[data-announce]");
  if (said) document.getElementById("announcement").textContent = words(said);
});
