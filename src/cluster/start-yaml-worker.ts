import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { CodecError } from '../machinery/codec/json.ts'
import type { YamlAnswer } from '../machinery/codec/yaml-message.ts'
import type { StartYamlThread } from '../machinery/codec/yaml-thread.ts'

/** What the build writes beside the program. */
const FILE = 'yaml-worker.mjs'
/** Of the worst text there is 3 MB, which takes half of it. */
const MOST_MEGABYTES = 1024

/** Starts threads that read YAML by the build in a directory; undefined where there is none. */
export function yamlWorkers(directory: string): StartYamlThread | undefined {
  const file = join(directory, FILE)
  if (!existsSync(file)) return undefined
  return ({ onAnswer, onFailure }) => {
    const worker = new Worker(file, { resourceLimits: { maxOldGenerationSizeMb: MOST_MEGABYTES } })
    // Whoever waits for an answer holds a connection; a thread alone keeps no process.
    worker.unref()
    worker.on('message', (answer: YamlAnswer) => onAnswer(answer))
    worker.on('error', (error: NodeJS.ErrnoException) => {
      const isFull = error.code === 'ERR_WORKER_OUT_OF_MEMORY'
      onFailure(isFull ? new CodecError('yaml: the document takes too much memory') : error)
    })
    return {
      ask: (question) => worker.postMessage(question),
      end: () => void worker.terminate(),
    }
  }
}
