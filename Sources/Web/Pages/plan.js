import { check, el, field, problem, say, select, values } from "./dom.js";
import { get, post } from "./api.js";
import { among, segments, slider } from "./controls.js";
import { completeModels, machineField } from "./drop.js";
import { named, planned } from "./planned.js";
import { digits, tokens } from "./units.js";

const flights = [1, 2, 4, 8, 16, 32, 64, 128, 256];
const powers = Array.from({ length: 11 }, (_, power) => 1024 << power);
const steady = 350;

async function show(place, words, onLeave) {
  const engines = await get("/engines");
  const kinds = Object.keys(engines.cacheTypes);
  const start = (name, usual) => words.get(name) ?? usual;
  // What the address says, where it is a number that there can be.
  const count = (name, usual) => {
    const stated = Number(words.get(name));
    return Number.isSafeInteger(stated) && stated > 0 ? stated : usual;
  };
  const moved = () => update();
  let trained = 0, layers = 0, form = null;
  const engine = () => form ? form.elements.engine.value : start("engine", "");

  const isBeyond = length => trained > 0 && length > trained;
  const contexts = () => {
    const usual = trained > 0 ? powers.filter(step => step <= trained * 4) : powers;
    return among(trained > 0 ? [...usual, trained] : usual, context?.value() ?? count("context", 8192));
  };
  let context = null;
  context = slider("Context of one request", contexts(), count("context", 8192), {
    words: length =>
      isBeyond(length)
        ? `${tokens(length)}, beyond training`
        : length === trained
        ? `${tokens(length)}, as trained`
        : tokens(length),
    isDoubtful: isBeyond,
    onInput: moved,
  });
  const flight = slider(
    "Requests in flight",
    among(flights, count("concurrency", 1)),
    count("concurrency", 1),
    { onInput: moved },
  );
  const takers = type => kinds.filter(kind => engines.cacheTypes[kind].includes(type));
  const kvType = slider("KV cache", [start("kvType", "")], start("kvType", ""), {
    words: type =>
      type === ""
        ? "as planned"
        : engine() || takers(type).length === kinds.length
        ? type
        : `${type} (${takers(type).filter(kind => kind.indexOf("ampere") < 0).join(", ")})`,
    onInput: moved,
  });
  const gpuLayers = slider("Layers on the GPU", [""], "", {
    words: count =>
      count === "" ? "as planned" : count === 0 ? "none" : count > layers ? "all" : `${count} of ${layers + 1}`,
    onInput: moved,
  });
  const kind = segments("engine", "Engine", [["", "any"], ...kinds.map(name => [name, name])], start("engine", ""));
  const models = el("datalist", { id: "models" });
  const model = el("input", {
    name: "model",
    list: "models",
    required: true,
    value: start("model", "qwen3-8b"),
    autocomplete: "off",
  });
  const more = el("details", { open: matchMedia("(min-width: 60rem)").matches },
    el("summary", {}, "Engine, cache, layers, quantizations"),
    kind.node,
    kvType.node,
    gpuLayers.node,
    field(
      "Quantizations",
      select(
        "quantizations",
        [["usual", "usual"], ["files", "files that are here"], ["all", "all"]],
        start("quantizations", "usual"),
      ),
    ),
    field(
      "Draft model",
      el("input", {
        name: "draft",
        list: "models",
        placeholder: "none",
        value: start("draft", ""),
        autocomplete: "off",
      }),
    ),
    field(
      "LoRA adapter",
      el("input", {
        name: "lora",
        placeholder: "path in the folder of models",
        value: start("lora", ""),
        autocomplete: "off",
      }),
    ),
    check("gpuOnly", "GPUs only", words.get("gpuOnly") === "true"),
  );
  form = el(
    "form",
    {
      class: "controls",
      onsubmit: event => {
        event.preventDefault();
        update();
      },
      onchange: event => {
        if (event.target.type !== "range") {
          chosen = null;
          update();
        }
      },
    },
    field("Model", model),
    models,
    machineField(start("machine", "")),
    context.node,
    flight.node,
    more,
    el("button", { class: "plain" }, "Plan"),
  );
  let chosen = words.get("form");
  const view = planned(engines, {
    onChoose: name => { chosen = name; draw(); soon(); },
    asked: () => asked(),
  });
  const failed = el("div", {});
  const reveal = isPlanned => { view.picture.hidden = view.rest.hidden = !isPlanned; };
  reveal(false);
  place.append(el("div", { class: "planner" }, form, el("div", {}, failed, view.picture)), view.rest);
  completeModels([form.elements.model, form.elements.draft], models);

  function asked() {
    const all = { ...values(form), context: context.value(), concurrency: flight.value() };
    if (all.lora) all.lora = [all.lora];
    if (kvType.value()) all.kvType = kvType.value();
    if (gpuLayers.value() !== "" && !gpuLayers.node.hidden) all.gpuLayers = gpuLayers.value();
    return all;
  }

  // What a slider can be set to goes by the model, the machine and the engine.
  function fit(plan) {
    trained = plan.model.contextLength ?? 0;
    layers = plan.model.layerCount ?? 0;
    context.setSteps(contexts());
    const inPlay = engine() ? [engine()] : kinds.filter(kind => plan.options.some(option => option.engine === kind));
    const types = [...new Set(inPlay.flatMap(kind => engines.cacheTypes[kind]))];
    kvType.setSteps(["", ...types, ...(kvType.value() && !types.includes(kvType.value()) ? [kvType.value()] : [])]);
    gpuLayers.node.hidden = !layers || !plan.machine.accelerators?.length ||
      !inPlay.some(kind => engines.options[kind].includes("--gpu-layers"));
    const given = words.get("gpuLayers");
    gpuLayers.setSteps(["", ...Array.from({ length: layers + 2 }, (_, count) => count)]);
    if (given !== null) { words.delete("gpuLayers"); gpuLayers.place(Number(given)); return !gpuLayers.node.hidden; }
    return false;
  }

  // What was found of limits holds for any context: it is shown until it is found anew.
  const limits = new Map();
  const question = () => { const { context, ...rest } = asked(); return JSON.stringify(rest); };
  let plan = null;
  function draw() {
    if (!plan) return;
    const known = limits.get(question());
    const option = plan.options.find(option => named(option) === chosen) ??
      (plan.chosen === null ? null : plan.options[plan.chosen]);
    const found = option && known?.get(named(option));
    context.say(
      trained
        ? [found && `fits up to ${digits(found.context)}`, `trained for ${digits(trained)}`].filter(Boolean).join(" · ")
        : found && `fits up to ${digits(found.context)}`,
    );
    flight.say(found?.requests && `up to ${digits(found.requests)} fit at this context`);
    view.draw(plan, option, known);
  }

  function keepLimits(found) {
    if (limits.size > 20) limits.clear();
    limits.set(question(), new Map(found.options.filter(option => option.largestContext).map(option => [named(option), {
      context: view.ofEach(option, option.largestContext.value), requests: option.largestParallel?.value,
    }])));
  }

  // One question at a time: while one is answered, only the last of those that were asked meanwhile waits.
  let isAsking = false, isStale = false, isLeft = false, timer = null, idle = null;
  async function update() {
    clearTimeout(timer);
    idle?.abort();
    if (isAsking) { isStale = true; return; }
    isAsking = true;
    do {
      isStale = false;
      const now = asked();
      if (!now.model) break;
      try {
        const begin = performance.now();
        const found = await post("/plan", now);
        if (isLeft) return;
        plan = found;
        failed.replaceChildren();
        reveal(true);
        if (fit(plan)) isStale = true;
        draw();
        view.picture.dataset.milliseconds = Math.round(performance.now() - begin);
        if (!isStale) say(view.summary());
      } catch (error) {
        if (isLeft) return;
        failed.replaceChildren(problem(error));
        plan = null;
        reveal(false);
      }
    } while (isStale);
    isAsking = false;
    soon();
  }

  // Once nothing moves: the address, and what takes longer than a step may.
  function soon() {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const state = { ...asked(), ...(chosen ? { form: chosen } : {}) };
      if (state.quantizations === "usual") delete state.quantizations;
      history.replaceState(null, "", `#plan?${new URLSearchParams(state)}`);
      if (!plan || limits.has(question())) return;
      const before = question();
      idle = new AbortController();
      try {
        const found = await post("/plan", { ...asked(), limits: true }, idle.signal);
        if (isLeft || before !== question()) return;
        keepLimits(found);
        draw();
      } catch { /* The step before said what is wrong. */ }
    }, steady);
  }
  onLeave(() => { isLeft = true; clearTimeout(timer); idle?.abort(); });
  await update();
}

export default { title: "Plan", show };
