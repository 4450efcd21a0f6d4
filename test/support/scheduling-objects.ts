import type { Node } from '../../src/kinds/core/v1/node.ts'
import { Pod } from '../../src/kinds/core/v1/pod.ts'
import { applyDefaults } from '../../src/machinery/apply-defaults.ts'
import { NodeInfo } from '../../src/scheduler/framework/node-info.ts'
import { podInfoOf } from '../../src/scheduler/framework/pod-info.ts'

export interface TestPod {
  readonly namespace?: string
  readonly labels?: Readonly<Record<string, string>>
  /** Requests of its one container. */
  readonly requests?: Readonly<Record<string, string>>
  readonly spec?: object
  readonly status?: object
  readonly metadata?: object
}

/** A pod as the API server would have stored it; its uid is `uid-NAME`. */
export function testPod(name: string, options: TestPod = {}): Pod {
  const { namespace = 'default', labels, requests, spec, status, metadata } = options
  const draft = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      uid: `uid-${name}`,
      resourceVersion: '1',
      creationTimestamp: '2030-01-01T00:00:00Z',
      ...(labels !== undefined && { labels }),
      ...metadata,
    },
    spec: {
      containers: [{ name: 'main', image: 'busybox', resources: { requests: requests ?? {} } }],
      ...spec,
    },
    status: { phase: 'Pending', ...status },
  }
  const filled = applyDefaults(Pod.schema, draft as unknown as Pod) as Pod
  return (Pod.setDefaults?.(filled) ?? filled) as Pod
}

export interface TestNode {
  readonly labels?: Readonly<Record<string, string>>
  readonly allocatable?: Readonly<Record<string, string>>
  readonly spec?: object
  readonly status?: object
}

export function testNode(name: string, options: TestNode = {}): Node {
  const { labels = {}, allocatable = {}, spec = {}, status } = options
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      uid: `uid-${name}`,
      resourceVersion: '1',
      creationTimestamp: '2030-01-01T00:00:00Z',
      labels: { 'kubernetes.io/hostname': name, ...labels },
    },
    spec,
    status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110', ...allocatable }, ...status },
  } as unknown as Node
}

/** A node with pods on it, as plugins see it. */
export function nodeWith(node: Node, ...pods: readonly Pod[]): NodeInfo {
  const info = new NodeInfo(node.metadata.name)
  info.setNode(node)
  for (const pod of pods) info.addPod(podInfoOf(pod))
  return info
}
