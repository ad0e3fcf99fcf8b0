/* The panes of the frame: which one is shown, what stands in it, and where the keyboard is. */

import {STATUS, VIEWS, note, session, tellState} from "./link-session.js";

export const $ = (id) => document.getElementById(id);
const ASIDE = ["leaving", "error", "loading"]; // panes that leave things where they were

/* Show a pane. What arrives while somebody is asked whether they want to leave waits behind that question. */
export function show(pane) {
  if (!ASIDE.includes(pane)) {
    session.pane = pane;
    session.status = STATUS[pane] || null;
  }
  if (pane !== "leaving") document.querySelectorAll("form").forEach(clear);
  if (isShown("leaving") && pane !== "connected") {
    session.behind = pane;
    tellState();
  } else {
    reveal(pane);
  }
}

/* Go on where somebody was asked whether they want to leave, or with what has arrived since. */
export function stay() {
  reveal(session.behind || session.pane);
}

function reveal(pane) {
  session.behind = null;
  document.querySelectorAll("section").forEach((section) => { section.hidden = section.id !== `pane-${pane}`; });
  $("exit").hidden = pane === "leaving" || pane === "connected";
  window.scrollTo(0, 0);
  $(`pane-${pane}`).querySelector("h1").focus();
  tellState();
  if (session.opened) note("TRANSITION_VIEW", {view_name: VIEWS[pane]});
}

export function isShown(pane) {
  return !$(`pane-${pane}`).hidden;
}

export function fill(name, text) {
  document.querySelectorAll(`[data-fill=${name}]`).forEach((element) => { element.textContent = text; });
}

/* Say in a form what is wrong with it, to eyes and ears, and go there. */
export function complain(form, text) {
  const problem = form.querySelector(".problem");
  const inputs = [...form.querySelectorAll("input")];
  problem.textContent = text;
  inputs.forEach((input) => {
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", problem.id);
  });
  inputs[0].focus();
}

export function clear(form) {
  const problem = form.querySelector(".problem");
  if (problem) problem.textContent = "";
  form.querySelectorAll("[aria-invalid]").forEach((input) => {
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
  });
}

/* Parts of lists */

function made(tag, properties = {}, ...inside) {
  const element = document.createElement(tag);
  Object.assign(element, properties);
  element.append(...inside);
  return element;
}

function named(element, name) {
  element.dataset.testid = `link-${name}`;
  return element;
}

export function bankButton(bank, choose) {
  const inside = bank.note ? [bank.name, made("small", {}, bank.note)] : [bank.name];
  const button = named(made("button", {type: "button"}, made("span", {}, ...inside)), `bank-${bank.institution_id}`);
  button.addEventListener("click", () => choose(bank));
  return made("li", {}, button);
}

export function accountOption(account, single) {
  const type = single ? "radio" : "checkbox";
  const input = named(made("input", {type, name: "account", value: account.key, checked: account.chosen}), `account-${account.key}`);
  const kind = `${account.subtype[0].toUpperCase()}${account.subtype.slice(1)}${account.mask ? ` ···· ${account.mask}` : ""}`;
  return made("li", {}, made("label", {}, input, made("span", {}, account.name, made("small", {}, kind))));
}

export function deviceOption(device, index) {
  const input = named(made("input", {type: "radio", name: "device", value: device, checked: index === 0}), `device-${index}`);
  return made("li", {}, made("label", {}, input, made("span", {}, device)));
}

export function questionField(question, index) {
  const input = named(made("input", {id: `answer-${index}`, autocomplete: "off"}), `answer-${index}`);
  return [made("label", {htmlFor: input.id}, question.text), input];
}

export function selectionField(question, index) {
  const options = question.choices.map((option) => {
    const input = named(made("input", {type: "radio", name: `answer-${index}`, value: option}), `answer-${index}-${option.toLowerCase()}`);
    return made("li", {}, made("label", {}, input, made("span", {}, option)));
  });
  return [made("fieldset", {}, made("legend", {}, question.text), made("ul", {className: "list choices"}, ...options))];
}

/* Tab goes round inside the frame: what is behind it is not part of this conversation. */
export function keepFocus(event) {
  const stops = [...document.querySelectorAll("button, input")].filter((element) => element.checkVisibility() && isStop(element));
  const [first, last] = [stops[0], stops[stops.length - 1]];
  const from = document.activeElement;
  const leaving = event.shiftKey ? from === first || !stops.includes(from) : from === last;
  if (!leaving || !first) return;
  event.preventDefault();
  (event.shiftKey ? last : first).focus();
}

/* Of a group of radio buttons Tab stops at the chosen one, or at any while none is chosen. */
function isStop(element) {
  if (element.type !== "radio" || element.checked || document.activeElement === element) return true;
  return !document.querySelector(`input[name="${element.name}"]:checked`);
}
