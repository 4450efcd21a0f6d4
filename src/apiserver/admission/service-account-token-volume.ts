import type { Container } from '../../kinds/core/v1/container.ts'
import type { PodSpec } from '../../kinds/core/v1/pod-spec.ts'
import type { Volume } from '../../kinds/core/v1/volume.ts'

const VOLUME_PREFIX = 'kube-api-access-'
const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount'
/** Seven seconds more than an hour: how the server tells these tokens from others (upstream). */
const TOKEN_SECONDS = 3607

/** The pod with a volume of its token, its CA and its namespace, in every container without one. */
export function withTokenVolume(spec: PodSpec, suffix: () => string): PodSpec {
  const { volumes = [], containers, initContainers } = spec
  const existing = volumes.find(({ name }) => name.startsWith(VOLUME_PREFIX))
  const name = existing?.name ?? `${VOLUME_PREFIX}${suffix()}`
  const all = [...(initContainers ?? []), ...containers]
  if (all.every(hasMount)) return spec
  return {
    ...spec,
    ...(initContainers !== undefined && {
      initContainers: initContainers.map((one) => withMount(one, name)),
    }),
    containers: containers.map((one) => withMount(one, name)),
    volumes: existing === undefined ? [...volumes, tokenVolume(name)] : volumes,
  }
}

function hasMount({ volumeMounts = [] }: Pick<Container, 'volumeMounts'>): boolean {
  return volumeMounts.some(({ mountPath }) => mountPath === MOUNT_PATH)
}

function withMount<C extends Pick<Container, 'volumeMounts'>>(container: C, name: string): C {
  if (hasMount(container)) return container
  const mount = { name, readOnly: true, mountPath: MOUNT_PATH }
  return { ...container, volumeMounts: [...(container.volumeMounts ?? []), mount] }
}

/** One value for all pods. */
const SOURCES: Volume['projected'] = {
  defaultMode: 0o644,
  sources: [
    { serviceAccountToken: { path: 'token', expirationSeconds: TOKEN_SECONDS } },
    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    {
      downwardAPI: {
        items: [
          {
            path: 'namespace',
            fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' },
          },
        ],
      },
    },
  ],
}

function tokenVolume(name: string): Volume {
  return { name, projected: SOURCES }
}
