import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CustomResourceDefinition } from '../../kinds/apiextensions/v1/custom-resource-definition.ts'
import { APIService } from '../../kinds/apiregistration/v1/api-service.ts'
import { Deployment } from '../../kinds/apps/v1/deployment.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import { Event } from '../../kinds/events/v1/event.ts'
import { Ingress } from '../../kinds/networking/v1/ingress.ts'
import type { KindRef } from '../../machinery/kind.ts'
import { badRequest } from '../../machinery/status-error.ts'
import { checkBodyNames } from './body-names.ts'

const expecting = (expected: KindRef, apiVersion: string, kind: string): string => {
  try {
    checkBodyNames(expected, { apiVersion, kind }, badRequest)
    return 'fits'
  } catch (error) {
    return (error as Error).message
  }
}

const otherVersion = (given: string, expected: string) =>
  `the API version in the data (${given}) does not match the expected API version (${expected})`

test('a body of an old version of a kind is told of its version', () => {
  assert.equal(expecting(Pod, 'v1', 'Pod'), 'fits')
  const former = [
    [Deployment, 'apps/v1beta1', 'Deployment'],
    [Deployment, 'extensions/v1beta1', 'Deployment'],
    [Ingress, 'extensions/v1beta1', 'Ingress'],
    [Event, 'v1', 'Event'],
    [Event, 'events.k8s.io/v1beta1', 'Event'],
  ] as const
  for (const [kind, apiVersion, name] of former) {
    assert.equal(expecting(kind, apiVersion, name), otherVersion(apiVersion, kind.apiVersion))
  }
})

test('a version with a group without a name is that of the group without a name', () => {
  assert.equal(expecting(Pod, '/v1', 'Pod'), expecting(Pod, 'v1', 'Pod'))
})

test('a body of another kind is told so, one that nobody knows is told that', () => {
  const wrong = (given: string, version: string) =>
    `${given} in version "${version}" cannot be handled as a Pod: `
  const unconverted = (given: string, version: string) =>
    `${wrong(given, version)}converting (${version}.${given}) to (core.Pod): unknown conversion`
  for (const [apiVersion, kind] of [
    ['extensions/v1beta1', 'Scale'],
    ['extensions/v1beta1', 'DeploymentList'],
    ['v1', 'PodLogOptions'],
  ] as const) {
    const version = apiVersion.slice(apiVersion.indexOf('/') + 1)
    assert.equal(expecting(Pod, apiVersion, kind), unconverted(kind, version))
  }
  const scheme = 'in scheme "pkg/api/legacyscheme/scheme.go:30"'
  for (const [apiVersion, kind] of [
    ['v1', 'Nothing'],
    ['policy/v1beta1', 'EvictionList'],
    ['extensions/v1', 'Deployment'],
  ] as const) {
    const why = `no kind "${kind}" is registered for version "${apiVersion}" ${scheme}`
    assert.equal(
      expecting(Pod, apiVersion, kind),
      `${wrong(kind, apiVersion.replace(/.*\//, ''))}${why}`,
    )
  }
  const of = (kind: typeof APIService | typeof CustomResourceDefinition) =>
    /scheme "(.*)\//.exec(expecting(kind, 'v1', 'Nothing'))?.[1]
  assert.equal(of(APIService), 'k8s.io/kube-aggregator/pkg/apiserver/scheme')
  assert.equal(of(CustomResourceDefinition), 'k8s.io/apiextensions-apiserver/pkg/apiserver')
})
