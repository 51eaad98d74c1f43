// The REST API under /api/v1 as the signed-in learner. Everything throws Problem.

import { Problem } from "./problem.js";
import * as session from "./session.js";

export { Problem };

const PREFIX = "/api/v1";

async function ask(method, path, { body, type, again = true } = {}) {
  const token = await session.token();
  const headers = { Accept: "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  let sent;
  if (body instanceof Blob) {
    headers["Content-Type"] = type ?? body.type;
    sent = body;
  } else if (body !== undefined) {
    headers["Content-Type"] = "application/json";
    sent = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(path.startsWith("/") ? path : `${PREFIX}/${path}`, {
      method,
      headers,
      body: sent,
    });
  } catch {
    throw new Problem({});
  }
  if (response.status === 401 && again && token && (await session.renew(token))) {
    return ask(method, path, { body, type, again: false });
  }
  if (!response.ok) throw await Problem.from(response);
  return response;
}

async function json(method, path, options) {
  const response = await ask(method, path, options);
  return response.status === 204 ? null : response.json();
}

/** The whole of a file; one that breaks off half way is none. */
async function file(method, path, options) {
  const response = await ask(method, path, options);
  try {
    return await response.blob();
  } catch {
    throw new Problem({});
  }
}

/** Paths are relative to /api/v1 (`sessions/…`) or begin with a slash. A body that is a Blob is sent as it is. */
export const api = {
  get: (path) => json("GET", path),
  post: (path, body) => json("POST", path, { body }),
  put: (path, body) => json("PUT", path, { body }),
  patch: (path, body) => json("PATCH", path, { body }),
  del: (path) => json("DELETE", path),
  blob: (path) => file("GET", path),
  /** Post JSON and get a file. */
  postForBlob: (path, body) => file("POST", path, { body }),
};
