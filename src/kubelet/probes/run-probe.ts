import { formatError } from '../../base/logger.ts'
import type { ContainerRuntime } from '../../cri/container-runtime.ts'
import { hasRuntimeCode } from '../../cri/runtime-error.ts'
import { expandReferences } from '../environment/expand.ts'
import type { Container, Probe } from '../pod-types.ts'
import { containerPort, httpRequestOf } from './http-request.ts'
import type { ProbeNetwork } from './probe-network.ts'

/** What one look at a container gave. `warning` counts as success. */
export interface ProbeOutcome {
  readonly result: 'success' | 'warning' | 'failure'
  /** For events. */
  readonly output: string
}

const MOST_OUTPUT_BYTES = 10 * 1024

/** Looks once. Rejects where it could not look at all: that says nothing of the container. */
export async function runProbe(
  probe: Probe,
  container: Container,
  containerId: string,
  podIp: string,
  ports: { readonly runtime: ContainerRuntime; readonly network: ProbeNetwork },
): Promise<ProbeOutcome> {
  const { runtime, network } = ports
  const timeoutMs = probe.timeoutSeconds * 1000
  const { exec, httpGet, tcpSocket, grpc } = probe
  if (exec !== undefined) {
    return probeExec(exec.command ?? [], container, containerId, probe.timeoutSeconds, runtime)
  }
  if (httpGet !== undefined) {
    const request = httpRequestOf(httpGet, container, podIp, 'probe')
    return failing(async () => {
      const { status, body } = await network.http(request, timeoutMs)
      if (status >= 200 && status < 300) return { result: 'success', output: body }
      if (status >= 300 && status < 400) {
        return { result: 'warning', output: `Probe terminated redirects, Response body: ${body}` }
      }
      return { result: 'failure', output: `HTTP probe failed with statuscode: ${status}` }
    })
  }
  if (tcpSocket !== undefined) {
    const port = containerPort(tcpSocket.port, container)
    const { host = '' } = tcpSocket
    return failing(async () => {
      await network.tcp(host === '' ? podIp : host, port, timeoutMs)
      return { result: 'success', output: '' }
    })
  }
  if (grpc !== undefined) return failing(() => probeGrpc(grpc, podIp, timeoutMs, network))
  throw new Error(`missing probe handler for ${container.name}`)
}

/** A connection that fails or takes too long is what probes are there to find. */
async function failing(look: () => Promise<ProbeOutcome>): Promise<ProbeOutcome> {
  try {
    return await look()
  } catch (error) {
    return { result: 'failure', output: formatError(error) }
  }
}

/** A command sees the image's environment only, and `$(NAME)` of plain values in its arguments. */
async function probeExec(
  command: readonly string[],
  container: Container,
  containerId: string,
  timeoutSeconds: number,
  runtime: ContainerRuntime,
): Promise<ProbeOutcome> {
  const values = new Map((container.env ?? []).map(({ name, value = '' }) => [name, value]))
  const expanded = command.map((part) => expandReferences(part, (name) => values.get(name)))
  try {
    const answer = await runtime.execSync(containerId, expanded, timeoutSeconds)
    const output = Buffer.concat([answer.stdout, answer.stderr])
      .subarray(0, MOST_OUTPUT_BYTES)
      .toString()
    return { result: answer.exitCode === 0 ? 'success' : 'failure', output }
  } catch (error) {
    if (!hasRuntimeCode(error, 'DeadlineExceeded')) throw error
    const output = `command timed out: "${expanded.join(' ')}" timed out after ${timeoutSeconds}s`
    return { result: 'failure', output }
  }
}

async function probeGrpc(
  { port, service }: NonNullable<Probe['grpc']>,
  podIp: string,
  timeoutMs: number,
  network: ProbeNetwork,
): Promise<ProbeOutcome> {
  const status = await network.grpc(podIp, port, service, timeoutMs)
  if (status === 'SERVING') return { result: 'success', output: 'service healthy' }
  return { result: 'failure', output: `service unhealthy (responded with "${status}")` }
}
