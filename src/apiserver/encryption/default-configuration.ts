import { type Random, randomBytes } from '../../base/random.ts'

const KEY_BYTES = 32

/**
 * The text of the configuration that a new cluster gets: Secrets are encrypted with a key of its
 * own, and those that were stored before stay readable.
 */
export function defaultConfiguration(random: Random): string {
  const secret = Buffer.from(randomBytes(random, KEY_BYTES)).toString('base64')
  return `# The first provider writes, all of them read. Without this file no Secret can be read.
# To change the key: put a new one in front of key1, start again, rewrite every Secret
# (kubectl get secrets -A -o json | kubectl replace -f -), remove key1, and start again.
apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
  - resources:
      - secrets
    providers:
      - secretbox:
          keys:
            - name: key1
              secret: ${secret}
      - identity: {}
`
}
