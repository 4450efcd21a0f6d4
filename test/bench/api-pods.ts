import type { LoadRequest } from './api-load.ts'

/** Where the pods of a load are. */
export const NAMESPACE = 'bench'
export const PODS_PATH = `/api/v1/namespaces/${NAMESPACE}/pods`
/** Such as tools put on what they make: half of a pod's annotations are long. */
const DESCRIPTION =
  'A pod with what pods have: labels, annotations, variables, probes, resources, a volume and its ' +
  'mount. Rolled out by the delivery pipeline of team web from revision 3f5a9c1e of the main ' +
  'branch; its owner, its runbook and its dashboards are linked from the service catalogue, where ' +
  'its alerts and its error budget are kept as well. Questions go to the channel of the team.'
/** So many values of a label: a list by one of them is this part of all. */
const SHARDS = 30
const STRATEGIC = 'application/strategic-merge-patch+json'

const nameOf = (index: number) => `pod-${String(index).padStart(5, '0')}`
const pathOf = (index: number) => `${PODS_PATH}/${nameOf(index)}`

/** The requests of a load, about the pod with a number. */
export const podRequests = {
  create(index: number): LoadRequest {
    return { method: 'POST', path: PODS_PATH, body: podText(index) }
  },

  get(index: number): LoadRequest {
    return { method: 'GET', path: pathOf(index) }
  },

  listAll(): LoadRequest {
    return { method: 'GET', path: PODS_PATH }
  },

  listByLabel(index: number): LoadRequest {
    return { method: 'GET', path: `${PODS_PATH}?labelSelector=shard%3D${index % SHARDS}` }
  },

  listByName(index: number): LoadRequest {
    return { method: 'GET', path: `${PODS_PATH}?fieldSelector=metadata.name%3D${nameOf(index)}` }
  },

  listPage(): LoadRequest {
    return { method: 'GET', path: `${PODS_PATH}?limit=500` }
  },

  strategicPatch(index: number, value = `${index}`): LoadRequest {
    const body = JSON.stringify({ metadata: { annotations: { 'bench/patched': value } } })
    return { method: 'PATCH', path: pathOf(index), body, contentType: STRATEGIC }
  },

  statusPatch(index: number, value = 'patched'): LoadRequest {
    const condition = { type: 'Ready', status: 'False', reason: value, message: `${index}` }
    const body = JSON.stringify({ status: { conditions: [condition] } })
    return { method: 'PATCH', path: `${pathOf(index)}/status`, body, contentType: STRATEGIC }
  },

  apply(index: number, value = 'yes'): LoadRequest {
    const body = JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: nameOf(index), labels: { applied: value } },
    })
    const path = `${pathOf(index)}?fieldManager=bench&force=true`
    return { method: 'PATCH', path, body, contentType: 'application/apply-patch+yaml' }
  },

  remove(index: number): LoadRequest {
    return { method: 'DELETE', path: `${pathOf(index)}?gracePeriodSeconds=0` }
  },
}

/** About 1.5 KB as it is sent, and three times that as it is stored; another scheduler's. */
export function podText(index: number): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: nameOf(index),
      namespace: NAMESPACE,
      labels: { app: 'web', tier: 'frontend', shard: `${index % SHARDS}`, release: 'stable' },
      annotations: {
        'prometheus.io/scrape': 'true',
        'prometheus.io/port': '8080',
        description: DESCRIPTION,
      },
    },
    spec: {
      schedulerName: 'none',
      containers: [
        {
          name: 'web',
          image: 'registry.example.com/team/web:v1.2.3',
          args: ['--listen=:8080', '--log-level=info', '--config=/etc/web/config.yaml'],
          env: [
            { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
            { name: 'DATABASE_URL', value: 'postgres://db.default.svc.cluster.local:5432/web' },
            { name: 'CACHE_URL', value: 'redis://redis.default.svc.cluster.local:6379' },
          ],
          ports: [{ name: 'http', containerPort: 8080 }],
          readinessProbe: { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 5 },
          livenessProbe: { httpGet: { path: '/livez', port: 'http' }, initialDelaySeconds: 10 },
          resources: {
            requests: { cpu: '100m', memory: '128Mi' },
            limits: { cpu: '500m', memory: '256Mi' },
          },
          volumeMounts: [{ name: 'config', mountPath: '/etc/web' }],
        },
      ],
      volumes: [{ name: 'config', configMap: { name: 'web-config' } }],
    },
  })
}
