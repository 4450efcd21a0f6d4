import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Registry } from 'prom-client'
import { Deployment } from '../../../kinds/apps/v1/deployment.ts'
import { Pod } from '../../../kinds/core/v1/pod.ts'
import type { AdmissionAttributes } from '../admission.ts'
import { PodSecurityMetrics } from './pod-security-metrics.ts'

test('decisions are counted by what was decided, with few values of labels', async () => {
  const registry = new Registry()
  const metrics = new PodSecurityMetrics(registry)
  const attributes = { operation: 'CREATE', kind: Pod, subresource: '' }
  const create = attributes as unknown as AdmissionAttributes
  metrics.evaluated(true, { level: 'privileged', version: 12 }, 'enforce', create)
  metrics.evaluated(false, { level: 'baseline', version: 30 }, 'audit', create)
  metrics.evaluated(false, { level: 'baseline', version: 9999 }, 'warn', create)
  metrics.exempted({ ...create, kind: Deployment })
  metrics.failed(true, { ...create, subresource: 'resize' })

  const operation = 'request_operation="create"'
  const pod = `${operation},resource="pod"`
  const evaluation = (decision: string, level: string, version: string, mode: string) =>
    `pod_security_evaluations_total{decision="${decision}",policy_level="${level}",` +
    `policy_version="${version}",mode="${mode}",${pod},subresource=""} 1`
  const updated = 'request_operation="update",resource="pod",subresource=""'
  const exempted = (of: string, resource: string, count: number) =>
    `pod_security_exemptions_total{request_operation="${of}",resource="${resource}",` +
    `subresource=""} ${count}`
  assert.deepEqual(
    (await registry.metrics()).split('\n').filter((line) => /^pod_security/.test(line)),
    [
      evaluation('allow', 'privileged', 'latest', 'enforce'),
      'pod_security_evaluations_total{decision="allow",policy_level="privileged",' +
        `policy_version="latest",mode="enforce",${updated}} 0`,
      evaluation('deny', 'baseline', 'v1.30', 'audit'),
      evaluation('deny', 'baseline', 'future', 'warn'),
      exempted('create', 'pod', 0),
      exempted('create', 'controller', 1),
      exempted('update', 'pod', 0),
      exempted('update', 'controller', 0),
      `pod_security_errors_total{fatal="true",${pod},subresource="resize"} 1`,
    ],
  )
})
