import { join } from 'node:path'
import type { FileSystem } from '../../base/file-system.ts'
import type { RuntimeChoice } from '../cluster-options.ts'

/** In a node's folder: what runs its containers, for those who clean up after it. */
const FILE = 'runtime.json'

export async function recordRuntimeChoice(
  nodeDirectory: string,
  choice: RuntimeChoice,
  files: FileSystem,
): Promise<void> {
  await files.mkdir(nodeDirectory, 0o700)
  await files.writeFile(join(nodeDirectory, FILE), JSON.stringify(choice), 0o600)
}

/** Undefined where no node has been started. */
export async function readRuntimeChoice(
  nodeDirectory: string,
  files: FileSystem,
): Promise<RuntimeChoice | undefined> {
  const path = join(nodeDirectory, FILE)
  if ((await files.stat(path)) === undefined) return undefined
  return JSON.parse(Buffer.from(await files.readFile(path)).toString()) as RuntimeChoice
}
