import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { APIService } from '../../../kinds/apiregistration/v1/api-service.ts'
import { AUTOMANAGED_LABEL, type DesiredApiService, type Management } from './local-api-services.ts'
import { planRegistration } from './plan-registration.ts'

const spec = { group: 'a.b', version: 'v1', groupPriorityMinimum: 1000, versionPriority: 100 }

function desired(management: Management): DesiredApiService {
  return { metadata: { name: 'v1.a.b', labels: { [AUTOMANAGED_LABEL]: management } }, spec }
}

function current(management: Management | undefined, versionPriority = 1): APIService {
  const labels = management === undefined ? {} : { [AUTOMANAGED_LABEL]: management }
  const object = { metadata: { name: 'v1.a.b', labels }, spec: { ...spec, versionPriority } }
  return object as unknown as APIService
}

/** Per line: what is stored; then what is done where nothing, once or always is wanted. */
const TABLE = [
  ['none', undefined, false, 'none', 'create', 'create'],
  ['of somebody else', current(undefined), true, 'none', 'none', 'none'],
  ['once, made since', current('onstart'), false, 'none', 'none', 'none'],
  ['once, there at start', current('onstart'), true, 'delete', 'update', 'update'],
  ['always', current('true'), false, 'delete', 'update', 'update'],
  ['always, as it should be', current('true', 100), false, 'delete', 'none', 'none'],
] as const

test('upstream’s table of registrations', () => {
  const wishes = [undefined, desired('onstart'), desired('true')]
  for (const [what, object, wasThereAtStart, ...plans] of TABLE) {
    for (const [index, wish] of wishes.entries()) {
      const state = { desired: wish, current: object, wasThereAtStart, hasSynced: false }
      assert.equal(planRegistration(state), plans[index], `${what}, wish ${index}`)
    }
  }
})

test('what is wanted once is not brought back', () => {
  const state = { current: undefined, wasThereAtStart: true, hasSynced: true }
  assert.equal(planRegistration({ ...state, desired: desired('onstart') }), 'none')
  assert.equal(planRegistration({ ...state, desired: desired('true') }), 'create')
})

test('a server that was put in place of a local one is taken out again', () => {
  const changed = current('true', 100)
  const service = { namespace: 'n', name: 's', port: 443 }
  const taken = { ...changed, spec: { ...changed.spec, service } }
  const state = { desired: desired('true'), wasThereAtStart: false, hasSynced: true }
  assert.equal(planRegistration({ ...state, current: taken }), 'update')
})
