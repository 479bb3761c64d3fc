// What the scripts of our pages have in common; each is served with this in front of it.
"use strict";
const at = (id) => document.getElementById(id);
// The element that tells how it went; its attributes hold the sentences of the page.
const told = at("told");

const say = (text, wrong) => {
  told.textContent = text || "";
  told.className = wrong ? "wrong" : "";
};

const bytes = (text) => {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (c) => c.charCodeAt(0));
};

const make = (name, text, className) => {
  const element = document.createElement(name);
  if (text) element.textContent = text;
  if (className) element.className = className;
  return element;
};

