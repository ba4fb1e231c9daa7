import { el, field, notice, problem } from "./dom.js";
import { get, sendFile } from "./api.js";

// Finds names of the catalogue while one types; names is the field's datalist.
export function complete(input, names) {
  let asked = null;
  input.addEventListener("input", async () => {
    asked?.abort();
    // A line of parts is completed at its end.
    const [, before, text] = input.value.match(/^((?:.*,)?\s*(?:\d+x\s*)?)(.*)$/);
    if (text.trim().length < 2) return;
    asked = new AbortController();
    try {
      const { machines } = await get(`/machines?${new URLSearchParams({ text: text.trim() })}`, asked.signal);
      names.replaceChildren(...machines.slice(0, 50).map(machine => el("option", { value: before + machine.name })));
    } catch { /* The name is checked when the list is asked for. */ }
  });
}

// A machine's field that finds names of the catalogue while one types.
export function machineField(value) {
  const names = el("datalist", { id: "machines" });
  const input = el("input", { name: "machine", list: "machines", placeholder: "2x rtx-4090, 128 GiB", value: value ?? "" });
  complete(input, names);
  return el("div", {}, field("Machine (empty: this one)", input), names);
}

// A place for a file that describes another machine; onMachine(name, machine) hears what it is called from then on.
export function drop(onMachine) {
  const result = el("div", { "aria-live": "polite" });
  const input = el("input", { type: "file", onchange: () => { if (input.files[0]) read(input.files[0]); } });
  const place = el("div", { class: "drop" }, field("Another machine: drop its nvidia-smi output, lstopo XML or profile here", input));
  async function read(file) {
    try {
      const { name, machine } = await sendFile(file);
      const gpus = Map.groupBy(machine.accelerators ?? [], gpu => gpu.model?.value ?? "unknown GPU");
      const words = [...gpus].map(([model, all]) => all.length > 1 ? `${all.length}x ${model}` : model).join(", ");
      result.replaceChildren(notice(`${machine.name}: ${words || "no GPU"}${machine.warnings?.length ? `. ${machine.warnings.join(". ")}` : ""}`, machine.warnings?.length ? "doubtful" : "good"));
      onMachine(name, machine);
    } catch (error) { result.replaceChildren(problem(error)); }
  }
  place.addEventListener("dragover", event => { event.preventDefault(); place.classList.add("over"); });
  place.addEventListener("dragleave", () => place.classList.remove("over"));
  place.addEventListener("drop", event => {
    event.preventDefault();
    place.classList.remove("over");
    if (event.dataTransfer.files[0]) read(event.dataTransfer.files[0]);
  });
  return el("div", {}, place, result);
}
