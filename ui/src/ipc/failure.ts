/** Makes a `Failure` of anything that was thrown, so that every screen can tell it in the same way. */
import type { Failure } from '../contract/Failure';

const isFailure = (thrown: unknown): thrown is Failure =>
  typeof thrown === 'object' && thrown !== null && 'code' in thrown && 'what' in thrown && 'why' in thrown;

export function failureOf(thrown: unknown): Failure {
  if (isFailure(thrown)) return thrown;
  return {
    code: 'INTERNAL',
    what: 'The window could not read an answer of the program',
    why: thrown instanceof Error ? thrown.message : String(thrown),
    safe: 'Nothing was changed; what is stored stays as it is.',
    actions: [{ label: 'Retry' }],
    trace: '',
  };
}
