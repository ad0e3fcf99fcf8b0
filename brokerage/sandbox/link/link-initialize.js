/* The page's half of the Link stand-in: window.Plaid as the vendor's script defines it.
   Styles are set on the element, never in an attribute, so that the page's policy may forbid inline styles. */
(function () {
  "use strict";

  if (window.Plaid) {
    console.warn("Plaid Link was embedded more than once on this page; the first copy is kept.");
    return;
  }

  const home = new URL(".", document.currentScript.src);
  let handlers = 0;

  class Handler {
    constructor(config, place) {
      if (!config || !config.token) throw new Error("Plaid.create: a token is required");
      if (typeof config.onSuccess !== "function") throw new Error("Plaid.create: onSuccess is required");
      this.config = config;
      this.place = place;
      this.number = ++handlers;
      this.metadata = {institution: null, status: null, link_session_id: "", request_id: ""};
      this.listen = (message) => this.hear(message);
      queueMicrotask(() => this.tell("onLoad"));
    }

    open() {
      if (this.destroyed) throw new Error("Plaid: this handler was destroyed, create another");
      if (this.frame) return;
      this.before = document.activeElement;
      this.frame = document.createElement("iframe");
      this.frame.id = `plaid-link-iframe-${this.number}`;
      this.frame.title = "Plaid Link";
      this.frame.src = new URL("link.html", home).href;
      if (this.place) this.dress({width: "100%", height: "640px", border: "0"});
      else this.coverWindow();
      window.addEventListener("message", this.listen);
      (this.place || document.body).append(this.frame);
    }

    exit(options, done) {
      if (!this.frame) console.warn("Plaid: exit was called while Link was not open");
      else if (options && options.force) this.leave(null, this.metadata);
      else this.post({type: "exit"});
      if (typeof done === "function") done();
    }

    submit() {
      console.warn("Plaid: submit belongs to Layer, which is not simulated");
    }

    destroy() {
      this.destroyed = true;
      this.close();
    }

    coverWindow() {
      this.dress({position: "fixed", top: "0", left: "0", width: "100%", height: "100%", border: "0", zIndex: "2147483647"});
      this.overflow = document.body.style.overflow;
      document.body.style.overflow = "hidden";
      // Nothing behind the frame can be reached while it is open.
      this.hidden = [...document.body.children].filter((element) => !element.inert && element.tagName !== "SCRIPT");
      this.hidden.forEach((element) => { element.inert = true; });
    }

    dress(styles) {
      Object.assign(this.frame.style, styles);
    }

    close() {
      window.removeEventListener("message", this.listen);
      if (!this.frame) return;
      this.frame.remove();
      this.frame = null;
      if (this.place) return;
      document.body.style.overflow = this.overflow;
      this.hidden.forEach((element) => { element.inert = false; });
      if (this.before && this.before.isConnected) this.before.focus();
    }

    hear(message) {
      if (!this.frame || message.origin !== home.origin || message.source !== this.frame.contentWindow) return;
      const said = message.data || {};
      if (said.type === "ready") {
        this.post({type: "start", token: this.config.token});
        this.frame.focus();
      }
      if (said.type === "state") this.metadata = said.metadata;
      if (said.type === "event") this.tell("onEvent", said.name, said.metadata);
      if (said.type === "success") {
        this.close();
        this.tell("onSuccess", said.publicToken, said.metadata);
      }
      if (said.type === "exit") this.leave(said.error, said.metadata);
    }

    leave(error, metadata) {
      this.close();
      this.tell("onExit", error, metadata);
    }

    post(message) {
      this.frame.contentWindow.postMessage(message, home.origin);
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
    const handler = new Handler(config, place);
    handler.open();
    return {destroy: () => handler.destroy()};
  }

  window.Plaid = {create, createEmbedded};
})();
