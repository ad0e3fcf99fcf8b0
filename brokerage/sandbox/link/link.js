/* The frame's half of the Link stand-in: one pane at a time, each answered by the sandbox's server.
   Of all events only OPEN is told at once; the rest wait for the end, as with the vendor. */

const STATUS = {banks: "institution_not_found", credentials: "requires_credentials", code: "requires_code",
  accounts: "requires_account_selection"};
const VIEWS = {loading: "LOADING", consent: "CONSENT", banks: "SELECT_INSTITUTION", credentials: "CREDENTIAL", code: "MFA",
  accounts: "SELECT_ACCOUNT", connected: "CONNECTED", leaving: "EXIT", error: "ERROR"};
const $ = (id) => document.getElementById(id);

const session = {id: "", requestId: "", bank: null, pane: "loading", error: null, closed: false};
const later = [];
let host = null; // the origin of the page, known from its first message

class Refused extends Error {
  constructor(body) {
    super(body.display_message || body.error_message);
    this.body = body;
  }
}

async function ask(path, fields) {
  const body = JSON.stringify(session.id ? {session_id: session.id, ...fields} : fields);
  const answer = await fetch(`../../frame/${path}`, {method: "POST", headers: {"Content-Type": "application/json"}, body});
  const said = await answer.json();
  session.requestId = said.request_id || session.requestId;
  if (said.error) throw new Refused(said.error);
  return said;
}

/* Telling the page */

function tell(message) {
  window.parent.postMessage(message, host || "*");
}

function eventMetadata(extra) {
  return {
    account_number_mask: null, error_type: null, error_code: null, error_message: null, exit_status: null,
    institution_id: session.bank ? session.bank.institution_id : null, institution_name: session.bank ? session.bank.name : null,
    institution_search_query: null, is_update_mode: String(Boolean(session.update)), match_reason: null, routing_number: null,
    mfa_type: null, view_name: null, selection: null, request_id: session.requestId, link_session_id: session.id,
    timestamp: new Date().toISOString(), ...extra,
  };
}

function note(name, extra) {
  later.push({type: "event", name, metadata: eventMetadata(extra)});
}

function exitMetadata() {
  return {institution: session.bank, status: STATUS[session.pane] || null, link_session_id: session.id, request_id: session.requestId};
}

function end(message) {
  if (session.closed) return;
  session.closed = true;
  later.splice(0).forEach(tell);
  tell(message);
}

function leave() {
  const error = session.error && {error_type: session.error.error_type, error_code: session.error.error_code,
    error_message: session.error.error_message, display_message: session.error.display_message};
  note("EXIT", {exit_status: STATUS[session.pane] || null, ...(error || {})});
  end({type: "exit", error: error || null, metadata: exitMetadata()});
}

/* Panes */

function show(pane) {
  document.querySelectorAll("section").forEach((section) => { section.hidden = section.id !== `pane-${pane}`; });
  document.querySelectorAll(".problem").forEach((problem) => { problem.textContent = ""; });
  document.querySelectorAll("[aria-invalid]").forEach((input) => { input.removeAttribute("aria-invalid"); });
  $("exit").hidden = pane === "leaving" || pane === "error";
  window.scrollTo(0, 0);
  $(`pane-${pane}`).querySelector("h1").focus();
  if (pane !== "leaving") session.pane = pane;
  tell({type: "state", metadata: exitMetadata()});
  note("TRANSITION_VIEW", {view_name: VIEWS[pane]});
}

function fill(name, text) {
  document.querySelectorAll(`[data-fill=${name}]`).forEach((element) => { element.textContent = text; });
}

function fail(problem) {
  session.error = problem.body || {error_type: "API_ERROR", error_code: "INTERNAL_SERVER_ERROR",
    error_message: "the server did not answer", display_message: null};
  note("ERROR", {error_type: session.error.error_type, error_code: session.error.error_code, error_message: session.error.error_message});
}

function giveUp(problem) {
  fail(problem);
  const expired = session.error.error_code === "INVALID_LINK_TOKEN";
  $("error-text").textContent = expired ? "This session has expired. Go back and start again." : "Something went wrong. Go back and try again.";
  show("error");
}

/* Run one step; a refusal is said in the pane it belongs to, and anything else ends the session. */
async function step(form, work) {
  try {
    await work();
  } catch (problem) {
    if (!form || !problem.body || problem.body.error_code === "INVALID_LINK_TOKEN") return giveUp(problem);
    fail(problem);
    complain(form, problem.message);
  }
}

function complain(form, text) {
  form.querySelector(".problem").textContent = text;
  const inputs = [...form.querySelectorAll("input")];
  inputs.forEach((input) => { input.setAttribute("aria-invalid", "true"); });
  inputs[0].focus();
}

function option(text, button) {
  const item = document.createElement("li");
  item.append(button);
  button.prepend(text);
  return item;
}

