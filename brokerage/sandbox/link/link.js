/* The frame's half of the Link stand-in: one pane at a time, each answered by the sandbox's server. */

import {ask, leave, listen, note, noteError, session, soFar, succeed, tell} from "./link-session.js";
import {goToBank, showOauth} from "./link-oauth.js";
import {$, accountOption, bankButton, clear, complain, deviceOption, fill, isShown, keepFocus, questionField, selectionField, show, stay}
  from "./link-panes.js";

const PATIENCE = 400; // milliseconds before a wait is shown
// What is mended where it went wrong; any other refusal has a pane of its own.
const MENDABLE = ["INVALID_CREDENTIALS", "INVALID_MFA", "INVALID_OTP", "INVALID_FIELD", "MISSING_FIELDS",
  "INVALID_ACCOUNT_NUMBER", "INCORRECT_DEPOSIT_VERIFICATION"];
const FINAL = ["INVALID_LINK_TOKEN", "INCORRECT_LINK_TOKEN", "INCORRECT_OAUTH_NONCE", "OAUTH_STATE_ID_NOT_FOUND",
  "OAUTH_STATE_ID_ALREADY_PROCESSED", "TOO_MANY_VERIFICATION_ATTEMPTS"];
let busy = false;

/* Run one step. A refusal is said in the form it belongs to, or in the pane for errors. */
async function step(form, work) {
  if (busy) return;
  busy = true;
  if (form) clear(form);
  try {
    await work();
  } catch (problem) {
    refuse(form, problem);
  } finally {
    busy = false;
  }
}

function refuse(form, problem) {
  noteError(problem);
  if (form && problem.body && MENDABLE.includes(problem.body.error_code)) {
    show(session.pane);
    complain(form, problem.message);
  } else {
    showError();
  }
}

function showError() {
  if (!session.opened) open("ERROR");
  const code = session.error.error_code;
  const final = FINAL.includes(code) || (!session.bank && !session.updates);
  if (code === "INSTITUTION_NO_LONGER_SUPPORTED") session.status = "institution_not_supported";
  $("error-text").textContent = session.error.display_message || (code === "INVALID_LINK_TOKEN"
    ? "This session has expired. Go back and start again." : "Something went wrong. Go back and try again.");
  $("error-retry").hidden = final || !["credentials", "oauth"].includes(session.start);
  $("error-other").hidden = final || session.updates;
  // The first way on that there is stands out.
  [...$("pane-error").querySelectorAll("button:not([hidden])")].forEach((button, place) => button.classList.toggle("quiet", place > 0));
  show("error");
}

/* Ask the server; a wait that a person would notice is shown. */
async function wait(path, fields) {
  note("TRANSITION_VIEW", {view_name: "LOADING"});
  const timer = setTimeout(() => {
    if (isShown("leaving")) {
      session.behind = "loading";
      return;
    }
    document.querySelectorAll("section").forEach((section) => { section.hidden = section.id !== "pane-loading"; });
  }, PATIENCE);
  try {
    return await ask(path, fields);
  } finally {
    clearTimeout(timer);
  }
}

/* From the first pane to the bank */

async function start({token, embedded, receivedRedirectUri}) {
  if (receivedRedirectUri) session.status = "requires_oauth";
  const said = await ask("start", {link_token: token, ...(receivedRedirectUri && {received_redirect_uri: receivedRedirectUri})});
  Object.assign(session, {id: said.session_id, updates: said.updates, timing: said.timing, intro: said.intro, bank: said.institution});
  fill("client", said.client_name);
  fill("bank", said.institution ? said.institution.name : "your bank");
  if (embedded && !said.institution) return showBanks();
  if (said.next) {
    open("LOADING");
    return proceed(said);
  }
  return introduce();
}

function open(view) {
  note("OPEN", {view_name: view});
  session.opened = true;
}

/* The panes before the list of banks, one after the other. */
function introduce() {
  const pane = session.intro.shift();
  if (!session.opened) {
    if (!pane) {
      open("SELECT_INSTITUTION");
    } else {
      show(pane);
      return open(pane === "consent" ? "CONSENT" : "SUBMIT_PHONE");
    }
  }
  return pane ? show(pane) : showBanks();
}

