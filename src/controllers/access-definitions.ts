import { BootstrapSigner } from './bootstrap/bootstrap-signer.ts'
import { TokenCleaner } from './bootstrap/token-cleaner.ts'
import { CertificateApprovingController } from './certificates/approving-controller.ts'
import { CertificateCleanerController } from './certificates/cleaner-controller.ts'
import {
  CertificateSigningController,
  type SignCertificate,
} from './certificates/signing-controller.ts'
import type { ControllerDefinition } from './runtime/controller-manager.ts'

const SERVICE_ACCOUNT = 'certificate-controller'

/** What concerns who may join and prove who they are; signing needs the cluster's authority. */
export interface AccessSettings {
  readonly signCertificate?: SignCertificate
  /** How long a certificate lives at most: a year. */
  readonly signingDurationMs?: number
}

/** The controllers of certificates and bootstrap tokens. */
export function accessDefinitions(settings: AccessSettings): readonly ControllerDefinition[] {
  const { signCertificate, signingDurationMs } = settings
  const signing: ControllerDefinition[] =
    signCertificate === undefined
      ? []
      : [
          {
            name: 'certificatesigningrequest-signing-controller',
            serviceAccount: SERVICE_ACCOUNT,
            create: (context) =>
              new CertificateSigningController(context, signCertificate, signingDurationMs),
          },
        ]
  return [
    ...signing,
    {
      name: 'certificatesigningrequest-approving-controller',
      serviceAccount: SERVICE_ACCOUNT,
      create: (context) => new CertificateApprovingController(context),
    },
    {
      name: 'certificatesigningrequest-cleaner-controller',
      serviceAccount: SERVICE_ACCOUNT,
      create: (context) => new CertificateCleanerController(context),
    },
    {
      name: 'bootstrap-signer-controller',
      serviceAccount: 'bootstrap-signer',
      isDisabledByDefault: true,
      create: (context) => new BootstrapSigner(context),
    },
    {
      name: 'token-cleaner-controller',
      serviceAccount: 'token-cleaner',
      isDisabledByDefault: true,
      create: (context) => new TokenCleaner(context),
    },
  ]
}
