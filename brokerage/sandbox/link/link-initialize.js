/* The page's half of the Link stand-in: window.Plaid as the vendor's script defines it, in one file.
   Styles are set on the element, never in an attribute, so that the page's policy may forbid inline styles. */
(function () {
  "use strict";

  if (window.Plaid) {
    console.warn("Plaid Link was embedded more than once on this page; the first copy is kept.");
    return;
  }

  const home = new URL(".", document.currentScript.src);
  const CALLBACKS = ["onSuccess", "onExit", "onEvent", "onLoad"];
  const RETIRED = ["key", "publicKey", "env", "product", "webhook", "clientName", "countryCodes"];
  const COVER = {display: "block", position: "fixed", top: "0", left: "0", width: "100%", height: "100%", border: "0", zIndex: "2147483647"};
  const PANEL = {display: "block", position: "static", width: "100%", height: "100%", minHeight: "22rem", border: "0", zIndex: "auto"};
  let handlers = 0;

  function check(config) {
    if (!config || typeof config !== "object") throw new Error("Plaid.create: a configuration object is required");
    if (typeof config.token !== "string" || !config.token) throw new Error("Plaid.create: token is required and must be a string");
    if (typeof config.onSuccess !== "function") throw new Error("Plaid.create: onSuccess is required and must be a function");
    CALLBACKS.filter((name) => config[name] != null && typeof config[name] !== "function").forEach((name) => {
      throw new Error(`Plaid.create: ${name} must be a function`);
    });
    if (config.receivedRedirectUri != null && typeof config.receivedRedirectUri !== "string") {
      throw new Error("Plaid.create: receivedRedirectUri must be a string");
    }
    RETIRED.filter((name) => name in config).forEach((name) => console.warn(`Plaid.create: ${name} is no longer used`));
  }

  function shuffled(list) {
    const left = [...list];
    return list.map(() => left.splice(Math.floor(Math.random() * left.length), 1)[0]);
  }

  class Handler {
    constructor(config, place) {
      check(config);
      Object.assign(this, {config, place, number: ++handlers, loaded: false, destroyed: false, covering: false});
      this.listen = (message) => this.hear(message);
      window.addEventListener("message", this.listen);
      this.whenBody(() => this.load());
    }

    /* The frame */

    whenBody(work) {
      if (document.body) work();
      else document.addEventListener("DOMContentLoaded", work, {once: true});
    }

    load() {
      if (this.destroyed || this.frame) return;
      Object.assign(this, {ready: false, opened: false, held: [], error: null, timing: "held", afterExit: []});
      this.metadata = {institution: null, status: null, link_session_id: "", request_id: ""};
      this.frame = document.createElement("iframe");
      this.frame.id = `plaid-link-iframe-${this.number}`;
      this.frame.title = "Plaid Link";
      this.frame.src = new URL("link.html", home).href;
      this.dress(this.place ? PANEL : {display: "none"});
      (this.place || document.body).append(this.frame);
      if (this.place) this.opened = true;
    }

    dress(styles) {
      Object.assign(this.frame.style, styles);
    }

    unload() {
      if (!this.frame) return;
      this.uncover();
      this.frame.remove();
      this.frame = null;
      // A panel in the page stays there for another try.
      if (this.place && !this.destroyed) this.load();
    }

    cover() {
      if (this.covering) return;
      this.covering = true;
      this.before = document.activeElement;
      this.dress(COVER);
      this.overflow = document.body.style.overflow;
      document.body.style.overflow = "hidden";
      this.hideBehind();
      this.frame.focus();
    }

    /* Nothing behind the frame can be reached while it is open. */
    hideBehind() {
      this.hidden = [];
      for (let element = this.frame; element && element !== document.body; element = element.parentElement) {
        this.hidden.push(...[...element.parentElement.children].filter((other) => other !== element && !other.inert));
      }
      this.hidden = this.hidden.filter((element) => element.tagName !== "SCRIPT");
      this.hidden.forEach((element) => { element.inert = true; });
    }

    uncover() {
      if (!this.covering) return;
      this.covering = false;
      document.body.style.overflow = this.overflow;
      this.hidden.forEach((element) => { element.inert = false; });
      if (this.before && this.before.isConnected) this.before.focus();
    }

    /* What the page may do */

    open() {
      if (this.destroyed) throw new Error("Plaid: this handler was destroyed, create another");
      this.whenBody(() => {
        this.load();
        if (this.opened) return;
        this.opened = true;
        this.cover();
        if (this.ready) this.start();
      });
    }

    exit(options, done) {
      const finished = typeof done === "function" ? done : () => {};
      if (!this.frame || !this.opened) {
        console.warn("Plaid: exit was called while Link was not open");
        return finished();
      }
      this.afterExit.push(finished);
      if ((options && options.force) || !this.started) return this.leaveAtOnce();
      return this.post({type: "exit"});
    }

    submit() {
      console.warn("Plaid: submit belongs to Layer, which is not simulated");
    }

    destroy() {
      this.destroyed = true;
      window.removeEventListener("message", this.listen);
      this.unload();
    }

    /* Talking with the frame */

    hear(message) {
      if (!this.frame || message.origin !== home.origin || message.source !== this.frame.contentWindow) return;
      const said = message.data || {};
      const act = {ready: () => this.becomeReady(), event: () => this.note(said), cover: () => this.cover(), success: () => this.succeed(said),
        exit: () => this.leave(), state: () => Object.assign(this, {metadata: said.metadata, error: said.error, timing: said.timing}),
        redirect: () => window.location.assign(said.url)}[said.type];
      if (act) act();
    }

    becomeReady() {
      this.ready = true;
      if (!this.loaded) {
        this.loaded = true;
        this.tell("onLoad");
      }
      if (this.opened) this.start();
    }

    start() {
      this.started = true;
      this.post({type: "start", token: this.config.token, embedded: Boolean(this.place), receivedRedirectUri: this.config.receivedRedirectUri || null});
      if (this.covering) this.frame.focus();
    }

    post(message) {
      this.frame.contentWindow.postMessage(message, home.origin);
    }

    /* Only OPEN is told at once; the rest waits for the end, as with the vendor, unless the sandbox is told otherwise. */
    note({name, metadata}) {
      if (name === "OPEN" || this.timing === "live") this.tell("onEvent", name, metadata);
      else this.held.push([name, metadata]);
      this.last = metadata;
    }

    flush() {
      const held = this.timing === "shuffled" ? shuffled(this.held) : this.held;
      this.held = [];
      held.forEach((event) => this.tell("onEvent", ...event));
    }

    succeed({publicToken, metadata}) {
      this.started = false;
      const frame = this.frame;
      this.flush();
      if (this.frame === frame) this.unload();
      this.tell("onSuccess", publicToken, metadata);
    }

    leave() {
      const {error, metadata, afterExit, frame} = this;
      this.started = false;
      this.flush();
      if (this.frame === frame) this.unload();
      this.tell("onExit", error, metadata);
      afterExit.forEach((finished) => finished());
    }

    leaveAtOnce() {
      const {error, metadata} = this;
      if (this.last) {
        this.note({name: "EXIT", metadata: {...this.last, view_name: null, exit_status: metadata.status, error_type: error && error.error_type,
          error_code: error && error.error_code, error_message: error && error.error_message, timestamp: new Date().toISOString()}});
      }
      this.leave();
    }

    tell(name, ...values) {
      if (typeof this.config[name] === "function") this.config[name](...values);
    }
  }

  function create(config) {
    const handler = new Handler(config);
    return {
      open: () => handler.open(),
      exit: (options, done) => handler.exit(options, done),
      destroy: () => handler.destroy(),
      submit: () => handler.submit(),
    };
  }

  function createEmbedded(config, place) {
    if (!(place instanceof Element)) throw new Error("Plaid.createEmbedded: an element to put Link into is required");
    const handler = new Handler(config, place);
    return {destroy: () => handler.destroy()};
  }

  window.Plaid = {create, createEmbedded};
})();
