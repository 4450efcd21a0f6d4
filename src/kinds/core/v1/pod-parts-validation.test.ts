import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeObject } from '../../../machinery/decode.ts'
import {
  collected,
  type FieldError,
  FieldPath,
  formatFieldError,
} from '../../../machinery/field-error.ts'
import { Pod } from './pod.ts'
import { setPodDefaults } from './pod-defaults.ts'
import { validateEphemeralContainersUpdate, validatePodResize } from './pod-parts-validation.ts'
import { validatePod } from './pod-validation.ts'

type Fields = Record<string, unknown>
const container = (fields: Fields = {}) => ({ name: 'c', image: 'redis:7', ...fields })
const read = (spec: Fields): Pod => {
  const whole = { containers: [container()], ...spec }
  const object = { metadata: { name: 'pod', namespace: 'default' }, spec: whole }
  return setPodDefaults(decodeObject(Pod, object).value)
}

test('containers for debugging are added and stay', () => {
  const debug = (image: string, fields: Fields = {}) => ({
    ephemeralContainers: [{ name: 'd', image, ...fields }],
  })
  const change = (spec: Fields, old: Fields) =>
    collected(validateEphemeralContainersUpdate, read(spec), read(old), FieldPath.root).map(
      formatFieldError,
    )
  assert.deepEqual(change(debug('busybox'), {}), [])
  assert.deepEqual(change({}, debug('busybox')), [
    'spec.ephemeralContainers: Forbidden: existing ephemeral containers "d" may not be removed\n',
  ])
  assert.match(
    change(debug('other'), debug('busybox'))[0] ?? '',
    /: Forbidden: existing ephemeral containers "d" may not be changed\n@@ /,
  )
  assert.deepEqual(change(debug('busybox', { ports: [{ containerPort: 80 }] }), {}), [
    'spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container',
  ])
})

test('a resize changes CPU and memory only', () => {
  const of = (requests: Fields, fields: Fields = {}) => ({
    containers: [container({ resources: { requests }, ...fields })],
  })
  const resize = (spec: Fields, old: Fields) =>
    collected(validatePodResize, read(spec), read(old), FieldPath.root).map(formatFieldError)
  assert.deepEqual(resize(of({ cpu: '2' }), of({ cpu: '1' })), [])
  assert.deepEqual(resize(of({ cpu: '2' }), of({ cpu: '1', memory: '1Gi' })), [
    'spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed',
  ])
  assert.deepEqual(resize(of({ cpu: '2' }), {}), [
    'spec: Invalid value: "": Pod QOS Class may not change as a result of resizing',
  ])
  assert.deepEqual(resize(of({ cpu: '2' }, { image: 'x' }), of({ cpu: '1' })), [
    'spec: Forbidden: only cpu and memory resources are mutable',
  ])
  assert.deepEqual(resize(of({ cpu: '2' }, { name: 'x' }), of({ cpu: '1' })), [
    'spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize',
  ])
})

test('what is wrong with a static pod as a whole has no path', () => {
  const pod = read({})
  const annotations = { 'kubernetes.io/config.mirror': 'x' }
  const mirror: Pod = { ...pod, metadata: { ...pod.metadata, annotations } }
  const texts = (errors: Iterable<FieldError>) => [...errors].map(formatFieldError)
  assert.deepEqual(texts(collected(validatePodResize, mirror, mirror, FieldPath.root)), [
    '[]: Forbidden: static pods cannot be resized',
  ])
  assert.deepEqual(
    texts(collected(validateEphemeralContainersUpdate, mirror, mirror, FieldPath.root)),
    ['[]: Forbidden: static pods do not support ephemeral containers'],
  )
})

test('rules of restarting need a policy; those of an init container are then not judged', () => {
  const ruled = container({ restartPolicyRules: [{ action: 'X', exitCodes: { operator: 'In' } }] })
  const errors = (spec: Fields) =>
    collected(validatePod, read(spec), FieldPath.root).map(formatFieldError)
  const why =
    'restartPolicy: Required value: must specify restartPolicy when restart rules are used'
  assert.deepEqual(errors({ initContainers: [{ ...ruled, name: 'i' }] }), [
    `spec.initContainers[0].${why}`,
  ])
  assert.deepEqual(errors({ containers: [ruled] }).slice(0, 2), [
    `spec.containers[0].${why}`,
    'spec.containers[0].restartPolicyRules[0].action: Unsupported value: "X": supported values: "Restart", "RestartAllContainers"',
  ])
})
