import { check, el, field, list, problem, say, select, values } from "./dom.js";
import { answered, get, sent } from "./api.js";
import { complete, completeModels, drop } from "./drop.js";
import { dayCurve } from "./day.js";
import { sized } from "./sized.js";
import { percent } from "./units.js";

const numbers = [
  "amount", "confidence", "thinkTime", "inputTokens", "outputTokens", "context", "timeToFirstToken",
  "timePerOutputToken", "prefixHit", "draftAcceptance", "growth", "growthPerYear", "spare", "peak", "nodes", "years",
  "electricity", "breakEven", "breakEvenInput", "host", "network", "pue", "rack", "licencePerGPU", "utilization",
  "dollarsPerUnit",
];
const loads = [
  ["users", "users"], ["concurrency", "requests in flight"], ["rate", "requests a second"],
  ["documents", "documents in a batch"],
];

async function show(place, words, onLeave) {
  const { workloads, days } = await get("/workloads");
  const answer = el("div", {}), status = el("p", { class: "soft", role: "status" });
  const number = (name, label, { start = "", ...more } = {}) =>
    field(label, el("input", { name, type: "number", step: "any", value: words.get(name) ?? start, ...more }));
  const text = (name, label, more = {}) => field(label, el("input", { name, value: words.get(name) ?? "", ...more }));
  const choice = (name, label, options, usual) => field(label, select(name, options, words.get(name) ?? usual));
  const mark = (name, label) => {
    const one = check(name, label);
    one.querySelector("input").checked = words.get(name) === "true";
    return one;
  };
  const percentiles = [["mean", "the average"], ["p95", "95% of requests"], ["p99", "99% of requests"]];
  const fold = (title, names, ...inside) =>
    el("details", { open: names.some(name => words.has(name)) },
      el("summary", {}, title),
      el("div", { class: "fields" }, inside),
    );
  const day = dayCurve(days, words, () => keep());
  const machines = machineList(words.getAll("on"), () => keep());
  const prices = priceList(words.getAll("price"), () => keep());
  const thinkTime = number("thinkTime", "Seconds between a user's messages", { min: 0 });
  const within = number("within", "Finished within, hours", { min: 0.001, max: 8784, start: 12 });

  const form = el(
    "form",
    {
      class: "dense",
      onsubmit: event => {
        event.preventDefault();
        keep();
        update();
      },
      onchange: () => {
        adapt();
        keep();
      },
    },
    text("model", "Model", { required: true, list: "size-models" }),
    el("datalist", { id: "size-models" }),
    choice("workload", "Workload", workloads.map(one => one.name), "chat"),
    choice("load", "Load at the busiest time", loads, "users"),
    number("amount", "Amount", { min: 0.001, required: true, start: 200 }), thinkTime, within,
    number("inputTokens", "Tokens of a prompt", { min: 1 }),
    number("outputTokens", "Tokens of an answer", { min: 1 }),
    number("timeToFirstToken", "TTFT target, s", { min: 0.001 }),
    choice("firstTokenPercentile", "TTFT target is for", percentiles, "mean"),
    number("timePerOutputToken", "TPOT target, s", { min: 0.0001 }),
    choice("outputTokenPercentile", "TPOT target is for", percentiles, "mean"),
    choice(
      "confidence",
      "Confidence",
      ["0.5", "0.6", "0.7", "0.8", "0.9", "0.95", "0.99"].map(share => [share, percent(Number(share))]),
      "0.8",
    ),
    fold("Load over the day", ["day", "hours"], day.node),
    fold("Machines", ["on", "counts", "nodes", "promptsApart"],
      machines.node,
      text("counts", "GPUs in one box", { placeholder: "1,2,4,8" }),
      number("nodes", "vLLM: machines that one server spans", { min: 1, max: 64, step: 1, placeholder: "1" }),
      mark("promptsApart", "Boxes of their own for prompts (a plan only)"),
    ),
    fold(
      "Prices and costs",
      [
        "price", "years", "electricity", "breakEven", "currency", "dollarsPerUnit", "host", "network", "pue", "rack",
        "licencePerGPU", "utilization",
      ],
      prices.node,
      number("years", "Years", { min: 0.1, max: 20, placeholder: "3" }),
      number("electricity", "A kilowatt-hour", { min: 0, placeholder: "0.15" }),
      number("breakEven", "Break even with a service's price of 1M output tokens", { min: 0 }),
      number("breakEvenInput", "… and of 1M input tokens", { min: 0 }),
      text("currency", "Currency", { placeholder: "USD", maxlength: 3, pattern: "[A-Za-z]{3}" }),
      number("dollarsPerUnit", "Dollars for one of it", { min: 0, placeholder: "converts list prices" }),
      number("host", "A host for the GPUs", { min: 0, placeholder: "list price" }),
      number("network", "A network port", { min: 0, placeholder: "list price" }),
      number("pue", "PUE (power with cooling)", { min: 1, max: 4, placeholder: "1.4" }),
      number("rack", "Rack space, kW and month", { min: 0, placeholder: "not counted" }),
      number("licencePerGPU", "Licence, GPU and year", { min: 0, placeholder: "none" }),
      number("utilization", "Mean over busiest load", { min: 0.001, max: 1, placeholder: "from the day" }),
    ),
    fold("Margin", ["growth", "growthPerYear", "spare", "peak", "pessimistic"],
      number("growth", "Growth, factor", { min: 1, placeholder: "1" }),
      number("growthPerYear", "Or growth a year, such as 0.3", { min: 0.001, max: 10 }),
      number("spare", "Boxes that may fail", { min: 0, max: 64, step: 1, placeholder: "0" }),
      number("peak", "Multiple of the load", { min: 1, placeholder: "1" }),
      mark("pessimistic", "Hold the targets at the slow end of the bands"),
    ),
    fold(
      "Quantizations and server",
      ["quantizations", "context", "kvType", "prefixHit", "mtp", "draft", "draftAcceptance"],
      text("quantizations", "Only these quantizations", { placeholder: "FP8, AWQ" }),
      number("context", "Tokens of one request", { min: 1, step: 1 }),
      text("kvType", "KV cache type", { placeholder: "fp8" }),
      number("prefixHit", "Share of prompts in the cache", { min: 0.01, max: 0.99, placeholder: "0" }),
      mark("mtp", "Prediction layers guess tokens (MTP)"),
      text("draft", "Draft model", { list: "size-models" }),
      number("draftAcceptance", "Share of guesses accepted", { min: 0, max: 1, placeholder: "0.6" }),
    ),
    el("button", {}, "Size"),
  );
  form.elements.model.value ||= "llama-3.1-70b";
  place.append(form, status, answer);
  adapt();
  completeModels([form.elements.model, form.elements.draft], form.querySelector("datalist"));

  // What the kind of use says stands where nothing is written.
  function adapt() {
    const usual = workloads.find(one => one.name === form.elements.workload.value), load = form.elements.load.value;
    for (
      const [name, value] of [
        ["inputTokens", usual.inputTokens],
        ["outputTokens", usual.outputTokens],
        ["thinkTime", usual.thinkTimeSeconds ?? 0],
        ["timeToFirstToken", load === "documents" ? undefined : usual.timeToFirstTokenSeconds],
        ["timePerOutputToken", load === "documents" ? undefined : usual.timePerOutputTokenSeconds],
      ]
    ) {
      form.elements[name].placeholder = value ?? "no target";
    }
    for (const [field, kind] of [[thinkTime, "users"], [within, "documents"]]) {
      field.hidden = load !== kind;
      field.querySelector("input").disabled = load !== kind;
    }
  }

  function asked() {
    const { dayPreset, within, quantizations, counts, ...rest } = values(form, numbers);
    const question = {
      ...rest,
      ...day.asked(),
      machines: machines.names(),
      quantizations: list(quantizations),
      counts: list(counts),
      ...(within ? { within: Number(within) * 3600 } : {}),
      ...prices.asked(),
    };
    return Object.fromEntries(Object.entries(question).filter(([, value]) => value !== undefined));
  }

  // The address says what the form says.
  function keep() {
    const { dayPreset, ...rest } = values(form);
    const words = new URLSearchParams({ ...rest, ...day.asked() });
    for (const name of machines.names()) words.append("on", name);
    for (const price of prices.words()) words.append("price", price);
    history.replaceState(null, "", `#size?${words}`);
  }

  let asking = null, timer = null;
  onLeave(() => { asking?.abort(); clearInterval(timer); });
  async function update() {
    asking?.abort();
    clearInterval(timer);
    const own = asking = new AbortController(), start = Date.now();
    answer.classList.add("busy");
    const tell = () => { status.textContent = `Sizing… ${Math.round((Date.now() - start) / 1000)} s`; };
    status.replaceChildren("Sizing…");
    timer = setInterval(tell, 1000);
    const quit = el("button", { type: "button", class: "plain", onclick: () => own.abort() }, "Cancel");
    status.after(quit);
    try {
      const { document, location } = await answered("POST", "/size", { ...asked(), study: true }, own.signal);
      answer.replaceChildren(...sized(document, location.split("/").at(-1), Math.min(640, answer.clientWidth || 640)));
      say(`${document.options.length} layouts`);
    } catch (error) {
      if (error.name !== "AbortError") answer.replaceChildren(problem(error));
    }
    quit.remove();
    if (own !== asking) return;
    clearInterval(timer);
    status.replaceChildren();
    answer.classList.remove("busy");
  }
  if (words.get("model")) await update();
}

