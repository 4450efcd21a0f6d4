import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { CustomResourceDefinition } from '../src/kinds/apiextensions/v1/custom-resource-definition.ts'
import { HorizontalPodAutoscaler } from '../src/kinds/autoscaling/v2/horizontal-pod-autoscaler.ts'
import { Job } from '../src/kinds/batch/v1/job.ts'
import { LimitRange } from '../src/kinds/core/v1/limit-range.ts'
import { PriorityLevelConfiguration } from '../src/kinds/flowcontrol/v1/priority-level-configuration.ts'
import { NetworkPolicy } from '../src/kinds/networking/v1/network-policy.ts'
import { ResourceClaim } from '../src/kinds/resource/v1/resource-claim.ts'
import { decodeObject } from '../src/machinery/decode.ts'
import type { Kind, KubeObject } from '../src/machinery/kind.ts'

/** An object as it is after decoding and defaulting. */
function defaulted<T extends KubeObject>(kind: Kind<T>, fields: object): T {
  const given = { apiVersion: kind.apiVersion, kind: kind.kind, metadata: { name: 'a' }, ...fields }
  const { value } = decodeObject(kind, given)
  return kind.setDefaults?.(value) ?? value
}

describe('defaults that depend on other fields', () => {
  test('of Jobs', () => {
    const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [] } }
    const job = defaulted(Job, { spec: { template } })
    assert.deepEqual(
      [job.spec.completions, job.spec.parallelism, job.spec.backoffLimit, job.metadata.labels],
      [1, 1, 6, { app: 'x' }],
    )
    assert.equal(job.spec.podReplacementPolicy, 'TerminatingOrFailed')
    assert.equal(Job.setDefaults?.(job), job, 'what is complete is shared')
    const queue = defaulted(Job, { spec: { template, parallelism: 3 } })
    assert.equal(queue.spec.completions, undefined)
    const indexed = defaulted(Job, { spec: { template, backoffLimitPerIndex: 1 } })
    assert.equal(indexed.spec.backoffLimit, 2_147_483_647)
  })

  test('of network policies', () => {
    assert.deepEqual(defaulted(NetworkPolicy, { spec: {} }).spec.policyTypes, ['Ingress'])
    const both = defaulted(NetworkPolicy, { spec: { egress: [{}] } })
    assert.deepEqual(both.spec.policyTypes, ['Ingress', 'Egress'])
  })

  test('of definitions', () => {
    const names = { kind: 'Widget', plural: 'widgets' }
    const versions = [{ name: 'v1', served: true, storage: true }]
    const spec = { group: 'example.com', names, scope: 'Namespaced', versions }
    const definition = defaulted(CustomResourceDefinition, { spec })
    assert.equal(definition.spec.names.singular, 'widget')
    assert.equal(definition.spec.names.listKind, 'WidgetList')
    assert.deepEqual(definition.status.storedVersions, ['v1'])
    assert.equal(definition.spec.conversion.strategy, 'None')
    assert.equal(CustomResourceDefinition.setDefaults?.(definition), definition)
  })

  test('of autoscalers', () => {
    const spec = { scaleTargetRef: { kind: 'Deployment', name: 'a' }, maxReplicas: 3 }
    const plain = defaulted(HorizontalPodAutoscaler, { spec })
    assert.equal(plain.spec.behavior, undefined)
    assert.equal(plain.spec.metrics[0]?.resource?.target.averageUtilization, 80)
    const behavior = { scaleDown: { stabilizationWindowSeconds: 60 } }
    const some = defaulted(HorizontalPodAutoscaler, { spec: { ...spec, behavior } })
    assert.equal(some.spec.behavior?.scaleUp?.policies?.length, 2)
    assert.equal(some.spec.behavior?.scaleDown?.stabilizationWindowSeconds, 60)
    assert.equal(some.spec.behavior?.scaleDown?.selectPolicy, 'Max')
    assert.equal(HorizontalPodAutoscaler.setDefaults?.(some), some)
  })

  test('of priority levels', () => {
    const limitResponse = { type: 'Queue', queuing: { queues: 16 } }
    const spec = { type: 'Limited', limited: { limitResponse } }
    const { limited } = defaulted(PriorityLevelConfiguration, { spec }).spec
    assert.equal(limited?.nominalConcurrencyShares, 30)
    assert.deepEqual(limited?.limitResponse.queuing, {
      ...{ queues: 16, handSize: 8, queueLengthLimit: 50 },
    })
  })

  test('of limit ranges', () => {
    const limits = [{ type: 'Container', max: { cpu: '2' }, min: { memory: '1Mi' } }]
    const range = defaulted(LimitRange, { spec: { limits } })
    assert.deepEqual(range.spec.limits?.[0]?.default, { cpu: '2' })
    assert.deepEqual(range.spec.limits?.[0]?.defaultRequest, { cpu: '2', memory: '1Mi' })
    assert.equal(LimitRange.setDefaults?.(range), range)
  })

  test('of claims', () => {
    const requests = [{ name: 'a', exactly: { deviceClassName: 'gpu' } }]
    const claim = defaulted(ResourceClaim, { spec: { devices: { requests } } })
    assert.equal(claim.spec.devices.requests?.[0]?.exactly?.count, 1)
  })
})
