import type { Device, DeviceAttribute } from './device.ts'
import type { ResourceSlice } from './resource-slice.ts'

/**
 * A slice without what upstream has off until a cluster asks for it: lists as attributes, and
 * devices that stand for what a node has to give. What a slice already has stays.
 */
export function withoutFeatures(slice: ResourceSlice, old?: ResourceSlice): ResourceSlice {
  const { devices = [] } = slice.spec
  const before = old?.spec.devices ?? []
  const keepsLists = before.some(hasLists)
  const keepsMappings = before.some(hasMappings)
  const isPlain = (device: Device) =>
    (keepsLists || !hasLists(device)) && (keepsMappings || !hasMappings(device))
  if (devices.every(isPlain)) return slice
  const plain = devices.map((device) => {
    const shorter = keepsMappings ? device : withoutMappings(device)
    return keepsLists ? shorter : withoutLists(shorter)
  })
  return { ...slice, spec: { ...slice.spec, devices: plain } }
}

function hasMappings({ nodeAllocatableResourceMappings: mappings }: Device): boolean {
  return mappings !== undefined
}

function hasLists({ attributes = {} }: Device): boolean {
  return Object.values(attributes).some(isList)
}

function isList({ bools, ints, strings, versions }: DeviceAttribute): boolean {
  return [bools, ints, strings, versions].some((list) => list !== undefined)
}

function withoutMappings(device: Device): Device {
  const { nodeAllocatableResourceMappings: _, ...rest } = device
  return rest
}

function withoutLists(device: Device): Device {
  if (device.attributes === undefined) return device
  const attributes = Object.entries(device.attributes).map(([name, attribute]) => {
    const { bools: _, ints: __, strings: ___, versions: ____, ...rest } = attribute
    return [name, rest] as const
  })
  return { ...device, attributes: Object.fromEntries(attributes) }
}
