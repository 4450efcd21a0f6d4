import { compile } from '../../cel/compile.ts'
import { declareSchema } from '../../cel/declare-schema.ts'
import type { DeclaredType } from '../../cel/declared-type.ts'
import type { Environment } from '../../cel/environment.ts'
import { AUTHORIZER } from '../../cel/functions/signature.ts'
import { KUBERNETES_ENVIRONMENT } from '../../cel/kubernetes-environment.ts'
import { DYN } from '../../cel/types.ts'
import {
  NAMESPACE_TYPE,
  REQUEST_TYPE,
} from '../../kinds/admissionregistration/expressions/admission-types.ts'
import { ComposedVariables } from '../../kinds/admissionregistration/expressions/composed-variables.ts'
import type {
  ExpressionWarning,
  ValidatingAdmissionPolicy,
} from '../../kinds/admissionregistration/v1/validating-admission-policy.ts'
import { FieldPath } from '../../machinery/field-error.ts'
import type { GroupVersionKind, KindSchemas } from './kind-schemas.ts'
import { namedResources } from './types-to-check.ts'

/** No rule is checked against more types than that. */
const MOST_TYPES = 10

/** A type that a policy's expressions are checked against. */
interface CheckedType {
  readonly gvk: GroupVersionKind
  readonly environment: Environment
}

/**
 * What is wrong with a policy's expressions, given the types of the objects that its rules name:
 * warnings for its status, since expressions are evaluated without types.
 */
export async function checkPolicy(
  policy: ValidatingAdmissionPolicy,
  schemas: KindSchemas,
): Promise<readonly ExpressionWarning[]> {
  const types = await typesOf(policy, schemas)
  const path = FieldPath.root.child('spec', 'validations')
  return (policy.spec.validations ?? []).flatMap((validation, index) => {
    const { expression, messageExpression = '' } = validation
    const at = path.index(index)
    return [
      ...warningsOf(expression, types, at.child('expression')),
      ...(messageExpression === ''
        ? []
        : warningsOf(messageExpression, types, at.child('messageExpression'))),
    ]
  })
}

function warningsOf(
  expression: string,
  types: readonly CheckedType[],
  path: FieldPath,
): readonly ExpressionWarning[] {
  const found = types.flatMap(({ gvk, environment }) => {
    const { errors } = compile(environment, expression)
    return errors === undefined ? [] : [`${formatKind(gvk)}: ${errors}\n`]
  })
  return found.length === 0 ? [] : [{ fieldRef: `${path}`, warning: found.join('\n') }]
}

async function typesOf(
  policy: ValidatingAdmissionPolicy,
  schemas: KindSchemas,
): Promise<readonly CheckedType[]> {
  const { paramKind, variables = [] } = policy.spec
  const params = paramKind && (await declared(paramGvk(paramKind), schemas))
  const types: CheckedType[] = []
  for (const gvk of await kindsToCheck(policy, schemas)) {
    const object = await declared(gvk, schemas)
    if (object === undefined) continue
    const base = KUBERNETES_ENVIRONMENT.extend({
      variables: {
        namespaceObject: NAMESPACE_TYPE,
        request: REQUEST_TYPE,
        object,
        oldObject: object,
        ...(paramKind !== undefined && { params: params ?? DYN }),
        // Not `authorizer.requestResource`, which upstream's checker does not know either.
        authorizer: AUTHORIZER,
      },
    })
    types.push({ gvk, environment: new ComposedVariables(base, variables).environment })
  }
  return types
}

async function declared(
  gvk: GroupVersionKind,
  schemas: KindSchemas,
): Promise<DeclaredType | undefined> {
  const schema = await schemas.schemaOf(gvk)
  return schema && declareSchema(schema, true, gvk.kind)
}

/** The kinds that the rules name, by group, version and kind. */
async function kindsToCheck(
  policy: ValidatingAdmissionPolicy,
  schemas: KindSchemas,
): Promise<readonly GroupVersionKind[]> {
  const kinds = new Map<string, GroupVersionKind>()
  for (const resources of namedResources(policy)) {
    let count = 0
    for (const resource of resources) {
      for (const gvk of await schemas.kindsOf(resource)) {
        kinds.set(formatKind(gvk), gvk)
        if (++count === MOST_TYPES) return sorted(kinds)
      }
    }
  }
  return sorted(kinds)
}

function sorted(kinds: ReadonlyMap<string, GroupVersionKind>): readonly GroupVersionKind[] {
  const keyOf = ({ group, version, kind }: GroupVersionKind) => [group, version, kind].join('\0')
  return [...kinds.values()].toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}

function paramGvk(paramKind: {
  readonly apiVersion?: string | undefined
  readonly kind?: string | undefined
}): GroupVersionKind {
  const { apiVersion = '', kind = '' } = paramKind
  const slash = apiVersion.indexOf('/')
  const group = slash < 0 ? '' : apiVersion.slice(0, slash)
  return { group, version: apiVersion.slice(slash + 1), kind }
}

function formatKind({ group, version, kind }: GroupVersionKind): string {
  return `${group}/${version}, Kind=${kind}`
}
