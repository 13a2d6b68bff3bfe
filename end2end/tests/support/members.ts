import { randomBytes } from 'node:crypto';
import { expect } from '@playwright/test';
import { callFunction } from './http';
import { PASSWORD } from './people';

/** An address that nobody has yet. */
export function newAddress(name: string): string {
  return `${name}-${randomBytes(4).toString('hex')}@latchkey.example`;
}

/** Invites somebody to the organization that the session is in; returns the link. */
export async function invite(url: string, cookie: string, email: string, role: string): Promise<string> {
  const { status, body } = await callFunction(url, 'invite_member', { email, role }, { cookie });
  expect(status, JSON.stringify(body)).toBe(200);
  return body.link.replace(/^https?:\/\/[^/]+/, url);
}

/** Accepts an invitation as somebody new; returns the session's cookie. */
export async function accept(url: string, link: string): Promise<string> {
  const body = new URLSearchParams({ link: link.split('/').pop()!, password: PASSWORD });
  const answer = await fetch(`${url}/_fn/accept_invitation`, { method: 'POST', body, redirect: 'manual' });
  const cookie = answer.headers.getSetCookie().find((cookie) => cookie.startsWith('__Host-latchkey='));
  if (!cookie) throw new Error(`nobody joined: ${answer.status}`);
  return cookie.split(';', 1)[0]!;
}

/** Somebody new in this role; returns the session's cookie. */
export async function join(url: string, cookie: string, email: string, role: string): Promise<string> {
  return accept(url, await invite(url, cookie, email, role));
}
