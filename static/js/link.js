// Opens Plaid Link and hands what comes back to a hidden form. This page alone cannot do without a script.

const page = document.getElementById("link");
const message = document.getElementById("link-message");
const button = document.getElementById("link-open");
const restart = document.getElementById("link-restart");
const returning = "returning" in page.dataset;
const form = leftForm();
let said = [];
let handler = null;

// A bank with pages of its own sends the whole page away and back: this tab remembers which pass it left.
function leftForm() {
  const forms = Array.from(document.querySelectorAll("form[data-session]"));
  const left = returning ? sessionStorage.getItem("link-session") : null;
  return forms.find((each) => each.dataset.session === left) ?? forms[0];
}

function say(sentence) {
  message.textContent = sentence;
}

// For support only: nothing waits for it, and nothing depends on it.
function tell() {
  if (!said.length) return;
  const body = new FormData();
  body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  body.append("events", JSON.stringify(said));
  said = [];
  fetch(form.dataset.events, { method: "POST", body, keepalive: true }).catch(() => {});
}

function note(name, metadata) {
  said.push({ name, ...metadata });
  if (name === "OPEN" || said.length > 20) tell();
}

function finish(publicToken, metadata) {
  say("Your bank answered. One moment, please.");
  tell();
  form.elements.public_token.value = publicToken;
  form.elements.institution_id.value = metadata.institution?.institution_id ?? "";
  form.elements.institution_name.value = metadata.institution?.name ?? "";
  form.elements.accounts.value = JSON.stringify(metadata.accounts.map(({ name, mask }) => ({ name, mask })));
  forget();
  form.submit();
}

function forget() {
  sessionStorage.removeItem("link-session");
  if (returning) history.replaceState(null, "", location.pathname); // the state is spent
}

// After these the link token is of no use: only a new start helps.
const OVER = ["INVALID_LINK_TOKEN", "INCORRECT_LINK_TOKEN", "INCORRECT_OAUTH_NONCE", "OAUTH_STATE_ID_NOT_FOUND",
  "OAUTH_STATE_ID_ALREADY_PROCESSED"];

function leave(error) {
  tell();
  handler?.destroy();
  if (error?.error_code === "TOO_MANY_VERIFICATION_ATTEMPTS") { // the bank account's page says what that means
    form.submit();
    return;
  }
  if (returning || OVER.includes(error?.error_code)) {
    forget();
    say(error?.error_code === "INVALID_LINK_TOKEN"
      ? "This page has been open too long for Plaid. Start again; nothing was changed."
      : `${error?.display_message ?? "Your bank did not finish."} Nothing was changed. Start again, please.`);
    button.hidden = true;
    restart.hidden = false;
    restart.focus();
    return;
  }
  const sentence = "Nothing was changed. You can try again, or come back another day.";
  say(error?.display_message ? `${error.display_message} ${sentence}` : sentence);
  button.textContent = "Try again";
  button.focus();
}

function open() {
  if (!window.Plaid) {
    say("Plaid did not load. Check your connection, or a blocker in your browser, and load this page again.");
    return;
  }
  say("");
  sessionStorage.setItem("link-session", form.dataset.session);
  const options = { token: form.dataset.token, onSuccess: finish, onExit: leave, onEvent: note };
  if (returning) options.receivedRedirectUri = location.href;
  handler = window.Plaid.create(options);
  handler.open();
}

button.hidden = returning;
button.addEventListener("click", open);
window.addEventListener("pagehide", tell);
open();
