/* What a session of Link knows, how it asks the sandbox's server, and how it talks to the page around the frame. */

export const STATUS = {
  banks: "institution_not_found", credentials: "requires_credentials", device: "choose_device", code: "requires_code",
  questions: "requires_questions", selections: "requires_selections", accounts: "requires_account_selection",
  oauth: "requires_oauth", waiting: "requires_oauth", unsupported: "institution_not_supported",
};
export const VIEWS = {
  loading: "LOADING", consent: "CONSENT", phone: "SUBMIT_PHONE", otp: "VERIFY_PHONE", banks: "SELECT_INSTITUTION",
  credentials: "CREDENTIAL", device: "MFA", code: "MFA", questions: "MFA", selections: "MFA", oauth: "OAUTH", waiting: "OAUTH",
  accounts: "SELECT_ACCOUNT", numbers: "NUMBERS", match: "NUMBERS", deposit: "NUMBERS", connected: "CONNECTED", leaving: "EXIT", error: "ERROR", unsupported: "ERROR",
};

export const session = {
  id: "", requestId: "", bank: null, updates: false, pane: "loading", behind: null, status: null, error: null, timing: "held", closed: false, opened: false,
  offered: [], chosen: [], then: null, // accounts to choose among, the keys of those chosen, and the pane that follows
};
const events = []; // for the server's record of the session
let host = null; // the origin of the page, known from its first message

export class Refused extends Error {
  constructor(body) {
    super(body.display_message || body.error_message);
    this.body = body;
  }
}

/* Ask the server. Raises Refused. */
export async function ask(path, fields) {
  const body = JSON.stringify(session.id ? {session_id: session.id, ...fields} : fields);
  const headers = {"Content-Type": "application/json"};
  const keepalive = path === "leave"; // the frame is gone before the answer is there
  const answer = await fetch(`../../frame/${path}`, {method: "POST", headers, body, keepalive});
  const said = await answer.json();
  session.requestId = said.request_id || session.requestId;
  if (said.error) throw new Refused(said.error);
  return said;
}

/* Hear the page's first message, and after it only that page. */
export function listen(act) {
  window.addEventListener("message", (message) => {
    if (message.source !== window.parent || (host && message.origin !== host)) return;
    if (!host && message.data.type !== "start") return;
    host = message.origin;
    act(message.data);
  });
  tell({type: "ready"});
}

export function tell(message) {
  window.parent.postMessage(message, host || "*");
}

/* What onExit would be told if Link ended now. */
export function tellState() {
  const metadata = {institution: session.bank, status: session.status, link_session_id: session.id, request_id: session.requestId};
  tell({type: "state", metadata, error: session.error, timing: session.timing});
}

export function note(name, extra) {
  const metadata = {
    account_number_mask: null, error_type: null, error_code: null, error_message: null, exit_status: null,
    institution_id: session.bank ? session.bank.institution_id : null, institution_name: session.bank ? session.bank.name : null,
    institution_search_query: null, is_update_mode: String(session.updates), match_reason: null, routing_number: null,
    mfa_type: null, view_name: null, selection: null, request_id: session.requestId, link_session_id: session.id,
    timestamp: new Date().toISOString(), ...extra,
  };
  events.push({event_name: name, event_metadata: metadata, timestamp: metadata.timestamp});
  tell({type: "event", name, metadata});
}

export function soFar() {
  return events;
}

/* Keep the error that onExit gets when nothing better comes after it. */
export function noteError(problem) {
  const {error_type, error_code, error_message, display_message} = problem.body || {error_type: "API_ERROR",
    error_code: "INTERNAL_SERVER_ERROR", error_message: "the server did not answer", display_message: null};
  session.error = {error_type, error_code, error_message, display_message};
  note("ERROR", {error_type, error_code, error_message});
}

export function succeed(publicToken, metadata) {
  note("HANDOFF");
  end({type: "success", publicToken, metadata});
}

export function leave() {
  const {error_type = null, error_code = null, error_message = null} = session.error || {};
  note("EXIT", {exit_status: session.status, error_type, error_code, error_message});
  tellState();
  if (session.id) ask("leave", {status: session.status, error: session.error, events}).catch(() => {});
  end({type: "exit"});
}

function end(message) {
  if (session.closed) return;
  session.closed = true;
  // After the click that ends it: a frame removed while its click is still under way may hold up the browser.
  setTimeout(() => tell(message));
}
