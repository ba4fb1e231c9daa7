import { el, key, notice, table } from "./dom.js";
import { get } from "./api.js";
import { drop } from "./drop.js";
import { bytes, digits } from "./units.js";

const rate = figure => figure ? `${digits(figure.value / 1e9)} GB/s` : null;

async function show(place) {
  const [machine, deployed] = await Promise.all([get("/machine"), get("/deployments")]);
  place.append(el("p", {}, [machine.system?.vendor?.value, machine.system?.product?.value, machine.os?.value]
    .filter(Boolean).join(" · ")));
  const cpu = machine.cpu ?? {};
  const memory = machine.memory ?? {};
  place.append(key([
    ["Cores", cpu.cores && `${cpu.cores.value}${cpu.threads ? ` (${cpu.threads.value} threads)` : ""}`],
    ["Memory", bytes(memory.totalBytes?.bytes)],
    ["Free", bytes(memory.availableBytes?.bytes)],
    ["Memory bandwidth", rate(memory.bandwidth)],
    ["GPUs", machine.accelerators?.length ? String(machine.accelerators.length) : "none"],
  ]));
  if (cpu.model) place.append(el("p", {}, cpu.model.value));
  if (machine.accelerators?.length) {
    place.append(table("GPUs", [
      ["Name", gpu => gpu.model?.value ?? "unknown"],
      ["Memory", gpu => bytes(gpu.memoryBytes?.bytes) ?? "unknown", "n"],
      ["Usable", gpu => bytes(gpu.usableBytes?.bytes) ?? "unknown", "n"],
      ["Free", gpu => bytes(gpu.freeBytes?.bytes) ?? "unknown", "n"],
      ["Bandwidth", gpu => rate(gpu.bandwidth) ?? "unknown", "n"],
    ], machine.accelerators));
  }
  for (const warning of machine.warnings ?? []) place.append(notice(warning.message ?? String(warning), "doubtful"));
  place.append(el("h2", {}, "Deployed"));
  place.append(deployed.deployments.length
    ? el("p", {}, el("a", { href: "#deployments" }, `${deployed.deployments.length} on this machine`))
    : el("p", { class: "soft" }, "Nothing is deployed. ", el("a", { href: "#recommend" }, "See what runs well here")));
  place.append(drop(name => { location.hash = `#recommend?${new URLSearchParams({ machine: name })}`; }));
  place.append(el("h2", {}, "Topology"), el("figure", {},
    el("img", { class: "drawing", src: "/api/v1/machine/drawing", alt: "Packages, cores, caches, memory and devices of this machine" })));
}

export default { title: "This machine", show };
