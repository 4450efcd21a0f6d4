import { Pod } from '../../src/kinds/core/v1/pod.ts'
import { applyDefaults } from '../../src/machinery/apply-defaults.ts'

/** A pod as the API server would store it, for tests of decisions; `spec` may lack anything. */
export function storedPod(spec: object = {}, metadata: object = {}, status: object = {}): Pod {
  const draft = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'web',
      namespace: 'default',
      uid: 'uid-1',
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: '2030-01-01T00:00:00Z',
      ...metadata,
    },
    spec: { containers: [{ name: 'main', image: 'busybox' }], ...spec },
    status: { phase: 'Pending', qosClass: 'BestEffort', ...status },
  }
  return applyDefaults(Pod.schema, draft as unknown as Pod)
}
