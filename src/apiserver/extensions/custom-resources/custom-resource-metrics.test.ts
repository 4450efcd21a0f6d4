import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Registry } from 'prom-client'
import { VirtualClock } from '../../../../test/support/virtual-clock.ts'
import { Structural } from '../../../kinds/apiextensions/schema/structural.ts'
import type { JSONSchemaProps } from '../../../kinds/apiextensions/v1/json-schema-props.ts'
import { FieldPath } from '../../../machinery/field-error.ts'
import type { KubeObject } from '../../../machinery/kind.ts'
import { CustomResourceMetrics } from './custom-resource-metrics.ts'
import { ObjectValidator } from './object-validator.ts'

test('rules are compiled once and evaluated for each object', async () => {
  const registry = new Registry()
  const rules = [{ rule: 'self.size > 2' }]
  const size = { type: 'integer' }
  const spec = { type: 'object', properties: { size }, 'x-kubernetes-validations': rules }
  const schema = { type: 'object', properties: { spec } } as unknown as JSONSchemaProps
  const names = { apiVersion: 'wherry.example/v1', kind: 'Boat' }
  const validator = new ObjectValidator({
    ...names,
    structural: new Structural(schema, true),
    scale: undefined,
    metrics: new CustomResourceMetrics(registry, new VirtualClock()),
  })
  const faults = (length: number) => {
    const object = { ...names, metadata: { name: 'a' }, spec: { size: length } }
    return [...validator.validate(object as unknown as KubeObject, FieldPath.root)].length
  }
  assert.deepEqual([faults(3), faults(1), faults(4)], [0, 1, 0])
  const text = await registry.metrics()
  assert.match(text, /^apiserver_cel_compilation_duration_seconds_count 1$/m)
  assert.match(text, /^apiserver_cel_evaluation_duration_seconds_count 3$/m)
})
