import { Environment } from './environment.ts'
import { COMPREHENSION_FUNCTIONS } from './functions/comprehension-functions.ts'
import { OPTIONAL_LIBRARY } from './functions/optionals.ts'
import { REGULAR_EXPRESSION_FUNCTIONS } from './functions/regular-expressions.ts'
import { STANDARD_LIBRARY } from './standard-library.ts'

/**
 * What every expression in Kubernetes may use (upstream's base environment of v1.36; what new
 * expressions may use, compatible with one version before, is the same). Whoever has variables
 * extends it.
 */
export const KUBERNETES_ENVIRONMENT: Environment = Environment.empty.extend({
  libraries: [
    STANDARD_LIBRARY,
    OPTIONAL_LIBRARY,
    { functions: COMPREHENSION_FUNCTIONS },
    { functions: REGULAR_EXPRESSION_FUNCTIONS },
  ],
})
