import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../../machinery/kind.ts'
import { fromV1beta1 } from './from-v1beta1.ts'

const names = { plural: 'foos', kind: 'Foo' }
const apiVersion = 'apiextensions.k8s.io/v1beta1'
const object = { kind: 'CustomResourceDefinition', apiVersion, metadata: { name: 'foos.ex.io' } }
const specOf = (spec: object) =>
  (fromV1beta1({ ...object, spec } as unknown as KubeObject) as unknown as { spec: object }).spec

test('what stands for all versions is said by each of them', () => {
  const validation = { openAPIV3Schema: { type: 'object' } }
  const column = { name: 'a', type: 'string' }
  assert.deepEqual(
    specOf({
      group: 'ex.io',
      version: 'v1',
      names,
      validation,
      subresources: { status: {} },
      additionalPrinterColumns: [{ ...column, JSONPath: '.spec.a' }],
      versions: [
        { name: 'v1', served: true, storage: true },
        { name: 'v2', served: true, storage: false, subresources: { scale: {} } },
      ],
      preserveUnknownFields: false,
    }),
    {
      group: 'ex.io',
      names,
      preserveUnknownFields: false,
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: validation,
          subresources: { status: {} },
          additionalPrinterColumns: [{ ...column, jsonPath: '.spec.a' }],
        },
        {
          name: 'v2',
          served: true,
          storage: false,
          schema: validation,
          subresources: { scale: {} },
          additionalPrinterColumns: [{ ...column, jsonPath: '.spec.a' }],
        },
      ],
    },
  )
})

test('a lone version has no list; a webhook has its own struct', () => {
  const clientConfig = { url: 'https://example.com' }
  assert.deepEqual(
    specOf({
      version: 'v1',
      names,
      conversion: {
        strategy: 'Webhook',
        webhookClientConfig: clientConfig,
        conversionReviewVersions: ['v1'],
      },
    }),
    {
      names,
      preserveUnknownFields: true,
      versions: [{ name: 'v1', served: true, storage: true }],
      conversion: {
        strategy: 'Webhook',
        webhook: { clientConfig, conversionReviewVersions: ['v1'] },
      },
    },
  )
  const conversion = { strategy: 'None' }
  const given = { versions: [], names, conversion, preserveUnknownFields: false }
  assert.deepEqual(specOf(given), given)
})

test('what a definition keeps that says nothing of it: all, since that was the default', () => {
  const spec = { versions: [], names }
  assert.deepEqual(specOf(spec), { ...spec, preserveUnknownFields: true })
})
