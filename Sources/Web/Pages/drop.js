import { el, field, notice, problem, say } from "./dom.js";
import { get, part, sendFile } from "./api.js";
import { bytes } from "./units.js";

const kinds = [
  ["machines", "Whole machines"], ["accelerators", "GPUs"], ["processors", "Processors"], ["personal", "Your own"],
];

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
      const { rows } = await get(`/catalogue?${new URLSearchParams({ text: text.trim() })}`, asked.signal);
      names.replaceChildren(...rows.slice(0, 50).map(row => el("option", { value: before + row.name })));
    } catch { /* The name is checked when the list is asked for. */ }
  });
}

// The same for names of models; those that are here come first.
export function completeModels(inputs, names) {
  let here = [];
  get("/models").then(({ models, applications }) => {
    here = [...applications.map(model => model.name), ...models.map(model => `hf:${model.name}`)];
    fill([]);
  }).catch(() => {});
  const fill = known => names.replaceChildren(...[...here, ...known].map(value => el("option", { value })));
  for (const input of inputs)
    input.addEventListener("input", async () => {
      const text = input.value.trim();
      if (text.length < 2) return;
      try {
        fill(
          (await get(`/catalogue/models?${new URLSearchParams({ text })}`)).models.slice(0, 50).map(model =>
            model.name
          ),
        );
      } catch { /* The name is checked when it is asked for. */ }
    });
}

// A machine's field that finds names of the catalogue while one types, and a list of the catalogue by kind.
export function machineField(value) {
  const names = el("datalist", { id: "machines" });
  const input = el("input", {
    name: "machine",
    list: "machines",
    placeholder: "2x rtx-4090, 128 GiB",
    value: value ?? "",
    autocomplete: "off",
  });
  complete(input, names);
  return el("div", {}, field("Machine (empty: this one)", input), names, catalogue(input));
}

function catalogue(input) {
  const list = el("select", { size: 8, "aria-label": "Machines of the catalogue", class: "catalogue" });
  const kind = el("select", { "aria-label": "Kind of machine" }, kinds.map(([id, name]) => el("option", { value: id }, name)));
  const place = el("div", {});
  let number = 0;
  async function fill() {
    const mine = ++number;
    place.replaceChildren();
    list.replaceChildren(el("option", { disabled: true }, "…"));
    try {
      const { rows } = await get(`/catalogue?kind=${kind.value}`);
      if (mine !== number) return;
      list.replaceChildren(
        ...[...Map.groupBy(rows, row => row.maker)].map(([maker, all]) =>
          el("optgroup", { label: maker }, all.map(row => el("option", { value: row.name }, row.name)))
        ),
      );
      if (!rows.length)
        list.replaceChildren(
          el("option", { disabled: true }, kind.value === "personal" ? "none yet: plimsoll probe --save NAME" : "none"),
        );
    } catch (error) {
      place.replaceChildren(problem(error));
    }
  }
  // These are no values of the form: what they choose goes into the field.
  for (const control of [kind, list]) control.addEventListener("change", event => event.stopPropagation());
  kind.addEventListener("change", fill);
  const choose = () => {
    if (!list.value) return;
    input.value = list.value;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };
  list.addEventListener("change", choose);
  return el(
    "details",
    {
      ontoggle: event => {
        if (event.target.open && !number) fill();
      },
    },
    el("summary", {}, "Browse the catalogue"),
    kind,
    list,
    place,
  );
}

// A place for a file that describes another machine; onMachine(name) hears what it is called from then on. known is the
// name of one that was sent before: what was read of it is said again.
export function drop(onMachine, known) {
  const result = el("div", { "aria-live": "polite" });
  const input = el("input", {
    type: "file",
    onchange: () => {
      if (input.files[0]) read(input.files[0]);
    },
  });
  const place = el("div", { class: "drop" },
    field("Another machine: drop its nvidia-smi output, lstopo XML or profile here", input),
  );
  async function read(file) {
    try {
      const { name, machine } = await sendFile(file);
      result.replaceChildren(...told(machine));
      say(`${machine.name} read`);
      onMachine(name);
    } catch (error) { result.replaceChildren(problem(error)); }
  }
  if (known?.startsWith("upload:")) {
    get(`/machines/${part(known)}`).then(machine => result.replaceChildren(...told(machine))).catch(error =>
      result.replaceChildren(problem(error))
    );
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

// What was read of a machine, and what was not.
function told(machine) {
  const gpus = Map.groupBy(machine.accelerators ?? [], gpu => gpu.model?.value ?? "unknown GPU");
  const read = [
    machine.cpu?.model?.value,
    machine.cpu?.cores ? `${machine.cpu.cores.value} cores` : null,
    machine.memory?.totalBytes ? `${bytes(machine.memory.totalBytes.bytes)} of memory` : null,
    ...[...gpus].map(([model, all]) =>
      [all.length > 1 ? `${all.length}x ${model}` : model, all[0].memoryBytes && `(${bytes(all[0].memoryBytes.bytes)})`]
        .filter(Boolean).join(" ")
    ),
  ].filter(Boolean);
  const missing = [
    machine.cpu?.cores || machine.cpu?.threads ? null : "processor", machine.memory?.totalBytes ? null : "memory",
    gpus.size ? null : "GPU", ...(machine.accelerators ?? []).some(gpu => !gpu.memoryBytes) ? ["memory of a GPU"] : [],
  ].filter(Boolean);
  return [
    notice(
      `${machine.name}: ${read.length ? read.join(", ") : "nothing that a plan needs"}`,
      missing.length || machine.warnings?.length ? "doubtful" : "good",
    ),
    missing.length ? el("p", { class: "soft" }, `Not in the file: ${missing.join(", ")}.`) : "",
    ...(machine.warnings ?? []).map(one => el("p", { class: "soft" }, one)),
  ];
}

