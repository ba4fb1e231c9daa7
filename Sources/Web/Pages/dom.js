// Elements are made of text, never of markup: what a model, a log or a server says is shown as it is.

import { sentence } from "./units.js";

const svgNames = new Set(["svg", "g", "rect", "text", "line", "title", "path", "circle"]);

export function el(tag, attributes = {}, ...children) {
  const node = svgNames.has(tag)
    ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter(child => child !== undefined && child !== null && child !== false));
  return node;
}

export function notice(text, level = "bad") {
  return el("p", { class: `notice ${level}`, role: level === "bad" ? "alert" : null }, text);
}

export function problem(error) {
  return notice(error.remedy ? `${sentence(error.message)} ${sentence(error.remedy)}` : error.message);
}

// Names with their values, for a list of them; those without a value are left out.
export function pairs(all) {
  return all.filter(([, value]) => value).map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)));
}

export function key(figures) { return el("dl", { class: "key" }, pairs(figures)); }

// columns: [title, cell(row), "n" for numbers]; the first cell heads its row.
// onRow hears of a click on a row, whose own button says the same.
export function table(caption, columns, rows, rowClass = () => null, onRow = null) {
  return el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
    el("table", {}, el("caption", {}, caption),
      el("thead", {}, el("tr", {}, columns.map(([title, , kind]) => el("th", { scope: "col", class: kind }, title)))),
      el("tbody", {},
        rows.map((row, index) =>
          el(
            "tr",
            {
              class: rowClass(row, index),
              onclick: onRow && (event => {
                if (!event.target.closest("a, button, input")) onRow(row);
              }),
            },
            columns.map(([, cell, kind], place) =>
              el(place ? "td" : "th", { scope: place ? null : "row", class: kind }, cell(row, index) ?? "")
            ),
          )
        ),
      ),
    ),
  );
}

export function field(label, control) { return el("label", {}, label, control); }

export function select(name, options, value) {
  return el("select", { name }, options.map(option => {
    const [id, words] = Array.isArray(option) ? option : [option, option];
    return el("option", { value: id, selected: id === value }, words);
  }));
}

export function check(name, label, checked = false) {
  return el("label", { class: "check" }, el("input", { type: "checkbox", name, checked }), label);
}

// Puts a node's text on the clipboard and says so; where that is not allowed, the text is selected.
export function copyButton(node) {
  const button = el("button", {
    class: "plain", type: "button", onclick: async () => {
      try {
        await navigator.clipboard.writeText(node.textContent);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(node);
        button.textContent = "Selected: press Ctrl-C";
      }
      say(button.textContent);
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    },
  }, "Copy");
  return button;
}

// The fields of a form that say something; numbers as numbers.
export function values(form, numbers = []) {
  const all = {};
  for (const control of form.elements) {
    if (!control.name || control.disabled) continue;
    if (control.type === "radio" && !control.checked) continue;
    if (control.type === "checkbox") { if (control.checked) all[control.name] = true; continue; }
    const text = control.value.trim();
    if (text !== "") all[control.name] = numbers.includes(control.name) ? Number(text) : text;
  }
  return all;
}

// What stands between commas; nothing of a field that is empty.
export const list = text => text?.split(",").map(word => word.trim()).filter(Boolean);

export function say(text) { document.getElementById("live").textContent = text; }
