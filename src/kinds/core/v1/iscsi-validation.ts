import {
  type FieldError,
  type FieldPath,
  invalid,
  required,
} from '../../../machinery/field-error.ts'
import { rangeErrors } from '../../../machinery/names.ts'
import { invalids } from '../../../machinery/validate-object-meta.ts'
import type { ISCSIVolumeSource } from './volume-sources.ts'

const FORMATS = {
  iqn: /iqn\.\d{4}-\d{2}\.([A-Za-z0-9.-]+)(:[^,;*&$|\s]+)$/,
  eui: /^eui.[A-Za-z0-9]{16}$/,
  naa: /^naa.[A-Za-z0-9]{32}$/,
}
const BAD_FORMAT = 'must be valid format'
const TOO_LONG =
  'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if ' +
  'iscsi.initiatorName is specified.'
const LONGEST = 64

type IscsiSource = Omit<ISCSIVolumeSource, 'secretRef'> & {
  readonly secretRef?: { readonly name?: string | undefined } | undefined
}

/** A disk over iSCSI, of one pod or, under the name of its volume, of the cluster. */
export function validateIscsi(
  errors: FieldError[],
  source: IscsiSource,
  path: FieldPath,
  volumeName?: string,
): void {
  const { targetPortal, iqn, lun, initiatorName, secretRef } = source
  const isOfCluster = volumeName !== undefined
  const start = isOfCluster ? BAD_FORMAT : `${BAD_FORMAT} starting with iqn, eui, or naa`
  if (targetPortal === '') errors.push(required(path.child('targetPortal')))
  if (isOfCluster && isTooLong(source, volumeName)) {
    errors.push(invalid(path.child('targetportal'), targetPortal, TOO_LONG))
  }
  if (iqn === '') errors.push(required(path.child('iqn')))
  else validateName(errors, iqn, start, path.child('iqn'))
  errors.push(...invalids(path.child('lun'), lun, rangeErrors(lun, 0, 255)))
  if ((source.chapAuthDiscovery || source.chapAuthSession) && secretRef === undefined) {
    errors.push(required(path.child('secretRef')))
  }
  if (isOfCluster && secretRef !== undefined && !secretRef.name) {
    errors.push(required(path.child('secretRef', 'name')))
  }
  if (initiatorName === undefined) return
  validateName(errors, initiatorName, start, path.child('initiatorname'))
}

/** The initiator's name goes into a name together with the volume's; `path` is the volume's. */
export function validateInitiatorLength(
  errors: FieldError[],
  source: ISCSIVolumeSource,
  volumeName: string,
  path: FieldPath,
): void {
  if (isTooLong(source, volumeName)) errors.push(invalid(path.child('name'), volumeName, TOO_LONG))
}

function isTooLong({ initiatorName, targetPortal }: IscsiSource, volumeName: string): boolean {
  if (initiatorName === undefined) return false
  return Buffer.byteLength(`${volumeName}:${targetPortal}`) > LONGEST
}

function validateName(errors: FieldError[], name: string, badStart: string, path: FieldPath): void {
  const prefix = name.slice(0, 3)
  if (prefix !== 'iqn' && prefix !== 'eui' && prefix !== 'naa')
    errors.push(invalid(path, name, badStart))
  else if (!FORMATS[prefix].test(name)) errors.push(invalid(path, name, BAD_FORMAT))
}
