import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeObject } from '../../../machinery/decode.ts'
import { HorizontalPodAutoscaler } from './horizontal-pod-autoscaler.ts'

test('an empty list of metrics means the usual ones, as none does', () => {
  const scaleTargetRef = { kind: 'Deployment', name: 'd' }
  const metricsOf = (given: object) => {
    const body = { metadata: { name: 'a' }, spec: { scaleTargetRef, maxReplicas: 3, ...given } }
    const { value } = decodeObject(HorizontalPodAutoscaler, body)
    return HorizontalPodAutoscaler.setDefaults?.(value as HorizontalPodAutoscaler).spec.metrics
  }
  const usual = metricsOf({})
  assert.deepEqual(usual?.[0]?.resource?.target, { type: 'Utilization', averageUtilization: 80 })
  assert.deepEqual(metricsOf({ metrics: [] }), usual)
  const metrics = [
    { type: 'Resource', resource: { name: 'memory', target: { type: 'Value', value: '1' } } },
  ]
  assert.equal(metricsOf({ metrics })?.[0]?.resource?.name, 'memory')
})
