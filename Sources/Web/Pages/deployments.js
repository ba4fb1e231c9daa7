import { el, field, notice, problem, say, table } from "./dom.js";
import { follow, get, part, post, remove } from "./api.js";
import { bytes } from "./units.js";
import { progress } from "./jobs.js";
import { talk } from "./chat.js";

const levels = { ready: "good", loading: "doubtful", starting: "doubtful", failed: "bad", stopped: "soft" };

async function show(place, words, onLeave) {
  const jobs = el("div", {}), list = el("div", {}), detail = el("div", {});
  const download = el("form", {
    onsubmit: async event => {
      event.preventDefault();
      try { begin(await post("/downloads", { model: download.elements.model.value.trim() })); } catch (error) { jobs.replaceChildren(problem(error)); }
    },
  }, field("Download from the Hub", el("input", { name: "model", required: true, placeholder: "hf:org/name:Q4_K_M" })), el("button", { class: "plain" }, "Download"));
  place.append(jobs, list, detail, download);
  const begin = job => jobs.prepend(progress(job, onLeave, update));
  const running = (await get("/jobs?limit=10")).jobs.filter(job => ["deploy", "restart", "download"].includes(job.kind) && (job.state === "running" || job.id === words.get("job")));
  for (const job of running.reverse()) begin(job);

  async function update() {
    const { deployments } = await get("/deployments");
    list.replaceChildren(deployments.length ? table("Deployments", [
      ["Name", row => row.deployment.name],
      ["State", row => el("span", { class: levels[row.deployment.state] }, row.deployment.state)],
      ["Actions", row => el("div", { class: "actions" },
        el("button", { class: "plain", onclick: () => showChat(row.deployment.name) }, "Chat"),
        el("button", { class: "plain", onclick: () => showLog(row.deployment.name) }, "Log"),
        el("button", { class: "plain", onclick: event => restart(row.deployment.name, event.target) }, "Restart"),
        el("button", { class: "plain", onclick: event => stop(row.deployment.name, event.target) }, "Stop"))],
      ["Engine", row => row.deployment.engine],
      ["Address", row => `http://${row.deployment.address.host}:${row.deployment.address.port}`],
      ["Memory", row => bytes(row.usage?.residentBytes?.bytes ?? row.usage?.residentBytes), "n"],
    ], deployments) : el("p", { class: "soft" }, "Nothing is deployed. ", el("a", { href: "#plan" }, "Plan a model to deploy it")));
  }

  async function restart(name, button) {
    button.disabled = true;
    try { begin(await post(`/deployments/${part(name)}/restart`)); } catch (error) { detail.replaceChildren(problem(error)); button.disabled = false; }
  }

  async function stop(name, button) {
    button.disabled = true;
    try { await remove(`/deployments/${part(name)}`); say(`${name} stopped`); detail.replaceChildren(); } catch (error) { detail.replaceChildren(problem(error)); }
    await update();
  }

  let endDetail = () => {};
  onLeave(() => endDetail());
  function showLog(name) {
    endDetail();
    const log = el("pre", { tabindex: 0, "aria-label": `Log of ${name}` });
    detail.replaceChildren(el("h2", {}, `Log of ${name}`), log);
    endDetail = follow(`/deployments/${part(name)}/log/events`, {
      lines: ({ text }) => {
        const isAtEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 8;
        log.append(text);
        if (isAtEnd) log.scrollTop = log.scrollHeight;
      },
      problem: reason => detail.append(notice(reason.message)),
    });
  }
  function showChat(name) {
    endDetail();
    const { node, end } = talk(name);
    detail.replaceChildren(el("h2", {}, `Chat with ${name}`), node);
    node.querySelector("textarea").focus();
    endDetail = end;
  }
  await update();
  const timer = setInterval(() => update().catch(() => {}), 5000);
  onLeave(() => clearInterval(timer));
}

export default { title: "Deployments", show };
