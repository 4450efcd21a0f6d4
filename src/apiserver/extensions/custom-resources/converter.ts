import type { KubeObject } from '../../../machinery/kind.ts'

/** Brings objects of one definition from one of its versions into another. */
export interface Converter {
  /** Absent where somebody else must be asked. */
  convertNow?(object: KubeObject, apiVersion: string): KubeObject
  /** In the order given. Throws the failure of a webhook, in upstream's words. */
  convertAll(objects: readonly KubeObject[], apiVersion: string): Promise<readonly KubeObject[]>
}

/** The strategy `None`: nothing but the apiVersion differs. */
export const renamingConverter: Converter = {
  convertNow: rename,
  convertAll: async (objects, apiVersion) => objects.map((object) => rename(object, apiVersion)),
}

function rename(object: KubeObject, apiVersion: string): KubeObject {
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion }
}
