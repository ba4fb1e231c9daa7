import { el, notice, problem, say, table } from "./dom.js";
import { follow, part, remove } from "./api.js";
import { bytes, moment, seconds } from "./units.js";

// How far a download is, in words.
function download(figures) {
  if (figures?.bytesTotal === undefined) return "";
  return [
    `${bytes(figures.bytesDone)} of ${bytes(figures.bytesTotal)}`,
    figures.bytesPerSecond && `${bytes(figures.bytesPerSecond)}/s`,
    figures.secondsLeft !== undefined && `${seconds(figures.secondsLeft)} left`,
  ].filter(Boolean).join(", ");
}

// A job with its notes as they come, and a button that ends it.
export function progress(job, onLeave, onEnd, onChange = () => {}, handlers = {}) {
  const title = el("h2", {}),
    bar = el("progress", { max: 1 }),
    rate = el("p", {}),
    notes = el("pre", {}),
    end = el("div", {});
  const cancel = el("button", {
    class: "plain",
    onclick: () => remove(`/jobs/${part(job.id)}`).catch(error => end.replaceChildren(problem(error))),
  }, "Cancel");
  const node = el("section", { "aria-label": `Job ${job.subject}` },
    title,
    bar,
    rate,
    notes,
    el("div", { class: "actions" }, cancel),
    end,
  );
  const isOver = state => state !== "running";
  function draw(job) {
    title.textContent = `${job.kind} ${job.subject}: ${job.state}`;
    notes.textContent = job.notes.join("\n");
    notes.hidden = !job.notes.length;
    rate.textContent = download(job.figures);
    rate.hidden = !rate.textContent;
    if (job.progress === undefined) bar.removeAttribute("value"); else bar.value = job.progress;
    onChange(job);
    if (!isOver(job.state)) return;
    bar.hidden = cancel.hidden = true;
    end.replaceChildren(
      job.failure ? problem(job.failure) : notice(
        job.state === "done" ? `Done after ${seconds(job.finishedAt - job.startedAt)}` : job.state,
        job.state === "done" ? "good" : "doubtful",
      ),
    );
    say(title.textContent);
    onEnd();
  }
  draw(job);
  if (!isOver(job.state)) onLeave(follow(`/jobs/${part(job.id)}/events`, { job: draw, ...handlers }));
  return node;
}

const pages = { runs: name => `#runs?run=${name}`, deployments: () => "#deployments" };

// Jobs that were, with what came of them.
export function jobTable(jobs) {
  if (!jobs.length) return "";
  const link = job => {
    const [kind, name] = job.result?.split("/").slice(-2) ?? [];
    return pages[kind] ? el("a", { href: pages[kind](name) }, decodeURIComponent(name)) : "";
  };
  return table("Jobs", [
    ["Job", job => `${job.kind} ${job.subject}`],
    [
      "State",
      job =>
        el("span", { class: job.state === "done" ? "good" : job.state === "failed" ? "bad" : "doubtful" }, job.state),
    ],
    ["Started (UTC)", job => moment(job.startedAt)],
    ["Took", job => job.finishedAt ? seconds(job.finishedAt - job.startedAt) : "", "n"],
    ["Result", job =>
      job.state === "running"
        ? el("button", {
          type: "button",
          class: "plain",
          onclick: event => {
            event.target.disabled = true;
            remove(`/jobs/${part(job.id)}`).catch(() => {
              event.target.disabled = false;
            });
          },
        }, "Cancel")
        : job.failure
        ? job.failure.message
        : link(job), "words"],
  ], jobs);
}
