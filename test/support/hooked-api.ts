import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach } from 'node:test'
import { createTestServer, type TestServer } from './api-server.ts'
import { type WebhookAnswer, type WebhookCall, WebhookServer } from './webhook-server.ts'

export const CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1'
export const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'
export const ALL_CONFIG_MAPS = {
  operations: ['*'],
  apiGroups: [''],
  apiVersions: ['v1'],
  resources: ['configmaps'],
}

type Sort = 'mutating' | 'validating'

/** A new API server for each test of a suite, and a webhook server for all of them. */
export class HookedApi {
  #api: TestServer | undefined
  #server: WebhookServer | undefined

  /** To be called inside `describe`. */
  constructor() {
    before(async () => {
      this.#server = await WebhookServer.start()
    })
    beforeEach(async () => {
      this.#api = await createTestServer()
      this.server.calls.length = 0
    })
    afterEach(() => this.api.close())
    after(() => this.server[Symbol.asyncDispose]())
  }

  get api(): TestServer {
    return this.#api ?? assert.fail('no test runs')
  }

  get server(): WebhookServer {
    return this.#server ?? assert.fail('no test runs')
  }

  /** Makes a configuration with webhooks that have upstream's defaults but for what is given. */
  async configure(sort: Sort, name: string, ...hooks: readonly object[]): Promise<void> {
    const kind = sort === 'mutating' ? 'Mutating' : 'Validating'
    const webhooks = hooks.map((hook, index) => ({
      name: `hook-${index}.example.com`,
      clientConfig: {
        url: this.server.url(`/${name}/${index}`),
        caBundle: this.server.caBundle,
      },
      rules: [ALL_CONFIG_MAPS],
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      ...hook,
    }))
    const path = `${CONFIGURATIONS}/${sort}webhookconfigurations`
    const { code, text } = await this.api.send('POST', path, {
      body: {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: `${kind}WebhookConfiguration`,
        metadata: { name },
        webhooks,
      },
    })
    assert.equal(code, 201, text)
  }

  /** Creates a ConfigMap. */
  create(name: string, body: object = {}, query = '') {
    const object = { metadata: { name }, ...body }
    return this.api.send('POST', `${CONFIG_MAPS}${query}`, { body: object })
  }
}

/** The answer that lets an object in, but for what is given. */
export function allow({ body }: WebhookCall, response: object = {}): WebhookAnswer {
  const { apiVersion, kind, request } = body
  return { apiVersion, kind, response: { uid: request.uid, allowed: true, ...response } }
}

/** The answer that changes an object by a JSON patch. */
export function patch(call: WebhookCall, ...operations: readonly object[]): WebhookAnswer {
  const text = Buffer.from(JSON.stringify(operations)).toString('base64')
  return allow(call, { patch: text, patchType: 'JSONPatch' })
}
