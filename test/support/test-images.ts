import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

const FOLDER = join(process.cwd(), 'build', 'images')

/** Makes the archives of images for tests from Debian's programs; those that exist are kept. */
export function buildTestImages(): void {
  execFileSync(process.execPath, ['scripts/test-images.mjs', FOLDER], { stdio: 'inherit' })
}

/** The path of an archive. */
export function testImage(name: 'busybox' | 'redis' | 'web'): string {
  return join(FOLDER, `${name}.tar`)
}
