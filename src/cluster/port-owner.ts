import type { FileSystem } from '../base/file-system.ts'

/** The state of a socket that waits for connections, in /proc/net/tcp. */
const LISTEN = '0A'

/** The process that listens on a TCP port of this machine: `redis-server (process 123)`. */
export async function portOwner(port: number, files: FileSystem): Promise<string | undefined> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readText(files, path)),
  )
  const inodes = new Set(tables.flatMap((table) => listeningInodes(table, port)))
  if (inodes.size === 0) return undefined
  for (const process of await listDirectory(files, '/proc')) {
    if (!/^\d+$/.test(process)) continue
    for (const descriptor of await listDirectory(files, `/proc/${process}/fd`)) {
      const link = await readLink(files, `/proc/${process}/fd/${descriptor}`)
      const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1]
      if (inode === undefined || !inodes.has(inode)) continue
      const name = (await readText(files, `/proc/${process}/comm`)).trim()
      return `${name} (process ${process})`
    }
  }
  return undefined
}

/** The inodes of the sockets that listen on a port, from the text of a /proc/net/tcp. */
export function listeningInodes(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(suffix) && state === LISTEN)
    .flatMap((fields) => fields[9] ?? [])
}

async function readText(files: FileSystem, path: string): Promise<string> {
  try {
    return Buffer.from(await files.readFile(path)).toString()
  } catch {
    return '' // A process that has ended meanwhile, or one of another user.
  }
}

async function readLink(files: FileSystem, path: string): Promise<string> {
  try {
    return await files.readLink(path)
  } catch {
    return ''
  }
}

async function listDirectory(files: FileSystem, path: string): Promise<string[]> {
  try {
    return await files.readDirectory(path)
  } catch {
    return []
  }
}
