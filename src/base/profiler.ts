import { type HeapProfiler, type Profiler as InspectorProfiler, Session } from 'node:inspector'
import type { Readable } from 'node:stream'
import { getHeapSnapshot } from 'node:v8'
import { type Clock, pause } from './clock.ts'

/** Finds out what the process does, and what its memory holds; in the forms of Chrome's tools. */
export interface Profiler {
  /** Where its time goes for so long: a `.cpuprofile`. */
  cpu(ms: number, signal: AbortSignal): Promise<unknown>
  /** What is allocated in so long and stays: a `.heapprofile`. */
  heap(ms: number, signal: AbortSignal): Promise<unknown>
  /** All objects: a `.heapsnapshot`. The process stands still while it is taken. */
  snapshot(): Readable
}

/** Of this process, by V8. */
export function processProfiler(clock: Clock): Profiler {
  return {
    async cpu(ms, signal) {
      using session = openSession()
      await session.post('Profiler.enable')
      await session.post('Profiler.start')
      await pause(clock, ms, signal)
      return ((await session.post('Profiler.stop')) as InspectorProfiler.StopReturnType).profile
    },
    async heap(ms, signal) {
      using session = openSession()
      await session.post('HeapProfiler.startSampling')
      await pause(clock, ms, signal)
      const stopped = await session.post('HeapProfiler.stopSampling')
      return (stopped as HeapProfiler.StopSamplingReturnType).profile
    },
    snapshot: () => getHeapSnapshot(),
  }
}

function openSession(): Disposable & { post(method: string): Promise<unknown> } {
  const session = new Session()
  session.connect()
  return {
    post: (method) =>
      new Promise((resolve, reject) => {
        session.post(method, (error, result) => (error === null ? resolve(result) : reject(error)))
      }),
    [Symbol.dispose]: () => session.disconnect(),
  }
}
