import type { KubeObject, StoredAs } from '../../../machinery/kind.ts'
import type { Device as StoredDevice } from '../v1/device.ts'
import { ResourceSlice as StoredSlice } from '../v1/resource-slice.ts'
import type { Device } from './device.ts'
import type { ResourceSlice } from './resource-slice.ts'

/** Slices are stored as v1, where a device has in itself what v1beta1 puts under `basic`. */
export const resourceSliceConversion: StoredAs = {
  kind: () => StoredSlice,
  toStored(object: KubeObject): StoredSlice {
    const slice = object as ResourceSlice
    const { nodeName, allNodes, devices, ...same } = slice.spec
    const spec: StoredSlice['spec'] = {
      ...same,
      ...(nodeName === undefined || nodeName === '' ? {} : { nodeName }),
      ...(allNodes === true ? { allNodes } : {}),
      ...(devices === undefined ? {} : { devices: devices.map(storedDevice) }),
    }
    return { ...slice, apiVersion: StoredSlice.apiVersion, spec }
  },
  fromStored(object: KubeObject): ResourceSlice {
    const slice = object as StoredSlice
    const { devices, ...same } = slice.spec
    const spec: ResourceSlice['spec'] = {
      ...same,
      ...(devices === undefined ? {} : { devices: devices.map(servedDevice) }),
    }
    return { ...slice, apiVersion: 'resource.k8s.io/v1beta1', spec }
  },
}

function storedDevice({ name, basic = {} }: Device): StoredDevice {
  return { name, ...basic }
}

function servedDevice({ name, ...basic }: StoredDevice): Device {
  return { name, basic }
}
