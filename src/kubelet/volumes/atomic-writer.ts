import { dirname, join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import type { FileSystem } from '../../base/file-system.ts'
import { type Random, randomSuffix } from '../../base/random.ts'
import type { Payload, ProjectedFile } from './payload.ts'

const DATA = '..data'
const NEW_DATA = '..data_tmp'

/**
 * Writes the files of a volume so that whoever reads it sees all of the old ones or all of the
 * new ones:
 *
 *     volume/ca.crt -> ..data/ca.crt
 *     volume/..data -> ..2026_11_21_12_00_00.x7k2p     replaced by one rename
 *     volume/..2026_11_21_12_00_00.x7k2p/ca.crt
 *
 * Programs that use the volume rely on this layout.
 */
export class AtomicWriter {
  readonly #files: FileSystem
  readonly #clock: Clock
  readonly #random: Random

  constructor(files: FileSystem, clock: Clock, random: Random) {
    this.#files = files
    this.#clock = clock
    this.#random = random
  }

  /** True where something had to be written. `prepare` may change owners before it is seen. */
  async write(
    directory: string,
    payload: Payload,
    prepare: (dataDirectory: string) => Promise<void> = async () => {},
  ): Promise<boolean> {
    for (const path of payload.keys()) checkPath(path)
    const old = await this.#current(directory)
    const oldPaths = old === undefined ? [] : await this.#paths(join(directory, old))
    const removed = oldPaths.filter((path) => !payload.has(path))
    if (old !== undefined && removed.length === 0) {
      if (await this.#isUpToDate(join(directory, old), payload)) {
        await this.#link(directory, payload)
        return false
      }
    }
    const data = await this.#writeData(directory, payload)
    await prepare(join(directory, data))
    await this.#files.remove(join(directory, NEW_DATA))
    await this.#files.symlink(data, join(directory, NEW_DATA))
    await this.#files.rename(join(directory, NEW_DATA), join(directory, DATA))
    await this.#link(directory, payload)
    await this.#unlink(directory, removed, payload)
    if (old !== undefined) await this.#files.remove(join(directory, old))
    return true
  }

  async #current(directory: string): Promise<string | undefined> {
    const stat = await this.#files.stat(join(directory, DATA))
    return stat?.isSymbolicLink ? this.#files.readLink(join(directory, DATA)) : undefined
  }

  /** The files below a directory, relative to it. */
  async #paths(directory: string, prefix = ''): Promise<readonly string[]> {
    if ((await this.#files.stat(directory)) === undefined) return []
    const paths: string[] = []
    for (const name of await this.#files.readDirectory(directory)) {
      const path = `${prefix}${name}`
      const stat = await this.#files.stat(join(directory, name))
      if (stat?.isDirectory) paths.push(...(await this.#paths(join(directory, name), `${path}/`)))
      else paths.push(path)
    }
    return paths
  }

  async #isUpToDate(directory: string, payload: Payload): Promise<boolean> {
    for (const [path, { content }] of payload) {
      if ((await this.#files.stat(join(directory, path))) === undefined) return false
      if (Buffer.compare(await this.#files.readFile(join(directory, path)), content) !== 0) {
        return false
      }
    }
    return true
  }

  async #writeData(directory: string, payload: Payload): Promise<string> {
    const time = new Date(this.#clock.now()).toISOString().slice(0, 19).replace(/[-T:]/g, '_')
    const data = `..${time}.${randomSuffix(this.#random, 10)}`
    await this.#files.mkdir(join(directory, data), 0o755)
    for (const [path, file] of payload) await this.#writeFile(join(directory, data, path), file)
    return data
  }

  async #writeFile(path: string, { content, mode, owner }: ProjectedFile): Promise<void> {
    await this.#files.mkdir(dirname(path))
    await this.#files.writeFile(path, content, mode)
    if (owner !== undefined) await this.#files.chown(path, owner, -1)
  }

  /** What users see: a link for each first part of a path. */
  async #link(directory: string, payload: Payload): Promise<void> {
    for (const name of topNames(payload)) {
      const path = join(directory, name)
      if ((await this.#files.stat(path)) === undefined) {
        await this.#files.symlink(join(DATA, name), path)
      }
    }
  }

  async #unlink(directory: string, removed: readonly string[], payload: Payload): Promise<void> {
    const kept = topNames(payload)
    const names = new Set(removed.map((path) => path.split('/')[0] as string))
    for (const name of names) if (!kept.has(name)) await this.#files.remove(join(directory, name))
  }
}

function topNames(payload: Payload): ReadonlySet<string> {
  return new Set(Array.from(payload.keys(), (path) => path.split('/')[0] as string))
}

/** A path must stay inside the volume and out of the writer's own names. */
function checkPath(path: string): void {
  const parts = path.split('/')
  if (path === '' || path.startsWith('/') || parts.includes('..') || path.startsWith('..')) {
    throw new Error(`invalid path: "${path}" must be relative and must not contain '..'`)
  }
}
