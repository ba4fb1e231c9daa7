import { el, problem, say } from "./dom.js";
import machine from "./machine.js";
import recommend from "./recommend.js";
import plan from "./plan.js";
import deployments from "./deployments.js";
import measure from "./measure.js";
import size from "./size.js";
import runs from "./runs.js";
import doctor from "./doctor.js";

const pages = { machine, recommend, plan, size, deployments, measure, runs, doctor };
const content = document.getElementById("content");
let leave = [];
let shown = 0;

for (const [name, page] of Object.entries(pages)) {
  document.getElementById("pages").append(el("li", {}, el("a", { href: `#${name}`, id: `to-${name}` }, page.title)));
}

// The address is #page or #page?name=value; a page gets its words and a place to say what is to end with it.
async function show() {
  if (location.hash === "#content") { content.focus(); return; }
  const [name, query] = location.hash.slice(1).split("?");
  const page = pages[name] ?? machine;
  for (const end of leave) end();
  leave = [];
  const number = ++shown;
  document.title = `${page.title} – Plimsoll`;
  for (const link of document.querySelectorAll("nav a")) link.removeAttribute("aria-current");
  document.getElementById(`to-${pages[name] ? name : "machine"}`).setAttribute("aria-current", "page");
  const place = el("div", {}, el("h1", {}, page.title));
  content.replaceChildren(place);
  content.classList.add("busy");
  try {
    await page.show(place, new URLSearchParams(query ?? ""), end => leave.push(end));
  } catch (error) {
    if (error.name !== "AbortError") place.append(problem(error));
  }
  if (number === shown) {
    content.classList.remove("busy");
    content.dataset.shown = pages[name] ? name : "machine";
    say(`${page.title} shown`);
  }
}

addEventListener("hashchange", () => { show(); content.focus({ preventScroll: true }); scrollTo(0, 0); });
show();
