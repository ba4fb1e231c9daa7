import { el } from "./dom.js";

// Steps in order, with a value that may lie between them; none for 0 or less.
export const among = (steps, value) => [...new Set(value > 0 ? [...steps, value] : steps)].sort((a, b) => a - b);

// A slider over steps of any kind; what it says of a step is words(step), and doubtful where isDoubtful(step).
export function slider(label, steps, value, { words = String, isDoubtful = () => false, onInput }) {
  const output = el("output", {});
  const input = el("input", { type: "range", min: 0, step: 1, max: Math.max(steps.length - 1, 0) });
  const note = el("span", { class: "note" });
  const node = el("label", { class: "slider" }, label, output, input, note);
  const tell = () => {
    output.textContent = words(steps[input.value]);
    output.className = isDoubtful(steps[input.value]) ? "doubtful" : "";
    input.setAttribute("aria-valuetext", output.textContent);
  };
  const place = step => { input.value = Math.max(steps.indexOf(step), 0); tell(); };
  input.addEventListener("input", () => { tell(); onInput(); });
  place(value);
  return {
    node, input, place,
    value: () => steps[input.value],
    // Other steps; the step stays where it is among them, else the first is taken.
    setSteps(next) {
      if (next.length === steps.length && next.every((step, index) => step === steps[index])) { tell(); return; }
      const kept = steps[input.value];
      steps = next;
      input.max = steps.length - 1;
      place(kept);
    },
    // What was said once keeps its place.
    say(text) { note.textContent = text || (note.textContent && "\u00a0"); },
  };
}

// A choice of few, all of them seen.
export function segments(name, label, options, value) {
  const buttons = () => options.map(([id, words]) => el("label", {},
    el("input", { type: "radio", name, value: id, checked: id === value }), el("span", {}, words)));
  const place = el("div", { class: "segments" }, buttons());
  return {
    node: el("fieldset", {}, el("legend", {}, label), place),
    setOptions(next) {
      value = place.querySelector(":checked")?.value ?? value;
      options = next;
      place.replaceChildren(...buttons());
    },
  };
}
