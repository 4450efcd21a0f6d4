import type { ContainerStats } from '../../cri/messages/stats.ts'
import { CONTAINER_NAME, POD_NAME, POD_NAMESPACE } from '../runtime/labels.ts'
import type { KubeletView } from './kubelet-view.ts'

const NANOS = 1e9

/** `/metrics`: what this kubelet is busy with, under upstream's names. */
export function kubeletMetrics(kubelet: KubeletView): string {
  const { node, pods } = kubelet
  const views = pods.map(({ metadata }) => kubelet.worker(metadata.namespace, metadata.name))
  const states = views.flatMap((view) => view?.runtimePod.containers ?? [])
  const count = (state: string) => states.filter((one) => one.state === state).length
  const running = views.filter((view) =>
    view?.runtimePod.sandboxes.some(({ state }) => state === 'SANDBOX_READY'),
  ).length
  return [
    ...family('kubelet_node_name', 'gauge', "The node's name. The count is always 1.", [
      [{ node: node.metadata.name }, 1],
    ]),
    ...family('kubelet_running_pods', 'gauge', 'Number of pods that have a running pod sandbox', [
      [{}, running],
    ]),
    ...family('kubelet_running_containers', 'gauge', 'Number of containers currently running', [
      [{ container_state: 'created' }, count('created')],
      [{ container_state: 'exited' }, count('exited')],
      [{ container_state: 'running' }, count('running')],
      [{ container_state: 'unknown' }, count('unknown')],
    ]),
    '',
  ].join('\n')
}

/** `/metrics/resource`: what pods use, as the metrics server reads it. */
export function resourceMetrics(containers: readonly ContainerStats[]): string {
  const samples = (pick: (stats: ContainerStats) => number | undefined) =>
    containers.flatMap((stats): Sample[] => {
      const value = pick(stats)
      return value === undefined ? [] : [[labelsOf(stats), value]]
    })
  return [
    ...family(
      'container_cpu_usage_seconds_total',
      'counter',
      'Cumulative cpu time consumed by the container in core-seconds',
      samples(({ cpu }) =>
        cpu?.usageCoreNanoSeconds === undefined ? undefined : cpu.usageCoreNanoSeconds / NANOS,
      ),
    ),
    ...family(
      'container_memory_working_set_bytes',
      'gauge',
      'Current working set of the container in bytes',
      samples(({ memory }) => memory?.workingSetBytes),
    ),
    '',
  ].join('\n')
}

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number]

function family(name: string, type: string, help: string, samples: readonly Sample[]): string[] {
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...samples.map(([labels, value]) => `${name}${formatLabels(labels)} ${value}`),
  ]
}

function formatLabels(labels: Readonly<Record<string, string>>): string {
  const parts = Object.entries(labels).map(([key, value]) => `${key}=${JSON.stringify(value)}`)
  return parts.length === 0 ? '' : `{${parts.join(',')}}`
}

function labelsOf({ attributes }: ContainerStats): Readonly<Record<string, string>> {
  const labels = attributes?.labels ?? {}
  return {
    container: labels[CONTAINER_NAME] ?? '',
    namespace: labels[POD_NAMESPACE] ?? '',
    pod: labels[POD_NAME] ?? '',
  }
}
