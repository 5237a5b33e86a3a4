import { ApiError } from '../../errors.ts'
import { withArchive } from '../artifacts/archive.ts'
import { type Manifest, readManifest } from './manifest.ts'

const MANIFEST_BYTES_MAX = 256 * 1024

/**
 * Looks into an archive with the program of an API, which is never run here.
 *
 * @param path of a file on this machine
 * @throws {ApiError} `archive_invalid`
 */
export function readArchive(path: string): Promise<Manifest> {
  return withArchive(path, async ({ paths, text }) => {
    const place = manifestPlace(paths)
    const manifest = readManifest(await text(`${place}package.json`, MANIFEST_BYTES_MAX))
    requireMain(paths, place, manifest)
    return manifest
  })
}

/** Where the manifest is: at the top, or in the one folder that holds everything. */
function manifestPlace(paths: ReadonlySet<string>): string {
  if (paths.has('package.json')) return ''
  const folders = new Set([...paths].map((name) => name.split('/', 1)[0] ?? ''))
  const [folder = ''] = folders
  if (folders.size === 1 && paths.has(`${folder}/package.json`)) return `${folder}/`
  throw new ApiError('archive_invalid', 'It has no package.json at its top.')
}

/** Node finds a script without its ending, and the index of a folder. */
function requireMain(paths: ReadonlySet<string>, place: string, { main }: Manifest): void {
  const plain = main.replace(/\/$/, '')
  const names = [plain, `${plain}.js`, `${plain}.cjs`, `${plain}/index.js`]
  if (names.some((name) => paths.has(`${place}${name}`))) return
  const detail = `package.json names the script ${main}, which is not in the archive.`
  throw new ApiError('archive_invalid', detail)
}
