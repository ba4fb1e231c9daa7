import { el, problem } from "./dom.js";
import { Problem, part } from "./api.js";

// A conversation with a deployment; the answer is shown as it comes.
export function talk(name) {
  const said = [];
  const list = el("ol", { class: "talk", "aria-live": "polite" });
  const words = el("textarea", { name: "prompt", rows: 2, required: true, "aria-label": "Message" });
  const button = el("button", {}, "Send");
  const place = el("div", {});
  let asking = null;
  const form = el("form", { onsubmit: event => { event.preventDefault(); if (asking) asking.abort(); else send(); } }, words, button);
  words.addEventListener("keydown", event => {
    if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); form.requestSubmit(); }
  });

  async function send() {
    const prompt = words.value.trim();
    if (!prompt) return;
    const thought = el("span", { class: "soft" }), text = el("span", {});
    const answer = el("li", { "data-state": "writing" }, thought, text);
    list.append(el("li", { class: "you" }, prompt), answer);
    words.value = "";
    asking = new AbortController();
    button.textContent = "Stop";
    place.replaceChildren();
    try {
      await read(name, { prompt, history: said }, asking.signal, {
        text: piece => text.append(piece.text), thought: piece => thought.append(piece.text),
        problem: reason => place.replaceChildren(problem(reason)),
      });
    } catch (error) { if (error.name !== "AbortError") place.replaceChildren(problem(error)); }
    if (text.textContent) said.push(prompt, text.textContent); else answer.remove();
    answer.dataset.state = "done";
    button.textContent = "Send";
    asking = null;
  }
  return { node: el("div", {}, list, form, place), end: () => asking?.abort() };
}

async function read(name, body, signal, handlers) {
  const response = await fetch(`/api/v1/deployments/${part(name)}/chat`, {
    method: "POST", signal, body: JSON.stringify(body), headers: { "Content-Type": "application/json" },
  });
  if (!response.ok) throw new Problem(response.status, await response.json());
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const events = (rest + value).split("\n\n");
    rest = events.pop();
    for (const event of events) {
      const type = event.match(/^event: (.*)$/m)?.[1], data = event.match(/^data: (.*)$/m)?.[1];
      if (type && data) handlers[type]?.(JSON.parse(data));
    }
  }
}
