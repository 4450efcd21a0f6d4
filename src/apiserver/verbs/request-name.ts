import type { KubeObject } from '../../machinery/kind.ts'
import { badRequest } from '../../machinery/status-error.ts'

/** 400 for an object that is not the one in the path of its request. */
export function checkName({ metadata }: KubeObject, inPath: string): void {
  const { name = '' } = (metadata as Partial<KubeObject['metadata']> | undefined) ?? {}
  if (name === inPath) return
  if (name === '') {
    const why = 'name must be provided'
    throw badRequest(`the name of the object (${inPath} based on URL) was undeterminable: ${why}`)
  }
  throw badRequest(
    `the name of the object (${name}) does not match the name on the URL (${inPath})`,
  )
}
