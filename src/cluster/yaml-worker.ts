import { parentPort } from 'node:worker_threads'
import { answerYaml, type YamlQuestion } from '../machinery/codec/yaml-message.ts'

// The thread that reads what would stop the server for too long; the build makes a file of it.
parentPort?.on('message', (question: YamlQuestion) => {
  parentPort?.postMessage(answerYaml(question))
})
