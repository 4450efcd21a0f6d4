import { readdirSync, readFileSync } from 'node:fs'

/** What the system knows of this process. */
export interface ProcessFacts {
  readonly openFiles: number
  /** -1 where there is no limit, here and below. */
  readonly mostOpenFiles: number
  readonly virtualBytes: number
  readonly mostVirtualBytes: number
}

const PAGE_BYTES = 4096

/** Of Linux, which keeps all of this in memory; undefined elsewhere. */
export function readProcessFacts(directory = '/proc/self'): ProcessFacts | undefined {
  try {
    const limits = readFileSync(`${directory}/limits`, 'utf8')
    const [pages = ''] = readFileSync(`${directory}/statm`, 'utf8').split(' ')
    return {
      openFiles: readdirSync(`${directory}/fd`).length,
      mostOpenFiles: softLimit(limits, 'Max open files'),
      virtualBytes: Number(pages) * PAGE_BYTES,
      mostVirtualBytes: softLimit(limits, 'Max address space'),
    }
  } catch {
    return undefined // Another system has no such files.
  }
}

/** A line such as `Max open files            1024                 4096                 files`. */
function softLimit(limits: string, name: string): number {
  const line = limits.split('\n').find((one) => one.startsWith(name)) ?? ''
  const [soft = ''] = line.slice(name.length).trim().split(/\s+/)
  return /^\d+$/.test(soft) ? Number(soft) : -1
}