async function findBanks() {
  const query = $("search").value.trim();
  const {institutions} = await ask("institutions", {query});
  if (query !== $("search").value.trim()) return; // a later question is on its way
  $("banks").replaceChildren(...institutions.map(bankOption));
  $("found").textContent = institutions.length ? "" : `No bank found for “${query}”.`;
  if (query) note("SEARCH_INSTITUTION", {institution_search_query: query});
}

function bankOption(bank) {
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.testid = `link-bank-${bank.institution_id}`;
  button.addEventListener("click", () => chooseBank(bank));
  return option(bank.name, button);
}

function chooseBank(bank) {
  session.bank = {name: bank.name, institution_id: bank.institution_id};
  note("SELECT_INSTITUTION");
  fill("bank", bank.name);
  $("credentials").reset();
  show("credentials");
}

function accountOption(account, single) {
  const item = document.createElement("li");
  const label = document.createElement("label");
  const input = document.createElement("input");
  const text = document.createElement("span");
  const kind = document.createElement("small");
  Object.assign(input, {type: single ? "radio" : "checkbox", name: "account", value: account.mask, checked: single});
  input.dataset.testid = `link-account-${account.mask}`;
  kind.textContent = `${account.subtype[0].toUpperCase()}${account.subtype.slice(1)} ···· ${account.mask}`;
  text.append(account.name, kind);
  label.append(input, text);
  item.append(label);
  return item;
}

async function proceed(said) {
  if (said.next === "code") return show("code");
  if (said.next === "connected") return finish([]);
  $("accounts").replaceChildren(...said.accounts.map((account) => accountOption(account, said.accounts.length === 1)));
  return show("accounts");
}

async function finish(accounts) {
  const said = await ask("finish", {accounts});
  show("connected");
  note("HANDOFF");
  end({type: "success", publicToken: said.public_token, metadata: said.metadata});
}

async function start(token) {
  const said = await ask("start", {link_token: token});
  session.id = said.session_id;
  session.update = said.institution;
  fill("client", said.client_name);
  tell({type: "event", name: "OPEN", metadata: eventMetadata({view_name: "CONSENT"})});
  show("consent");
}

/* Listening */

function on(id, name, act) {
  $(id).addEventListener(name, (event) => {
    event.preventDefault();
    act();
  });
}

on("continue", "click", () => {
  if (session.update) return chooseBank(session.update);
  show("banks");
  return step(null, findBanks);
});
$("search").addEventListener("input", () => step(null, findBanks));
on("other-bank", "click", () => {
  show("banks");
  return step(null, findBanks);
});
on("credentials", "submit", () => step($("credentials"), async () => {
  note("SUBMIT_CREDENTIALS");
  const fields = {institution_id: session.bank.institution_id, username: $("username").value, password: $("password").value};
  if (!fields.username || !fields.password) return complain($("credentials"), "Enter your username and password.");
  return proceed(await ask("sign-in", fields));
}));
on("code-form", "submit", () => step($("code-form"), async () => {
  note("SUBMIT_MFA", {mfa_type: "code"});
  if (!$("code").value) return complain($("code-form"), "Enter the code.");
  return proceed(await ask("code", {code: $("code").value.trim()}));
}));
on("choice", "submit", () => step($("choice"), async () => {
  const chosen = [...$("accounts").querySelectorAll(":checked")].map((input) => input.value);
  if (!chosen.length) return complain($("choice"), "Choose at least one account.");
  return finish(chosen);
}));
$("choice").addEventListener("change", () => {
  $("choice").querySelector(".problem").textContent = "";
  $("choice").querySelectorAll("[aria-invalid]").forEach((input) => { input.removeAttribute("aria-invalid"); });
});
on("exit", "click", askToLeave);
on("leave", "click", leave);
on("stay", "click", () => show(session.pane));
on("error-close", "click", leave);

function askToLeave() {
  if (session.pane === "error") return leave();
  return show("leaving");
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") askToLeave();
  if (event.key === "Tab") keepFocus(event);
});

/* Tab goes round inside the frame: what is behind it is not part of this conversation. */
function keepFocus(event) {
  const stops = [...document.querySelectorAll("button, input")].filter((element) => element.checkVisibility());
  const [first, last] = [stops[0], stops[stops.length - 1]];
  const from = document.activeElement;
  const leaving = event.shiftKey ? from === first || !stops.includes(from) : from === last;
  if (!leaving) return;
  event.preventDefault();
  (event.shiftKey ? last : first).focus();
}

window.addEventListener("message", (message) => {
  if (message.source !== window.parent || (host && message.origin !== host)) return;
  if (message.data.type === "start" && !host) {
    host = message.origin;
    step(null, () => start(message.data.token));
  }
  if (message.data.type === "exit") askToLeave();
});
tell({type: "ready"});
