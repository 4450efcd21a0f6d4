import type { Command } from 'commander'
import { type Flag, withFlags } from './flag-table.ts'

const FLAGS: readonly Flag[] = [
  ['--anonymous-auth [boolean]', 'callers without a proof are anonymous (default: health only)'],
  ['--api-audiences <names...>', 'of tokens for this server (the issuer)'],
  ['--authentication-config <file>', 'an AuthenticationConfiguration: JWT issuers, anonymous'],
  ['--authentication-token-webhook-cache-ttl <time>', 'how long its answers count', '2m0s'],
  ['--authentication-token-webhook-config-file <file>', 'kubeconfig of a server that knows tokens'],
  ['--authentication-token-webhook-version <version>', 'of its TokenReviews: v1beta1 or v1'],
  ['--authorization-config <file>', 'an AuthorizationConfiguration'],
  ['--authorization-mode <modes...>', 'in their order', 'Node,RBAC'],
  ['--authorization-policy-file <file>', 'the policies of mode ABAC'],
  ['--authorization-webhook-cache-authorized-ttl <time>', 'how long a yes counts', '5m0s'],
  ['--authorization-webhook-cache-unauthorized-ttl <time>', 'how long a no counts', '30s'],
  ['--authorization-webhook-config-file <file>', 'kubeconfig of the server of mode Webhook'],
  ['--authorization-webhook-version <version>', 'of SubjectAccessReviews: v1beta1 or v1'],
  ['--cluster-signing-duration <time>', 'how long issued certificates live at most', '8760h0m0s'],
  ['--oidc-ca-file <file>', 'who signs the certificate of the OpenID server'],
  ['--oidc-client-id <id>', 'for whom its tokens must be'],
  ['--oidc-groups-claim <claim>', 'the claim with the groups'],
  ['--oidc-groups-prefix <prefix>', 'before each group'],
  ['--oidc-issuer-url <url>', 'the OpenID server'],
  ['--oidc-required-claim <pairs...>', 'key=value that tokens must have'],
  ['--oidc-signing-algs <names...>', 'by which its tokens may be signed', 'RS256'],
  ['--oidc-username-claim <claim>', 'the claim with the name', 'sub'],
  ['--oidc-username-prefix <prefix>', 'before each name; - for none'],
  ['--proxy-client-cert-file <file>', 'what this server shows to aggregated ones'],
  ['--proxy-client-key-file <file>', 'its key'],
  ['--requestheader-allowed-names <names...>', 'common names of front proxies (all)'],
  ['--requestheader-client-ca-file <file>', 'who signs the certificates of front proxies'],
  ['--requestheader-extra-headers-prefix <prefixes...>', 'such as X-Remote-Extra-'],
  ['--requestheader-group-headers <headers...>', 'such as X-Remote-Group'],
  ['--requestheader-uid-headers <headers...>', 'such as X-Remote-Uid'],
  ['--requestheader-username-headers <headers...>', 'such as X-Remote-User'],
  ['--service-account-extend-token-expiration [boolean]', 'for programs that keep theirs', 'true'],
  ['--service-account-issuer <urls...>', 'of their tokens; the first issues new ones'],
  ['--service-account-jwks-uri <url>', 'where the keys are published, if not here'],
  ['--service-account-key-file <files...>', 'further keys whose tokens are taken'],
  ['--service-account-max-token-expiration <time>', 'what is asked beyond is shortened'],
  ['--service-account-signing-endpoint <socket>', 'of an external signer, in place of keys here'],
  ['--token-auth-file <file>', 'lines of token,user,uid,"group1,group2"'],
]

/** A command that takes the API server's flags of authentication and authorization. */
export function withAuthFlags(command: Command): Command {
  return withFlags(command, 'Who may come in, as of kube-apiserver:', FLAGS)
}
