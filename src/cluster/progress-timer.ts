import type { Clock } from '../base/clock.ts'
import type { Progress } from './cluster-options.ts'

/** Runs a part of a start and tells how long it took, with what it has to say of itself. */
export async function timed<T>(
  { clock, progress }: { readonly clock: Clock; readonly progress: Progress },
  name: string,
  work: () => Promise<T>,
  detailOf: (result: T) => string = () => '',
): Promise<T> {
  const started = clock.monotonic()
  progress.step(name)
  const result = await work()
  progress.done(name, detailOf(result), clock.monotonic() - started)
  return result
}
