/** What a server function answered. */
export interface FunctionAnswer {
  status: number;
  body: any;
}

/** Calls a server function as a script would: form-encoded, JSON back. */
export async function callFunction(
  url: string,
  name: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<FunctionAnswer> {
  const answer = await post(url, name, fields, headers);
  const text = await answer.text();
  return { status: answer.status, body: text ? JSON.parse(text) : null };
}

/** Signs in and returns the session's cookie, ready for a `Cookie` header. */
export async function signIn(url: string, email: string, password: string): Promise<string> {
  return sessionOf(await post(url, 'sign_in', { email, password }));
}

/** Creates the owner with a set-up link's token; returns the session's cookie. */
export async function createOwner(url: string, link: string, email: string, password: string): Promise<string> {
  return sessionOf(await post(url, 'create_owner', { link, organization: 'Acme', email, password }));
}

/** A cookie header's content as a state that a browser context starts with. */
export function browserState(cookie: string) {
  const [name, value] = cookie.split('=', 2) as [string, string];
  const session = {
    name,
    value,
    domain: '127.0.0.1',
    path: '/',
    expires: -1,
    httpOnly: true,
    secure: true,
    sameSite: 'Lax' as const,
  };
  return { cookies: [session], origins: [] };
}

function post(url: string, name: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
  const body = new URLSearchParams(fields);
  return fetch(`${url}/_fn/${name}`, { method: 'POST', body, headers, redirect: 'manual' });
}

function sessionOf(answer: Response): string {
  const cookie = answer.headers.getSetCookie().find((cookie) => cookie.startsWith('__Host-latchkey='));
  if (!cookie) throw new Error(`no session began: ${answer.status}`);
  return cookie.split(';', 1)[0]!;
}
