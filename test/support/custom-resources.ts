import assert from 'node:assert/strict'
import { createTestServer, type TestServer, type WireRequest } from './api-server.ts'
import { settle } from './virtual-clock.ts'

export const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
export const MERGE_PATCH = 'application/merge-patch+json'
export const APPLY_PATCH = 'application/apply-patch+yaml'

// biome-ignore lint/suspicious/noExplicitAny: whatever a server answers
export type Json = any

/** A server of custom resources, with what tests ask of one. */
export interface CustomServer extends TestServer {
  /** The body of an answer with this code. */
  ask(code: number, method: string, url: string, request?: WireRequest | object): Promise<Json>
  /** Creates a definition, and waits until it is served. */
  define(definition: object): Promise<void>
}

export async function withCustomServer(
  work: (server: CustomServer) => Promise<void>,
  options: Parameters<typeof createTestServer>[0] = {},
): Promise<void> {
  const server = await createTestServer({ ...options, hasCustomResources: true })
  const ask: CustomServer['ask'] = async (code, method, url, request = {}) => {
    const isRequest = 'body' in request || 'accept' in request
    const answer = await server.send(method, url, isRequest ? request : { body: request })
    assert.equal(answer.code, code, `${method} ${url}: ${answer.text}`)
    return answer.text.startsWith('{') ? JSON.parse(answer.text) : answer.text
  }
  const define: CustomServer['define'] = async (definition) => {
    await ask(201, 'POST', DEFINITIONS, { body: definition })
    await settle()
  }
  try {
    await work({ ...server, ask, define })
  } finally {
    server.close()
  }
}

export const GROUP = 'wherry.example'

/** The definition of boats; each version is `{ name, served, storage, schema }` and more. */
export function boats(versions: readonly object[], spec: object = {}, metadata: object = {}) {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `boats.${GROUP}`, ...metadata },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: { plural: 'boats', kind: 'Boat', shortNames: ['bt'], categories: ['all'] },
      versions,
      ...spec,
    },
  }
}

/** A version whose objects have this in their spec. */
export function versionOf(name: string, properties: object, others: object = {}) {
  const spec = { type: 'object', properties }
  const status = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
  return {
    ...{ name, served: true, storage: true },
    schema: { openAPIV3Schema: { type: 'object', properties: { spec, status } } },
    ...others,
  }
}

export function boatsUrl(version = 'v1', name?: string): string {
  const all = `/apis/${GROUP}/${version}/namespaces/default/boats`
  return name === undefined ? all : `${all}/${name}`
}

export function boat(name: string, spec: object = {}, version = 'v1', metadata: object = {}) {
  return {
    apiVersion: `${GROUP}/${version}`,
    kind: 'Boat',
    metadata: { name, ...metadata },
    spec,
  }
}
