// All that the pages ask is the API that programs ask.

export class Problem extends Error {
  constructor(status, document) {
    super(document.message ?? `the server answered ${status}`);
    [this.status, this.code, this.remedy] = [status, document.code, document.remedy];
  }
}

async function ask(method, path, body, signal) {
  let response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method, signal, body: body === undefined ? undefined : JSON.stringify(body),
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, { message: "The server does not answer", remedy: "Start it again: plimsoll serve" });
  }
  if (response.status === 204) return null;
  const isJSON = (response.headers.get("Content-Type") ?? "").startsWith("application/json");
  const document = isJSON ? await response.json() : { message: await response.text() };
  if (!response.ok) throw new Problem(response.status, document);
  return isJSON ? document : document.message;
}

export const get = (path, signal) => ask("GET", path, undefined, signal);
export const post = (path, body, signal) => ask("POST", path, body, signal);
export const remove = path => ask("DELETE", path);
export const part = encodeURIComponent;

// Follows server-sent events; handlers by the event's name. Returns what ends it.
export function follow(path, handlers) {
  const source = new EventSource(path.startsWith("/api/") ? path : `/api/v1${path}`);
  for (const [name, handler] of Object.entries(handlers)) {
    source.addEventListener(name, event => handler(JSON.parse(event.data)));
  }
  source.addEventListener("end", () => source.close());
  source.addEventListener("error", () => { if (source.readyState === 2) source.close(); });
  return () => source.close();
}
