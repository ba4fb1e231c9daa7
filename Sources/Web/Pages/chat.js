import { el, field, problem } from "./dom.js";
import { Problem, part } from "./api.js";
import { digits } from "./units.js";

// A conversation with a deployment; the answer is shown as it comes.
export function talk(name) {
  let said = [];
  const list = el("ol", { class: "talk", "aria-live": "polite" });
  const system = el("textarea", { name: "system", rows: 2, maxlength: 20000, placeholder: "none" });
  const words = el("textarea", { name: "prompt", rows: 2, required: true, "aria-label": "Message" });
  const button = el("button", {}, "Send");
  const clear = el("button", {
    type: "button",
    class: "plain",
    onclick: () => {
      asking?.abort();
      said = [];
      list.replaceChildren();
      place.replaceChildren();
      words.focus();
    },
  }, "Clear");
  const place = el("div", {});
  let asking = null;
  const form = el(
    "form",
    {
      class: "chat",
      onsubmit: event => {
        event.preventDefault();
        if (asking) asking.abort();
        else send();
      },
    },
    words,
    el("div", { class: "actions" }, button, clear),
  );
  words.addEventListener("keydown", event => {
    if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); form.requestSubmit(); }
  });

  async function send() {
    const prompt = words.value.trim();
    if (!prompt) return;
    const thought = el("span", { class: "soft" }), text = el("span", {}), rate = el("span", { class: "soft rate" });
    const question = el("li", { class: "you" }, prompt), answer = el("li", { "data-state": "writing" }, thought, text, rate);
    const turns = said;
    list.append(question, answer);
    words.value = "";
    const own = asking = new AbortController();
    button.textContent = "Stop";
    words.required = false;
    place.replaceChildren();
    try {
      await read(
        name,
        { prompt, history: turns, ...(system.value.trim() ? { system: system.value.trim() } : {}) },
        own.signal,
        {
          text: piece => text.append(piece.text),
          thought: piece => thought.append(piece.text),
          answer: end => {
            rate.textContent = [
              end.tokensPerSecond ? `${digits(end.tokensPerSecond)} tok/s` : null,
              end.isCut ? "cut off at the token limit" : null,
            ].filter(Boolean).join(", ");
          },
          problem: reason => place.replaceChildren(problem(reason)),
        },
      );
    } catch (error) {
      if (error.name === "AbortError") rate.textContent = "stopped"; else place.replaceChildren(problem(error));
    }
    // An answer that was cleared is not remembered; one without words leaves no turn.
    if (turns === said && text.textContent) said.push(prompt, text.textContent);
    else if (!text.textContent) {
      answer.remove();
      question.remove();
      if (turns === said && !words.value) words.value = prompt;
    }
    answer.dataset.state = "done";
    if (asking !== own) return;
    button.textContent = "Send";
    words.required = true;
    asking = null;
  }
  return {
    node: el("div", {},
      list,
      form,
      place,
      el("details", {}, el("summary", {}, "System prompt"), field("Sent before the conversation", system)),
    ),
    end: () => asking?.abort(),
  };
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
