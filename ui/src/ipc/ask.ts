/**
 * The only door down: `ask` for what may be repeated, `act` for what may change something.
 * Both are typed by the generated contract. A secret travels beside its request and is kept nowhere here.
 */
import type { Acts, Asks } from '../contract/list';
import { failureOf } from './failure';
import { transport } from './transport';

export type AskName = keyof Asks;
export type ActName = keyof Acts;

type Secret<N extends ActName> = Acts[N] extends { secret: string } ? [secret: string] : [];

async function call(command: string, args: Record<string, unknown>): Promise<unknown> {
  try {
    return await transport().call(command, args);
  } catch (thrown) {
    throw failureOf(thrown);
  }
}

/** Asks a question. Rejects with a `Failure`. */
export async function ask<N extends AskName>(
  name: N,
  request: Asks[N]['request'],
): Promise<Asks[N]['answer']> {
  return (await call(name, { request })) as Asks[N]['answer'];
}

/** Does something, once: repeating the same request id adds nothing. Rejects with a `Failure`. */
export async function act<N extends ActName>(
  name: N,
  request: Acts[N]['request'],
  ...[secret]: Secret<N>
): Promise<Acts[N]['answer']> {
  const requestId = crypto.randomUUID();
  const args = secret === undefined ? { request, requestId } : { request, requestId, secret };
  return (await call(name, args)) as Acts[N]['answer'];
}