async function showBanks() {
  session.bank = null;
  $("banks").replaceChildren(); // a bank of the last list would be chosen in vain while the next is fetched
  $("by-number").hidden = true; // until the list says that it is welcome
  show("banks");
  return findBanks();
}

async function findBanks() {
  const query = $("search-input").value.trim();
  const {institutions, numbers} = await ask("institutions", {query});
  if (query !== $("search-input").value.trim()) return; // a later question is on its way
  $("banks").replaceChildren(...institutions.map((bank) => bankButton(bank, (chosen) => step(null, () => chooseBank(chosen)))));
  $("by-number").hidden = !numbers;
  $("found").textContent = institutions.length ? "" : `No bank found for “${query}”. Check the spelling.`;
  if (query && session.opened) note("SEARCH_INSTITUTION", {institution_search_query: query});
}

async function chooseBank({name, institution_id, status}) {
  session.bank = {name, institution_id};
  fill("bank", name);
  if (!session.opened) {
    tell({type: "cover"});
    open("SELECT_INSTITUTION");
  }
  note("SELECT_INSTITUTION");
  if (status !== "HEALTHY") note(status === "DEGRADED" ? "SELECT_DEGRADED_INSTITUTION" : "SELECT_DOWN_INSTITUTION");
  return signIn();
}

async function signIn() {
  session.start = null;
  return proceed(await ask("choose", {institution_id: session.bank.institution_id}));
}

/* From the bank to the end */

function proceed(said) {
  const go = {credentials: showCredentials, oauth: showOauth, code: showCode, questions: showQuestions, selections: showSelections,
    accounts: showAccounts, numbers: showNumbers, deposit: () => show("deposit"), connected: () => finish([])};
  return go[said.next](said);
}

function showCredentials({degraded}) {
  session.start = "credentials";
  $("credentials").reset();
  $("degraded").hidden = !degraded;
  return show("credentials");
}

function showCode({devices}) {
  $("code-form").reset();
  if (!devices) return show("code");
  $("devices").replaceChildren(...devices.map(deviceOption));
  return show("device");
}

function showQuestions({questions}) {
  $("questions").replaceChildren(...questions.flatMap(questionField));
  return show("questions");
}

function showSelections({questions}) {
  $("selections").replaceChildren(...questions.flatMap(selectionField));
  return show("selections");
}

function showAccounts({accounts, single, then}) {
  $("accounts").replaceChildren(...accounts.map((account) => accountOption(account, single)));
  Object.assign(session, {offered: accounts, then});
  return show("accounts");
}

function showNumbers({routing = "110000000"} = {}) {
  session.start = "numbers";
  fill("routing", routing);
  return show("numbers");
}

function askForNumbers(chosen) {
  const {name, mask} = session.offered.find(({key}) => key === chosen[0]);
  fill("account", mask ? `${name} ending in ${mask}` : name);
  session.chosen = chosen;
  $("match-form").reset();
  return show("match");
}

async function finish(accounts) {
  const said = await ask("finish", {accounts, events: soFar()});
  show("connected");
  succeed(said.public_token, said.metadata);
}

function noteNumbers(routing, account) {
  note("SUBMIT_ROUTING_NUMBER", {routing_number: routing});
  note("SUBMIT_ACCOUNT_NUMBER", {account_number_mask: account.slice(-4)});
}

/* Listening */

function on(id, name, act) {
  $(id).addEventListener(name, (event) => {
    event.preventDefault();
    act();
  });
}

function answersOf(form, names) {
  return names.map((name) => form.querySelector(name)?.value.trim() || "");
}

