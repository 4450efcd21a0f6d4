import type { Environment } from '../../../cel/environment.ts'
import { AUTHORIZER, RESOURCE_CHECK } from '../../../cel/functions/signature.ts'
import { KUBERNETES_ENVIRONMENT } from '../../../cel/kubernetes-environment.ts'
import { DYN } from '../../../cel/types.ts'
import { NAMESPACE_TYPE, REQUEST_TYPE } from './admission-types.ts'

/** Which variables an expression may use beside those that are always there. */
export interface AdmissionVariables {
  readonly hasParams: boolean
  readonly hasAuthorizer: boolean
}

const made = new Map<string, Environment>()

/** What expressions of webhooks and policies may use. Made when it is first asked for. */
export function admissionEnvironment({
  hasParams,
  hasAuthorizer,
}: AdmissionVariables): Environment {
  const key = `${hasParams} ${hasAuthorizer}`
  let environment = made.get(key)
  if (environment === undefined) {
    environment = KUBERNETES_ENVIRONMENT.extend({
      variables: {
        object: DYN,
        oldObject: DYN,
        // By their types alone: their JSON is read as it is.
        namespaceObject: NAMESPACE_TYPE.type,
        request: REQUEST_TYPE.type,
        ...(hasParams && { params: DYN }),
        ...(hasAuthorizer && {
          authorizer: AUTHORIZER,
          'authorizer.requestResource': RESOURCE_CHECK,
        }),
      },
      types: [NAMESPACE_TYPE, REQUEST_TYPE],
    })
    made.set(key, environment)
  }
  return environment
}
