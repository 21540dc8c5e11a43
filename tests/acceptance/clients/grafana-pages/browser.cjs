// As much of a browser as Grafana's packages ask for while they are loaded.
const Module = require("node:module");
const { JSDOM } = require("jsdom");

const { window } = new JSDOM("<!doctype html>", { url: "http://localhost/", pretendToBeVisual: true });
const media = { matches: false, addListener() {}, addEventListener() {}, removeEventListener() {} };
window.matchMedia = () => media;
globalThis.window = window;
for (let level = window; level !== null; level = Object.getPrototypeOf(level)) {
  for (const name of Object.getOwnPropertyNames(level)) {
    if (!(name in globalThis)) define(name, ofWindow(name));
  }
}
// Node has its own of these, and jsdom takes only those it made.
for (const name of ["Event", "CustomEvent", "EventTarget", "navigator"]) define(name, window[name]);

// The text editor is of no use here, and cannot be loaded without a bundler.
const anything = new Proxy(function () {}, {
  get: (_, name) => (name === Symbol.toPrimitive ? () => "" : anything),
  apply: () => anything,
  construct: () => anything,
});
const load = Module._load;
Module._load = function (name, ...more) {
  return /^(monaco|react-monaco|@monaco)/.test(name) ? anything : load.call(this, name, ...more);
};
Module._extensions[".css"] = () => {};

function ofWindow(name) {
  const value = window[name];
  return typeof value === "function" && /^[a-z]/.test(name) ? value.bind(window) : value;
}

function define(name, value) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}
