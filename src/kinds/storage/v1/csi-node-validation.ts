import {
  duplicate,
  type FieldErrors,
  type FieldPath,
  invalid,
  required,
} from '../../../machinery/field-error.ts'
import { repeatedPlaces } from '../../../machinery/repeated-places.ts'
import { validateImmutable } from '../../../machinery/validate-object-meta.ts'
import { validateNonNegative, validateQualifiedName } from '../../core/v1/field-rules.ts'
import { validateDriverName } from './csi-driver-name.ts'
import type { CSINode, CSINodeDriver } from './csi-node.ts'

const MOST_ID_BYTES = 256

/** Each driver of a node once, with its name for the node. */
export function* validateCsiNode({ spec }: CSINode, path: FieldPath): FieldErrors {
  const drivers = spec.drivers ?? []
  const names = drivers.map(({ name }) => name)
  for (const [index, driver] of drivers.entries()) {
    const at = path.child('spec', 'drivers').index(index)
    yield* validateDriver(driver, at)
    if (names.indexOf(driver.name) < index) yield duplicate(at.child('name'), driver.name)
    yield* validateKeys(driver.topologyKeys ?? [], at)
  }
}

/** A driver's limits may change; what it is called and where it is may not. */
export function* validateCsiNodeUpdate(node: CSINode, old: CSINode, path: FieldPath): FieldErrors {
  yield* validateCsiNode(node, path)
  for (const before of old.spec.drivers ?? []) {
    for (const driver of node.spec.drivers ?? []) {
      if (driver.name !== before.name) continue
      const { allocatable: _now, ...fixed } = driver
      const { allocatable: _before, ...fixedBefore } = before
      yield* validateImmutable(fixed, fixedBefore, path.child('spec', 'drivers'))
    }
  }
}

function* validateDriver(driver: CSINodeDriver, path: FieldPath): FieldErrors {
  const { name, nodeID, allocatable } = driver
  yield* validateDriverName(name, path.child('name'))
  if (nodeID === '') yield required(path.child('nodeID'))
  if (Buffer.byteLength(nodeID) > MOST_ID_BYTES) {
    yield invalid(path.child('nodeID'), nodeID, `must be ${MOST_ID_BYTES} characters or less`)
  }
  yield* validateNonNegative(allocatable?.count ?? 0, path.child('allocatable', 'count'))
}

function* validateKeys(keys: readonly string[], path: FieldPath): FieldErrors {
  const repeated = repeatedPlaces(keys)
  for (const [index, key] of keys.entries()) {
    if (key === '') yield required(path)
    if (repeated.has(index)) yield duplicate(path, key)
    yield* validateQualifiedName(key, path)
  }
}
