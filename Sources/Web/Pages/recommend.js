import { check, el, field, problem, say, select, table, values } from "./dom.js";
import { post } from "./api.js";
import { drop, machineField } from "./drop.js";
import { band, bytes, digits, tokens, verdicts } from "./units.js";

const uses = ["chat", "code", "reasoning", "vision", "rag", "embedding"];

async function show(place, words) {
  const list = el("div", {});
  const form = el("form", { onsubmit: event => { event.preventDefault(); update(); }, onchange: () => update() },
    machineField(words.get("machine")),
    field("For", select("use", uses, "chat")),
    field("Context", select("context", [["", "usual"], ["8192", "8k"], ["32768", "32k"], ["131072", "128k"]])),
    field("License", el("input", { name: "license", placeholder: "apache" })),
    field("Maker", el("input", { name: "maker", placeholder: "google" })),
    field("Models", select("limit", ["10", "20", "50"], "10")),
    check("gpuOnly", "On the GPUs only"), check("tools", "Calls tools"), check("all", "Slow ones too"),
    el("button", {}, "List"));
  place.append(form, drop(name => { form.elements.machine.value = name; update(); }), list);
  let asking = null;
  async function update() {
    asking?.abort();
    asking = new AbortController();
    list.classList.add("busy");
    try {
      const asked = values(form, ["context", "limit"]);
      const found = await post("/recommend", asked, asking.signal);
      list.replaceChildren(...rows(found, asked.machine));
      say(`${found.models.length} models`);
    } catch (error) {
      if (error.name === "AbortError") return;
      list.replaceChildren(problem(error));
    }
    list.classList.remove("busy");
  }
  await update();
}

function rows(found, machine) {
  if (!found.models.length) return [el("p", { class: "notice doubtful" }, "No model fits with these filters.")];
  const first = found.models[0];
  return [
    el("p", { class: "notice good" }, `Best for ${found.use} on ${found.machine}: ${first.name}, ${first.quantization} on ${first.engine}`),
    table(`Models for ${found.use}`, [
      ["Model", row => el("a", { href: `#plan?${new URLSearchParams({ model: row.name, ...(machine ? { machine } : {}) })}` }, row.name)],
      ["Verdict", row => el("span", { class: verdicts[row.verdict] }, row.verdict)],
      ["Form", row => row.quantization],
      ["Engine", row => row.engine],
      ["Speed", row => band(row.tokensPerSecond, "tok/s") ?? "unknown", "n"],
      ["Context", row => row.contextLength ? tokens(row.contextLength) : "", "n"],
      ["Memory up to", row => bytes(row.memoryHighBytes), "n"],
      ["Quality", row => row.quality ? digits(row.quality.index) + (row.quality.isEstimated ? " (estimated)" : "") : "", "n"],
      ["Parameters", row => `${digits(row.parameters / 1e9)}B`, "n"],
      ["License", row => row.license ?? ""],
    ], found.models),
    el("p", { class: "soft" }, `${found.total} models: ${found.leftOut.doNotFit} do not fit, ${found.leftOut.filtered} filtered out.`),
  ];
}

export default { title: "Recommend", show };
