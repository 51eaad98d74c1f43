// Who is signed in, on this device. Supabase in production; a name is enough on a development server.

import { Problem } from "./problem.js";

const KEEP = "speakmate.session";
const GUEST = "speakmate.guest";
const RENEW_BEFORE_S = 60;

let config = null;
let current = read();
let renewing = null;
const listeners = new Set();

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEEP));
  } catch {
    return null;
  }
}

function keep(session) {
  current = session;
  if (session) localStorage.setItem(KEEP, JSON.stringify(session));
  else localStorage.removeItem(KEEP);
  for (const listener of listeners) listener(session);
}

window.addEventListener("storage", (event) => {
  if (event.key !== KEEP) return;
  current = read();
  for (const listener of listeners) listener(current);
});

/** Tell how people sign in here: `GET /api/v1/config`. */
export function configure(served) {
  config = served;
  if (current && current.kind !== served.sign_in.kind) keep(null);
}

export const signedIn = () => current !== null;
export const name = () => current?.name ?? "";
export const kind = () => current?.kind ?? null;
/** Call `listener(session | null)` whenever somebody signs in or out, in this tab or another. */
export const onChange = (listener) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/**
 * The access token, a fresh one when it is about to expire; null when nobody is signed in, or before `configure` has
 * told where a fresh one comes from.
 */
export async function token() {
  if (config === null) return null;
  if (current && current.expiresAt - RENEW_BEFORE_S < Date.now() / 1000) await renew(current.token);
  return current?.token ?? null;
}

/** The id of the learner the token speaks for; null when nobody is signed in. */
export async function learner() {
  const payload = (await token())?.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
  return payload ? JSON.parse(atob(payload)).sub : null;
}

/** Replace a token that expired or was refused; false, and signed out, when there is no way to. */
export async function renew(refused) {
  if (current && current.token !== refused) return true; // another request has already done it
  renewing ??= fetchNext().finally(() => (renewing = null));
  return renewing;
}

async function fetchNext() {
  if (!current) return false;
  try {
    if (current.kind === "development") await signInAs(current.name, current.user, current.own);
    else await gotrue("token?grant_type=refresh_token", { refresh_token: current.refreshToken });
    return true;
  } catch (problem) {
    if (problem.status === 0 || problem.status >= 500) throw problem; // out of reach: still the same person
    keep(null);
    return false;
  }
}

export function signOut() {
  keep(null);
}

/** Sign out of an account that is no more: the next guest of this browser is somebody new. */
export function forget() {
  localStorage.removeItem(GUEST);
  keep(null);
}

// --- development ------------------------------------------------------------------------------------------

/** One click: a guest of this browser, the same one the next time. */
export async function signInAsGuest(called) {
  let user = localStorage.getItem(GUEST);
  if (!user) {
    user = `guest-${crypto.randomUUID().slice(0, 8)}`;
    localStorage.setItem(GUEST, user);
  }
  await signInAs(called, user);
}

/** Watch a sample session as somebody else: its mistakes are not to become the learner's own. */
export async function becomeSample(called) {
  await signInAs(called, `sample-${crypto.randomUUID().slice(0, 8)}`, isSample() ? current.own : current);
}

export const isSample = () => current?.own !== undefined;

/** Be oneself again. */
export const leaveSample = () => keep(current.own);

async function signInAs(called, user, own) {
  const granted = await post("/api/v1/dev/token", { user });
  keep({
    kind: "development",
    name: called,
    user,
    own,
    token: granted.access_token,
    expiresAt: Date.now() / 1000 + granted.expires_in,
  });
}

// --- Supabase ---------------------------------------------------------------------------------------------

export const signInWithPassword = (email, password) =>
  gotrue("token?grant_type=password", { email, password });
export const sendCode = (email) => ask("otp", { email, create_user: true });
export const signInWithCode = (email, code) => gotrue("verify", { type: "email", email, token: code });

async function gotrue(path, body) {
  const granted = await ask(path, body);
  keep({
    kind: "supabase",
    name: granted.user?.user_metadata?.name ?? granted.user?.email ?? current?.name ?? "",
    token: granted.access_token,
    refreshToken: granted.refresh_token,
    expiresAt: Date.now() / 1000 + granted.expires_in,
  });
}

function ask(path, body) {
  const { url, key } = config.sign_in;
  return post(`${url}/auth/v1/${path}`, body, { apikey: key });
}

async function post(url, body, headers = {}) {
  let response;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  } catch {
    throw new Problem({});
  }
  if (!response.ok) throw await Problem.from(response);
  return response.json();
}
