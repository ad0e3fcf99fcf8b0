// Opens Plaid Link and hands what comes back to the hidden form. This page alone cannot do without a script.

const page = document.getElementById("link");
const form = document.getElementById("link-finish");
const message = document.getElementById("link-message");
const button = document.getElementById("link-open");
const restart = document.getElementById("link-restart");

function say(sentence) {
  message.textContent = sentence;
}

function finish(publicToken, metadata) {
  say("Your bank answered. One moment, please.");
  form.elements.public_token.value = publicToken;
  form.elements.institution_name.value = metadata.institution?.name ?? "";
  form.submit();
}

function leave(error) {
  if (error?.error_code === "INVALID_LINK_TOKEN") {
    say("This page has been open too long for Plaid. Start again; nothing was linked.");
    button.hidden = true;
    restart.hidden = false;
    return;
  }
  const sentence = "Nothing was linked. You can try again, or come back another day.";
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
  window.Plaid.create({ token: page.dataset.token, onSuccess: finish, onExit: leave }).open();
}

button.hidden = false;
button.addEventListener("click", open);
open();
