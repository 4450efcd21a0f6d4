import { formatTime } from '../../../base/clock.ts'
import type { WriteContext } from '../../../machinery/kind.ts'
import type { DeviceTaint } from './device.ts'
import type { ResourceSlice } from './resource-slice.ts'

/** A taint counts from the time at which it was written, unless it says otherwise. */
export function withTimeAdded(taint: DeviceTaint, { now }: WriteContext): DeviceTaint {
  return taint.timeAdded === undefined ? { ...taint, timeAdded: formatTime(now) } : taint
}

/** The same for all taints of a slice. */
export function withTaintTimes(slice: ResourceSlice, context: WriteContext): ResourceSlice {
  const { devices = [] } = slice.spec
  const isUndated = ({ timeAdded }: DeviceTaint) => timeAdded === undefined
  if (!devices.some(({ taints = [] }) => taints.some(isUndated))) return slice
  const dated = devices.map((device) => {
    const { taints } = device
    if (taints === undefined) return device
    return { ...device, taints: taints.map((taint) => withTimeAdded(taint, context)) }
  })
  return { ...slice, spec: { ...slice.spec, devices: dated } }
}