on("continue", "click", () => step(null, introduce));
on("guest", "click", () => step(null, () => {
  note("SKIP_SUBMIT_PHONE");
  return introduce();
}));
on("phone-form", "submit", () => step($("phone-form"), async () => {
  if (!$("phone").value.trim()) return complain($("phone-form"), "Enter your phone number, or continue as guest.");
  note("SUBMIT_PHONE");
  await ask("phone", {phone_number: $("phone").value.trim()});
  return show("otp");
}));
on("otp-form", "submit", () => step($("otp-form"), async () => {
  if (!$("otp").value.trim()) return complain($("otp-form"), "Enter the code.");
  note("SUBMIT_OTP");
  await ask("phone-code", {code: $("otp").value.trim()});
  note("VERIFY_PHONE");
  return introduce();
}));
$("search-input").addEventListener("input", () => findBanks().catch((problem) => {
  // A search that fails once another pane has come is nobody's any more.
  if (session.pane === "banks" && !isShown("error")) refuse(null, problem);
}));
on("other-bank", "click", () => step(null, showBanks));
on("oauth-other-bank", "click", () => step(null, showBanks));
on("oauth", "click", () => step(null, () => goToBank(proceed)));
on("credentials", "submit", () => step($("credentials"), async () => {
  const fields = {institution_id: session.bank.institution_id, username: $("aut-input-0-input").value, password: $("aut-input-1-input").value};
  if (!fields.username || !fields.password) return complain($("credentials"), "Enter your username and password.");
  note("SUBMIT_CREDENTIALS");
  return proceed(await wait("sign-in", fields));
}));
on("device-form", "submit", () => step($("device-form"), async () => {
  note("SUBMIT_MFA", {mfa_type: "device"});
  return proceed(await wait("device", {device_id: $("devices").querySelector(":checked").value}));
}));
on("code-form", "submit", () => step($("code-form"), async () => {
  if (!$("code").value.trim()) return complain($("code-form"), "Enter the code.");
  note("SUBMIT_MFA", {mfa_type: "code"});
  return proceed(await wait("code", {code: $("code").value.trim()}));
}));
["questions", "selections"].forEach((kind) => on(`${kind}-form`, "submit", () => step($(`${kind}-form`), async () => {
  const form = $(`${kind}-form`);
  const names = kind === "questions" ? [...form.querySelectorAll("input")].map((input) => `#${input.id}`)
    : [...form.querySelectorAll("fieldset")].map((_, index) => `[name=answer-${index}]:checked`);
  const answers = answersOf(form, names);
  if (answers.includes("")) return complain(form, "Answer every question.");
  note("SUBMIT_MFA", {mfa_type: kind});
  return proceed(await wait("answers", {answers}));
})));
on("choice", "submit", () => step($("choice"), async () => {
  const chosen = [...$("accounts").querySelectorAll(":checked")].map((input) => input.value);
  if (!chosen.length) return complain($("choice"), "Choose at least one account.");
  return session.then === "match" ? askForNumbers(chosen) : finish(chosen);
}));
on("by-number", "click", () => step(null, showNumbers));
on("match-form", "submit", () => step($("match-form"), async () => {
  const [routing, account] = ["match-routing", "match-account"].map((id) => $(id).value.trim());
  if (!routing || !account) return complain($("match-form"), "Fill in both numbers.");
  noteNumbers(routing, account);
  return proceed(await wait("match", {accounts: session.chosen, routing, account}));
}));
on("numbers-form", "submit", () => step($("numbers-form"), async () => {
  const [routing, account, name] = ["routing", "account-number", "holder"].map((id) => $(id).value.trim());
  if (!routing || !account || !name) return complain($("numbers-form"), "Fill in the name and both numbers.");
  noteNumbers(routing, account);
  const subtype = $("numbers-form").querySelector("[name=subtype]:checked").value;
  return proceed(await wait("numbers", {routing, account, name, subtype}));
}));
on("deposit-form", "submit", () => step($("deposit-form"), async () => {
  if (!$("deposit-code").value.trim()) return complain($("deposit-form"), "Enter the three letters.");
  note("SUBMIT_ACCOUNT_NUMBER");
  return proceed(await wait("deposit", {code: $("deposit-code").value.trim()}));
}));
on("exit", "click", askToLeave);
on("leave", "click", leave);
on("stay", "click", stay);
on("error-close", "click", leave);
on("error-retry", "click", () => step(null, signIn));
on("error-other", "click", () => step(null, showBanks));

function askToLeave() {
  if (!session.opened || isShown("leaving")) return;
  if (isShown("error")) {
    leave();
    return;
  }
  const behind = isShown("loading") ? "loading" : null;
  show("leaving");
  session.behind = behind;
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !isShown("connected")) askToLeave();
  if (event.key === "Tab" && session.opened) keepFocus(event);
});
listen((message) => {
  if (message.type === "start") step(null, () => start(message));
  if (message.type === "exit") askToLeave();
});
