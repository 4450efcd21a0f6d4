import { Environment } from './environment.ts'
import { ADDRESS_FUNCTIONS } from './functions/addresses.ts'
import { AUTHORIZATION_FUNCTIONS } from './functions/authorization.ts'
import { COMPREHENSION_FUNCTIONS } from './functions/comprehension-functions.ts'
import { LIST_EXTENSION_FUNCTIONS } from './functions/list-extensions.ts'
import { LIST_FUNCTIONS } from './functions/lists.ts'
import { NAMED_FORMAT_FUNCTIONS } from './functions/named-formats.ts'
import { OPTIONAL_LIBRARY } from './functions/optionals.ts'
import { QUANTITY_FUNCTIONS } from './functions/quantities.ts'
import { REGULAR_EXPRESSION_FUNCTIONS } from './functions/regular-expressions.ts'
import { SEMVER_FUNCTIONS } from './functions/semvers.ts'
import { SET_FUNCTIONS } from './functions/sets.ts'
import { CIDR, IP } from './functions/signature.ts'
import { STRING_FUNCTIONS } from './functions/strings.ts'
import { URL_FUNCTIONS } from './functions/urls.ts'
import { STANDARD_LIBRARY } from './standard-library.ts'
import { typeOf } from './types.ts'

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
    { functions: STRING_FUNCTIONS },
    { functions: LIST_FUNCTIONS },
    { functions: LIST_EXTENSION_FUNCTIONS },
    { functions: SET_FUNCTIONS },
    { functions: URL_FUNCTIONS },
    { functions: QUANTITY_FUNCTIONS },
    {
      functions: ADDRESS_FUNCTIONS,
      names: { [IP.name]: typeOf(IP), [CIDR.name]: typeOf(CIDR) },
    },
    { functions: NAMED_FORMAT_FUNCTIONS },
    { functions: SEMVER_FUNCTIONS },
    { functions: AUTHORIZATION_FUNCTIONS },
  ],
})
