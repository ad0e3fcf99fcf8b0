/* At a bank that asks on its own pages: there in a window, or away with the whole page. */

import {ask, note, noteError, session, tell} from "./link-session.js";
import {$, show} from "./link-panes.js";

const PAUSE = 250; // milliseconds between two looks at how it goes
let oauth = null; // how to go to the bank: {way, url, fallback}

export function showOauth(said) {
  session.start = "oauth";
  oauth = said;
  $("oauth-problem").textContent = ""; // of the bank before
  return show("oauth");
}

/* `proceed` goes on with what the server says once the customer has decided. */
export async function goToBank(proceed) {
  note("OPEN_OAUTH");
  if (oauth.way === "redirect") return goAway();
  const popup = window.open(oauth.url, "plaid-oauth", "popup,width=480,height=760");
  if (popup) return awaitBank(popup, proceed);
  if (oauth.fallback) return goAway();
  note("FAIL_OAUTH");
  return complainOauth("Your browser blocked your bank’s window. Allow pop-up windows for this site and try again.");
}

function goAway() {
  show("waiting");
  tell({type: "redirect", url: new URL(`${oauth.url}?way=redirect`, window.location).href});
}

async function awaitBank(popup, proceed) {
  show("waiting");
  for (;;) {
    const gone = popup.closed;
    const said = await ask("oauth", gone ? {gave_up: "yes"} : {}).catch((problem) => failOauth(popup, problem));
    if (!said || session.pane !== "waiting" || session.closed) return null;
    if (said.next !== "wait") {
      popup.close();
      note("CLOSE_OAUTH");
      return proceed(said);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

function failOauth(popup, problem) {
  popup.close();
  note("FAIL_OAUTH");
  if (!problem.body || problem.body.error_code !== "INSUFFICIENT_CREDENTIALS") throw problem;
  noteError(problem);
  return complainOauth(problem.message);
}

async function complainOauth(text) {
  oauth = await ask("choose", {institution_id: session.bank.institution_id});
  show("oauth");
  $("oauth-problem").textContent = text;
  $("oauth").focus();
}
