import type { AllocationResult } from '../../kinds/resource/v1/allocation-result.ts'
import type { AllocatedDeviceStatus } from '../../kinds/resource/v1/resource-claim.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'
import type { UserInfo } from '../request.ts'

const NODE_NAME = 'authentication.kubernetes.io/node-name'
const ACCOUNT = /^system:serviceaccount:[^:]+:[^:]+$/

/** The drivers of whose devices anything is new, changed or gone, by their names in order. */
export function driversWithChanges(
  devices: readonly AllocatedDeviceStatus[],
  old: readonly AllocatedDeviceStatus[],
): readonly string[] {
  const before = new Map(old.map((device) => [keyOf(device), device]))
  const drivers = new Set<string>()
  for (const device of devices) {
    const key = keyOf(device)
    if (!deepEqual(before.get(key), device)) drivers.add(device.driver)
    before.delete(key)
  }
  for (const { driver } of before.values()) drivers.add(driver)
  return [...drivers].toSorted()
}

function keyOf({ driver, pool, device, shareID = '' }: AllocatedDeviceStatus): string {
  return JSON.stringify([driver, pool, device, shareID])
}

/** Whether a token is of a pod on the one node that an allocation is for. */
export function isOnNodeOf({ name, extra = {} }: UserInfo, allocation: AllocationResult): boolean {
  const nodeNames = extra[NODE_NAME] ?? []
  const node = nodeOf(allocation)
  return node !== undefined && ACCOUNT.test(name) && nodeNames.length === 1 && nodeNames[0] === node
}

function nodeOf({ nodeSelector }: AllocationResult): string | undefined {
  const terms = nodeSelector?.nodeSelectorTerms ?? []
  const [term] = terms
  if (terms.length !== 1 || term === undefined) return undefined
  const { matchExpressions = [], matchFields = [] } = term
  const [field] = matchFields
  if (matchExpressions.length > 0 || matchFields.length !== 1 || field === undefined)
    return undefined
  const { key, operator, values = [] } = field
  const isOneNode = key === 'metadata.name' && operator === 'In' && values.length === 1
  return isOneNode ? values[0] : undefined
}
