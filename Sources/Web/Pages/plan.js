import { check, el, field, key, notice, problem, say, select, table, values } from "./dom.js";
import { get, post } from "./api.js";
import { band, bytes, digits, seconds, tokens, verdicts } from "./units.js";
import { machineField } from "./drop.js";
import { legend, memory, speed } from "./bars.js";

const contexts = [1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072, 262144, 524288, 1048576];
const flights = [1, 2, 4, 8, 16, 32, 64, 128, 256];

async function show(place, words) {
  const answer = el("div", {});
  const models = el("datalist", { id: "models" });
  const slider = (name, steps, start, format) => {
    const output = el("output", {}, format(steps[start]));
    const input = el("input", { type: "range", min: 0, max: steps.length - 1, step: 1, value: start, "aria-valuetext": format(steps[start]) });
    input.addEventListener("input", () => {
      output.textContent = format(steps[input.value]);
      input.setAttribute("aria-valuetext", output.textContent);
      update();
    });
    return { label: el("label", {}, name, output, input), value: () => steps[input.value] };
  };
  const context = slider("Context of one request", contexts, 3, tokens);
  const flight = slider("Requests in flight", flights, 0, String);
  const form = el("form", { onsubmit: event => { event.preventDefault(); update(); }, onchange: event => { if (event.target.type !== "range") update(); } },
    field("Model", el("input", { name: "model", list: "models", required: true, value: words.get("model") ?? "qwen3-8b" })), models,
    machineField(words.get("machine")),
    context.label, flight.label,
    field("KV cache", select("kvType", [["", "as planned"], "f16", "q8_0", "q4_0", "fp8"])),
    field("Engine", select("engine", [["", "any"], "llama.cpp", "vllm", "mlx"])),
    field("Layers on the GPU", el("input", { name: "gpuLayers", type: "number", min: 0, placeholder: "as planned" })),
    field("Forms", select("quantizations", [["usual", "usual"], ["files", "files"], ["all", "all"]])),
    check("gpuOnly", "On the GPUs only"),
    el("button", {}, "Plan"));
  place.append(form, answer);
  get("/models").then(found => models.replaceChildren(...found.applications.map(model => el("option", { value: model.name })),
    ...found.models.map(model => el("option", { value: `hf:${model.name}` })))).catch(() => {});

  // One question at a time: while one is answered, only the last of those that were asked meanwhile waits.
  let isAsking = false, isStale = false;
  async function update() {
    if (isAsking) { isStale = true; return; }
    isAsking = true;
    do {
      isStale = false;
      const asked = { ...values(form, ["gpuLayers"]), context: context.value(), concurrency: flight.value() };
      if (!asked.model) break;
      try {
        const start = performance.now();
        const plan = await post("/plan", asked);
        answer.replaceChildren(...rows(plan, asked, Math.min(640, answer.clientWidth || 640)));
        answer.dataset.milliseconds = Math.round(performance.now() - start);
        say(summary(plan));
      } catch (error) { answer.replaceChildren(problem(error)); }
    } while (isStale);
    isAsking = false;
  }
  await update();
}

function summary(plan) {
  if (plan.chosen === null) return plan.reasons.at(-1)?.message ?? "Nothing fits";
  const option = plan.options[plan.chosen];
  return `${option.quantization} on ${option.engine} ${option.verdict === "fits" ? "fits" : `is ${option.verdict}`}`;
}

function rows(plan, asked, width) {
  const option = plan.chosen === null ? null : plan.options[plan.chosen];
  const shown = [];
  if (!option) {
    const reason = plan.reasons.at(-1);
    shown.push(notice(`${plan.model.name} on ${plan.machine.name}: ${reason?.message ?? "nothing fits"}${reason?.remedy ? `. ${reason.remedy}` : ""}`));
  } else {
    shown.push(notice(`${plan.model.name} on ${plan.machine.name}: ${summary(plan)}`, verdicts[option.verdict]));
    const all = option.parallel > 1 ? option.speed?.decodeAggregate : null;
    shown.push(key([
      ["Each request", option.speed?.decode && `${digits(option.speed.decode.expected)} tok/s`],
      ["All together", all && `${digits(all.expected)} tok/s`],
      ["First token", option.speed?.timeToFirstToken && seconds(option.speed.timeToFirstToken.expected)],
      ["Memory up to", bytes(option.memory?.highBytes)],
      ["Context", tokens(option.contextLength)],
    ]));
    if (option.memory) shown.push(el("figure", {}, el("figcaption", {}, "Memory"), memory(option.memory, width), legend()));
    const most = Math.max(...plan.options.map(row => row.speed?.decode?.high ?? 0));
    if (option.speed?.decode) {
      shown.push(el("figure", {}, el("figcaption", {}, `Speed of one request: ${band(option.speed.decode, "tok/s")}`), speed(option.speed.decode, most, width)));
    }
    if (option.launch) {
      shown.push(el("h2", {}, "Command"), el("pre", {}, [option.launch.program, ...option.launch.arguments].join(" ")));
    }
    if (!asked.machine) shown.push(deployForm(asked, option));
  }
  const others = plan.reasons.slice(0, -1);
  if (others.length) {
    shown.push(el("details", {}, el("summary", {}, `Remarks (${others.length})`),
      el("ul", {}, others.map(reason => el("li", {}, reason.remedy ? `${reason.message} (${reason.remedy})` : reason.message)))));
  }
  const order = plan.ranking?.length ? [...plan.ranking, ...plan.options.keys()] : [...plan.options.keys()];
  shown.push(table("Forms", [
    ["Form", row => row.quantization],
    ["Engine", row => row.engine],
    ["Verdict", row => el("span", { class: verdicts[row.verdict], title: row.reason.message }, row.verdict)],
    ["Memory up to", row => bytes(row.memory?.highBytes), "n"],
    ["Speed", row => band(row.speed?.decode, "tok/s"), "n"],
    ["First token", row => row.speed?.timeToFirstToken ? seconds(row.speed.timeToFirstToken.expected) : "", "n"],
    ["Why", row => row.reason.message, "words"],
  ], [...new Set(order)].map(index => plan.options[index]), row => row === option ? "chosen" : null));
  return shown;
}

function deployForm(asked, option) {
  const place = el("div", {});
  const form = el("form", {
    onsubmit: async event => {
      event.preventDefault();
      const { gpuOnly, quantizations, ...rest } = asked;
      try {
        const job = await post("/deployments", { ...rest, ...values(form), ...(gpuOnly ? { gpuOnly } : {}), quantizations: option.quantization, engine: option.engine });
        location.hash = `#deployments?job=${job.id}`;
      } catch (error) { place.replaceChildren(problem(error)); }
    },
  },
    field("Name (empty: after the model)", el("input", { name: "name", maxlength: 64 })),
    check("agree", "Fetch the model and install the engine where missing"),
    el("button", {}, "Deploy"));
  return el("div", {}, el("h2", {}, "Deploy on this machine"), form, place);
}

export default { title: "Plan", show };
