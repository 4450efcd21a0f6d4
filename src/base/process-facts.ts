import { readdirSync, readFileSync } from 'node:fs'

/** What the system knows of this process. */
export interface ProcessFacts {
  readonly openFiles: number
  /** -1 where there is no limit, here and below. */
  readonly mostOpenFiles: number
  readonly virtualBytes: number
  readonly mostVirtualBytes: number
  /** Over the network of this process, by IP. */
  readonly receivedBytes: number
  readonly sentBytes: number
}

const PAGE_BYTES = 4096

/** Of Linux, which keeps all of this in memory; undefined elsewhere. */
export function readProcessFacts(directory = '/proc/self'): ProcessFacts | undefined {
  try {
    const limits = readFileSync(`${directory}/limits`, 'utf8')
    const network = readFileSync(`${directory}/net/netstat`, 'utf8')
    const [pages = ''] = readFileSync(`${directory}/statm`, 'utf8').split(' ')
    return {
      openFiles: readdirSync(`${directory}/fd`).length,
      mostOpenFiles: softLimit(limits, 'Max open files'),
      virtualBytes: Number(pages) * PAGE_BYTES,
      mostVirtualBytes: softLimit(limits, 'Max address space'),
      receivedBytes: ipCounter(network, 'InOctets'),
      sentBytes: ipCounter(network, 'OutOctets'),
    }
  } catch {
    return undefined // Another system has no such files.
  }
}

/** Two lines: `IpExt: InNoRoutes ... InOctets OutOctets ...`, and their values in the second. */
function ipCounter(netstat: string, name: string): number {
  const [names = [], values = []] = netstat
    .split('\n')
    .filter((line) => line.startsWith('IpExt:'))
    .map((line) => line.split(' '))
  return Number(values[names.indexOf(name)] ?? 0)
}

/** A line such as `Max open files            1024                 4096                 files`. */
function softLimit(limits: string, name: string): number {
  const line = limits.split('\n').find((one) => one.startsWith(name)) ?? ''
  const [soft = ''] = line.slice(name.length).trim().split(/\s+/)
  return /^\d+$/.test(soft) ? Number(soft) : -1
}
