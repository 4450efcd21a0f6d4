import type { Clock } from '../../base/clock.ts'
import type { ContainerStatus } from '../../cri/messages/container.ts'
import type { LogFiles } from '../logs/log-files.ts'
import { readLogs } from '../logs/read-logs.ts'
import { readContainerAnnotations } from './labels.ts'

const MOST_MESSAGE_BYTES = 4096
const MOST_LOG_BYTES = 2048
const MOST_LOG_LINES = 80

/**
 * What an ended container has to say: the file at its termination message path or, where it
 * asks for that and has failed silently, the end of its log.
 */
export async function terminationMessage(
  status: ContainerStatus,
  files: LogFiles,
  clock: Clock,
): Promise<string> {
  const { terminationMessagePath, terminationMessagePolicy } = readContainerAnnotations(
    status.annotations,
  )
  const message = await readMessageFile(status, terminationMessagePath, files)
  if (message !== '') return message
  const hasFailed = status.exitCode !== 0 && status.reason !== 'ContainerCannotRun'
  if (terminationMessagePolicy !== 'FallbackToLogsOnError' || !hasFailed) return ''
  return readLogEnd(status.logPath, files, clock)
}

async function readMessageFile(
  { mounts }: ContainerStatus,
  messagePath: string,
  files: LogFiles,
): Promise<string> {
  const path = mounts.find(({ containerPath }) => containerPath === messagePath)?.hostPath ?? ''
  if (messagePath === '' || path === '') return ''
  try {
    const file = await files.open(path)
    if (file === undefined) return ''
    try {
      const start = Math.max(0, (await file.sizeBytes()) - MOST_MESSAGE_BYTES)
      return (await file.read(start, MOST_MESSAGE_BYTES)).toString()
    } finally {
      await file.close()
    }
  } catch (error) {
    return `Error on reading termination log ${path}: ${(error as Error).message}`
  }
}

async function readLogEnd(path: string, files: LogFiles, clock: Clock): Promise<string> {
  const options = { follow: false, timestamps: false, tailLines: MOST_LOG_LINES }
  const ports = { files, clock, isRunning: async () => false }
  const parts: Buffer[] = []
  try {
    for await (const part of readLogs(path, options, ports, new AbortController().signal)) {
      parts.push(part)
    }
  } catch (error) {
    return `Error on reading termination message from logs: ${(error as Error).message}`
  }
  return Buffer.concat(parts).subarray(-MOST_LOG_BYTES).toString()
}
