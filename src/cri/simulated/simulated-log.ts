import { dirname, join } from 'node:path'
import type { ContainerRecord } from './simulated-containers.ts'
import type { Simulation } from './simulation.ts'

/** Appends lines to a container's log in CRI's form: time, stream, F for a full line, text. */
export async function writeLogLines(
  { files, clock }: Simulation,
  { sandbox, config }: ContainerRecord,
  lines: readonly string[],
): Promise<void> {
  const { logDirectory } = sandbox.config
  if (files === undefined || !logDirectory || !config.logPath) return
  const path = join(logDirectory, config.logPath)
  const time = `${new Date(clock.now()).toISOString().slice(0, 23)}000000Z`
  await files.mkdir(dirname(path))
  await files.appendFile(path, lines.map((line) => `${time} stdout F ${line}\n`).join(''))
}
