import { parseJson } from '../../../base/json.ts'
import { jsonFault } from '../../../base/json-fault.ts'
import {
  collected,
  duplicate,
  type FieldErrors,
  type FieldPath,
  forbidden,
  invalid,
  required,
} from '../../../machinery/field-error.ts'
import { cidrErrors, parseCidr } from '../../../machinery/ip-address.ts'
import { labelValueErrors } from '../../../machinery/names.ts'
import { invalids, validateLabelName } from '../../../machinery/validate-object-meta.ts'
import { validateOneOf } from './field-rules.ts'
import type { Node } from './node.ts'
import { validateQuantity } from './resource-validation.ts'
import { TAINT_EFFECTS } from './scheduling-validation.ts'
import type { Taint } from './toleration.ts'

const AVOID_PODS = 'scheduler.alpha.kubernetes.io/preferAvoidPods'
const FEATURE = /^[A-Z][a-zA-Z0-9]*(\/[a-zA-Z][a-zA-Z0-9]*)*$/
const LONGEST_FEATURE = 253

export function* validateNode(node: Node, path: FieldPath): FieldErrors {
  const { taints = [], podCIDRs = [] } = node.spec
  yield* validateAnnotations(node, path.child('metadata', 'annotations'))
  yield* validateTaints(taints, path.child('metadata', 'taints'))
  yield* validateAmounts(node, path.child('status'))
  const cidrsPath = path.child('spec', 'podCIDRs')
  for (const [index, cidr] of podCIDRs.entries()) {
    yield* invalids(cidrsPath.index(index), cidr, cidrErrors(cidr))
  }
  const families = new Set(podCIDRs.map((cidr) => parseCidr(cidr)?.address.family))
  if (podCIDRs.length > 1 && (podCIDRs.length > 2 || families.size !== 2)) {
    yield invalid(cidrsPath, podCIDRs, 'may specify no more than one CIDR for each IP family')
  }
}

/** Which pods a scheduler of old keeps away from a node stands in an annotation, as JSON. */
function* validateAnnotations({ metadata }: Node, path: FieldPath): FieldErrors {
  const text = metadata.annotations?.[AVOID_PODS] ?? ''
  if (text === '') return
  const fault = jsonFault(text)
  if (fault !== undefined) {
    yield invalid(path.child('AvoidPods'), AVOID_PODS, fault)
    return
  }
  const { preferAvoidPods } = (parseJson(text) ?? {}) as { readonly preferAvoidPods?: unknown }
  if (!Array.isArray(preferAvoidPods)) return
  for (const [index, entry] of preferAvoidPods.entries()) {
    const signature = path.child(AVOID_PODS).index(index).child('PodSignature')
    const controller = (entry as AvoidedPod | null)?.podSignature?.podController
    if (controller === undefined) yield required(signature)
    else if (controller.controller !== true) {
      const controllerPath = signature.child('PodController', 'Controller')
      yield invalid(controllerPath, false, 'must point to a controller')
    }
  }
}

interface AvoidedPod {
  readonly podSignature?: { readonly podController?: { readonly controller?: boolean } }
}

/** Once a node has its addresses and its provider's name, they stay. */
export function* validateNodeUpdate(node: Node, old: Node, path: FieldPath): FieldErrors {
  const specPath = path.child('spec')
  // Upstream judges a changed node as a new one first, and parts of it twice.
  yield* validateNode(node, path)
  yield* validateAnnotations(node, path.child('metadata', 'annotations'))
  yield* validateNodeStatusUpdate(node, old, path)
  const oldCidrs = old.spec.podCIDRs ?? []
  const cidrs = node.spec.podCIDRs ?? []
  const isKept = cidrs.length === oldCidrs.length && cidrs.every((one, at) => one === oldCidrs[at])
  if (oldCidrs.length > 0 && !isKept) {
    const why = 'node updates may not change podCIDR except from "" to valid'
    yield forbidden(specPath.child('podCIDRs'), why)
  }
  const { providerID: oldId = '' } = old.spec
  if (oldId !== '' && node.spec.providerID !== oldId) {
    const why = 'node updates may not change providerID except from "" to valid'
    yield forbidden(specPath.child('providerID'), why)
  }
  yield* validateTaints(node.spec.taints ?? [], path.child('metadata', 'taints'))
  if ((node.spec.externalID ?? '') !== (old.spec.externalID ?? '')) {
    yield forbidden(specPath.child('externalID'), 'may not be updated')
  }
}

export function* validateNodeStatusUpdate(node: Node, _old: Node, path: FieldPath): FieldErrors {
  yield* validateAmounts(node, path.child('status'))
  yield* validateFeatures(
    node.status.declaredFeatures ?? [],
    path.child('status', 'declaredFeatures'),
  )
  const seen = new Set<string>()
  for (const [index, address] of (node.status.addresses ?? []).entries()) {
    const key = `${address.type} ${address.address}`
    if (seen.has(key)) yield duplicate(path.child('status', 'addresses').index(index), address)
    seen.add(key)
  }
}

/** Names of features, each once and in their order. */
function* validateFeatures(features: readonly string[], path: FieldPath): FieldErrors {
  for (const [index, feature] of features.entries()) {
    const why = whyNoFeature(feature)
    if (why !== undefined) {
      const text = `invalid feature name ${JSON.stringify(feature)}: ${why}`
      yield invalid(path.index(index), feature, text)
    }
    const next = features[index + 1]
    if (next === undefined || next > feature) continue
    const nextPath = path.index(index + 1)
    if (next === feature) yield duplicate(nextPath, next)
    else yield invalid(nextPath, next, 'list must be sorted alphabetically')
  }
}

function whyNoFeature(name: string): string | undefined {
  if (Buffer.byteLength(name) > LONGEST_FEATURE) {
    return `must be no more than ${LONGEST_FEATURE} characters`
  }
  if (FEATURE.test(name)) return undefined
  return (
    "must start with an UpperCamelCase segment, with subsequent segments separated by '/' " +
    '(e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and ' +
    'slashes'
  )
}

function* validateAmounts({ status }: Node, path: FieldPath): FieldErrors {
  for (const list of ['capacity', 'allocatable'] as const) {
    for (const [name, quantity] of Object.entries(status[list] ?? {})) {
      yield* collected(validateQuantity, name, quantity, path.child(list, name))
    }
  }
}

/** A node may have one taint for each key and effect. */
function* validateTaints(taints: readonly Taint[], path: FieldPath): FieldErrors {
  const seen = new Set<string>()
  for (const [index, taint] of taints.entries()) {
    const { key, value = '', effect } = taint
    const itemPath = path.index(index)
    yield* validateLabelName(key, itemPath.child('key'))
    const reasons = labelValueErrors(value)
    if (reasons.length > 0) yield invalid(itemPath.child('value'), value, reasons.join(';'))
    yield* validateOneOf(effect, TAINT_EFFECTS, itemPath.child('effect'))
    if (seen.has(`${key} ${effect}`)) {
      const error = duplicate(itemPath, taint)
      const detail = 'taints must be unique by key and effect pair'
      yield { ...error, message: `${error.message}: ${detail}` }
    }
    seen.add(`${key} ${effect}`)
  }
}
