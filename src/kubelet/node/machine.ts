import { statfs } from 'node:fs/promises'
import { arch, availableParallelism, freemem, release, totalmem } from 'node:os'
import type { FileSystem } from '../../base/file-system.ts'

/** What never changes about a machine while it runs. */
export interface MachineFacts {
  readonly cpuCount: number
  readonly memoryBytes: number
  readonly ephemeralStorageBytes: number
  readonly machineId: string
  readonly systemUuid: string
  readonly bootId: string
  readonly kernelVersion: string
  readonly osImage: string
  readonly operatingSystem: string
  /** In Go's words, such as `amd64`. */
  readonly architecture: string
}

/** What there is left of what runs out. */
export interface MachineRoom {
  readonly availableMemoryBytes: number
  /** Of the disk that holds the kubelet's directory: between 0 and 1. */
  readonly availableDiskFraction: number
  readonly availableDiskBytes: number
  readonly availableInodesFraction: number
}

/** The machine that a node stands for. */
export interface Machine {
  facts(): Promise<MachineFacts>
  room(): Promise<MachineRoom>
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' }

/** This machine. `directory`: on the disk that pods use. */
export class SystemMachine implements Machine {
  readonly #files: FileSystem
  readonly #directory: string

  constructor(files: FileSystem, directory: string) {
    this.#files = files
    this.#directory = directory
  }

  async facts(): Promise<MachineFacts> {
    const { blocks, bsize } = await statfs(this.#directory)
    const architecture = arch()
    return {
      cpuCount: availableParallelism(),
      memoryBytes: totalmem(),
      ephemeralStorageBytes: blocks * bsize,
      machineId: await this.#read('/etc/machine-id'),
      systemUuid: await this.#read('/sys/class/dmi/id/product_uuid'),
      bootId: await this.#read('/proc/sys/kernel/random/boot_id'),
      kernelVersion: release(),
      osImage: prettyName(await this.#read('/etc/os-release')),
      operatingSystem: 'linux',
      architecture: ARCHITECTURES[architecture] ?? architecture,
    }
  }

  async room(): Promise<MachineRoom> {
    const { blocks, bsize, bavail, files, ffree } = await statfs(this.#directory)
    const available = /^MemAvailable:\s+(\d+) kB$/m.exec(await this.#read('/proc/meminfo'))?.[1]
    return {
      availableMemoryBytes: available === undefined ? freemem() : Number(available) * 1024,
      availableDiskFraction: blocks === 0 ? 1 : bavail / blocks,
      availableDiskBytes: bavail * bsize,
      availableInodesFraction: files === 0 ? 1 : ffree / files,
    }
  }

  /** Empty where there is no such file or it may not be read. */
  async #read(path: string): Promise<string> {
    try {
      return Buffer.from(await this.#files.readFile(path))
        .toString()
        .trim()
    } catch {
      return ''
    }
  }
}

function prettyName(osRelease: string): string {
  return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(osRelease)?.[1] ?? 'Linux'
}

/** A machine that does not exist, for simulated nodes. */
export function simulatedMachine(nodeName: string, cpuCount = 8, memoryGib = 32): Machine {
  const gib = 2 ** 30
  return {
    facts: async () => ({
      cpuCount,
      memoryBytes: memoryGib * gib,
      ephemeralStorageBytes: 100 * gib,
      machineId: nodeName,
      systemUuid: nodeName,
      bootId: nodeName,
      kernelVersion: 'simulated',
      osImage: 'simulated',
      operatingSystem: 'linux',
      architecture: 'amd64',
    }),
    room: async () => ({
      availableMemoryBytes: memoryGib * gib,
      availableDiskFraction: 1,
      availableDiskBytes: 100 * gib,
      availableInodesFraction: 1,
    }),
  }
}
