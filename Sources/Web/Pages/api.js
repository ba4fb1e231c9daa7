// All that the pages ask is the API that programs ask.

export class Problem extends Error {
  constructor(status, document) {
    super(document.message ?? `the server answered ${status}`);
    [this.status, this.code, this.remedy] = [status, document.code, document.remedy];
  }
}

async function ask(method, path, body, signal) { return (await answered(method, path, body, signal)).document; }

// Says above every page that what it shows is old, as long as the server does not answer.
function reached(isThere) {
  const gone = document.getElementById("gone");
  if (gone.hidden === isThere) return;
  gone.hidden = isThere;
  gone.textContent = isThere ? "" : "The server has stopped: this page shows what it last said. Start it again: plimsoll serve";
}

// Asks, and answers with the document and where it is kept.
export async function answered(method, path, body, signal) {
  let response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method, signal, body: body === undefined ? undefined : JSON.stringify(body),
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    reached(false);
    throw new Problem(0, { message: "The server does not answer", remedy: "Start it again: plimsoll serve" });
  }
  reached(true);
  const location = response.headers.get("Location");
  if (response.status === 204) return { document: null, location };
  const isJSON = (response.headers.get("Content-Type") ?? "").startsWith("application/json");
  const document = isJSON ? await response.json() : { message: await response.text() };
  if (!response.ok) throw new Problem(response.status, document);
  return { document: isJSON ? document : document.message, location };
}

export const get = (path, signal) => ask("GET", path, undefined, signal);
export const post = (path, body, signal) => ask("POST", path, body, signal);
export const patch = (path, body) => ask("PATCH", path, body);
export const remove = path => ask("DELETE", path);
export const part = encodeURIComponent;

// Machines that were sent since the page was opened: what they are called in requests, and by people.
export const sent = new Map();

// Sends a file that describes a machine; returns it with the name that it has from then on.
export async function sendFile(file) {
  if (file.size > 1 << 20)
    throw new Problem(0, {
      message: `${file.name} is larger than 1 MiB`,
      remedy: "Try plimsoll probe --from FILE --save NAME",
    });
  const bytes = new Uint8Array(await file.arrayBuffer());
  // PowerShell redirects into UTF-16.
  const content = new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : "utf-8").decode(bytes);
  const { document: machine, location } = await answered("POST", "/machines", { content, name: file.name.slice(0, 100) });
  const name = location.split("/").at(-1);
  sent.set(name, machine.name);
  return { machine, name };
}

// Follows server-sent events; handlers by the event's name. Returns what ends it.
export function follow(path, handlers) {
  const source = new EventSource(path.startsWith("/api/") ? path : `/api/v1${path}`);
  for (const [name, handler] of Object.entries(handlers)) {
    source.addEventListener(name, event => handler(JSON.parse(event.data)));
  }
  source.addEventListener("end", () => source.close());
  source.addEventListener("open", () => reached(true));
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) source.close();
    else reached(false);
  });
  return () => source.close();
}
