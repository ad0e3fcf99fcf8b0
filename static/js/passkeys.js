// Asks the device for a passkey and sends its answer with the form. Without this file there is the password.

const known = window.PublicKeyCredential !== undefined && navigator.credentials !== undefined;

function bytes(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (each) => each.charCodeAt(0));
}

function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}

// What has bytes in it travels as base64url, in both directions.
function asked(options) {
  options.challenge = bytes(options.challenge);
  if (options.user) options.user.id = bytes(options.user.id);
  for (const each of options.excludeCredentials ?? []) each.id = bytes(each.id);
  for (const each of options.allowCredentials ?? []) each.id = bytes(each.id);
  return options;
}

function answered(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response });
}

// What goes wrong in words of ours; a browser's own are for nobody.
class Said extends Error {}

async function ask(form) {
  const body = new FormData();
  body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  const came = await fetch(form.dataset.question, { method: "POST", body });
  if (came.status >= 500) throw new Said(UNKNOWN);
  if (came.status === 429) throw new Said("Try again in some minutes, please.");
  if (!(came.headers.get("content-type") ?? "").startsWith("application/json")) {
    if (form.dataset.passkey !== "create") throw new Said("You have been signed out. Open the page again.");
    location.reload(); // too long ago: the page asks who it is again
    return null;
  }
  if (!came.ok) throw new Said((await came.json()).error);
  const publicKey = asked(await came.json());
  return navigator.credentials[form.dataset.passkey]({ publicKey });
}

const UNKNOWN = "This did not work, and nothing was changed. Look at your connection, and try again in a minute, please.";
const SAID = {
  NotAllowedError: "Your device did not answer, or you called it off. You can try again.",
  InvalidStateError: "This device has a passkey for your account already.",
  SecurityError: "Passkeys work at this site’s own name only. Look at the address above.",
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const line = form.querySelector("[data-passkey-says]");
  form.hidden = !known;
  if (known) line.textContent = "";
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation(); // the form is sent below, once
    if (form.dataset.passkey === "create" && !form.elements.name.value.trim()) {
      form.submit(); // the page says what is missing
      return;
    }
    if (form.dataset.sent) return; // another question would make the answer to this one worthless
    form.dataset.sent = "yes";
    line.textContent = "Your device asks you now.";
    try {
      const credential = await ask(form);
      if (!credential) return;
      form.querySelector("[data-passkey-answer]").value = answered(credential);
      form.submit();
    } catch (why) {
      delete form.dataset.sent;
      line.textContent = why instanceof Said ? why.message : (SAID[why.name] ?? UNKNOWN);
    }
  });
}