// The machines that are considered: names of the catalogue, and those that were dropped here or on another page.
function machineList(chosen, onChange) {
  const all = [...chosen], list = el("ul", { class: "chips" }), names = el("datalist", { id: "size-machines" });
  const input = el("input", { list: "size-machines", placeholder: "h100-sxm5-80gb, or 2x rtx-4090, 128 GiB" });
  complete(input, names);
  const offered = el("p", { class: "actions" });
  function add(name) {
    if (name.trim() && !all.includes(name.trim())) all.push(name.trim());
    draw();
    onChange();
  }
  function take() {
    add(input.value);
    input.value = "";
  }
  input.addEventListener("keydown", event => {
    if (event.key === "Enter") {
      event.preventDefault();
      take();
    }
  });
  input.addEventListener("change", event => {
    event.stopPropagation();
    if ([...names.children].some(option => option.value === input.value)) take();
  });
  function draw() {
    list.replaceChildren(
      ...(all.length
        ? all.map(name =>
          el("li", {},
            sent.get(name) ?? name,
            " ",
            el("button", {
              type: "button",
              class: "plain",
              "aria-label": `Remove ${sent.get(name) ?? name}`,
              onclick: () => {
                all.splice(all.indexOf(name), 1);
                draw();
                onChange();
              },
            }, "×"),
          )
        )
        : [el("li", { class: "soft" }, "All that are sold now")]),
    );
    offered.replaceChildren(
      ...[...sent].filter(([name]) => !all.includes(name)).map(([name, title]) =>
        el("button", { type: "button", class: "plain", onclick: () => add(name) }, `Add ${title}`)
      ),
    );
  }
  draw();
  return {
    names: () => [...all, ...(input.value.trim() ? [input.value.trim()] : [])],
    node: el("div", { class: "wide" },
      el("p", { class: "label" }, "Considered"),
      list,
      el("div", { class: "row" },
        field("Add a machine or GPU", input),
        el("button", { type: "button", class: "plain", onclick: take }, "Add"),
      ),
      names,
      offered,
      drop(name => add(name)),
    ),
  };
}

