import { formatTime } from '../../../base/clock.ts'
import type { WriteContext } from '../../../machinery/kind.ts'
import type { PersistentVolume } from './persistent-volume.ts'

/** A new volume is pending since now. */
export function prepareVolumeForCreate(
  volume: PersistentVolume,
  { now }: WriteContext,
): PersistentVolume {
  return { ...volume, status: { phase: 'Pending', lastPhaseTransitionTime: formatTime(now) } }
}

/** A change of the phase is dated, unless the request dates it itself. */
export function prepareVolumeForStatusUpdate(
  volume: PersistentVolume,
  old: PersistentVolume,
  { now }: WriteContext,
): PersistentVolume {
  const { lastPhaseTransitionTime: given, ...status } = volume.status
  const { lastPhaseTransitionTime: before, phase } = old.status
  if (given !== undefined && given !== before) return volume
  const time = status.phase === phase ? (given ?? before) : formatTime(now)
  const dated = time === undefined ? status : { ...status, lastPhaseTransitionTime: time }
  return { ...volume, status: dated }
}
