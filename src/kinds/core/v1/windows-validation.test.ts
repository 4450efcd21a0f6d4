import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeObject } from '../../../machinery/decode.ts'
import { type FieldError, FieldPath, formatFieldError } from '../../../machinery/field-error.ts'
import { Pod } from './pod.ts'
import { validatePodSpec } from './pod-spec-validation.ts'

function errorsOf(spec: object, container: object = {}): string[] {
  const containers = [{ name: 'c', image: 'i', terminationMessagePolicy: 'File', ...container }]
  const { value } = decodeObject(Pod, { metadata: { name: 'p' }, spec: { containers, ...spec } })
  const pod = Pod.setDefaults?.(value) ?? value
  const errors: FieldError[] = []
  validatePodSpec(errors, pod.spec, { podName: 'p', isPod: true }, FieldPath.root.child('spec'))
  return errors.map(formatFieldError)
}
const options = (windowsOptions: object) => ({ securityContext: { windowsOptions } })

test('as whom a process runs on Windows', () => {
  const good = { gmsaCredentialSpecName: 'a.b', gmsaCredentialSpec: 'x', runAsUserName: 'D\\u' }
  assert.deepEqual(errorsOf(options(good), options(good)), [])
  const at = 'spec.securityContext.windowsOptions'
  assert.match(
    errorsOf(options({ gmsaCredentialSpecName: 'A b' })).join(),
    /^spec\.securityContext\.windowsOptions\.gmsaCredentialSpecName: Invalid value: "A b": a low/,
  )
  assert.deepEqual(errorsOf(options({ gmsaCredentialSpec: '' })), [
    `${at}.gmsaCredentialSpec: Invalid value: "": gmsaCredentialSpec cannot be an empty string`,
  ])
  const cases: [name: string, ...problems: string[]][] = [
    ['', ' cannot be an empty string'],
    ['a\tb', ' cannot contain control characters'],
    ['a\\b\\c', ' cannot contain more than one backslash'],
    ['.x\\u', "'s Domain doesn't match the NetBios nor the DNS format"],
    ['d\\', "'s User cannot be empty"],
    ['. .', "'s User cannot contain only periods or spaces"],
    ['a@b', `'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]`],
    ['u'.repeat(105), "'s User length must not be longer than 104 characters"],
  ]
  for (const [runAsUserName, ...problems] of cases) {
    const found = errorsOf({}, options({ runAsUserName }))
    const texts = found.map((text) => text.slice(text.lastIndexOf(': runAsUserName') + 15))
    assert.deepEqual(texts, problems, runAsUserName)
  }
})

test('processes of the host are alone in their pod, on its network', () => {
  const host = { hostProcess: true }
  assert.deepEqual(errorsOf({ ...options(host), hostNetwork: true }), [])
  assert.deepEqual(errorsOf(options(host)), [
    'spec.hostNetwork: Invalid value: false: hostNetwork must be true if pod contains any ' +
      'hostProcess containers',
  ])
  const mixed = errorsOf({ ...options(host), hostNetwork: true }, options({ hostProcess: false }))
  assert.deepEqual(mixed, [
    'spec.containers[0].securityContext.windowsOptions.hostProcess: Invalid value: false: pod ' +
      'hostProcess value must be identical if both are specified, was true',
  ])
  const initContainers = [{ name: 'i', image: 'i' }]
  assert.deepEqual(errorsOf({ initContainers, hostNetwork: true }, options(host)), [
    'spec: Invalid value: "": If pod contains any hostProcess containers then all containers ' +
      'must be HostProcess containers',
  ])
})

test('a pod says nothing of the system that it is not for', () => {
  const windows = { os: { name: 'windows' } }
  const linux = { os: { name: 'linux' } }
  assert.deepEqual(errorsOf({ ...windows, ...options({ runAsUserName: 'u' }) }), [])
  assert.deepEqual(errorsOf({ ...linux, ...options({}) }, options({})), [
    'spec.securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod',
    'spec.containers[0].securityContext.windowsOptions: Forbidden: windows options cannot be set ' +
      'for a linux pod',
  ])
  const securityContext = { runAsUser: 1, fsGroup: 2, sysctls: [] }
  const privileged = { securityContext: { privileged: true, runAsUser: 1 } }
  const spec = { ...windows, hostPID: true, hostIPC: false, securityContext }
  const why = 'Forbidden: cannot be set for a windows pod'
  assert.deepEqual(errorsOf(spec, privileged), [
    `spec.hostPID: ${why}`,
    `spec.securityContext.fsGroup: ${why}`,
    `spec.securityContext.runAsUser: ${why}`,
    `spec.containers[0].securityContext.privileged: ${why}`,
    `spec.containers[0].securityContext.runAsUser: ${why}`,
  ])
})