// Prices of one's own: a machine's name, an amount, and whether it buys or rents.
function priceList(chosen, onChange) {
  const list = el("div", {}), names = el("datalist", { id: "size-priced" });
  function row(word = "") {
    const [, name, amount, hour] = word.match(/^(.*)=([\d.]*)(\/h)?$/) ?? [null, "", "", ""];
    const machine = el("input", { list: "size-priced", value: name, placeholder: "8x h100" });
    complete(machine, names);
    const node = el("div", { class: "row" },
      field("Machine", machine),
      field("Price", el("input", { type: "number", min: 0, step: "any", value: amount })),
      field("For", select(null, [["", "buying it"], ["/h", "an hour"]], hour ?? "")),
      el("button", {
        type: "button",
        class: "plain",
        "aria-label": "Remove this price",
        onclick: () => {
          node.remove();
          onChange();
        },
      }, "×"),
    );
    list.append(node);
  }
  for (const word of chosen) row(word);
  const all = () =>
    [...list.children].map(node => [...node.querySelectorAll("input, select")].map(control => control.value.trim()))
      .filter(([name, amount]) => name && amount !== "");
  return {
    words: () => all().map(([name, amount, unit]) => `${name}=${amount}${unit}`),
    asked: () => {
      const bought = all().filter(([, , unit]) => !unit), rented = all().filter(([, , unit]) => unit);
      const amounts = rows => Object.fromEntries(rows.map(([name, amount]) => [name, Number(amount)]));
      return {
        ...(bought.length ? { prices: amounts(bought) } : {}),
        ...(rented.length ? { hourlyPrices: amounts(rented) } : {}),
      };
    },
    node: el("div", { class: "wide" },
      el("p", { class: "label" }, "Own prices, before list prices"),
      list,
      names,
      el("button", {
        type: "button",
        class: "plain",
        onclick: () => {
          row();
          list.lastChild.querySelector("input").focus();
        },
      }, "Add a price"),
    ),
  };
}

export default { title: "Size", show };
