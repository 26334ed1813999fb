// What an app developer does with the generated types. It is compiled, never
// run: when this stops compiling, their code would too.
import type { components, operations, paths } from '../dist/openapi';

type Session = components['schemas']['Session'];
type Problem = components['schemas']['Problem'];
type Answer<P extends keyof paths, M extends keyof paths[P]> = paths[P][M] extends {
  responses: { 200: { content: { 'application/json': infer B } } };
}
  ? B
  : never;

const base = 'http://127.0.0.1:8080';

export async function signIn(accreditation: string, activationCode: string): Promise<components['schemas']['TokenPair']> {
  const body: operations['signIn']['requestBody']['content']['application/json'] = { conference: 'seoul-2013', accreditation, activationCode };
  const answer = await fetch(`${base}/v1/sign-ins`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (answer.status !== 201) throw complaint((await answer.json()) as Problem);
  return (await answer.json()) as components['schemas']['TokenPair'];
}

export function complaint(p: Problem): Error {
  const fields = (p.errors ?? []).map((f) => `${f.pointer ?? f.parameter ?? ''} ${f.code}`);
  return new Error(`${p.code} (${p.requestId}) ${fields.join(', ')}`);
}

export function running(agenda: Answer<'/v1/conferences/{conference}/agenda', 'get'>, now: Date): Session[] {
  return agenda.sessions.filter((s) => s.status !== 'cancelled' && new Date(s.startsAt) <= now && now < new Date(s.endsAt));
}

export function cursor(page: Answer<'/v1/me/inbox', 'get'>): number | undefined {
  return page.page.nextCursor === null ? page.items.at(-1)?.seq : Number(page.page.nextCursor);
}

// A kind nobody has heard of yet is a string like any other.
export const unheardOf: Session['kind'] = 'hackathon';

// @ts-expect-error a phone is android, ios or web
export const typo: components['schemas']['Registration']['platform'] = 'andriod';

// @ts-expect-error a registration has a token
export const incomplete: components['schemas']['Registration'] = { platform: 'ios', locale: 'ko' };
