import type { Clock } from '../../base/clock.ts'
import type { FileSystem } from '../../base/file-system.ts'
import type { Random } from '../../base/random.ts'
import type { ContainerConfig } from '../messages/container.ts'
import type { PodSandboxConfig } from '../messages/sandbox.ts'

/** How long each kind of work takes, in milliseconds. */
export interface Latencies {
  readonly runPodSandboxMs: number
  readonly createContainerMs: number
  readonly startContainerMs: number
  readonly stopContainerMs: number
  readonly pullImageMs: number
}

/** What a container without a program would have done. */
export interface Behaviour {
  /** Ends by itself after this long; runs until it is stopped where that is not given. */
  readonly runsForMs?: number
  /** With which it ends by itself; 0 unless given. */
  readonly exitCode?: number
  /** Goes on after the stop signal, until it is killed. */
  readonly ignoresStop?: boolean
  /** Written to its log at the start. */
  readonly logLines?: readonly string[]
}

export interface Usage {
  readonly cpuNanoCores: number
  readonly memoryBytes: number
}

export interface ExecOutcome {
  readonly exitCode: number
  readonly stdout?: string
  readonly stderr?: string
}

/** A container as the hooks of a simulation see it. */
export interface SimulatedProgram {
  readonly container: ContainerConfig
  readonly sandbox: PodSandboxConfig
}

/** `present`: there without a pull; `pullable`: there after one; `absent`: no registry has it. */
export type ImageStanding = 'present' | 'pullable' | 'absent'

export interface Simulation {
  readonly clock: Clock
  readonly random: Random
  /** Of this node's pods. */
  readonly podCidr: string
  /** Nothing takes any time unless given. */
  readonly latencies?: Partial<Latencies>
  /** Where log lines are written; nowhere unless given. */
  readonly files?: FileSystem
  readonly behave?: (program: SimulatedProgram) => Behaviour
  readonly usage?: (program: SimulatedProgram) => Usage
  /** What a command inside a container does; without it every command is refused. */
  readonly exec?: (
    program: SimulatedProgram,
    command: readonly string[],
  ) => ExecOutcome | Promise<ExecOutcome>
  /** Every image is present unless given. */
  readonly imageStanding?: (image: string) => ImageStanding
}

export const SIMULATED = 'this container is simulated: no program runs in it'

export const IMMEDIATE: Latencies = {
  runPodSandboxMs: 0,
  createContainerMs: 0,
  startContainerMs: 0,
  stopContainerMs: 0,
  pullImageMs: 0,
}

/** What an idle program takes: a thousandth of a core and ten mebibytes. */
export const IDLE_USAGE: Usage = { cpuNanoCores: 1_000_000, memoryBytes: 10 * 1024 * 1024 }
